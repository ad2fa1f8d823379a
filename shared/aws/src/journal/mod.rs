//! The history of events, what a person should look at, and counts.

pub(crate) mod counts;
mod event;
mod exception;

use async_trait::async_trait;
use domain::event::EventState;
use domain::exception::Exception;
use domain::{EventId, ExceptionId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Counter, EventRecord, Journal, Page, Result, Taken, Trials};

use crate::Table;

#[async_trait]
impl Journal for Table {
    fn trials(&self) -> Option<&dyn Trials> {
        Some(self)
    }

    async fn take(&self, record: &EventRecord) -> Result<Taken> {
        event::take(self, record).await
    }

    async fn mark(&self, org: &OrgId, event: &EventId, state: EventState, note: Option<&str>) -> Result<()> {
        event::mark(self, org, event, state, note).await
    }

    async fn forget_body(&self, org: &OrgId, event: &EventId) -> Result<()> {
        event::forget_body(self, org, event).await
    }

    async fn event(&self, org: &OrgId, event: &EventId) -> Result<Option<EventRecord>> {
        event::read(self, org, event).await
    }

    async fn events(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<EventRecord>> {
        event::list(self, org, store, ask).await
    }

    async fn has_parked(&self, org: &OrgId, store: &StoreId) -> Result<bool> {
        event::has_parked(self, org, store).await
    }

    async fn open_exception(&self, exception: &Exception) -> Result<bool> {
        exception::open(self, exception).await
    }

    async fn resolve_exception(&self, org: &OrgId, exception: &ExceptionId, at: Timestamp) -> Result<bool> {
        exception::resolve(self, org, exception, at).await
    }

    async fn resolve_exceptions(&self, org: &OrgId, exceptions: &[ExceptionId], at: Timestamp) -> Result<()> {
        exception::resolve_some(self, org, exceptions, at).await
    }

    async fn exception(&self, org: &OrgId, exception: &ExceptionId) -> Result<Option<Exception>> {
        exception::read(self, org, exception).await
    }

    async fn exceptions(&self, org: &OrgId, settled: bool, ask: &Ask) -> Result<Page<Exception>> {
        exception::list(self, org, settled, ask).await
    }

    async fn count(&self, org: &OrgId, store: &StoreId, counter: Counter, by: u64) -> Result<()> {
        counts::add(self, org, store, counter, by).await
    }

    async fn counts(&self, org: &OrgId, store: &StoreId) -> Result<[u64; 3]> {
        counts::read(self, org, store).await
    }

    async fn note_latency(&self, org: &OrgId, store: &StoreId, millis: u64, at: Timestamp) -> Result<()> {
        counts::note_latency(self, org, store, millis, at).await
    }

    async fn latencies(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<u64>> {
        let latest = counts::propagations(self, org, store, limit).await?;
        Ok(latest.into_iter().map(|one| one.millis).collect())
    }
}
