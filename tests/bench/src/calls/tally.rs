//! What was asked of AWS, counted by who asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The function that takes a delivery.
    Webhook,
    /// The function that books it.
    Ingest,
    /// The function that calls shops.
    Lane,
    /// The function that runs every minute.
    Sweep,
}

impl Who {
    /// All of them, in the order of a delivery's way.
    pub const ALL: [Self; 4] = [Self::Webhook, Self::Ingest, Self::Lane, Self::Sweep];

    /// The function's name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Ingest => "ingest",
            Self::Lane => "lane",
            Self::Sweep => "sweep",
        }
    }
}

/// How often one thing was asked, and the units of the table that it took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// Requests.
    pub calls: u64,
    /// Read units.
    pub reads: f64,
    /// Write units.
    pub writes: f64,
}

/// What was counted: by who asked, the operation, and what it was about.
pub type Counts = BTreeMap<(Who, String, String), Count>;

struct Inner {
    who: Who,
    counts: Counts,
}

/// What was asked of AWS. Clones count together.
#[derive(Clone)]
pub struct Tally(Arc<Mutex<Inner>>);

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tally").finish_non_exhaustive()
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Inner { who: Who::Webhook, counts: Counts::new() })))
    }
}

impl Tally {
    /// Says who asks from now on; an invocation of it is counted.
    pub fn invoke(&self, who: Who) {
        self.0.lock().unwrap().who = who;
        self.add("Invoke", "", Count { calls: 1, ..Count::default() });
    }

    /// Counts a request.
    pub fn call(&self, operation: &str, about: &str) {
        self.add(operation, about, Count { calls: 1, ..Count::default() });
    }

    /// Counts so much of something.
    pub fn add(&self, operation: &str, about: &str, count: Count) {
        let mut inner = self.0.lock().unwrap();
        let key = (inner.who, operation.to_owned(), about.to_owned());
        let sum = inner.counts.entry(key).or_default();
        sum.calls += count.calls;
        sum.reads += count.reads;
        sum.writes += count.writes;
    }

    /// What was counted since the last time.
    #[must_use]
    pub fn take(&self) -> Counts {
        std::mem::take(&mut self.0.lock().unwrap().counts)
    }
}

/// Adds counts to others.
pub fn gather(sum: &mut Counts, more: Counts) {
    for (key, count) in more {
        let one = sum.entry(key).or_default();
        one.calls += count.calls;
        one.reads += count.reads;
        one.writes += count.writes;
    }
}
