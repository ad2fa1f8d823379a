//! Shopify: its Admin GraphQL API, bulk operations, webhooks, app authorization and the meaning of its errors.
//!
//! The odd facts that the code follows stand in the crate's README, with source and date.

mod app;
mod authorize;
mod bulk;
mod call;
mod catalog;
mod cost;
mod credentials;
mod customers;
mod documents;
mod download;
mod events;
mod fetch;
mod findings;
mod fulfil;
mod levels;
mod limits;
mod listing;
mod missing;
mod moves;
mod orders;
mod page;
mod prove;
mod query_signature;
mod read;
pub mod recorded;
mod refunds;
mod refusal;
mod renew;
mod shop_domain;
mod stock;
mod subscribe;
#[cfg(test)]
mod tests;
mod token;
mod topics;
mod webhooks;
mod wire;
mod write_key;

pub use documents::documents;

use domain::PlatformSlug;
use platform::{
    Authorize, Fetch, Fulfil, Limits, Platform, PullCatalog, PullCustomers, PullOrders, PushStock, ReadStock,
    Renew, Subscribe, Webhooks, WriteListing,
};

/// Shopify shops, called through their Admin GraphQL API 2026-10.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shopify;

/// The platform, for the list of all.
#[must_use]
pub fn platform() -> Box<dyn Platform> {
    Box::new(Shopify)
}

impl Platform for Shopify {
    fn slug(&self) -> PlatformSlug {
        PlatformSlug::new("shopify")
    }

    fn limits(&self) -> Limits {
        limits::LIMITS
    }

    fn authorize(&self) -> Option<&dyn Authorize> {
        Some(self)
    }

    fn renew(&self) -> Option<&dyn Renew> {
        Some(self)
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn subscribe(&self) -> Option<&dyn Subscribe> {
        Some(self)
    }

    fn pull_catalog(&self) -> Option<&dyn PullCatalog> {
        Some(self)
    }

    fn pull_orders(&self) -> Option<&dyn PullOrders> {
        Some(self)
    }

    fn pull_customers(&self) -> Option<&dyn PullCustomers> {
        Some(self)
    }

    fn fetch(&self) -> Option<&dyn Fetch> {
        Some(self)
    }

    fn read_stock(&self) -> Option<&dyn ReadStock> {
        Some(self)
    }

    fn push_stock(&self) -> Option<&dyn PushStock> {
        Some(self)
    }

    fn fulfil(&self) -> Option<&dyn Fulfil> {
        Some(self)
    }

    fn write_listing(&self) -> Option<&dyn WriteListing> {
        Some(self)
    }
}
