//! What a platform is and what it is handed.
//!
//! A platform is a list of capabilities, each its own small trait, reached through [`Platform`]. What is
//! not there cannot be called. Platforms translate; the hub decides.

pub mod capability;
mod delivery;
mod error;
mod limits;
mod outside;
mod session;

pub use capability::{
    Ask, Authorize, Begin, Extent, Fetch, Finding, Fulfil, Hook, Outcome, Proof, PullCatalog, PullCustomers,
    PullOrders, Pulled, PushStock, ReadStock, Renew, Secrets, ShopAddress, ShownLevel, StockWrite, Subscribe,
    Subscription, VariantName, Webhooks, WriteListing,
};
pub use delivery::{Delivery, Enveloped, Message, Verified};
pub use error::{ErrorKind, PlatformError, Result, Retry};
pub use limits::{Limits, StockMode};
pub use outside::{Clock, Dice, Http, HttpError, HttpErrorKind, Request, Response};
pub use session::{Ctx, Session};

use domain::PlatformSlug;

/// A platform: facts about it, and the capabilities it has.
pub trait Platform: Send + Sync {
    /// Its name in paths, keys and logs.
    fn slug(&self) -> PlatformSlug;
    /// Facts about it: batch sizes, how stock is written, how late orders show.
    fn limits(&self) -> Limits;
    /// Connecting a shop.
    fn authorize(&self) -> Option<&dyn Authorize> {
        None
    }
    /// Renewing credentials that run out.
    fn renew(&self) -> Option<&dyn Renew> {
        None
    }
    /// Reading what it sends.
    fn webhooks(&self) -> Option<&dyn Webhooks> {
        None
    }
    /// Asking it to send.
    fn subscribe(&self) -> Option<&dyn Subscribe> {
        None
    }
    /// Reading products and variants.
    fn pull_catalog(&self) -> Option<&dyn PullCatalog> {
        None
    }
    /// Reading orders.
    fn pull_orders(&self) -> Option<&dyn PullOrders> {
        None
    }
    /// Reading customers.
    fn pull_customers(&self) -> Option<&dyn PullCustomers> {
        None
    }
    /// Reading one record afresh.
    fn fetch(&self) -> Option<&dyn Fetch> {
        None
    }
    /// Reading the numbers that a shop shows.
    fn read_stock(&self) -> Option<&dyn ReadStock> {
        None
    }
    /// Writing the numbers that a shop shows.
    fn push_stock(&self) -> Option<&dyn PushStock> {
        None
    }
    /// Telling it that an order was sent.
    fn fulfil(&self) -> Option<&dyn Fulfil> {
        None
    }
    /// Writing prices and titles.
    fn write_listing(&self) -> Option<&dyn WriteListing> {
        None
    }
}
