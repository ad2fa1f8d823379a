//! What the windows show, row by row.

use super::queue::Job;
use serde::Serialize;

/// One variant with its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockRow {
    /// Variant id.
    pub id: u64,
    /// Its product.
    pub product_id: u64,
    /// Its inventory item.
    pub item_id: u64,
    /// Its SKU, perhaps empty.
    pub sku: String,
    /// Title of the product, and of the variant where there are several.
    pub name: String,
    /// `ACTIVE`, `DRAFT`, `ARCHIVED`.
    pub status: String,
    /// `DENY` or `CONTINUE`.
    pub policy: String,
    /// Its price.
    pub price: String,
    /// Units for sale over all active locations; none when untracked.
    pub quantity: Option<i64>,
    /// Units in the house over all active locations.
    pub on_hand: i64,
    /// Units sold and not yet sent.
    pub committed: i64,
    /// What lies where.
    pub levels: Vec<LevelRow>,
    /// Last change, RFC 3339.
    pub modified: String,
}

/// What lies at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelRow {
    /// Location id.
    pub location: u64,
    /// Whether it is stocked there.
    pub active: bool,
    /// Units for sale.
    pub available: i64,
    /// Units in the house.
    pub on_hand: i64,
    /// Units sold and not yet sent.
    pub committed: i64,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderLineRow {
    /// Id of the line.
    pub id: u64,
    /// Product id, if it still exists.
    pub product_id: Option<u64>,
    /// Variant id, if it still exists.
    pub variant_id: Option<u64>,
    /// SKU as it was sold.
    pub sku: String,
    /// Units ordered.
    pub quantity: i64,
    /// Units still wanted.
    pub current: i64,
    /// Units still to be sent.
    pub unfulfilled: i64,
    /// Units sent.
    pub fulfilled: i64,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Order id.
    pub id: u64,
    /// Like `#1001`.
    pub name: String,
    /// `open`, `closed` or `cancelled`.
    pub status: String,
    /// `PAID`, `PENDING`, `REFUNDED` ..
    pub financial: String,
    /// `UNFULFILLED`, `PARTIALLY_FULFILLED`, `FULFILLED`.
    pub fulfillment: String,
    /// `web`, `pos`, `shopify_draft_order`.
    pub source: String,
    /// A test order.
    pub test: bool,
    /// Customer id, none for a guest.
    pub customer_id: Option<u64>,
    /// Its total.
    pub total: String,
    /// Its lines.
    pub lines: Vec<OrderLineRow>,
    /// Refunds so far.
    pub refunds: usize,
    /// Created, RFC 3339.
    pub created: String,
    /// Last change, RFC 3339.
    pub modified: String,
}

/// One webhook subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubscriptionRow {
    /// Subscription id.
    pub id: u64,
    /// Its topic, `ORDERS_CREATE`.
    pub topic: String,
    /// Where it delivers.
    pub uri: String,
    /// Failed tries in a row.
    pub failures: u32,
}

/// One try of a delivery, or what became of it instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRow {
    /// When, RFC 3339.
    pub at: String,
    /// Which subscription; zero for the app's own.
    pub subscription: u64,
    /// Its topic, `orders/create`.
    pub topic: String,
    /// Where to.
    pub url: String,
    /// `delivered`, `failed`, `dropped`, `subscription_deleted`, `no_bus` or `too_large`.
    pub outcome: String,
    /// The answer's status, if one came.
    pub status: Option<u16>,
    /// Why no answer came.
    pub error: Option<String>,
    /// Which try, from one.
    pub tries: u32,
    /// `X-Shopify-Webhook-Id`.
    pub webhook_id: String,
    /// `X-Shopify-Event-Id`.
    pub event_id: String,
    /// `X-Shopify-Hmac-Sha256`.
    pub signature: Option<String>,
    /// The body as sent.
    pub body: String,
    /// How long it took.
    pub ms: u64,
}

impl DeliveryRow {
    pub(crate) fn new(job: &Job, now: super::clock::Millis, outcome: &str) -> Self {
        Self {
            at: super::clock::stamp(now),
            subscription: job.subscription,
            topic: job.topic.clone(),
            url: job.uri.clone(),
            outcome: outcome.into(),
            status: None,
            error: None,
            tries: job.tries,
            webhook_id: job.webhook_id.clone(),
            event_id: job.event_id.clone(),
            signature: None,
            body: String::from_utf8_lossy(&job.body).into_owned(),
            ms: 0,
        }
    }
}

/// One change of a quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockWrite {
    /// When, RFC 3339.
    pub at: String,
    /// Inventory item.
    pub item: u64,
    /// Variant.
    pub variant: u64,
    /// Its SKU then.
    pub sku: String,
    /// Where.
    pub location: u64,
    /// Which quantity was written, `available`, `on_hand`, `committed` ..
    pub name: String,
    /// The idempotency key of the call.
    pub key: Option<String>,
    /// The quantity it was compared with.
    pub compare: Option<i64>,
    /// That quantity before.
    pub before: i64,
    /// That quantity after.
    pub after: i64,
    /// On hand before.
    pub on_hand_before: i64,
    /// On hand after.
    pub on_hand_after: i64,
    /// `api:<end of the token>`, `order:<name>`, `fulfilment:<name>` or `admin`.
    pub by: String,
}

/// One request that reached the shop, windows apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// When, RFC 3339.
    pub at: String,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query string, raw.
    pub query: String,
    /// Status answered; zero when the connection was dropped.
    pub status: u16,
    /// How long it took.
    pub ms: u64,
    /// Requests under way at its start, itself included.
    pub concurrency: usize,
    /// The end of the token it came with.
    pub token: String,
    /// Root fields of a GraphQL call, with commas.
    pub operations: String,
    /// Idempotency keys of a GraphQL call.
    pub keys: Vec<String>,
    /// `requestedQueryCost`.
    pub requested_cost: Option<u64>,
    /// `actualQueryCost`.
    pub actual_cost: Option<u64>,
    /// Refused for want of points.
    pub throttled: bool,
}

/// The last signs of a token, which tell tokens apart and open nothing.
pub(crate) fn tail(token: &str) -> String {
    token.chars().skip(token.chars().count().saturating_sub(6)).collect()
}
