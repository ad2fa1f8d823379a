//! What a platform tells us, in our words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::customer::Customer;
use crate::order::Order;
use crate::product::Listings;
use crate::{RemoteCustomerId, RemoteOrderId, RemoteProductId, RemoteStockId};

/// What makes two deliveries the same event, in the platform's own terms.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DedupKey(String);

impl DedupKey {
    /// A key from what identifies the event on its platform.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a hint is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "id")]
pub enum About {
    /// An order.
    Order(RemoteOrderId),
    /// A product or one of its variants.
    Product(RemoteProductId),
    /// A customer.
    Customer(RemoteCustomerId),
    /// A number, where the platform names it apart from its variant.
    Stock(RemoteStockId),
}

/// Whose personal data must be erased. The books keep what they count: units and money name nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "of")]
pub enum Erase {
    /// A buyer's, in these orders.
    Buyer {
        /// The buyer's account, if there was one.
        customer: Option<RemoteCustomerId>,
        /// The orders.
        orders: Vec<RemoteOrderId>,
    },
    /// Everybody's of the shop.
    Shop,
}

/// Something that happened in a shop. Each carries a state, not a change: the books take the difference.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The latest state of an order.
    Order(Box<Order>),
    /// An order was deleted.
    OrderGone(RemoteOrderId),
    /// The latest state of products or variants.
    Catalog(Box<Listings>),
    /// A product or a variant was deleted.
    ProductGone(RemoteProductId),
    /// The latest state of a customer.
    Customer(Box<Customer>),
    /// A customer was deleted.
    CustomerGone(RemoteCustomerId),
    /// The message only says: look.
    Hint(About),
    /// The shop's settings, or what we may do there, changed: look.
    SettingsChanged,
    /// The shop no longer lets us in, and why.
    Withdrawn(&'static str),
    /// Personal data must be erased.
    Erase(Erase),
    /// A message that changes nothing here, and why.
    Ignored(&'static str),
}

impl Event {
    /// The order that it is about, if it is about one.
    #[must_use]
    pub fn order(&self) -> Option<&RemoteOrderId> {
        match self {
            Self::Order(order) => Some(&order.remote),
            Self::OrderGone(order) | Self::Hint(About::Order(order)) => Some(order),
            _ => None,
        }
    }

    /// A word for what the event is about, for history and logs.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Order(_) | Self::OrderGone(_) | Self::Hint(About::Order(_)) => "order",
            Self::Catalog(_) | Self::ProductGone(_) | Self::Hint(About::Product(_)) => "product",
            Self::Hint(About::Stock(_)) => "stock",
            Self::SettingsChanged | Self::Withdrawn(_) => "store",
            Self::Erase(_) => "erasure",
            Self::Customer(_) | Self::CustomerGone(_) | Self::Hint(About::Customer(_)) => "customer",
            Self::Ignored(_) => "ignored",
        }
    }
}

impl fmt::Display for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventState {
    /// It was taken and is being worked on.
    Taken,
    /// It is in the books.
    Booked,
    /// It could not be read; a person should look.
    Parked,
    /// It changes nothing here.
    Ignored,
}
