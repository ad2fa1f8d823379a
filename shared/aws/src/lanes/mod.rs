//! Lanes: work by urgency and due time, the lease, the rest.

mod lease;
mod work;

use async_trait::async_trait;
use domain::work::LaneWork;
use domain::{OrgId, StoreId};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use ports::{Lanes, Lease, Result, Written};

use crate::Table;

/// So many pieces of work are written at once.
const AT_ONCE: usize = 16;

#[async_trait]
impl Lanes for Table {
    async fn put(&self, work: &LaneWork) -> Result<()> {
        work::put(self, work).await
    }

    async fn put_all(&self, work: &[LaneWork]) -> Result<()> {
        futures::stream::iter(work.to_vec())
            .map(|one| async move { work::put(self, &one).await })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    }

    async fn due(&self, org: &OrgId, store: &StoreId, now: Timestamp, limit: u32) -> Result<Vec<LaneWork>> {
        work::due(self, org, store, now, limit).await
    }

    async fn next_due(&self, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>> {
        work::next_due(self, org, store).await
    }

    async fn done(&self, work: &LaneWork) -> Result<Written> {
        work::done(self, work).await
    }

    async fn defer(&self, work: &LaneWork) -> Result<Written> {
        work::defer(self, work).await
    }

    async fn lease(
        &self,
        org: &OrgId,
        store: &StoreId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        lease::take(self, org, store, now, until).await
    }

    async fn extend(&self, lease: &Lease, until: Timestamp) -> Result<Written> {
        lease::extend(self, lease, until).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        lease::release(self, lease).await
    }

    async fn break_lease(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        lease::break_it(self, org, store).await
    }

    async fn rest(&self, org: &OrgId, store: &StoreId, until: Timestamp) -> Result<()> {
        lease::rest(self, org, store, until).await
    }

    async fn resting(&self, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>> {
        lease::resting(self, org, store).await
    }
}
