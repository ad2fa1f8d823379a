//! The history of events, what a person should look at, and counts.

use async_trait::async_trait;
use domain::event::EventState;
use domain::exception::Exception;
use domain::message::Inbox;
use domain::{EventId, ExceptionId, OrgId, RemoteOrderId, StoreId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Ask, Page, Result, Trials};

/// An event as it came, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Derived from store and what identifies the event on its platform.
    pub id: EventId,
    /// The message that carried it, raw; what replay reads.
    pub inbox: Inbox,
    /// A word for what it is about.
    pub noun: String,
    /// The order that it is about, if it is about one and was understood.
    pub order: Option<RemoteOrderId>,
    /// The platform's word for it.
    pub topic: String,
    /// What became of it.
    pub state: EventState,
    /// Why, where that needs saying.
    pub note: Option<String>,
    /// How many times it came again.
    pub duplicates: u64,
}

/// What taking an event found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is new.
    New,
    /// It came before, and stands like this. If it is not booked yet, go on with it.
    Again(EventState),
}

/// What is counted per store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Deliveries taken.
    Events,
    /// Deliveries that had come before.
    Duplicates,
    /// Writes of a number that took effect.
    Writes,
}

impl Counter {
    /// All counters.
    pub const ALL: [Self; 3] = [Self::Events, Self::Duplicates, Self::Writes];

    /// The counter's name in keys and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Duplicates => "duplicates",
            Self::Writes => "writes",
        }
    }
}

/// The history of events, what a person should look at, and counts.
#[async_trait]
pub trait Journal: Send + Sync {
    /// What is kept of writes beside the books; none where nothing is.
    fn trials(&self) -> Option<&dyn Trials> {
        None
    }

    /// Keeps an event if it is new; otherwise counts the duplicate.
    async fn take(&self, record: &EventRecord) -> Result<Taken>;
    /// Notes what became of an event.
    async fn mark(&self, org: &OrgId, event: &EventId, state: EventState, note: Option<&str>) -> Result<()>;
    /// Forgets what an event's message said; that it came, and what became of it, stays.
    async fn forget_body(&self, org: &OrgId, event: &EventId) -> Result<()>;
    /// Reads an event.
    async fn event(&self, org: &OrgId, event: &EventId) -> Result<Option<EventRecord>>;
    /// Events of a store, the newest first.
    async fn events(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<EventRecord>>;
    /// Whether a store has a parked event that may be about an order; consistently.
    async fn has_parked(&self, org: &OrgId, store: &StoreId) -> Result<bool>;

    /// Opens an exception, or freshens the open one: true if it was not open before.
    async fn open_exception(&self, exception: &Exception) -> Result<bool>;
    /// Settles an exception: true if it was open.
    async fn resolve_exception(&self, org: &OrgId, exception: &ExceptionId, at: Timestamp) -> Result<bool>;
    /// Settles those of many exceptions that are open. Any number may be given.
    async fn resolve_exceptions(&self, org: &OrgId, exceptions: &[ExceptionId], at: Timestamp) -> Result<()>;
    /// Reads an exception.
    async fn exception(&self, org: &OrgId, exception: &ExceptionId) -> Result<Option<Exception>>;
    /// Exceptions, the newest first; with `settled`, those that are settled instead of open ones.
    async fn exceptions(&self, org: &OrgId, settled: bool, ask: &Ask) -> Result<Page<Exception>>;

    /// Adds to a count of a store.
    async fn count(&self, org: &OrgId, store: &StoreId, counter: Counter, by: u64) -> Result<()>;
    /// The counts of a store, in the order of [`Counter::ALL`].
    async fn counts(&self, org: &OrgId, store: &StoreId) -> Result<[u64; 3]>;
    /// Notes how long a sale took from its shop to another: the propagation of a change, in milliseconds.
    async fn note_latency(&self, org: &OrgId, store: &StoreId, millis: u64, at: Timestamp) -> Result<()>;
    /// The latest propagation times of a store, in milliseconds, at most `limit`, the newest first.
    async fn latencies(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<u64>>;
}
