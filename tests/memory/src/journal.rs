//! The history of events, what a person should look at, and counts.

use async_trait::async_trait;
use domain::event::EventState;
use domain::exception::Exception;
use domain::message::Body;
use domain::{EventId, ExceptionId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Counter, ErrorKind, EventRecord, Journal, Page, PortError, Result, Taken, Trials};

use crate::Memory;
use crate::pages::{page, sorts};

/// A body above this does not fit the row of any adapter.
const MOST_BYTES: usize = 390_000;

#[async_trait]
impl Journal for Memory {
    fn trials(&self) -> Option<&dyn Trials> {
        Some(self)
    }

    async fn take(&self, record: &EventRecord) -> Result<Taken> {
        let bytes = match &record.inbox.raw.body {
            Body::Text(text) | Body::Base64(text) | Body::Blob(text) => text.len(),
        };
        if bytes > MOST_BYTES {
            return Err(PortError::new(ErrorKind::TooLarge, "journal.take", "the event is too large"));
        }
        let mut all = self.all();
        let rows = all.of(&record.inbox.org);
        if let Some(known) = rows.events.get_mut(&record.id) {
            known.duplicates += 1;
            return Ok(Taken::Again(known.state));
        }
        rows.events.insert(record.id.clone(), record.clone());
        rows.mark(&record.id, &record.inbox.store, record.state, &record.noun);
        Ok(Taken::New)
    }

    async fn mark(&self, org: &OrgId, event: &EventId, state: EventState, note: Option<&str>) -> Result<()> {
        let mut all = self.all();
        let Some(rows) = all.orgs.get_mut(org) else { return Ok(()) };
        let Some(known) = rows.events.get_mut(event) else { return Ok(()) };
        known.state = state;
        known.note = note.map(str::to_owned);
        let (store, noun) = (known.inbox.store.clone(), known.noun.clone());
        rows.mark(event, &store, state, &noun);
        Ok(())
    }

    async fn forget_body(&self, org: &OrgId, event: &EventId) -> Result<()> {
        let mut all = self.all();
        if let Some(known) = all.orgs.get_mut(org).and_then(|rows| rows.events.get_mut(event)) {
            known.inbox.raw.body = Body::Text(String::new());
        }
        Ok(())
    }

    async fn event(&self, org: &OrgId, event: &EventId) -> Result<Option<EventRecord>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.events.get(event)).cloned())
    }

    async fn events(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<EventRecord>> {
        let all = self.all();
        let rows = all.orgs.get(org).map(|rows| &rows.events);
        let rows = rows.into_iter().flat_map(|events| events.values());
        let rows = rows.filter(|event| event.inbox.store == *store);
        let rows =
            rows.map(|event| (format!("{}#{}", sorts(event.inbox.received_at), event.id), event.clone()));
        page(&format!("events {org} {store}"), rows.collect(), true, ask)
    }

    async fn has_parked(&self, org: &OrgId, store: &StoreId) -> Result<bool> {
        let all = self.all();
        let parked = all.orgs.get(org).and_then(|rows| rows.parked.get(store));
        Ok(parked.is_some_and(|parked| !parked.is_empty()))
    }

    async fn open_exception(&self, exception: &Exception) -> Result<bool> {
        let mut all = self.all();
        let exceptions = &mut all.of(&exception.org).exceptions;
        let mut new = Exception { resolved_at: None, ..exception.clone() };
        let standing = exceptions.get(&exception.id).filter(|one| one.resolved_at.is_none());
        let is_new = standing.is_none();
        if let Some(standing) = standing {
            new.opened_at = standing.opened_at;
        }
        exceptions.insert(new.id.clone(), new);
        Ok(is_new)
    }

    async fn resolve_exception(&self, org: &OrgId, exception: &ExceptionId, at: Timestamp) -> Result<bool> {
        let mut all = self.all();
        let standing = all.orgs.get_mut(org).and_then(|rows| rows.exceptions.get_mut(exception));
        let Some(standing) = standing.filter(|one| one.resolved_at.is_none()) else { return Ok(false) };
        standing.resolved_at = Some(at);
        Ok(true)
    }

    async fn resolve_exceptions(&self, org: &OrgId, exceptions: &[ExceptionId], at: Timestamp) -> Result<()> {
        for exception in exceptions {
            self.resolve_exception(org, exception, at).await?;
        }
        Ok(())
    }

    async fn exception(&self, org: &OrgId, exception: &ExceptionId) -> Result<Option<Exception>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.exceptions.get(exception)).cloned())
    }

    async fn exceptions(&self, org: &OrgId, settled: bool, ask: &Ask) -> Result<Page<Exception>> {
        let all = self.all();
        let rows = all.orgs.get(org).map(|rows| &rows.exceptions);
        let rows = rows.into_iter().flat_map(|exceptions| exceptions.values());
        let rows = rows.filter(|one| one.resolved_at.is_some() == settled);
        let rows = rows.map(|one| (format!("{}#{}", sorts(one.opened_at), one.id), one.clone())).collect();
        page(&format!("exceptions {org} {settled}"), rows, true, ask)
    }

    async fn count(&self, org: &OrgId, store: &StoreId, counter: Counter, by: u64) -> Result<()> {
        let place = Counter::ALL.iter().position(|one| *one == counter).unwrap_or(0);
        self.all().of(org).store(store).counts[place] += by;
        Ok(())
    }

    async fn counts(&self, org: &OrgId, store: &StoreId) -> Result<[u64; 3]> {
        let all = self.all();
        Ok(all
            .orgs
            .get(org)
            .and_then(|rows| rows.of_store.get(store))
            .map(|of| of.counts)
            .unwrap_or_default())
    }

    async fn note_latency(&self, org: &OrgId, store: &StoreId, millis: u64, at: Timestamp) -> Result<()> {
        self.all().of(org).store(store).latencies.push((at, millis));
        Ok(())
    }

    async fn latencies(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<u64>> {
        let latest = self.propagations(org, store, limit).await?;
        Ok(latest.into_iter().map(|one| one.millis).collect())
    }
}
