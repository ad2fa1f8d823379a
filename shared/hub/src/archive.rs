//! The archive: a raw event lies in the blob store under its day, and its record only leads there.
//!
//! It stands before a journal, at whoever reads queued messages: an answer to a shop never waits for it. A record
//! that leads to a body is what large bodies always had, so replaying reads it and erasing takes it away.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::event::EventState;
use domain::exception::Exception;
use domain::message::Body;
use domain::{EventId, ExceptionId, OrgId, StoreId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ports::{Ask, Blobs, Counter, EventRecord, Journal, Page, Result, Taken, Trials};

/// A journal whose raw events lie in the blob store.
pub struct Archive {
    journal: Arc<dyn Journal>,
    blobs: Arc<dyn Blobs>,
}

impl Archive {
    /// Stands before a journal.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, blobs: Arc<dyn Blobs>) -> Self {
        Self { journal, blobs }
    }
}

/// Where an event lies: by the day that it was received, in UTC.
fn place(record: &EventRecord) -> String {
    let day = record.inbox.received_at.to_zoned(TimeZone::UTC).date();
    format!("raw/{:04}/{:02}/{:02}/{}", day.year(), day.month(), day.day(), record.id)
}

/// The bytes of a body that lies in the message, if it does.
fn bytes(body: &Body) -> Option<Vec<u8>> {
    match body {
        Body::Text(text) => Some(text.as_bytes().to_vec()),
        Body::Base64(text) => STANDARD.decode(text).ok(),
        Body::Blob(_) => None,
    }
}

#[async_trait]
impl Journal for Archive {
    fn trials(&self) -> Option<&dyn Trials> {
        self.journal.trials()
    }

    async fn take(&self, record: &EventRecord) -> Result<Taken> {
        let Some(bytes) = bytes(&record.inbox.raw.body) else { return self.journal.take(record).await };
        let mut leading = record.clone();
        leading.inbox.raw.body = Body::Blob(place(record));
        let org = &record.inbox.org;
        let taken = self.journal.take(&leading).await?;
        let to = match taken {
            Taken::New => Some(place(record)),
            // Whoever took it may have died before its body was kept. The record says where it belongs: another
            // delivery of the same event may have come on another day, and its body was perhaps erased.
            Taken::Again(EventState::Taken) => match self.journal.event(org, &record.id).await? {
                Some(EventRecord { inbox, .. }) => match inbox.raw.body {
                    Body::Blob(key) => Some(key),
                    Body::Text(_) | Body::Base64(_) => None,
                },
                None => None,
            },
            Taken::Again(_) => None,
        };
        if let Some(key) = to {
            self.blobs.put(org, &key, &bytes).await?;
        }
        Ok(taken)
    }

    async fn mark(&self, org: &OrgId, event: &EventId, state: EventState, note: Option<&str>) -> Result<()> {
        self.journal.mark(org, event, state, note).await
    }

    async fn forget_body(&self, org: &OrgId, event: &EventId) -> Result<()> {
        self.journal.forget_body(org, event).await
    }

    async fn event(&self, org: &OrgId, event: &EventId) -> Result<Option<EventRecord>> {
        self.journal.event(org, event).await
    }

    async fn events(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<EventRecord>> {
        self.journal.events(org, store, ask).await
    }

    async fn has_parked(&self, org: &OrgId, store: &StoreId) -> Result<bool> {
        self.journal.has_parked(org, store).await
    }

    async fn open_exception(&self, exception: &Exception) -> Result<bool> {
        self.journal.open_exception(exception).await
    }

    async fn resolve_exception(&self, org: &OrgId, exception: &ExceptionId, at: Timestamp) -> Result<bool> {
        self.journal.resolve_exception(org, exception, at).await
    }

    async fn resolve_exceptions(&self, org: &OrgId, all: &[ExceptionId], at: Timestamp) -> Result<()> {
        self.journal.resolve_exceptions(org, all, at).await
    }

    async fn exception(&self, org: &OrgId, exception: &ExceptionId) -> Result<Option<Exception>> {
        self.journal.exception(org, exception).await
    }

    async fn exceptions(&self, org: &OrgId, settled: bool, ask: &Ask) -> Result<Page<Exception>> {
        self.journal.exceptions(org, settled, ask).await
    }

    async fn count(&self, org: &OrgId, store: &StoreId, counter: Counter, by: u64) -> Result<()> {
        self.journal.count(org, store, counter, by).await
    }

    async fn counts(&self, org: &OrgId, store: &StoreId) -> Result<[u64; 3]> {
        self.journal.counts(org, store).await
    }

    async fn note_latency(&self, org: &OrgId, store: &StoreId, millis: u64, at: Timestamp) -> Result<()> {
        self.journal.note_latency(org, store, millis, at).await
    }

    async fn latencies(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<u64>> {
        self.journal.latencies(org, store, limit).await
    }
}
