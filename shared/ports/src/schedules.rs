//! Interval schedules.

use async_trait::async_trait;
use domain::run::Stream;
use domain::{OrgId, StoreId};
use serde::{Deserialize, Serialize};

use crate::Result;

/// Says at an interval: read what changed in this stream of this store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The merchant.
    pub org: OrgId,
    /// The store.
    pub store: StoreId,
    /// The stream.
    pub stream: Stream,
    /// The interval in seconds, at least 1.
    pub every_seconds: u64,
}

/// Interval schedules; each sends a tick to the queue when its time comes, after a restart too.
#[async_trait]
pub trait Schedules: Send + Sync {
    /// Puts a schedule; one of the same store and stream is replaced.
    async fn put(&self, schedule: &Schedule) -> Result<()>;
    /// Removes the schedule of a store's stream.
    async fn remove(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<()>;
    /// The schedules of a store.
    async fn of_store(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Schedule>>;
}
