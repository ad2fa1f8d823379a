//! Windows to look in: stock, orders, webhooks and everything that was asked and written.

use super::house::House;
use super::product::Product;
use super::store::Store;
use super::webhook::Webhook;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// One row of the catalogue with its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockRow {
    /// Product or variation id.
    pub id: u64,
    /// The variable product of a variation, else zero.
    pub parent_id: u64,
    /// Its SKU, perhaps empty.
    pub sku: String,
    /// Its title.
    pub name: String,
    /// `simple`, `variable`, `variation` ..
    pub kind: String,
    /// `publish`, `draft`, `trash` ..
    pub status: String,
    /// Whose quantity counts: `own`, `parent` or `none`.
    pub held_by: String,
    /// The quantity that counts, if any.
    pub quantity: Option<i64>,
    /// `instock`, `outofstock` or `onbackorder`.
    pub stock_status: String,
    /// `no`, `notify` or `yes`.
    pub backorders: String,
    /// Last save, RFC 3339.
    pub modified: String,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderLineRow {
    /// Id of the line.
    pub id: u64,
    /// Product id.
    pub product_id: u64,
    /// Variation id, or zero.
    pub variation_id: u64,
    /// SKU of the goods now, if they still exist.
    pub sku: String,
    /// Units.
    pub quantity: i64,
    /// Units the line holds from stock.
    pub reduced: Option<i64>,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Order id.
    pub id: u64,
    /// Its status.
    pub status: String,
    /// `checkout`, `rest-api`, `admin` ..
    pub created_via: String,
    /// Customer id, zero for a guest.
    pub customer_id: u64,
    /// Its total with the currency's decimals.
    pub total: String,
    /// Its lines.
    pub lines: Vec<OrderLineRow>,
    /// Created, RFC 3339.
    pub created: String,
    /// Last save, RFC 3339.
    pub modified: String,
}

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookRow {
    /// Webhook id.
    pub id: u64,
    /// Its topic.
    pub topic: String,
    /// `active`, `paused` or `disabled`.
    pub status: String,
    /// Where it delivers.
    pub delivery_url: String,
    /// What it signs with.
    pub secret: String,
    /// Failures in a row.
    pub failures: u32,
    /// Its ping was not answered with 200.
    pub pending_delivery: bool,
}

/// One delivery, ping or drop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRow {
    /// When, RFC 3339.
    pub at: String,
    /// Which webhook.
    pub webhook: u64,
    /// Its topic.
    pub topic: String,
    /// Which resource, zero for a ping.
    pub resource: u64,
    /// Where to.
    pub url: String,
    /// `delivered`, `failed`, `dropped` or `ping`.
    pub outcome: String,
    /// The answer's status, if one came.
    pub status: Option<u16>,
    /// Why no answer came.
    pub error: Option<String>,
    /// `X-WC-Webhook-Delivery-ID`.
    pub delivery_id: String,
    /// `X-WC-Webhook-Signature`.
    pub signature: Option<String>,
    /// The body as sent.
    pub body: String,
    /// How long it took.
    pub ms: u64,
}

impl DeliveryRow {
    pub(crate) fn new(store: &Store, webhook: &Webhook, resource: u64, outcome: &str) -> Self {
        Self {
            at: super::clock::stamp(store.clock.now_ms()),
            webhook: webhook.id,
            topic: webhook.topic.clone(),
            resource,
            url: webhook.delivery_url.clone(),
            outcome: outcome.into(),
            status: None,
            error: None,
            delivery_id: String::new(),
            signature: None,
            body: String::new(),
            ms: 0,
        }
    }
}

/// One change of a quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockWrite {
    /// When, RFC 3339.
    pub at: String,
    /// Product or variation whose quantity changed.
    pub product: u64,
    /// Its SKU then.
    pub sku: String,
    /// Quantity before.
    pub before: Option<i64>,
    /// Quantity after.
    pub after: Option<i64>,
    /// `api:<consumer key>`, `order:<id>` or `admin`.
    pub by: String,
}

/// One request that reached the shop, windows apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// When, RFC 3339.
    pub at: String,
    /// Method as sent.
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
    /// The key it came with, if that was known.
    pub key: String,
}

/// Looks inside a running shop.
#[derive(Clone)]
pub struct Window {
    pub(crate) house: Arc<House>,
}

impl Window {
    /// Every product and variation, by id.
    pub fn stock(&self) -> Vec<StockRow> {
        let store = self.house.store();
        store.products.values().map(|product| store.stock_row(product)).collect()
    }

    /// The rows with a SKU, variations included.
    pub fn stock_of(&self, sku: &str) -> Vec<StockRow> {
        let store = self.house.store();
        store.with_sku(sku).iter().map(|id| store.stock_row(&store.products[id])).collect()
    }

    /// The quantity that counts for a product or variation.
    pub fn quantity(&self, id: u64) -> Option<i64> {
        let store = self.house.store();
        store.products.get(&store.stock_holder(id)?)?.quantity
    }

    /// Every order, by id.
    pub fn orders(&self) -> Vec<OrderRow> {
        let store = self.house.store();
        store.orders.keys().map(|id| store.order_row(*id)).collect()
    }

    /// One order.
    pub fn order(&self, id: u64) -> Option<OrderRow> {
        let store = self.house.store();
        store.orders.contains_key(&id).then(|| store.order_row(id))
    }

    /// Every webhook, by id.
    pub fn webhooks(&self) -> Vec<WebhookRow> {
        let store = self.house.store();
        let row = |webhook: &Webhook| WebhookRow {
            id: webhook.id,
            topic: webhook.topic.clone(),
            status: webhook.status.clone(),
            delivery_url: webhook.delivery_url.clone(),
            secret: webhook.secret.clone(),
            failures: webhook.failures,
            pending_delivery: webhook.pending_delivery,
        };
        store.webhooks.values().map(row).collect()
    }

    /// Deliveries, pings and drops, oldest first.
    pub fn deliveries(&self) -> Vec<DeliveryRow> {
        self.house.store().deliveries.iter().cloned().collect()
    }

    /// Jobs waiting in the delivery queue.
    pub fn pending_deliveries(&self) -> usize {
        self.house.store().jobs.len()
    }

    /// Requests, oldest first.
    pub fn requests(&self) -> Vec<RequestRow> {
        self.house.gate.rows().iter().cloned().collect()
    }

    /// The most requests that were ever under way at once.
    pub fn peak_concurrency(&self) -> usize {
        self.house.gate.peak()
    }

    /// Every change of a quantity, oldest first.
    pub fn stock_log(&self) -> Vec<StockWrite> {
        self.house.store().stock_log.iter().cloned().collect()
    }

    /// Units sold that were not there, backorders apart.
    pub fn oversold(&self) -> i64 {
        self.house.store().oversold
    }

    /// Forgets requests, deliveries and stock writes; stock and orders stay.
    pub fn clear_logs(&self) {
        self.house.gate.rows().clear();
        let mut store = self.house.store();
        store.deliveries.clear();
        store.stock_log.clear();
    }

    /// The counts of everything in one object.
    pub fn summary(&self) -> Value {
        let requests = self.house.gate.served();
        let store = self.house.store();
        json!({
            "name": store.config.name,
            "url": store.home,
            "products": store.products.values().filter(|product| product.parent == 0).count(),
            "variations": store.products.values().filter(|product| product.parent > 0).count(),
            "units": store.products.values().filter_map(|product| product.quantity).sum::<i64>(),
            "orders": store.orders.len(),
            "customers": store.customers.len(),
            "webhooks": store.webhooks.len(),
            "deliveries": store.deliveries.len(),
            "pending_deliveries": store.jobs.len(),
            "requests": requests,
            "peak_concurrency": self.house.gate.peak(),
            "stock_writes": store.stock_log.len(),
            "oversold": store.oversold,
        })
    }
}

impl Store {
    pub(crate) fn remember_delivery(&mut self, row: DeliveryRow) {
        self.deliveries.push_back(row);
        if self.deliveries.len() > self.config.remembered / 4 {
            self.deliveries.pop_front();
        }
    }

    pub(crate) fn stock_row(&self, product: &Product) -> StockRow {
        let holder = self.stock_holder(product.id);
        let counted = holder.and_then(|holder| self.products.get(&holder));
        let held_by = match holder {
            Some(holder) if holder == product.id => "own",
            Some(_) => "parent",
            None => "none",
        };
        StockRow {
            id: product.id,
            parent_id: product.parent,
            sku: product.sku.clone(),
            name: self.full_name(product),
            kind: product.kind.name().into(),
            status: product.status.clone(),
            held_by: held_by.into(),
            quantity: counted.and_then(|row| row.quantity),
            stock_status: self.stock_status(product),
            backorders: counted.unwrap_or(product).backorders.clone(),
            modified: super::clock::stamp(product.modified * 1000),
        }
    }

    pub(crate) fn order_row(&self, id: u64) -> OrderRow {
        let order = &self.orders[&id];
        let line = |line: &super::order::Line| OrderLineRow {
            id: line.id,
            product_id: line.product,
            variation_id: line.variation,
            sku: self.products.get(&line.goods()).map(|row| row.sku.clone()).unwrap_or_default(),
            quantity: line.quantity,
            reduced: line.reduced(),
        };
        OrderRow {
            id,
            status: order.status.clone(),
            created_via: order.created_via.clone(),
            customer_id: order.customer,
            total: self.round(order.total()).to_string(),
            lines: order.lines.iter().map(line).collect(),
            created: super::clock::stamp(order.created * 1000),
            modified: super::clock::stamp(order.modified * 1000),
        }
    }
}
