//! Reading many records, a page at a time.

use std::time::Duration;

use async_trait::async_trait;
use domain::RemoteOrderId;
use domain::customer::Customer;
use domain::order::Order;
use domain::product::Listings;
use jiff::Timestamp;

use crate::{Ctx, ErrorKind, PlatformError, Result};

/// How much of a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything, newest first.
    Full,
    /// What changed after this time, by the shop's clock.
    Since(Timestamp),
}

/// Which page is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// How much of the stream.
    pub extent: Extent,
    /// Where to go on: the `next` of the page before; opaque, none at the start.
    pub cursor: Option<String>,
    /// At most so many records.
    pub size: u32,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled<T> {
    /// The records.
    pub records: T,
    /// How many records of the stream this page holds, counted as the store counts them.
    pub count: u64,
    /// Where to go on; none at the end.
    pub next: Option<String>,
    /// How many records the store says the stream has, as far as it said by now.
    pub total: Option<u64>,
    /// The shop's clock when it answered.
    pub shop_time: Option<Timestamp>,
    /// The page size that worked, if the one asked for did not.
    pub size: u32,
    /// The shop is still preparing what comes next: ask for it after this time.
    pub wait: Option<Duration>,
}

/// Reading products and variants.
#[async_trait]
pub trait PullCatalog: Send + Sync {
    /// Reads a page.
    async fn pull_catalog(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Listings>>;
}

/// Reading orders, each whole: with its refunds.
#[async_trait]
pub trait PullOrders: Send + Sync {
    /// Reads a page.
    async fn pull_orders(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<Order>>>;
    /// Those of some orders that a list of the shop's orders does not show any more: deleted, or in its bin. The
    /// hub never asks for more than `limits().read_batch`.
    ///
    /// # Errors
    /// `Unsupported` if the shop cannot be asked.
    async fn unlisted(&self, ctx: &Ctx<'_>, orders: &[RemoteOrderId]) -> Result<Vec<RemoteOrderId>> {
        let _ = (ctx, orders);
        let message = "this platform cannot be asked which orders it has";
        Err(PlatformError::new(ErrorKind::Unsupported, "unlisted", message))
    }
}

/// Reading customers.
#[async_trait]
pub trait PullCustomers: Send + Sync {
    /// Reads a page.
    async fn pull_customers(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<Customer>>>;
}
