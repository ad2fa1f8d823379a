//! How the parts are wired together, read from the template that is deployed: what is tried on the desk is what runs
//! in AWS.
//!
//! Addresses and the functions that answer them, queues and their patience, who works on them and how many at a time,
//! schedules and event buses: all of it stands in `template.yaml` and nowhere else.

mod read;
mod spot;

use std::collections::BTreeMap;
use std::time::Duration;

/// The template of this version.
const BUILT_IN: &str = include_str!("../../../../template.yaml");
/// The function that sweeps.
pub(crate) const SWEEP: &str = "sweep";

/// How the parts are wired together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// Which function answers which address.
    pub routes: Vec<Route>,
    /// The queues, by their name in the template.
    pub queues: BTreeMap<String, QueueRules>,
    /// Who works on which queue.
    pub consumers: Vec<Consumer>,
    /// What is begun again and again.
    pub schedules: Vec<Schedule>,
    /// The functions that take events out of a bus.
    pub takers: Vec<String>,
    /// The queue of platforms' messages, by its name in the template.
    pub inbox: String,
    /// The queue of doorbells, by its name in the template.
    pub doorbell: String,
    /// How often each stream of a store is read for changes, unless somebody says otherwise.
    pub interval_seconds: u64,
    /// What a shop's owner sees as the name of who asks, unless somebody says otherwise.
    pub app_name: String,
}

/// An address and the function that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method; none means any.
    pub method: Option<String>,
    /// The path: its parts are words, `{name}` for any one part, `{name+}` for all that follow.
    pub path: String,
    /// The function, by the name of its folder.
    pub function: String,
}

/// How a queue treats what is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRules {
    /// Whether messages of one group come in order.
    pub fifo: bool,
    /// A message that was received comes again after this time.
    pub visibility: Duration,
    /// A message that was received so often is dead; none means it never is.
    pub max_receives: Option<u32>,
    /// Where dead messages lie.
    pub dead_letters: Option<String>,
}

/// A function that works on a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The function, by the name of its folder.
    pub function: String,
    /// The queue, by its name in the template.
    pub queue: String,
    /// At most so many messages are handed to it together.
    pub batch: usize,
    /// At most so many of it run at the same time.
    pub at_once: usize,
}

/// A function that is begun again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The function, by the name of its folder.
    pub function: String,
    /// The time from one to the next.
    pub every: Duration,
}

/// What is wrong in a template, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {wrong}")]
pub struct WiringError {
    at: String,
    wrong: String,
}

impl WiringError {
    pub(crate) fn new(at: &str, wrong: impl Into<String>) -> Self {
        Self { at: at.to_owned(), wrong: wrong.into() }
    }
}

impl Wiring {
    /// The wiring of the template that this program was built with.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn built_in() -> Result<Self, WiringError> {
        Self::read(BUILT_IN)
    }

    /// The wiring of a template.
    ///
    /// # Errors
    /// What is wrong in it: a name that leads nowhere, a value that is missing or that the desk cannot play.
    pub fn read(template: &str) -> Result<Self, WiringError> {
        read::wiring(template)
    }

    /// The same, with a sweep as often as this: for a desk whose time runs quicker than a deployment's.
    #[must_use]
    pub fn sweeping_every(mut self, every: Duration) -> Self {
        for schedule in self.schedules.iter_mut().filter(|schedule| schedule.function == SWEEP) {
            schedule.every = every;
        }
        self
    }

    /// What a queue's rules are.
    ///
    /// # Errors
    /// If the template has no queue of this name.
    pub fn queue(&self, name: &str) -> Result<&QueueRules, WiringError> {
        self.queues.get(name).ok_or_else(|| WiringError::new(name, "the template has no such queue"))
    }
}

#[cfg(test)]
mod tests;
