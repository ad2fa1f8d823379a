//! Lanes: due work per store, a lease so that one worker calls a store at a time.

use async_trait::async_trait;
use domain::work::LaneWork;
use domain::{OrgId, StoreId};
use jiff::Timestamp;

use crate::{Result, Written};

/// The right to call a store's platform, until a time. Its token grows with each lease, so a late holder
/// is told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The merchant.
    pub org: OrgId,
    /// The store.
    pub store: StoreId,
    /// Grows with each lease of this store.
    pub token: u64,
    /// The holder may work until then.
    pub until: Timestamp,
}

/// Due work per store.
#[async_trait]
pub trait Lanes: Send + Sync {
    /// Writes work. A row about the same thing coalesces: its generation grows, the earlier due time and the
    /// earlier cause stay.
    async fn put(&self, work: &LaneWork) -> Result<()>;
    /// Writes much work about different things.
    async fn put_all(&self, work: &[LaneWork]) -> Result<()> {
        for one in work {
            self.put(one).await?;
        }
        Ok(())
    }
    /// Work of a store that is due, the most urgent first, then the earliest due, at most `limit`.
    async fn due(&self, org: &OrgId, store: &StoreId, now: Timestamp, limit: u32) -> Result<Vec<LaneWork>>;
    /// The earliest due time of all work of a store.
    async fn next_due(&self, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>>;
    /// Takes work out if its generation has not moved; otherwise it stays, to be done again.
    async fn done(&self, work: &LaneWork) -> Result<Written>;
    /// Puts work off: its attempts become `work.attempts` and its due time `work.due`, if its generation has
    /// not moved.
    async fn defer(&self, work: &LaneWork) -> Result<Written>;

    /// Takes the lease of a store's lane if nobody holds it.
    async fn lease(
        &self,
        org: &OrgId,
        store: &StoreId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>>;
    /// Makes a lease last longer, if its token still is the store's latest.
    async fn extend(&self, lease: &Lease, until: Timestamp) -> Result<Written>;
    /// Gives a lease back.
    async fn release(&self, lease: &Lease) -> Result<()>;
    /// Takes a lease away from a holder that is known to be dead: where one process alone may hold leases, what
    /// stands at its start is left over.
    async fn break_lease(&self, org: &OrgId, store: &StoreId) -> Result<()>;
    /// Keeps the whole lane of a store still until a time: a rate limit, an outage.
    async fn rest(&self, org: &OrgId, store: &StoreId, until: Timestamp) -> Result<()>;
    /// Until when the lane of a store keeps still.
    async fn resting(&self, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>>;
}
