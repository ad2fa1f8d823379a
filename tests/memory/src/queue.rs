//! A FIFO queue in memory: groups in order, one message of a group in hand at a time, names stored once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::message::Message;
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use ports::{ErrorKind, PortError, Queue, Result, Send};

/// How long a name counts, even after its message is gone.
const NAMES: SignedDuration = SignedDuration::from_mins(5);

/// A FIFO queue in memory.
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    visibility: SignedDuration,
    most: u32,
    all: Mutex<Lines>,
}

/// A message in a consumer's hands.
#[derive(Debug, Clone)]
pub struct InHand {
    /// The message.
    pub message: Message,
    /// How often it was received, this time included.
    pub count: u32,
    /// Names this receive.
    pub receipt: u64,
}

#[derive(Debug, Clone)]
struct Waiting {
    message: Message,
    count: u32,
    receipt: u64,
    hidden_until: Option<Timestamp>,
}

#[derive(Default)]
struct Lines {
    groups: BTreeMap<String, VecDeque<Waiting>>,
    names: BTreeMap<String, Timestamp>,
    dead: Vec<Message>,
    receipts: u64,
    repeats: u64,
}

impl MemoryQueue {
    /// An empty queue: a message that is not acknowledged comes again after `visibility`, and is dead after so
    /// many receives.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, visibility: SignedDuration, most: u32) -> Self {
        Self { clock, visibility, most, all: Mutex::default() }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many groups have a message that can be taken now.
    #[must_use]
    pub fn ready(&self) -> usize {
        let now = self.clock.now();
        self.lines().groups.values().filter(|line| is_ready(line, now)).count()
    }

    /// How many messages there are, in hand or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines().groups.values().map(VecDeque::len).sum()
    }

    /// Whether there is no message, in hand or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many sends were taken for repeats of others, by their names.
    #[must_use]
    pub fn repeats(&self) -> u64 {
        self.lines().repeats
    }

    /// Takes the first message of the `place`-th group that has one that can be taken.
    #[must_use]
    pub fn take(&self, place: usize) -> Option<InHand> {
        let now = self.clock.now();
        let mut lines = self.lines();
        self.bury(&mut lines, now);
        lines.receipts += 1;
        let receipt = lines.receipts;
        let line = lines.groups.values_mut().filter(|line| is_ready(line, now)).nth(place)?;
        let first = line.front_mut()?;
        first.count += 1;
        first.receipt = receipt;
        first.hidden_until = Some(now + self.visibility);
        Some(InHand { message: first.message.clone(), count: first.count, receipt })
    }

    /// Acknowledges a message; false if the receive counts no more.
    pub fn ack(&self, receipt: u64) -> bool {
        let mut lines = self.lines();
        let mut found = false;
        for line in lines.groups.values_mut() {
            if line.front().is_some_and(|first| first.receipt == receipt) {
                line.pop_front();
                found = true;
            }
        }
        lines.groups.retain(|_, line| !line.is_empty());
        found
    }

    /// Gives a message back at once: it can be taken again.
    pub fn give_back(&self, receipt: u64) {
        let mut lines = self.lines();
        for first in lines.groups.values_mut().filter_map(VecDeque::front_mut) {
            if first.receipt == receipt {
                first.hidden_until = None;
            }
        }
    }

    /// When the next message that is in hand comes again.
    #[must_use]
    pub fn next_return(&self) -> Option<Timestamp> {
        self.lines().groups.values().filter_map(|line| line.front()?.hidden_until).min()
    }

    /// The messages that were received too often.
    #[must_use]
    pub fn dead(&self) -> Vec<Message> {
        let now = self.clock.now();
        let mut lines = self.lines();
        self.bury(&mut lines, now);
        lines.dead.clone()
    }

    /// Takes out what was received too often.
    fn bury(&self, lines: &mut Lines, now: Timestamp) {
        let Lines { groups, dead, .. } = lines;
        for line in groups.values_mut() {
            while is_ready(line, now) && line.front().is_some_and(|first| first.count >= self.most) {
                dead.extend(line.pop_front().map(|first| first.message));
            }
        }
        groups.retain(|_, line| !line.is_empty());
    }
}

fn is_ready(line: &VecDeque<Waiting>, now: Timestamp) -> bool {
    line.front().is_some_and(|first| first.hidden_until.is_none_or(|until| until <= now))
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, send: Send) -> Result<()> {
        let Send { message, group, name } = send;
        if group.is_empty() || name.0.is_empty() || name.0.len() > 128 {
            return Err(PortError::new(ErrorKind::Refused, "queue.send", "a send needs a group and a name"));
        }
        let now = self.clock.now();
        let mut lines = self.lines();
        if lines.names.get(&name.0).is_some_and(|sent| now < *sent + NAMES) {
            lines.repeats += 1;
            return Ok(());
        }
        lines.names.insert(name.0, now);
        let waiting = Waiting { message, count: 0, receipt: 0, hidden_until: None };
        lines.groups.entry(group).or_default().push_back(waiting);
        Ok(())
    }
}
