//! The one thread that writes a queue's log: whoever waits shares one write and one sync.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use platform::Clock;
use tokio::sync::Notify;

use super::dead::Dead;
use super::frame::{self, Record};
use super::log::Tail;
use super::names::{Key, Names, WINDOW};
use super::waiting::{Place, Taken, Waiting};
use crate::disk;
use crate::flush::Flush;

/// What nobody waits for is written this much later at most.
const LAZY: Duration = Duration::from_millis(250);
/// Where many send at once, the writer waits at most this long for the others.
const GATHER: Duration = Duration::from_micros(500);
/// A larger buffer is given back instead of kept.
const SPARE: usize = 2 << 20;

/// What a queue's callers and its writer share.
pub(super) struct Shared {
    pub(super) pending: Mutex<Pending>,
    pub(super) work: Condvar,
    pub(super) waiting: Mutex<Waiting>,
    pub(super) dead: Mutex<Dead>,
    /// A message may be taken.
    pub(super) arrived: Notify,
    pub(super) syncs: AtomicU64,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) log_bytes: u64,
}

/// What is to be written next.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) bytes: Vec<u8>,
    fresh: Vec<Fresh>,
    burials: Vec<Taken>,
    flush: Arc<Flush>,
    pub(super) next_number: u64,
    pub(super) names: Names,
    /// Something should not wait for others, though nobody waits for it.
    pub(super) soon: bool,
    pub(super) closing: bool,
    /// The disk failed to sync: nobody knows what is on it.
    pub(super) broken: bool,
    idle: bool,
}

/// A message that is being written.
struct Fresh {
    number: u64,
    at: i64,
    group: String,
    key: Option<Key>,
    offset: u64,
    length: usize,
}

impl Pending {
    /// Nothing to be written yet.
    pub(super) fn new(next_number: u64, names: Names) -> Self {
        Self { next_number, names, ..Self::default() }
    }

    /// Adds a message's open frame; gives the batch to wait for.
    pub(super) fn push(
        &mut self,
        mut frame: Vec<u8>,
        group: String,
        at: i64,
        key: Option<Key>,
    ) -> Arc<Flush> {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        frame::seal_message(&mut frame, number);
        let (offset, length) = (u64::try_from(self.bytes.len()).unwrap_or(u64::MAX), frame.len());
        self.bytes.extend_from_slice(&frame);
        self.fresh.push(Fresh { number, at, group, key, offset, length });
        if let Some(key) = key {
            self.names.note(key, at, Some(Arc::clone(&self.flush)));
        }
        Arc::clone(&self.flush)
    }

    /// Adds messages to be moved to the dead letters.
    pub(super) fn bury(&mut self, dead: Vec<Taken>) {
        self.burials.extend(dead);
    }

    fn is_urgent(&self) -> bool {
        !self.fresh.is_empty() || !self.burials.is_empty() || self.soon || self.closing
    }
}

impl Shared {
    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        lock(&self.pending)
    }

    pub(super) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }

    pub(super) fn dead(&self) -> MutexGuard<'_, Dead> {
        lock(&self.dead)
    }

    /// Wakes the writer if it sleeps.
    pub(super) fn wake(&self, pending: &mut Pending) {
        if std::mem::take(&mut pending.idle) {
            self.work.notify_one();
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }
}

/// A lock whose holder panicked guards plain lists that are whole between any two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The writer.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) tail: Tail,
    /// How many sends the last batch held, and how long its sync took.
    pub(super) last: (usize, Duration),
    /// The last batch's buffer, for the next one: large ones would cost the kernel fresh pages each time.
    pub(super) spare: Vec<u8>,
}

struct Batch {
    bytes: Vec<u8>,
    fresh: Vec<Fresh>,
    burials: Vec<Taken>,
    flush: Arc<Flush>,
    closing: bool,
}

impl Writer {
    /// Writes until the queue is closed and nothing waits to be written.
    pub(super) fn run(mut self) {
        loop {
            let batch = self.next();
            let closing = batch.closing;
            self.write(batch);
            self.turn_if_full();
            self.drop_unneeded();
            if closing && self.shared.pending().bytes.is_empty() {
                if let Err(error) = self.tail.sync() {
                    tracing::error!(%error, "the queue's last writes may not be on disk: check the disk");
                }
                return;
            }
        }
    }

    fn next(&mut self) -> Batch {
        let mut pending = self.shared.pending();
        while !pending.is_urgent() {
            if pending.bytes.is_empty() {
                pending.idle = true;
                pending = self.shared.work.wait(pending).unwrap_or_else(PoisonError::into_inner);
            } else {
                pending.idle = true;
                let (again, waited) =
                    self.shared.work.wait_timeout(pending, LAZY).unwrap_or_else(PoisonError::into_inner);
                pending = again;
                if waited.timed_out() {
                    break;
                }
            }
        }
        pending.idle = false;
        let (sends, took) = self.last;
        if (1..sends).contains(&pending.fresh.len()) && !pending.closing {
            drop(pending);
            std::thread::sleep(GATHER.min(took / 8));
            pending = self.shared.pending();
        }
        pending.soon = false;
        let spare = std::mem::take(&mut self.spare);
        Batch {
            bytes: std::mem::replace(&mut pending.bytes, spare),
            fresh: std::mem::take(&mut pending.fresh),
            burials: std::mem::take(&mut pending.burials),
            flush: std::mem::take(&mut pending.flush),
            closing: pending.closing,
        }
    }

    fn write(&mut self, batch: Batch) {
        let must_sync = !batch.fresh.is_empty();
        let begun = Instant::now();
        let written = self.tail.append(&batch.bytes).inspect_err(|error| {
            tracing::error!(%error, "the queue's log cannot be written: free space on its disk");
        });
        let stored = written.and_then(|start| {
            if must_sync {
                self.shared.syncs.fetch_add(1, Ordering::Relaxed);
                self.tail.sync().inspect_err(|error| {
                    self.shared.pending().broken = true;
                    tracing::error!(%error, "the queue's log cannot be synced: check its disk, then start again");
                })?;
            }
            Ok(start)
        });
        if must_sync {
            self.last = (batch.fresh.len(), begun.elapsed());
        }
        match stored {
            Ok(start) => {
                self.publish(&batch.fresh, start);
                batch.flush.settle(true);
            }
            Err(_) => {
                let mut pending = self.shared.pending();
                for key in batch.fresh.iter().filter_map(|fresh| fresh.key) {
                    pending.names.forget(key);
                }
                drop(pending);
                batch.flush.settle(false);
            }
        }
        if !batch.burials.is_empty() {
            self.bury(&batch.burials);
        }
        if batch.bytes.capacity() <= SPARE {
            self.spare = batch.bytes;
            self.spare.clear();
        }
    }

    fn publish(&self, fresh: &[Fresh], start: u64) {
        if fresh.is_empty() {
            return;
        }
        let mut waiting = self.shared.waiting();
        for message in fresh {
            let offset = start.saturating_add(message.offset);
            let place = Place { log: self.tail.number, offset, length: message.length };
            waiting.add(message.number, &message.group, place, message.at, 0);
        }
        let ready = waiting.any_ready();
        drop(waiting);
        if ready {
            self.shared.arrived.notify_one();
        }
    }

    /// Moves messages to the dead letters, then takes them out of the log.
    fn bury(&self, dead: &[Taken]) {
        let at = self.shared.now();
        for letter in dead {
            let frame = read_frame(&self.shared, letter.place);
            let sent = frame.as_deref().and_then(|frame| match frame::read(frame) {
                Some((Record::Message(sent), _)) => Some(sent),
                _ => None,
            });
            let Some(sent) = sent else {
                tracing::error!(
                    number = letter.receipt.number,
                    "a dead message cannot be read: check the disk"
                );
                continue;
            };
            if let Err(error) = self.shared.dead().bury(at, &[(letter.receipt.count, sent)]) {
                tracing::error!(%error, "a dead letter cannot be kept, it comes again: free space on the disk");
                continue;
            }
            tracing::warn!(
                number = letter.receipt.number,
                count = letter.receipt.count,
                "a message was received too often and lies with the dead letters now"
            );
            frame::put(&mut self.shared.pending().bytes, &Record::Acked { number: letter.receipt.number });
            self.shared.waiting().done_with(Some(letter.place.log));
        }
    }

    fn turn_if_full(&mut self) {
        if self.tail.end < self.shared.log_bytes {
            return;
        }
        let next_number = self.shared.pending().next_number;
        match self.tail.turn(next_number) {
            Ok(tail) => {
                self.shared.waiting().logs.insert(tail.number, tail.entry());
                self.tail = tail;
            }
            Err(error) => {
                tracing::warn!(%error, "the queue goes on with its full log: free space on its disk")
            }
        }
    }

    /// Deletes the oldest log files of which neither messages nor names are needed any more. Only from the
    /// oldest on: a later file may hold what says that a message of an earlier one is done.
    fn drop_unneeded(&self) {
        let mut waiting = self.shared.waiting();
        while let Some(oldest) = waiting.logs.first_entry() {
            let log = oldest.get();
            let names_over = || log.latest.saturating_add(WINDOW) <= self.shared.now();
            if *oldest.key() == self.tail.number || log.live > 0 || !names_over() {
                return;
            }
            let (number, _) = oldest.remove_entry();
            if let Err(error) = self.tail.delete(number) {
                tracing::warn!(%error, "an old log file of the queue cannot be deleted");
            }
        }
    }
}

/// Reads a frame from the log.
pub(super) fn read_frame(shared: &Shared, place: Place) -> Option<Vec<u8>> {
    let file = shared.waiting().file(place)?;
    let mut bytes = vec![0; place.length];
    disk::read_at(&file, &mut bytes, place.offset).ok()?;
    Some(bytes)
}

/// Milliseconds as a timestamp.
pub(super) fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
