//! Interval schedules in a file: each sends a tick when its time comes, after a restart too.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::message::{Message, MessageV1};
use domain::run::Stream;
use domain::{OrgId, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use ports::{ErrorKind, PortError, Queue, Result, Schedule, Schedules, Send, SendName};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::disk;

/// The clock may be set; so often the loop looks at it at least.
const LOOK: Duration = Duration::from_secs(30);
/// After a tick that could not be sent, the loop waits so long.
const AGAIN: Duration = Duration::from_secs(1);

/// A schedule and the last time it was due: the first time, when it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Planned {
    schedule: Schedule,
    last: Timestamp,
}

impl Planned {
    fn next(&self) -> Timestamp {
        let every = i64::try_from(self.schedule.every_seconds).unwrap_or(i64::MAX);
        self.last.saturating_add(SignedDuration::from_secs(every)).unwrap_or(Timestamp::MAX)
    }

    /// The latest time up to now at which it was due, if that is later than the last.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        (self.next() <= now).then_some(())?;
        let every = i64::try_from(self.schedule.every_seconds.max(1)).ok()?;
        let passed = now.duration_since(self.last).as_secs();
        let times = passed.checked_div(every)?;
        self.last.checked_add(SignedDuration::from_secs(times.checked_mul(every)?)).ok()
    }
}

type Key = (OrgId, StoreId, Stream);

/// What is kept on disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "v")]
enum File {
    #[serde(rename = "1")]
    V1 { planned: Vec<Planned> },
}

/// Interval schedules in a file.
pub struct FileSchedules {
    path: PathBuf,
    planned: Mutex<BTreeMap<Key, Planned>>,
    /// One writes the file at a time, so that the last state is what stays.
    saving: tokio::sync::Mutex<()>,
    changed: Notify,
    queue: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for FileSchedules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSchedules").field("path", &self.path).finish_non_exhaustive()
    }
}

impl FileSchedules {
    /// The schedules of a file in a folder, both made if they are not there. Ticks go to `queue`.
    ///
    /// # Errors
    /// If the file cannot be read, or is not one of schedules.
    pub fn open(folder: &Path, queue: Arc<dyn Queue>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        disk::make_folder(folder)?;
        let path = folder.join("schedules.json");
        let File::V1 { planned } = match disk::read_if_there(&path)? {
            Some(bytes) => serde_json::from_slice(&bytes)?,
            None => File::V1 { planned: Vec::new() },
        };
        let planned = planned.into_iter().map(|planned| (key(&planned.schedule), planned)).collect();
        let saving = tokio::sync::Mutex::new(());
        Ok(Self { path, planned: Mutex::new(planned), saving, changed: Notify::new(), queue, clock })
    }

    /// Sends a tick for each schedule that is due; one that was missed several times sends one. Gives how many
    /// were sent.
    ///
    /// # Errors
    /// The first that a send or the disk gave; what was not sent is due at the next call.
    pub async fn tick(&self, now: Timestamp) -> Result<usize> {
        let due: Vec<(Planned, Timestamp)> = self
            .planned()
            .values()
            .filter_map(|planned| Some((planned.clone(), planned.due(now)?)))
            .collect();
        let (mut sent, mut failed) = (0_usize, None);
        for (planned, at) in due {
            match self.queue.send(tick_of(&planned.schedule, at)).await {
                Ok(()) => {
                    sent = sent.saturating_add(1);
                    if let Some(there) = self.planned().get_mut(&key(&planned.schedule)) {
                        there.last = there.last.max(at);
                    }
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if sent > 0 {
            // A crash before this sends the same tick again, under the same name.
            self.save("tick").await?;
        }
        failed.map_or(Ok(sent), Err)
    }

    /// Sends ticks when they are due, for ever.
    pub async fn run(&self) {
        loop {
            let changed = self.changed.notified();
            let now = self.clock.now();
            let wait = match self.tick(now).await {
                Ok(_) => self.until_next(now),
                Err(error) => {
                    tracing::warn!(%error, "a schedule's tick could not be sent and is sent again");
                    AGAIN
                }
            };
            // Time passing and a new schedule both mean: look again.
            let _ = tokio::time::timeout(wait, changed).await;
        }
    }

    fn until_next(&self, now: Timestamp) -> Duration {
        let next = self.planned().values().map(Planned::next).min();
        let wait = next.map(|next| next.duration_since(now));
        wait.map_or(LOOK, |wait| wait.try_into().unwrap_or(Duration::ZERO)).min(LOOK)
    }

    fn planned(&self) -> MutexGuard<'_, BTreeMap<Key, Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn save(&self, op: &'static str) -> Result<()> {
        let _one = self.saving.lock().await;
        let file = File::V1 { planned: self.planned().values().cloned().collect() };
        let path = self.path.clone();
        let write = move || disk::write_whole(&path, &serde_json::to_vec_pretty(&file)?);
        let written = tokio::task::spawn_blocking(write).await;
        written.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| {
            PortError::new(ErrorKind::Unavailable, op, "the schedules cannot be written: check the disk")
                .because(error)
        })
    }
}

#[async_trait]
impl Schedules for FileSchedules {
    async fn put(&self, schedule: &Schedule) -> Result<()> {
        if schedule.every_seconds == 0 {
            return Err(PortError::new(
                ErrorKind::Refused,
                "put",
                "a schedule's interval is at least 1 second",
            ));
        }
        let now = self.clock.now();
        {
            let mut planned = self.planned();
            // Putting a schedule again keeps its rhythm: a restart that puts all of them delays none.
            let last = planned.get(&key(schedule)).map_or(now, |there| there.last);
            planned.insert(key(schedule), Planned { schedule: schedule.clone(), last });
        }
        self.save("put").await?;
        self.changed.notify_one();
        Ok(())
    }

    async fn remove(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<()> {
        let removed = self.planned().remove(&(org.clone(), store.clone(), stream));
        if removed.is_some() { self.save("remove").await } else { Ok(()) }
    }

    async fn of_store(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Schedule>> {
        let of_store = |schedule: &Schedule| schedule.org == *org && schedule.store == *store;
        let all = self.planned();
        Ok(all.values().map(|planned| &planned.schedule).filter(|one| of_store(one)).cloned().collect())
    }
}

fn key(schedule: &Schedule) -> Key {
    (schedule.org.clone(), schedule.store.clone(), schedule.stream)
}

/// The tick of a schedule that was due at a time. Its name is the schedule and that time.
fn tick_of(schedule: &Schedule, due: Timestamp) -> Send {
    let (org, store, stream) = key(schedule);
    let name = SendName(format!("tick#{store}#{}#{}", stream.as_str(), due.as_second()));
    let group = format!("{store}#tick");
    Send { message: Message::V1(MessageV1::Tick { org, store, stream }), group, name }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

    use tempfile::TempDir;

    use super::*;

    #[derive(Default)]
    struct Sink {
        names: Mutex<Vec<String>>,
        broken: AtomicBool,
    }

    #[async_trait]
    impl Queue for Sink {
        async fn send(&self, send: Send) -> Result<()> {
            if self.broken.load(Ordering::SeqCst) {
                return Err(PortError::new(ErrorKind::Unavailable, "send", "broken"));
            }
            self.names.lock().unwrap().push(send.name.0);
            Ok(())
        }
    }

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
        }
    }

    struct Desk {
        folder: TempDir,
        sink: Arc<Sink>,
        clock: Arc<Hand>,
    }

    impl Desk {
        fn new() -> Self {
            let clock = Arc::new(Hand(AtomicI64::new(1000)));
            Self { folder: TempDir::new().unwrap(), sink: Arc::default(), clock }
        }

        fn open(&self) -> FileSchedules {
            let (queue, clock): (Arc<dyn Queue>, Arc<dyn Clock>) =
                (Arc::<Sink>::clone(&self.sink), Arc::<Hand>::clone(&self.clock));
            FileSchedules::open(self.folder.path(), queue, clock).unwrap()
        }

        async fn tick(&self, schedules: &FileSchedules, at: i64) -> usize {
            schedules.tick(Timestamp::from_second(at).unwrap()).await.unwrap()
        }
    }

    fn schedule(store: &str, stream: Stream, every_seconds: u64) -> Schedule {
        Schedule { org: OrgId::derive(&["o"]), store: StoreId::derive(&[store]), stream, every_seconds }
    }

    #[tokio::test]
    async fn a_schedule_ticks_at_its_interval_and_names_the_time() {
        let desk = Desk::new();
        let schedules = desk.open();
        let orders = schedule("a", Stream::Orders, 60);
        schedules.put(&orders).await.unwrap();
        assert_eq!(desk.tick(&schedules, 1059).await, 0);
        assert_eq!(desk.tick(&schedules, 1060).await, 1);
        assert_eq!(desk.tick(&schedules, 1061).await, 0);
        assert_eq!(desk.tick(&schedules, 1125).await, 1);
        let names = desk.sink.names.lock().unwrap().clone();
        assert_eq!(
            names,
            [format!("tick#{}#orders#1060", orders.store), format!("tick#{}#orders#1120", orders.store)]
        );
    }

    #[tokio::test]
    async fn what_was_missed_while_stopped_ticks_once() {
        let desk = Desk::new();
        desk.open().put(&schedule("a", Stream::Orders, 60)).await.unwrap();
        let schedules = desk.open();
        assert_eq!(desk.tick(&schedules, 1000 + 3600 + 7).await, 1);
        assert!(desk.sink.names.lock().unwrap()[0].ends_with("#4600"));
        let schedules = desk.open();
        assert_eq!(desk.tick(&schedules, 1000 + 3600 + 59).await, 0);
        assert_eq!(desk.tick(&schedules, 1000 + 3660).await, 1);
    }

    #[tokio::test]
    async fn putting_again_keeps_the_rhythm_and_takes_the_new_interval() {
        let desk = Desk::new();
        let schedules = desk.open();
        schedules.put(&schedule("a", Stream::Orders, 60)).await.unwrap();
        desk.clock.0.store(1050, Ordering::SeqCst);
        schedules.put(&schedule("a", Stream::Orders, 60)).await.unwrap();
        assert_eq!(desk.tick(&schedules, 1060).await, 1);
        schedules.put(&schedule("a", Stream::Orders, 10)).await.unwrap();
        assert_eq!(desk.tick(&schedules, 1070).await, 1);
        assert_eq!(
            schedules.put(&schedule("a", Stream::Orders, 0)).await.unwrap_err().kind,
            ErrorKind::Refused
        );
    }

    #[tokio::test]
    async fn a_tick_that_cannot_be_sent_is_sent_later() {
        let desk = Desk::new();
        let schedules = desk.open();
        schedules.put(&schedule("a", Stream::Orders, 60)).await.unwrap();
        desk.sink.broken.store(true, Ordering::SeqCst);
        assert!(schedules.tick(Timestamp::from_second(1060).unwrap()).await.is_err());
        desk.sink.broken.store(false, Ordering::SeqCst);
        assert_eq!(desk.tick(&schedules, 1061).await, 1);
    }

    #[tokio::test]
    async fn removed_schedules_are_gone_for_good_and_others_stay() {
        let desk = Desk::new();
        let schedules = desk.open();
        let (a, b) = (schedule("a", Stream::Orders, 60), schedule("b", Stream::Orders, 60));
        for one in [&a, &schedule("a", Stream::Catalog, 60), &b] {
            schedules.put(one).await.unwrap();
        }
        assert_eq!(schedules.of_store(&a.org, &a.store).await.unwrap().len(), 2);
        schedules.remove(&a.org, &a.store, Stream::Catalog).await.unwrap();
        schedules.remove(&a.org, &a.store, Stream::Catalog).await.unwrap();
        let schedules = desk.open();
        assert_eq!(schedules.of_store(&a.org, &a.store).await.unwrap(), std::slice::from_ref(&a));
        assert_eq!(desk.tick(&schedules, 2000).await, 2);
    }

    #[tokio::test]
    async fn the_loop_sends_what_is_due() {
        let desk = Desk::new();
        let schedules = Arc::new(desk.open());
        let running = tokio::spawn({
            let schedules = Arc::clone(&schedules);
            async move { schedules.run().await }
        });
        desk.clock.0.store(900, Ordering::SeqCst);
        let one = schedule("a", Stream::Orders, 60);
        schedules.put(&one).await.unwrap();
        desk.clock.0.store(1000, Ordering::SeqCst);
        schedules.put(&one).await.unwrap();
        while desk.sink.names.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        running.abort();
    }
}
