//! The capabilities of platforms, each its own small trait.

mod authorize;
mod fetch;
mod fulfil;
mod listing;
mod pull;
mod renew;
mod stock;
mod subscribe;
mod webhooks;

pub use authorize::{Authorize, Begin, Finding, Proof, ShopAddress};
pub use fetch::Fetch;
pub use fulfil::Fulfil;
pub use listing::WriteListing;
pub use pull::{Ask, Extent, PullCatalog, PullCustomers, PullOrders, Pulled};
pub use renew::Renew;
pub use stock::{Outcome, PushStock, ReadStock, ShownLevel, StockWrite, VariantName};
pub use subscribe::{Hook, Subscribe, Subscription};
pub use webhooks::{Secrets, Webhooks};
