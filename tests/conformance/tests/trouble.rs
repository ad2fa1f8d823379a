//! The suites over a table that has a bad hour: conflicts, throttles, failures and lost answers must change
//! nothing that a caller sees.

use conformance::trouble::{self, Fault};
use conformance::{catalog, claims, directory, journal, lanes, ledger, runs};

const RATE: f64 = 0.08;

/// What every suite must meet; not all of them read many rows at once.
const WANTED: [Fault; 7] = [
    Fault::Conflict,
    Fault::Throttle,
    Fault::Throughput,
    Fault::FailsBefore,
    Fault::FailsAfter,
    Fault::DropsBefore,
    Fault::DropsAfter,
];

macro_rules! in_trouble {
    ($($name:ident, $seed:literal, $suite:path;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            println!("seed {}", $seed);
            let (table, trouble) = trouble::table($seed, RATE, &Fault::ALL).await;
            // A short suite is run until each kind of trouble was met; suites may share a table.
            for _ in 0..40 {
                $suite(&table).await;
                if WANTED.into_iter().all(|fault| trouble.hits(fault) > 0) {
                    return;
                }
            }
            panic!("some kind of trouble never happened: {:?}", Fault::ALL.map(|fault| trouble.hits(fault)));
        }
    )+};
}

in_trouble! {
    the_ledger, 1, ledger::suite;
    the_ledger_again, 2, ledger::suite;
    the_catalogue, 3, catalog::suite;
    the_directory, 4, directory::suite;
    the_journal, 5, journal::suite;
    the_lanes, 6, lanes::suite;
    the_runs, 7, runs::suite;
    the_claims, 8, claims::suite;
}

/// What never passes is told, with its kind, in bounded time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_never_well_is_told() {
    use conformance::fixtures::*;
    use ports::{ErrorKind, Ledger};
    for (fault, kind) in [
        (Fault::Conflict, ErrorKind::Conflict),
        (Fault::Throttle, ErrorKind::Throttled),
        (Fault::Throughput, ErrorKind::Throttled),
        (Fault::FailsBefore, ErrorKind::Unavailable),
        (Fault::FailsAfter, ErrorKind::Unavailable),
        (Fault::DropsBefore, ErrorKind::Unavailable),
        (Fault::DropsAfter, ErrorKind::Unavailable),
    ] {
        let (table, _trouble) = trouble::table(1, 1.0, &[fault]).await;
        let id = item_id(&org(), "x");
        let ours = org();
        let (entry, voucher, change) =
            (entry(&id, "a", 1, 0), voucher(&id, "a", 0), change(&ours, &id, "a", 0));
        let error = table.adjust(&ours, &entry, &voucher, &change).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}");
        assert!(error.is_passing());
    }
}

/// However often the answer of one write is lost: it took effect once, and its caller hears that it did.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answers_are_lost_took_effect_once() {
    use conformance::fixtures::*;
    use domain::event::EventState;
    use domain::link::Inflight;
    use domain::stock::Effect;
    use domain::work::{LaneWork, Priority, Verb};
    use domain::{Delta, OnHand, PlatformSlug, RemoteShop};
    use ports::*;

    // More than one round of the client's own attempts, so that ours are sent too.
    const LOST: u64 = 5;
    for fault in [Fault::DropsAfter, Fault::FailsAfter] {
        let (table, trouble) = trouble::table(1, 0.0, &[fault]).await;
        let ours = org();
        let shop = store(&ours, "shop.example");
        trouble.next(LOST);
        assert_eq!(table.create_store(&shop).await.unwrap(), Written::Done, "{fault:?}");
        trouble.next(LOST);
        assert_eq!(table.change_store(&shop).await.unwrap(), Written::Done, "{fault:?}");
        assert_eq!(table.store(&ours, &shop.id).await.unwrap().unwrap().version, 1);
        let pending = PendingConnect {
            org: Some(ours.clone()),
            platform: PlatformSlug::new("woocommerce"),
            shop: RemoteShop::new("shop.example"),
            name: "Shop".into(),
            address: "https://shop.example".into(),
            browser: None,
            expires_at: at(600),
        };
        table.put_pending("state", &pending).await.unwrap();
        trouble.next(LOST);
        assert_eq!(table.take_pending("state", at(0)).await.unwrap(), Some(pending), "{fault:?}");
        assert_eq!(table.take_pending("state", at(0)).await.unwrap(), None);

        let link = link(&ours, &shop.id, "x");
        trouble.next(LOST);
        assert_eq!(table.put_link(&link).await.unwrap(), Written::Done, "{fault:?}");
        let opening = Opening {
            org: ours.clone(),
            link: link.id.clone(),
            item: link.item.clone(),
            read: 0,
            level: reading(9, 0),
            entry: Some(entry(&link.item, "opening", 9, 0)),
            parts: Vec::new(),
            of_parts: Vec::new(),
            voucher: Some(voucher(&link.item, "opening", 0)),
            change: change(&ours, &link.item, "opening", 0),
        };
        trouble.next(LOST);
        assert_eq!(table.open(&opening).await.unwrap(), Moved::Done, "{fault:?}");
        let record = order(&ours, &shop.id, "1", 1, 0);
        let fenced = table.fence(&record, std::slice::from_ref(&link.item), false).await.unwrap();
        assert_eq!(fenced, Fenced::Newer);
        let sale = movement(&record, &link, Effect::default(), effect(2, 0, 2), 0);
        trouble.next(LOST);
        assert_eq!(table.book(&sale).await.unwrap(), Moved::Done, "{fault:?}");
        assert_eq!(table.balance(&ours, &link.item).await.unwrap().reserved, Delta::whole(2));

        let write = write_id();
        let begun =
            Inflight { write: write.clone(), compare: OnHand::whole(7), value: OnHand::whole(5), at: at(1) };
        let begin = LinkChange {
            org: ours.clone(),
            link: link.id.clone(),
            read: 2,
            begin: Some(begun),
            seen: None,
            unexplained: None,
            margin: None,
            heard: false,
            guard: None,
        };
        trouble.next(LOST);
        assert_eq!(table.change_link(&begin).await.unwrap(), Moved::Done, "{fault:?}");
        let finish = Finish {
            org: ours.clone(),
            link: link.id.clone(),
            write,
            explained: Delta::whole(-2),
            written: Some(reading(5, 2)),
            seen: None,
        };
        trouble.next(LOST);
        assert_eq!(table.finish(&finish).await.unwrap(), Moved::Done, "{fault:?}");
        let link = table.link(&ours, &link.id).await.unwrap().unwrap();
        assert_eq!((link.explained, link.version), (Some(OnHand::whole(5)), 4));

        let came = event(&ours, &shop.id, "e", "order", 0);
        trouble.next(LOST);
        assert_eq!(table.take(&came).await.unwrap(), Taken::New, "{fault:?}");
        assert_eq!(table.event(&ours, &came.id).await.unwrap().unwrap().duplicates, 0);
        let parked = EventRecord { state: EventState::Parked, ..event(&ours, &shop.id, "p", "order", 0) };
        trouble.next(LOST);
        assert_eq!(table.take(&parked).await.unwrap(), Taken::New, "{fault:?}");
        trouble.next(LOST);
        table.count(&ours, &shop.id, Counter::Writes, 2).await.unwrap();
        assert_eq!(table.counts(&ours, &shop.id).await.unwrap(), [0, 0, 2], "{fault:?}");
        assert!(table.open_exception(&exception(&ours, &shop.id, "1", 0)).await.unwrap());

        trouble.next(LOST);
        let lease = table.lease(&ours, &shop.id, at(0), at(60)).await.unwrap().expect("nobody holds it");
        assert_eq!(lease.token, 1, "{fault:?}");
        let work = LaneWork::new(&ours, &shop.id, Priority::Lower, Verb::Push { link: link.id }, at(0));
        table.put(&work).await.unwrap();
        let due = table.due(&ours, &shop.id, at(0), 1).await.unwrap().remove(0);
        let later = LaneWork { due: at(9), attempts: 1, ..due };
        assert_eq!(table.defer(&later).await.unwrap(), Written::Done);
        assert_eq!(table.due(&ours, &shop.id, at(9), 1).await.unwrap(), [later]);

        trouble.next(LOST);
        assert_eq!(table.put_run(&run(&ours, &shop.id, 0)).await.unwrap(), Written::Done, "{fault:?}");
        let seen = Seen { at: at(0), run: Some(run_id(0)) };
        table.put_products(&ours, &shop.id, &[product("p", 1)], &seen).await.unwrap();
        table.put_variants(&ours, &shop.id, &[variant("p", "v", 1)], &seen).await.unwrap();
        let gone = table
            .remove_variant(&ours, &shop.id, &domain::RemoteVariantId::new("v"), at(9), at(9_000_000))
            .await
            .unwrap();
        assert!(gone.is_some(), "{fault:?}");
        assert!(trouble.hits(fault) >= 9 * LOST, "{fault:?} happened {} times", trouble.hits(fault));
    }
}
