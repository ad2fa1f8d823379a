//! Synchronisation runs and the cursors of incremental reading.

use async_trait::async_trait;
use domain::run::{Run, Stream};
use domain::{OrgId, RunId, StoreId};
use jiff::Timestamp;

use crate::{Ask, Page, Result, Written};

/// Synchronisation runs and the cursors of incremental reading.
#[async_trait]
pub trait Runs: Send + Sync {
    /// Writes a run whose record still has `run.version` (0: it is new); the stored version becomes one more.
    async fn put_run(&self, run: &Run) -> Result<Written>;
    /// Reads a run.
    async fn run(&self, org: &OrgId, run: &RunId) -> Result<Option<Run>>;
    /// Runs of a store, the newest first.
    async fn runs(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Run>>;
    /// The time up to which a stream was read, by the shop's clock.
    async fn read_until(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<Option<Timestamp>>;
    /// Moves the time up to which a stream was read; it never moves back.
    async fn set_read_until(
        &self,
        org: &OrgId,
        store: &StoreId,
        stream: Stream,
        until: Timestamp,
    ) -> Result<()>;
}
