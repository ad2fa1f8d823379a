//! Lane work: everything that calls a store's platform, one call at a time per store, urgent first.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::About;
use crate::money::Money;
use crate::order::Shipment;
use crate::run::Stream;
use crate::{LinkId, OrgId, RemoteOrderId, RemoteProductId, RemoteVariantId, RunId, StoreId, TaskId};

/// How urgent work is: a lower number goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Fewer units must be shown: each second may oversell.
    Lower,
    /// More units may be shown, or a hint must be followed.
    Raise,
    /// What changed since the last reading.
    Incremental,
    /// A page of a full reading.
    Full,
}

impl Priority {
    /// All priorities, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Lower, Self::Raise, Self::Incremental, Self::Full];

    /// The priority's place in keys.
    #[must_use]
    pub fn place(self) -> char {
        match self {
            Self::Lower => '1',
            Self::Raise => '2',
            Self::Incremental => '3',
            Self::Full => '4',
        }
    }
}

/// What is to be done. It says what it is about, never which number: numbers are computed when it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Verb {
    /// Bring the number that the shop shows for a link to its target.
    Push {
        /// The link.
        link: LinkId,
    },
    /// Set the number that the shop shows for a link back to what it was before our writes since a time.
    SetBack {
        /// The link.
        link: LinkId,
        /// Since when our writes are undone.
        since: Timestamp,
    },
    /// Bring the numbers of all of a store's links to their targets, once a change of the store is made.
    PushAll {
        /// The version of the store's record with the change.
        version: u64,
        /// Where to go on among its links.
        after: Option<String>,
    },
    /// Read the number that the shop shows for a link and explain it.
    Check {
        /// The link.
        link: LinkId,
    },
    /// Fetch one order, product or customer afresh.
    Fetch {
        /// What to fetch.
        about: About,
    },
    /// Read what changed in a stream.
    Pull {
        /// The stream.
        stream: Stream,
    },
    /// Read the next page of a run.
    Page {
        /// The run.
        run: RunId,
    },
    /// Compare stock and orders of a joining store until two readings agree.
    Baseline,
    /// Compare all numbers that the shop shows with the books.
    Compare {
        /// Where to go on among its links.
        after: Option<String>,
    },
    /// See that the store's webhooks are there and switched on.
    Subscribe,
    /// Measure how many units a link's adaptive buffer holds back.
    Measure {
        /// The link.
        link: LinkId,
    },
    /// Look whether the shop still has the orders that we know of.
    Missing {
        /// Where to go on among our orders.
        after: Option<String>,
    },
    /// Look at the shop's settings and at what we may do there.
    Examine,
    /// Note that an order was sent.
    Fulfil {
        /// The order.
        order: RemoteOrderId,
        /// What was sent.
        shipment: Shipment,
    },
    /// Change the price of a variant.
    Price {
        /// The product it belongs to.
        product: RemoteProductId,
        /// The variant.
        variant: RemoteVariantId,
        /// Its new regular price.
        price: Money,
    },
    /// Change the title of a product.
    Title {
        /// The product.
        product: RemoteProductId,
        /// Its new title.
        title: String,
    },
}

impl Verb {
    /// The verb's name in keys, metrics and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Push { .. } => "push",
            Self::SetBack { .. } => "set-back",
            Self::PushAll { .. } => "push-all",
            Self::Check { .. } => "check",
            Self::Fetch { .. } => "fetch",
            Self::Pull { .. } => "pull",
            Self::Page { .. } => "page",
            Self::Baseline => "baseline",
            Self::Compare { .. } => "compare",
            Self::Subscribe => "subscribe",
            Self::Measure { .. } => "measure",
            Self::Missing { .. } => "missing",
            Self::Examine => "examine",
            Self::Fulfil { .. } => "fulfil",
            Self::Price { .. } => "price",
            Self::Title { .. } => "title",
        }
    }

    /// The link whose number it writes, if it writes one.
    #[must_use]
    pub fn writes_to(&self) -> Option<&LinkId> {
        match self {
            Self::Push { link } | Self::SetBack { link, .. } => Some(link),
            _ => None,
        }
    }

    /// What the work is about: work of one verb about one thing is one row.
    #[must_use]
    pub fn about(&self) -> String {
        match self {
            Self::Push { link }
            | Self::SetBack { link, .. }
            | Self::Check { link }
            | Self::Measure { link } => link.to_string(),
            Self::Fetch { about } => match about {
                About::Order(order) => format!("order {order}"),
                About::Product(product) => format!("product {product}"),
                About::Customer(customer) => format!("customer {customer}"),
                About::Stock(stock) => format!("stock {stock}"),
            },
            Self::Pull { stream } => stream.as_str().to_owned(),
            Self::Page { run } => run.to_string(),
            Self::Baseline | Self::Subscribe | Self::Missing { .. } | Self::Examine => String::new(),
            Self::PushAll { version, after } => {
                format!("version {version} {}", after.as_deref().unwrap_or_default())
            }
            Self::Compare { after } => after.clone().unwrap_or_default(),
            Self::Fulfil { order, shipment } => {
                let number = shipment.tracking_number.as_deref().unwrap_or_default();
                format!("order {order} {number}")
            }
            Self::Price { variant, .. } => variant.to_string(),
            Self::Title { product, .. } => product.to_string(),
        }
    }
}

/// A row of a store's lane. Rows about the same thing coalesce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneWork {
    /// Derived from store, priority, verb and what it is about.
    pub task: TaskId,
    /// The merchant.
    pub org: OrgId,
    /// The store whose platform is called.
    pub store: StoreId,
    /// How urgent it is.
    pub priority: Priority,
    /// What is to be done.
    pub verb: Verb,
    /// Not before this time.
    pub due: Timestamp,
    /// Moves when the row is written again: work is done only if it did not move meanwhile.
    pub generation: u64,
    /// How many times it was tried in vain since it was last written.
    pub attempts: u32,
    /// When the oldest cause that it stands for happened.
    pub since: Timestamp,
}

impl LaneWork {
    /// Work for a store, due at once.
    #[must_use]
    pub fn new(org: &OrgId, store: &StoreId, priority: Priority, verb: Verb, now: Timestamp) -> Self {
        let place = priority.place().to_string();
        Self {
            task: TaskId::derive(&[store.as_str(), &place, verb.name(), &verb.about()]),
            org: org.clone(),
            store: store.clone(),
            priority,
            verb,
            due: now,
            generation: 0,
            attempts: 0,
            since: now,
        }
    }

    /// The same work, not before `due`.
    #[must_use]
    pub fn at(mut self, due: Timestamp) -> Self {
        self.due = due;
        self
    }
}

/// The books of an item moved: other links must be looked at. Written together with the movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Derived from the movement.
    pub id: TaskId,
    /// The merchant.
    pub org: OrgId,
    /// The item whose books moved.
    pub item: crate::ItemId,
    /// Other items that moved with it: the parts, where a bundle was sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<crate::ItemId>,
    /// How the available units moved.
    pub available: crate::Delta,
    /// When the cause happened in the shop or reached us.
    pub at: Timestamp,
}
