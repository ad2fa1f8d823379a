//! A FIFO queue on disk: an append-only log with one sync for all who send at the same time.
//!
//! `send` returns when the message is on disk. Messages of one group come in order, one at a time; other
//! groups go on meanwhile. What is taken and not acknowledged comes again after its visibility; what was
//! received too often lies with the dead letters until a person decides. An acknowledgement is written a
//! little later: one that a crash swallows means that the message comes again.

mod dead;
mod frame;
mod log;
mod names;
mod waiting;
mod writer;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use domain::message::{Body, Message, MessageV1};
use jiff::Timestamp;
use platform::Clock;
use ports::{ErrorKind, PortError, Queue, Result, Send};
use tokio::sync::Notify;

use self::dead::Dead;
use self::frame::Record;
use self::log::Recovered;
use self::names::{Names, Seen, WINDOW};
pub use self::waiting::Receipt;
use self::waiting::Taken;
use self::writer::{Pending, Shared, Writer, timestamp};
use crate::disk;

/// The largest message, as in SQS (1 MiB since August 2025).
const LARGEST: usize = 1 << 20;
/// The longest group and name, as in SQS.
const LONGEST_NAME: usize = 128;
/// A consumer that waits looks at the clock this often at least, for messages that others left lying.
const LOOK: Duration = Duration::from_secs(5);

/// How a queue treats what is not acknowledged.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A message that was received comes again after this time.
    pub visibility: Duration,
    /// A message that was received so often is dead.
    pub max_receives: u32,
    /// A log file that is longer is followed by a new one.
    pub log_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { visibility: Duration::from_secs(60), max_receives: 5, log_bytes: 64 << 20 }
    }
}

/// A message that was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The message.
    pub message: Message,
    /// Its group.
    pub group: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// Names this receive.
    pub receipt: Receipt,
}

/// A message that was received too often.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// Its number in the queue.
    pub number: u64,
    /// The message; none if it is not one that this version can read.
    pub message: Option<Message>,
    /// Its group.
    pub group: String,
    /// How often it was received.
    pub receive_count: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was given up.
    pub died_at: Timestamp,
}

/// A FIFO queue on disk.
pub struct FifoQueue {
    shared: Arc<Shared>,
    settings: Settings,
    writer: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for FifoQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FifoQueue").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl FifoQueue {
    /// Opens the queue of a folder, making it if it is not there. Only one may have a folder open at a time.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn open(folder: &Path, settings: Settings, clock: Arc<dyn Clock>) -> io::Result<Self> {
        disk::make_folder(folder)?;
        let now = clock.now().as_millisecond();
        let mut names = Names::default();
        let Recovered { tail, mut waiting, mut next_message, torn, damaged } =
            log::recover(folder, |name, at| {
                if at.saturating_add(WINDOW) > now {
                    let key = names.key(name);
                    names.note(key, at, None);
                }
            })?;
        if torn > 0 {
            tracing::warn!(bytes = torn, "the queue's log ended in a torn write, which was cut off");
        }
        if damaged > 0 {
            tracing::error!(
                bytes = damaged,
                "the queue's log is damaged, some messages are lost: check the disk"
            );
        }
        let dead = Dead::open(&folder.join("dead-letters"))?;
        for number in dead.numbers() {
            waiting.forget(number);
            next_message = next_message.max(number.saturating_add(1));
        }
        let shared = Arc::new(Shared {
            pending: Mutex::new(Pending::new(next_message, names)),
            work: Condvar::new(),
            waiting: Mutex::new(waiting),
            dead: Mutex::new(dead),
            arrived: Notify::new(),
            syncs: AtomicU64::new(0),
            clock,
            log_bytes: settings.log_bytes,
        });
        let writer =
            Writer { shared: Arc::clone(&shared), tail, last: (0, Duration::ZERO), spare: Vec::new() };
        let writer = std::thread::Builder::new().name("queue-writer".to_owned()).spawn(|| writer.run())?;
        Ok(Self { shared, settings, writer: Some(writer) })
    }

    /// Takes at most `max` messages that are due, each of another group, without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the log cannot be read; the messages come again.
    pub fn take(&self, max: usize, now: Timestamp) -> Result<Vec<Received>> {
        let now = now.as_millisecond();
        let visibility = i64::try_from(self.settings.visibility.as_millis()).unwrap_or(i64::MAX);
        let hide_until = now.saturating_add(visibility);
        let mut waiting = self.shared.waiting();
        let (taken, mut dead) = waiting.take(max, now, hide_until, self.settings.max_receives);
        let more = waiting.any_ready();
        drop(waiting);
        if taken.is_empty() && dead.is_empty() {
            return Ok(Vec::new());
        }
        let mut received = Vec::with_capacity(taken.len());
        for one in &taken {
            match self.read(one)? {
                Some(message) => received.push(message),
                None => {
                    self.shared.waiting().leave(one.receipt.number);
                    dead.push(one.clone());
                }
            }
        }
        let mut pending = self.shared.pending();
        for Receipt { number, count } in taken.iter().map(|one| one.receipt) {
            frame::put(&mut pending.bytes, &Record::Received { number, count });
        }
        pending.bury(dead);
        // Before the message can bring the process down, its count should be in the log.
        pending.soon = true;
        self.shared.wake(&mut pending);
        drop(pending);
        if more {
            self.shared.arrived.notify_one();
        }
        Ok(received)
    }

    /// Waits until a message is due and takes at most `max`, each of another group.
    ///
    /// # Errors
    /// As [`FifoQueue::take`].
    pub async fn receive(&self, max: usize) -> Result<Vec<Received>> {
        loop {
            let arrived = self.shared.arrived.notified();
            let now = self.shared.clock.now();
            let received = self.take(max, now)?;
            if !received.is_empty() {
                return Ok(received);
            }
            let lapse = self.shared.waiting().next_lapse();
            let until = lapse.map(|lapse| lapse.saturating_sub(now.as_millisecond()).max(1));
            let wait = until.map_or(LOOK, |millis| Duration::from_millis(millis.unsigned_abs()).min(LOOK));
            // Time passing and a message arriving both mean: look again.
            let _ = tokio::time::timeout(wait, arrived).await;
        }
    }

    /// Acknowledges a message: it does not come again. False if it was received again since; then that receive
    /// counts. Written a little later: a crash before means that the message comes again.
    pub fn ack(&self, receipt: &Receipt) -> bool {
        let mut waiting = self.shared.waiting();
        let current = waiting.ack(*receipt);
        let more = waiting.any_ready();
        drop(waiting);
        if current {
            let mut pending = self.shared.pending();
            let first = pending.bytes.is_empty();
            frame::put(&mut pending.bytes, &Record::Acked { number: receipt.number });
            // The first of a lazy batch starts the writer's short wait; the rest ride along.
            if first {
                self.shared.wake(&mut pending);
            }
            drop(pending);
            if more {
                self.shared.arrived.notify_one();
            }
        }
        current
    }

    /// Puts a received message off until a time; its group waits with it. A time that has passed means at once.
    /// False if it was received again since.
    pub fn nack(&self, receipt: &Receipt, visible_at: Timestamp) -> bool {
        let now = self.shared.now();
        let current = self.shared.waiting().put_off(*receipt, now, visible_at.as_millisecond());
        if current {
            self.shared.arrived.notify_one();
        }
        current
    }

    /// How many messages are not acknowledged.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.waiting().len()
    }

    /// Whether every message is acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages are in flight or put off.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.waiting().hidden()
    }

    /// How often the log was put on disk since the queue was opened.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.shared.syncs.load(Ordering::Relaxed)
    }

    /// How many dead letters there are.
    #[must_use]
    pub fn dead_len(&self) -> usize {
        self.shared.dead().len()
    }

    /// The dead letters, the oldest first, at most `max`.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if their file cannot be read.
    pub fn dead(&self, max: usize) -> Result<Vec<DeadLetter>> {
        let dead = self.shared.dead();
        let mut letters = Vec::new();
        for number in dead.numbers().into_iter().take(max) {
            let frame = dead.read(number).map_err(|error| unavailable("dead", error))?;
            let Some((Record::Dead { at, count, sent }, _)) = frame.as_deref().and_then(frame::read) else {
                continue;
            };
            letters.push(DeadLetter {
                number,
                message: serde_json::from_slice(sent.body).ok(),
                group: sent.group.to_owned(),
                receive_count: count,
                sent_at: timestamp(sent.at),
                died_at: timestamp(at),
            });
        }
        Ok(letters)
    }

    /// Sends a dead letter again, as a new message. False if there is none of this number.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the disk refuses; the dead letter stays.
    pub async fn redrive(&self, number: u64) -> Result<bool> {
        let frame = self.shared.dead().read(number).map_err(|error| unavailable("redrive", error))?;
        let Some((Record::Dead { sent, .. }, _)) = frame.as_deref().and_then(frame::read) else {
            return Ok(false);
        };
        let at = self.shared.now();
        let frame = frame::open_message(at, sent.group, sent.name, sent.body.len(), |bytes| {
            bytes.extend_from_slice(sent.body);
            Ok(())
        })?;
        self.store(frame, sent.group.to_owned(), at, None).await?;
        self.forget_dead(number)
    }

    /// Forgets a dead letter. False if there is none of this number.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the disk refuses; the dead letter stays.
    pub fn forget_dead(&self, number: u64) -> Result<bool> {
        let mut dead = self.shared.dead();
        if !dead.numbers().contains(&number) {
            return Ok(false);
        }
        dead.leave(number).map_err(|error| unavailable("forget_dead", error))?;
        Ok(true)
    }

    /// Reads a taken message; none if it is not one that this version can read.
    fn read(&self, taken: &Taken) -> Result<Option<Received>> {
        let frame = writer::read_frame(&self.shared, taken.place).ok_or_else(|| {
            PortError::new(ErrorKind::Unavailable, "take", "the queue's log cannot be read")
        })?;
        let Some((Record::Message(sent), _)) = frame::read(&frame) else { return Ok(None) };
        let Ok(message) = serde_json::from_slice(sent.body) else { return Ok(None) };
        Ok(Some(Received {
            message,
            group: sent.group.to_owned(),
            sent_at: timestamp(sent.at),
            receive_count: taken.receipt.count,
            receipt: taken.receipt,
        }))
    }

    /// Stores a message's frame; with a name, only if that name is new.
    async fn store(&self, frame: Vec<u8>, group: String, at: i64, name: Option<&str>) -> Result<()> {
        let flush = {
            let mut pending = self.shared.pending();
            if pending.broken || pending.closing {
                return Err(not_stored());
            }
            let key = name.map(|name| pending.names.key(name));
            match key.map_or(Seen::New, |key| pending.names.seen(key, at)) {
                Seen::Stored => return Ok(()),
                Seen::Underway(flush) => flush,
                Seen::New => {
                    let flush = pending.push(frame, group, at, key);
                    self.shared.wake(&mut pending);
                    flush
                }
            }
        };
        if flush.stored().await { Ok(()) } else { Err(not_stored()) }
    }
}

#[async_trait]
impl Queue for FifoQueue {
    async fn send(&self, send: Send) -> Result<()> {
        for (what, text) in [("group", &send.group), ("name", &send.name.0)] {
            if text.is_empty()
                || text.len() > LONGEST_NAME
                || !text.bytes().all(|byte| byte.is_ascii_graphic())
            {
                let message = format!("the {what} of a send has 1 to 128 visible ASCII signs");
                return Err(PortError::new(ErrorKind::Refused, "send", message));
            }
        }
        let at = self.shared.now();
        let frame = frame::open_message(at, &send.group, &send.name.0, room(&send.message), |bytes| {
            serde_json::to_writer(bytes, &send.message)
        })
        .map_err(|error| {
            PortError::new(ErrorKind::Refused, "send", "the message cannot be written as JSON").because(error)
        })?;
        if frame.len() > LARGEST {
            let message = "the message is larger than 1 MiB: keep its body in the blobs";
            return Err(PortError::new(ErrorKind::TooLarge, "send", message));
        }
        self.store(frame, send.group, at, Some(&send.name.0)).await
    }
}

/// About how long a message is as JSON: its body's quotes are escaped there.
fn room(message: &Message) -> usize {
    let Message::V1(MessageV1::Inbox(inbox)) = message else { return 512 };
    let (Body::Text(text) | Body::Base64(text) | Body::Blob(text)) = &inbox.raw.body;
    text.len().saturating_add(text.len() / 4).saturating_add(1024)
}

impl Drop for FifoQueue {
    /// Writes what waits and lets the folder go.
    fn drop(&mut self) {
        let mut pending = self.shared.pending();
        pending.closing = true;
        drop(pending);
        self.shared.work.notify_one();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the queue's writer stopped before its time");
        }
    }
}

fn not_stored() -> PortError {
    let message = "the message could not be put on disk: free space, check the disk, then start again";
    PortError::new(ErrorKind::Unavailable, "send", message)
}

fn unavailable(op: &'static str, error: io::Error) -> PortError {
    PortError::new(ErrorKind::Unavailable, op, "the queue's files cannot be read or written").because(error)
}

#[cfg(test)]
mod tests;
