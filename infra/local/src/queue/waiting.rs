//! What waits in a queue: groups in order, one message of a group in flight. Pure: time comes in.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fs::File;
use std::sync::Arc;

/// Where a message's frame stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The log file.
    pub(super) log: u64,
    pub(super) offset: u64,
    pub(super) length: usize,
}

/// One receive of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt {
    pub(super) number: u64,
    pub(super) count: u32,
}

/// A message that was taken, or one that has been taken too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) receipt: Receipt,
    pub(super) place: Place,
}

#[derive(Debug)]
struct Entry {
    group: Arc<str>,
    place: Place,
    count: u32,
    /// In flight or put off until then, in milliseconds.
    hidden_until: Option<i64>,
}

#[derive(Debug, Default)]
struct Group {
    /// Numbers in order; the first is the one in flight, if one is.
    line: VecDeque<u64>,
    /// Whether the first is in flight or put off.
    held: bool,
}

/// A log file and what of it is still needed.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) file: Arc<File>,
    /// Messages in it that are not done.
    pub(super) live: usize,
    /// When its latest message was sent, in milliseconds.
    pub(super) latest: i64,
}

/// What waits in a queue.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: HashMap<u64, Entry>,
    groups: HashMap<Arc<str>, Group>,
    /// Groups whose first message may be taken. May name one twice or one that is held: `take` looks.
    ready: VecDeque<Arc<str>>,
    hidden: BTreeSet<(i64, u64)>,
    pub(super) logs: BTreeMap<u64, Log>,
}

impl Waiting {
    /// Adds a message behind those of its group; `count` says how often it was received before.
    pub(super) fn add(&mut self, number: u64, group: &str, place: Place, sent_at: i64, count: u32) {
        if let Some(log) = self.logs.get_mut(&place.log) {
            log.live = log.live.saturating_add(1);
            log.latest = log.latest.max(sent_at);
        }
        let name = match self.groups.get_key_value(group) {
            Some((name, _)) => Arc::clone(name),
            None => Arc::from(group),
        };
        let line = &mut self.groups.entry(Arc::clone(&name)).or_default().line;
        line.push_back(number);
        if line.len() == 1 {
            self.ready.push_back(Arc::clone(&name));
        }
        self.entries.insert(number, Entry { group: name, place, count, hidden_until: None });
    }

    /// Notes how often a message was received before a restart.
    pub(super) fn received(&mut self, number: u64, count: u32) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.count = entry.count.max(count);
        }
    }

    /// Takes at most `max` messages of different groups and hides them until `hide_until`. Those received
    /// `most` times already come back apart: they are dead.
    pub(super) fn take(
        &mut self,
        max: usize,
        now: i64,
        hide_until: i64,
        most: u32,
    ) -> (Vec<Taken>, Vec<Taken>) {
        self.lapse(now);
        let (mut taken, mut dead) = (Vec::new(), Vec::new());
        while taken.len() < max {
            let Some(name) = self.ready.pop_front() else { break };
            let Some(group) = self.groups.get_mut(&name).filter(|group| !group.held) else { continue };
            let Some(number) = group.line.front().copied() else { continue };
            let Some(entry) = self.entries.get_mut(&number) else { continue };
            if entry.count >= most {
                dead.push(Taken { receipt: Receipt { number, count: entry.count }, place: entry.place });
                self.leave(number);
                continue;
            }
            group.held = true;
            entry.count = entry.count.saturating_add(1);
            entry.hidden_until = Some(hide_until);
            self.hidden.insert((hide_until, number));
            taken.push(Taken { receipt: Receipt { number, count: entry.count }, place: entry.place });
        }
        (taken, dead)
    }

    /// Takes a message out for good, if nobody received it again since. Whether it was there.
    pub(super) fn ack(&mut self, receipt: Receipt) -> bool {
        let current = self.entries.get(&receipt.number).is_some_and(|entry| entry.count == receipt.count);
        if current {
            let log = self.leave(receipt.number);
            self.done_with(log);
        }
        current
    }

    /// Puts a message off until `visible_at`, if nobody received it again since. Whether it was there.
    pub(super) fn put_off(&mut self, receipt: Receipt, now: i64, visible_at: i64) -> bool {
        let Some(entry) = self.entries.get_mut(&receipt.number).filter(|entry| entry.count == receipt.count)
        else {
            return false;
        };
        if let Some(until) = entry.hidden_until.replace(visible_at) {
            self.hidden.remove(&(until, receipt.number));
        }
        self.hidden.insert((visible_at, receipt.number));
        if let Some(group) = self.groups.get_mut(&entry.group) {
            group.held = true;
        }
        self.lapse(now);
        true
    }

    /// Shows again what was hidden until now.
    fn lapse(&mut self, now: i64) {
        while let Some((until, number)) = self.hidden.first().copied().filter(|(until, _)| *until <= now) {
            self.hidden.remove(&(until, number));
            let Some(entry) = self.entries.get_mut(&number) else { continue };
            entry.hidden_until = None;
            if let Some(group) = self.groups.get_mut(&entry.group) {
                group.held = false;
                self.ready.push_back(Arc::clone(&entry.group));
            }
        }
    }

    /// Takes a message out of its group, and lets the next one forward; gives its log file, which still counts it.
    pub(super) fn leave(&mut self, number: u64) -> Option<u64> {
        let entry = self.entries.remove(&number)?;
        if let Some(until) = entry.hidden_until {
            self.hidden.remove(&(until, number));
        }
        if let Some(group) = self.groups.get_mut(&entry.group) {
            let first = group.line.front() == Some(&number);
            if first {
                group.line.pop_front();
            } else {
                group.line.retain(|waiting| *waiting != number);
            }
            if group.line.is_empty() {
                self.groups.remove(&entry.group);
            } else if first {
                group.held = false;
                self.ready.push_back(entry.group);
            }
        }
        Some(entry.place.log)
    }

    /// Notes that a log file is needed by one message fewer.
    pub(super) fn done_with(&mut self, log: Option<u64>) {
        if let Some(log) = log.and_then(|log| self.logs.get_mut(&log)) {
            log.live = log.live.saturating_sub(1);
        }
    }

    /// Takes out a message that an earlier run had done.
    pub(super) fn forget(&mut self, number: u64) {
        let log = self.leave(number);
        self.done_with(log);
    }

    /// When the next hidden message shows again, in milliseconds.
    pub(super) fn next_lapse(&self) -> Option<i64> {
        self.hidden.first().map(|(until, _)| *until)
    }

    /// Whether a message may perhaps be taken now.
    pub(super) fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many messages are not done.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many messages are in flight or put off.
    pub(super) fn hidden(&self) -> usize {
        self.hidden.len()
    }

    /// The file of a place.
    pub(super) fn file(&self, place: Place) -> Option<Arc<File>> {
        self.logs.get(&place.log).map(|log| Arc::clone(&log.file))
    }
}
