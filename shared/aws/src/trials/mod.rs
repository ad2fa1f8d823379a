//! Writes beside the books: what came of those that were sent, and those that were only worked out.

mod rehearsal;
mod shadow;
mod write;

use async_trait::async_trait;
use domain::{LinkId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{
    Ask, Page, Propagation, Rehearsal, RehearsedWrite, Result, Shadow, Shadowing, Trials, WriteNote, Written,
};

use crate::Table;

/// Until when a row that was written at a time is kept, in seconds of the Unix clock.
fn expires(at: Timestamp, days: i64) -> u64 {
    u64::try_from(at.as_second() + days * 24 * 3600).unwrap_or(0)
}

#[async_trait]
impl Trials for Table {
    async fn note_write(&self, note: &WriteNote) -> Result<()> {
        write::note(self, note).await
    }

    async fn writes(&self, org: &OrgId, link: &LinkId, ask: &Ask) -> Result<Page<WriteNote>> {
        write::list(self, org, link, ask).await
    }

    async fn propagations(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<Propagation>> {
        crate::journal::counts::propagations(self, org, store, limit).await
    }

    async fn put_rehearsal(&self, rehearsal: &Rehearsal, parts: &[Vec<RehearsedWrite>]) -> Result<()> {
        rehearsal::put(self, rehearsal, parts).await
    }

    async fn rehearsal(&self, org: &OrgId, store: &StoreId, digest: &str) -> Result<Option<Rehearsal>> {
        rehearsal::read(self, org, store, digest).await
    }

    async fn rehearsals(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Rehearsal>> {
        rehearsal::list(self, org, store).await
    }

    async fn rehearsed(
        &self,
        org: &OrgId,
        store: &StoreId,
        digest: &str,
        part: u32,
    ) -> Result<Vec<RehearsedWrite>> {
        rehearsal::part(self, org, store, digest, part).await
    }

    async fn put_shadowing(&self, org: &OrgId, store: &StoreId, shadowing: &Shadowing) -> Result<()> {
        shadow::put_span(self, org, store, shadowing).await
    }

    async fn shadowing(&self, org: &OrgId, store: &StoreId) -> Result<Option<Shadowing>> {
        shadow::span(self, org, store).await
    }

    async fn put_shadow(&self, shadow: &Shadow) -> Result<Written> {
        shadow::put(self, shadow).await
    }

    async fn shadow(&self, org: &OrgId, store: &StoreId, link: &LinkId) -> Result<Option<Shadow>> {
        shadow::read(self, org, store, link).await
    }

    async fn shadows(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Shadow>> {
        shadow::list(self, org, store, ask).await
    }
}
