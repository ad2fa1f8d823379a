//! WooCommerce: its wire, signatures, paging and the meaning of its errors.
//!
//! The odd facts that the code follows stand in the crate's README, with source and date.

mod authorize;
mod call;
mod catalog;
mod credentials;
mod customers;
mod fetch;
mod limits;
mod listing;
mod oauth1;
mod orders;
mod page;
mod prove;
mod read;
pub mod recorded;
mod refusal;
mod shop_address;
mod stock;
mod subscribe;
#[cfg(test)]
mod tests;
mod webhooks;
mod wire;

use domain::PlatformSlug;
use platform::{
    Authorize, Fetch, Limits, Platform, PullCatalog, PullCustomers, PullOrders, PushStock, ReadStock,
    Subscribe, Webhooks, WriteListing,
};

/// WooCommerce shops, called through their REST API v3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WooCommerce;

/// The platform, for the list of all.
#[must_use]
pub fn platform() -> Box<dyn Platform> {
    Box::new(WooCommerce)
}

impl Platform for WooCommerce {
    fn slug(&self) -> PlatformSlug {
        PlatformSlug::new("woocommerce")
    }

    fn limits(&self) -> Limits {
        limits::LIMITS
    }

    fn authorize(&self) -> Option<&dyn Authorize> {
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

    fn write_listing(&self) -> Option<&dyn WriteListing> {
        Some(self)
    }
}
