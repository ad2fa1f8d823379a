//! Handles to break the shop at run time.

use crate::ground::hits;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

/// One way to be broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// 503 and a page.
    Unavailable,
    /// 500 and a page.
    ServerError,
    /// 502 from the edge.
    BadGateway,
    /// 520 from the edge, after the work was done.
    EdgeLost,
    /// 429 with a JSON error.
    TooManyRequests {
        /// Seconds in `Retry-After`; none leaves the header out.
        retry_after: Option<u64>,
    },
    /// 430, the security rule.
    SecurityRejection,
    /// 402, the shop is frozen.
    Frozen,
    /// 423, the shop is locked.
    Locked,
    /// 200 and a page where JSON was due.
    HtmlInsteadOfJson,
    /// 200 and `THROTTLED`, whatever is in the bucket.
    Throttled,
    /// 200 and an internal error instead of data.
    InternalError,
    /// Answers late; the work waits too, its idempotency keys are held meanwhile.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// Does the work, then drops the connection without a word.
    DropAfter,
    /// Drops the connection before any work.
    DropBefore,
    /// Does the work, then says nothing for so long.
    HangAfter {
        /// Milliseconds.
        ms: u64,
    },
    /// Cuts the body off.
    Truncated {
        /// Bytes that still come.
        bytes: usize,
    },
}

/// A fault and what it is limited to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What breaks.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests it hits; none hits all.
    #[serde(default)]
    pub times: Option<u32>,
    /// Requests it lets through first.
    #[serde(default)]
    pub after: u32,
    /// Only paths that begin so, like `/admin/oauth` or `/bulk`.
    #[serde(default)]
    pub path: Option<String>,
    /// Only GraphQL calls that name this root field, like `inventorySetQuantities`.
    #[serde(default)]
    pub operation: Option<String>,
}

impl From<Fault> for Rule {
    fn from(fault: Fault) -> Self {
        Self { fault, times: None, after: 0, path: None, operation: None }
    }
}

impl Rule {
    /// Hits so many requests, then heals.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many requests through first.
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    /// Hits only paths that begin so.
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Hits only GraphQL calls that name this root field.
    pub fn operation(mut self, name: &str) -> Self {
        self.operation = Some(name.into());
        self
    }
}

/// What may go wrong with deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFaults {
    /// The queue does not run by itself; `drain` still runs it.
    pub stalled: bool,
    /// Share of webhooks that vanish, 0 to 1.
    pub drop_rate: f64,
    /// Share of webhooks delivered twice, 0 to 1.
    pub duplicate_rate: f64,
    /// Share of queue runs whose webhooks are shuffled, 0 to 1.
    pub reorder_rate: f64,
    /// Share of webhooks held back, 0 to 1.
    pub late_rate: f64,
    /// How long those are held back, in milliseconds.
    pub late_ms: u64,
}

/// What is broken now.
#[derive(Default)]
pub(crate) struct Board {
    rules: Mutex<Vec<Rule>>,
    delivery: Mutex<DeliveryFaults>,
}

impl Board {
    pub(crate) fn add(&self, rule: Rule) {
        self.rules.lock().unwrap().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.rules.lock().unwrap().clear();
        *self.delivery.lock().unwrap() = DeliveryFaults::default();
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.rules.lock().unwrap().clone()
    }

    pub(crate) fn delivery(&self) -> DeliveryFaults {
        *self.delivery.lock().unwrap()
    }

    pub(crate) fn set_delivery(&self, faults: DeliveryFaults) {
        *self.delivery.lock().unwrap() = faults;
    }

    /// The faults that hit this request; counts them down.
    pub(crate) fn strike(&self, path: &str, operations: &str) -> Vec<Fault> {
        let mut rules = self.rules.lock().unwrap();
        let mut hit = Vec::new();
        for rule in rules.iter_mut() {
            let here = rule.path.as_deref().is_none_or(|prefix| path.starts_with(prefix))
                && rule.operation.as_deref().is_none_or(|name| operations.split(',').any(|one| one == name));
            if here && hits(&mut rule.after, &mut rule.times) {
                hit.push(rule.fault.clone());
            }
        }
        rules.retain(|rule| rule.times != Some(0));
        hit
    }
}
