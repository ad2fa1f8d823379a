//! The store's database: rows, ids and the two logs, behind one lock.

use super::clock::{Clock, Seconds};
use super::config::Config;
use super::customer::Customer;
use super::key::Keys;
use super::order::{Order, Refund};
use super::product::{Meta, Product};
use super::queue::Job;
use super::webhook::Webhook;
use super::window::{DeliveryRow, StockWrite};
use crate::ground::random::Random;
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// A product category.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) parent: u64,
    pub(crate) description: String,
}

/// A global product attribute with its terms.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) slug: String,
}

/// Everything the shop knows.
pub(crate) struct Store {
    pub(crate) config: Config,
    pub(crate) clock: Arc<Clock>,
    pub(crate) random: Random,
    /// `https://host:port` and the subdirectory, without a slash at the end.
    pub(crate) home: String,
    pub(crate) products: BTreeMap<u64, Product>,
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) refunds: BTreeMap<u64, Refund>,
    pub(crate) customers: BTreeMap<u64, Customer>,
    pub(crate) webhooks: BTreeMap<u64, Webhook>,
    pub(crate) categories: BTreeMap<u64, Category>,
    pub(crate) attributes: BTreeMap<u64, Attribute>,
    pub(crate) keys: HashMap<String, Keys>,
    /// Nonces seen by timestamp, per key.
    pub(crate) nonces: HashMap<String, BTreeMap<i64, String>>,
    pub(crate) manage_stock: bool,
    /// The user behind all keys and webhooks may no longer manage the shop.
    pub(crate) owner_demoted: bool,
    by_sku: HashMap<String, BTreeSet<u64>>,
    next_post: u64,
    next_of: HashMap<&'static str, u64>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) deliveries: VecDeque<DeliveryRow>,
    pub(crate) stock_log: VecDeque<StockWrite>,
    pub(crate) oversold: i64,
}

impl Store {
    pub(crate) fn new(config: Config, clock: Arc<Clock>, home: String) -> Self {
        Self {
            random: Random::new(config.seed),
            manage_stock: config.manage_stock,
            owner_demoted: false,
            config,
            clock,
            home,
            products: BTreeMap::new(),
            orders: BTreeMap::new(),
            refunds: BTreeMap::new(),
            customers: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            categories: BTreeMap::new(),
            attributes: BTreeMap::new(),
            keys: HashMap::new(),
            nonces: HashMap::new(),
            by_sku: HashMap::new(),
            next_post: 10,
            next_of: HashMap::new(),
            jobs: Vec::new(),
            deliveries: VecDeque::new(),
            stock_log: VecDeque::new(),
            oversold: 0,
        }
    }

    pub(crate) fn now(&self) -> Seconds {
        self.clock.now()
    }

    /// The next id of the one sequence products, orders and refunds share.
    pub(crate) fn post_id(&mut self) -> u64 {
        let id = self.next_post;
        self.next_post += 1;
        id
    }

    /// Skips ids, so that the next row gets this one.
    pub(crate) fn skip_posts_to(&mut self, id: u64) {
        self.next_post = self.next_post.max(id);
    }

    /// The next id of another sequence: `item`, `meta`, `note`, `customer`, `webhook`, `key`, `term`.
    pub(crate) fn row_id(&mut self, of: &'static str) -> u64 {
        let next = self.next_of.entry(of).or_insert(if of == "customer" { 2 } else { 1 });
        *next += 1;
        *next - 1
    }

    pub(crate) fn meta(&mut self, key: &str, value: Value) -> Meta {
        Meta { id: self.row_id("meta"), key: key.into(), value }
    }

    /// Applies `meta_data: [{id?, key, value}]` as the store does: by id, else by key, null deletes.
    pub(crate) fn amend_meta(&mut self, meta: &mut Vec<Meta>, given: &Value) {
        for row in given.as_array().into_iter().flatten() {
            let key = row.get("key").map(super::json::text).unwrap_or_default();
            let value = row.get("value").cloned().unwrap_or(Value::Null);
            let id = row.get("id").and_then(super::json::whole).unwrap_or(0) as u64;
            let at = meta.iter().position(|old| if id > 0 { old.id == id } else { old.key == key });
            match (at, value.is_null()) {
                (Some(at), true) => drop(meta.remove(at)),
                (Some(at), false) => meta[at].value = value,
                (None, true) => {}
                (None, false) => meta.push(self.meta(&key, value)),
            }
        }
    }

    pub(crate) fn insert_product(&mut self, product: Product) {
        if !product.sku.is_empty() {
            self.by_sku.entry(product.sku.clone()).or_default().insert(product.id);
        }
        self.products.insert(product.id, product);
    }

    pub(crate) fn rename_sku(&mut self, id: u64, sku: &str) {
        let Some(product) = self.products.get_mut(&id) else { return };
        if let Some(ids) = self.by_sku.get_mut(&product.sku) {
            ids.remove(&id);
        }
        product.sku = sku.into();
        if !sku.is_empty() {
            self.by_sku.entry(sku.into()).or_default().insert(id);
        }
    }

    pub(crate) fn remove_product(&mut self, id: u64) -> Option<Product> {
        let product = self.products.remove(&id)?;
        if let Some(ids) = self.by_sku.get_mut(&product.sku) {
            ids.remove(&id);
        }
        if let Some(parent) = self.products.get_mut(&product.parent) {
            parent.variations.retain(|child| *child != id);
        }
        for child in &product.variations {
            self.remove_product(*child);
        }
        Some(product)
    }

    /// Rows with exactly this SKU, the trash included.
    pub(crate) fn with_sku(&self, sku: &str) -> Vec<u64> {
        self.by_sku.get(sku).into_iter().flatten().copied().collect()
    }

    /// Bumps the modification time, as every save does, and tells the webhooks.
    pub(crate) fn touch_product(&mut self, id: u64) {
        let now = self.now();
        if let Some(product) = self.products.get_mut(&id) {
            product.modified = now;
        }
        self.fire("product.updated", id);
    }

    pub(crate) fn touch_order(&mut self, id: u64) {
        let now = self.now();
        if let Some(order) = self.orders.get_mut(&id) {
            order.modified = now;
        }
        self.fire("order.updated", id);
    }

    /// The row whose quantity counts for this one: itself, its parent, or none.
    pub(crate) fn stock_holder(&self, id: u64) -> Option<u64> {
        let product = self.products.get(&id)?;
        if !self.manage_stock || !product.kind.can_manage_stock() {
            return None;
        }
        if product.manage_stock {
            return Some(id);
        }
        let parent = self.products.get(&product.parent)?;
        parent.manage_stock.then_some(parent.id)
    }

    /// Sets a quantity and writes the log; the caller saves the row.
    pub(crate) fn write_stock(&mut self, id: u64, quantity: i64, by: &str) {
        let now_ms = self.clock.now_ms();
        let Some(product) = self.products.get_mut(&id) else { return };
        let before = product.quantity;
        product.quantity = Some(quantity);
        product.settle_stock();
        if before == Some(quantity) {
            return;
        }
        let fell = |quantity: i64| (-quantity).max(0);
        if product.backorders == "no" && by.starts_with("order:") {
            self.oversold += (fell(quantity) - fell(before.unwrap_or(0))).max(0);
        }
        self.stock_log.push_back(StockWrite {
            at: super::clock::stamp(now_ms),
            product: id,
            sku: product.sku.clone(),
            before,
            after: Some(quantity),
            by: by.into(),
        });
        if self.stock_log.len() > self.config.remembered {
            self.stock_log.pop_front();
        }
    }

    /// Adds to a quantity and saves the row; returns what is left.
    pub(crate) fn move_stock(&mut self, holder: u64, delta: i64, by: &str) -> i64 {
        let left = self.products.get(&holder).and_then(|product| product.quantity).unwrap_or(0) + delta;
        self.write_stock(holder, left, by);
        self.touch_product(holder);
        left
    }

    /// Rounds to the currency's decimals, half up, and keeps the zeros.
    pub(crate) fn round(&self, amount: Decimal) -> Decimal {
        let mut rounded = amount.round_dp_with_strategy(
            self.config.decimals,
            rust_decimal::RoundingStrategy::MidpointAwayFromZero,
        );
        rounded.rescale(self.config.decimals);
        rounded
    }

    pub(crate) fn tax(&self, amount: Decimal) -> Decimal {
        self.round(amount * self.config.tax_percent / Decimal::ONE_HUNDRED)
    }

    /// Queues a job for every active webhook on the topic; one pending job per (webhook, id).
    pub(crate) fn fire(&mut self, topic: &str, id: u64) {
        let due = tokio::time::Instant::now() + self.config.delivery_delay;
        let hooked: Vec<u64> = self
            .webhooks
            .values()
            .filter(|webhook| webhook.status == "active" && webhook.topic == topic)
            .map(|webhook| webhook.id)
            .collect();
        for webhook in hooked {
            if !self.jobs.iter().any(|job| job.webhook == webhook && job.resource == id) {
                self.jobs.push(Job { webhook, resource: id, due });
            }
        }
    }

    pub(crate) fn make_key(&mut self, permissions: &str) -> Keys {
        let keys = Keys {
            key_id: self.row_id("key"),
            consumer_key: format!("ck_{}", self.random.hex(40)),
            consumer_secret: format!("cs_{}", self.random.hex(40)),
            permissions: permissions.into(),
        };
        self.keys.insert(keys.consumer_key.clone(), keys.clone());
        keys
    }
}
