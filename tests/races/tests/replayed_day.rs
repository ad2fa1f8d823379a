//! A day of a history, replayed over the ports: the same bytes, and whoever writes beside the books is named.

use std::sync::{Arc, Mutex};

use domain::stock::{Entry, EntryKind};
use domain::{Day, Delta, EntryId, OrgId};
use hub::daybook::{Openings, Report};
use jiff::{SignedDuration, Timestamp};
use memory::{Memory, MemoryBlobs};
use platform::Clock;
use races::crowd::seed_of;
use races::history::History;
use races::play::Player;

/// A clock that is set by hand.
struct Set(Mutex<Timestamp>);

impl Set {
    fn to(&self, at: Timestamp) {
        *self.0.lock().unwrap() = at;
    }
}

impl Clock for Set {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// The books after a history, on the evening of its day.
struct Evening {
    memory: Arc<Memory>,
    blobs: Arc<MemoryBlobs>,
    clock: Arc<Set>,
    openings: Openings,
    org: OrgId,
    day: Day,
}

impl Evening {
    async fn of(number: u64) -> Self {
        let (_, orgs, memory) = Player::default().record(&History::of(seed_of(23, number)));
        let org = orgs[0].clone();
        let days: Vec<Day> = memory.all_entries(&org).iter().map(|entry| Day::of(entry.at)).collect();
        let day = days[0];
        assert!(days.iter().all(|one| *one == day), "a history is of one day");
        let clock = Arc::new(Set(Mutex::new(day.begins())));
        let blobs = Arc::new(MemoryBlobs::default());
        let openings = Openings::over(
            Arc::<Memory>::clone(&memory),
            Arc::<Memory>::clone(&memory),
            Arc::<MemoryBlobs>::clone(&blobs),
            Arc::<Set>::clone(&clock),
        );
        Self { memory, blobs, clock, openings, org, day }
    }

    fn at(&self, hours: i64) -> Timestamp {
        self.day.begins() + SignedDuration::from_hours(hours)
    }

    /// Sweeps at some hours of the day, as the sweep does every minute.
    async fn sweeps_at(&self, hours: &[i64]) {
        for hour in hours {
            self.clock.to(self.at(*hour));
            self.openings.keep().await.unwrap();
        }
    }

    async fn replay(&self) -> Report {
        self.openings.daybook().replay(&self.org, self.day).await.unwrap()
    }
}

#[tokio::test]
async fn a_day_is_the_same_bytes_and_a_touched_line_is_named() {
    let mut told = 0;
    for number in 0..12 {
        let evening = Evening::of(number).await;
        evening.sweeps_at(&[-12, 20]).await;
        let report = evening.replay().await;
        assert!(report.same && report.differences.is_empty(), "{number}: {report:#?}");
        assert_eq!(report.books, report.replay);
        assert!(report.vouchers > 0 && report.lines > 0 && report.items > 0, "{report:?}");
        assert_eq!(report.until, Some(evening.at(20)));
        // The next morning it is over, and the next day opened with what it closed with.
        evening.sweeps_at(&[25]).await;
        let over = evening.replay().await;
        assert_eq!((over.same, over.until, &over.books), (true, None, &report.books), "{over:#?}");
        let next = evening.openings.daybook().replay(&evening.org, evening.day.next()).await.unwrap();
        assert!(next.same && next.vouchers == 0, "{next:?}");
        told += report.orders;

        let lines = evening.memory.all_entries(&evening.org);
        let line = lines.iter().find(|line| line.kind.is_of_order()).unwrap_or(&lines[0]).clone();
        let worse = Entry { on_hand: line.on_hand + Delta::whole(1), ..line.clone() };
        for (touched, what) in [
            (Some(worse), "a line that was written over"),
            (Some(Entry { cause: "somebody".into(), ..line.clone() }), "another cause"),
            (None, "a line that was taken out"),
        ] {
            evening.memory.spoil(&evening.org, &line.item, &line.id, touched.clone());
            let found = evening.replay().await;
            assert!(!found.same && found.books != found.replay, "{what}: {found:?}");
            assert_eq!(found.replay, over.replay, "what was observed did not change");
            let named = found.differences.iter().find(|one| one.difference.name == line.id.to_string());
            let named = &named.unwrap_or_else(|| panic!("{what}: {found:#?}")).difference;
            assert_eq!((&named.item, named.books.is_some()), (&line.item, touched.is_some()), "{what}");
            evening.memory.spoil(&evening.org, &line.item, &line.id, Some(line.clone()));
            assert!(evening.replay().await.same);
        }
        let stray = Entry { id: EntryId::derive(&["stray"]), kind: EntryKind::Adjust, ..line.clone() };
        evening.memory.spoil(&evening.org, &line.item, &stray.id, Some(stray.clone()));
        let found = evening.replay().await;
        let named = found.differences.iter().find(|one| one.difference.name == stray.id.to_string());
        assert!(named.is_some_and(|one| one.difference.replay.is_none()), "{found:#?}");
    }
    assert!(told > 20, "orders were replayed: {told}");
}

#[tokio::test]
async fn a_day_that_was_not_kept_is_refused_and_says_which_can_be_replayed() {
    let evening = Evening::of(3).await;
    let refused = |day: Day| {
        let evening = &evening;
        async move { evening.openings.daybook().replay(&evening.org, day).await.unwrap_err().to_string() }
    };
    evening.clock.to(evening.at(1));
    assert!(refused(evening.day).await.contains("no day can be replayed yet"));
    evening.sweeps_at(&[30]).await;
    let day = evening.day;
    assert_eq!(
        refused(day).await,
        format!("the books of {day} were not kept: the first day that can be replayed is {}", day.next())
    );
    assert!(refused("2999-01-01".parse().unwrap()).await.contains("has not begun"));
    // The first day itself was begun in its midst: what was booked before stands in its opening.
    let next = evening.openings.daybook().replay(&evening.org, day.next()).await.unwrap();
    assert!(next.same, "{next:?}");
    evening.sweeps_at(&[80]).await;
    assert!(refused(day.next().next()).await.contains("the hub did not run that day"));
}

#[tokio::test]
async fn an_opening_is_kept_once_and_not_asked_for_again() {
    let evening = Evening::of(5).await;
    evening.sweeps_at(&[20]).await;
    let kept = evening.blobs.keys(&evening.org);
    assert_eq!(kept.len(), 3, "since when, one leaf, and that it is whole: {kept:?}");
    evening.blobs.clear();
    evening.sweeps_at(&[21]).await;
    assert!(evening.blobs.keys(&evening.org).is_empty(), "it is known to be whole");
    evening.sweeps_at(&[24]).await;
    assert!(evening.blobs.keys(&evening.org).is_empty(), "the day is too young");
    evening.sweeps_at(&[25]).await;
    assert_eq!(evening.blobs.keys(&evening.org).len(), 3);
}
