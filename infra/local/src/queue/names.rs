//! The names of recent sends: within five minutes the same name is the same send, as in SQS.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use crate::flush::Flush;

/// How long a name counts, in milliseconds: as SQS has it (AWS documentation, read 2026-11).
pub(super) const WINDOW: i64 = 5 * 60 * 1000;

/// A name, hashed under keys of this run: two names that share one are not to be found.
pub(super) type Key = (u64, u64);

#[derive(Debug)]
struct Known {
    until: i64,
    /// The batch that the send is in; none if it was on disk before this run.
    flush: Option<Arc<Flush>>,
}

/// The names of recent sends.
#[derive(Debug, Default)]
pub(super) struct Names {
    hashers: (RandomState, RandomState),
    known: HashMap<Key, Known>,
    order: VecDeque<(i64, Key)>,
}

/// Whether a name was met before.
#[derive(Debug)]
pub(super) enum Seen {
    /// It was not.
    New,
    /// It was, and its message is on disk.
    Stored,
    /// It was, and its message is in this batch.
    Underway(Arc<Flush>),
}

impl Names {
    pub(super) fn key(&self, name: &str) -> Key {
        (self.hashers.0.hash_one(name), self.hashers.1.hash_one(name))
    }

    /// Looks a name up; forgets those whose time is over.
    pub(super) fn seen(&mut self, key: Key, now: i64) -> Seen {
        while let Some((until, old)) = self.order.front().copied().filter(|(until, _)| *until <= now) {
            self.order.pop_front();
            if self.known.get(&old).is_some_and(|known| known.until == until) {
                self.known.remove(&old);
            }
        }
        match self.known.get(&key) {
            None => Seen::New,
            Some(Known { flush: None, .. }) => Seen::Stored,
            Some(Known { flush: Some(flush), .. }) => Seen::Underway(Arc::clone(flush)),
        }
    }

    /// Notes a send of a name.
    pub(super) fn note(&mut self, key: Key, sent_at: i64, flush: Option<Arc<Flush>>) {
        let until = sent_at.saturating_add(WINDOW);
        self.known.insert(key, Known { until, flush });
        self.order.push_back((until, key));
    }

    /// Forgets a name whose message did not reach the disk.
    pub(super) fn forget(&mut self, key: Key) {
        self.known.remove(&key);
    }
}
