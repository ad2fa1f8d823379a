//! Everything the shop knows, behind one lock.

use super::app::Grants;
use super::bulk::{Bulk, Fate};
use super::clock::{Clock, Millis};
use super::config::Config;
use super::gid::Numbers;
use super::goods::{Item, Level, Location, Product, Variant};
use super::graphql::idempotent::Kept;
use super::order::{Customer, FulfillmentOrder, Order};
use super::orders::Edit;
use super::queue::Job;
use super::rows::{DeliveryRow, StockWrite};
use super::subscription::Subscription;
use crate::ground::random::Random;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

pub(crate) struct Store {
    pub(crate) config: Config,
    pub(crate) clock: Arc<Clock>,
    pub(crate) random: Random,
    /// `https://127.0.0.1:port`.
    pub(crate) home: String,
    pub(crate) shop_id: u64,
    pub(crate) created: Millis,
    pub(crate) numbers: Numbers,
    pub(crate) products: BTreeMap<u64, Product>,
    pub(crate) variants: BTreeMap<u64, Variant>,
    pub(crate) items: BTreeMap<u64, Item>,
    pub(crate) locations: BTreeMap<u64, Location>,
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) next_order_number: u64,
    pub(crate) fulfillment_orders: BTreeMap<u64, FulfillmentOrder>,
    pub(crate) customers: BTreeMap<u64, Customer>,
    pub(crate) subscriptions: BTreeMap<u64, Subscription>,
    pub(crate) bulks: BTreeMap<u64, Bulk>,
    pub(crate) bulk_fate: Fate,
    /// Product operations: product, status, errors.
    pub(crate) operations: BTreeMap<u64, Operation>,
    pub(crate) groups: BTreeMap<u64, Group>,
    pub(crate) edits: BTreeMap<u64, Edit>,
    pub(crate) kept: HashMap<String, Kept>,
    pub(crate) grants: Grants,
    /// Points in the cost bucket, and when that was.
    pub(crate) bucket: (f64, Millis),
    by_sku: HashMap<String, BTreeSet<u64>>,
    by_handle: HashMap<String, u64>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) last_job: Option<Job>,
    /// Id of the action under way, which its webhooks share.
    pub(crate) action: String,
    pub(crate) deliveries: VecDeque<DeliveryRow>,
    pub(crate) stock_log: VecDeque<StockWrite>,
    pub(crate) oversold: i64,
}

/// A product that is set in the background.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) arguments: Value,
    pub(crate) due: Millis,
    pub(crate) done: bool,
    pub(crate) product: Option<u64>,
    pub(crate) errors: Vec<Value>,
    pub(crate) by: String,
}

/// Changes of quantities that were made in one call.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) at: Millis,
    pub(crate) reason: String,
    pub(crate) reference: Option<String>,
    pub(crate) changes: Vec<Change>,
}

#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) name: &'static str,
    pub(crate) delta: i64,
    pub(crate) item: u64,
    pub(crate) location: u64,
    pub(crate) ledger: Option<String>,
}

impl Store {
    pub(crate) fn new(config: Config, clock: Arc<Clock>, home: String) -> Self {
        let mut random = Random::new(config.seed);
        let grants = Grants::new(&config, &mut random);
        let now = clock.now();
        Self {
            shop_id: 60_000_000_000 + config.seed * 977,
            created: now - 400 * super::clock::DAY,
            numbers: Numbers::new(config.seed),
            bucket: (f64::from(config.plan.bucket()), now),
            config,
            clock,
            random,
            home,
            products: BTreeMap::new(),
            variants: BTreeMap::new(),
            items: BTreeMap::new(),
            locations: BTreeMap::new(),
            orders: BTreeMap::new(),
            next_order_number: 1001,
            fulfillment_orders: BTreeMap::new(),
            customers: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            bulks: BTreeMap::new(),
            bulk_fate: Fate::default(),
            operations: BTreeMap::new(),
            groups: BTreeMap::new(),
            edits: BTreeMap::new(),
            kept: HashMap::new(),
            grants,
            by_sku: HashMap::new(),
            by_handle: HashMap::new(),
            jobs: Vec::new(),
            last_job: None,
            action: String::new(),
            deliveries: VecDeque::new(),
            stock_log: VecDeque::new(),
            oversold: 0,
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// How far indexes run behind.
    pub(crate) fn lag(&self) -> Millis {
        self.config.index_lag.as_millis() as Millis
    }

    /// Begins an action: what it causes shares one event id.
    pub(crate) fn act(&mut self) {
        self.action = self.random.uuid();
    }

    pub(crate) fn insert_product(&mut self, product: Product) {
        self.by_handle.insert(product.handle.clone(), product.id);
        self.products.insert(product.id, product);
    }

    pub(crate) fn product_with_handle(&self, handle: &str) -> Option<u64> {
        self.by_handle.get(handle).copied()
    }

    pub(crate) fn change_handle(&mut self, id: u64, handle: &str) {
        let Some(product) = self.products.get_mut(&id) else { return };
        self.by_handle.remove(&product.handle);
        product.handle = handle.into();
        self.by_handle.insert(handle.into(), id);
    }

    /// A handle nobody has: the wanted one, or with a number behind it.
    pub(crate) fn free_handle(&self, wanted: &str) -> String {
        let wanted = if wanted.is_empty() { "product" } else { wanted };
        if !self.by_handle.contains_key(wanted) {
            return wanted.to_owned();
        }
        let numbered = (1..).map(|number| format!("{wanted}-{number}"));
        numbered.into_iter().find(|handle| !self.by_handle.contains_key(handle)).unwrap_or_default()
    }

    pub(crate) fn insert_variant(&mut self, variant: Variant, item: Item) {
        if !item.sku.is_empty() {
            self.by_sku.entry(item.sku.clone()).or_default().insert(variant.id);
        }
        if let Some(product) = self.products.get_mut(&variant.product) {
            product.variants.push(variant.id);
        }
        self.items.insert(item.id, item);
        self.variants.insert(variant.id, variant);
    }

    /// Removes a variant with its item; returns whether there was one.
    pub(crate) fn remove_variant(&mut self, id: u64) -> bool {
        let Some(variant) = self.variants.remove(&id) else { return false };
        if let Some(item) = self.items.remove(&variant.item) {
            self.forget_sku(&item.sku, id);
        }
        if let Some(product) = self.products.get_mut(&variant.product) {
            product.variants.retain(|one| *one != id);
        }
        true
    }

    pub(crate) fn remove_product(&mut self, id: u64) -> bool {
        let Some(product) = self.products.get(&id) else { return false };
        for variant in product.variants.clone() {
            self.remove_variant(variant);
        }
        if let Some(product) = self.products.remove(&id) {
            self.by_handle.remove(&product.handle);
        }
        true
    }

    fn forget_sku(&mut self, sku: &str, variant: u64) {
        if let Some(ids) = self.by_sku.get_mut(sku) {
            ids.remove(&variant);
            if ids.is_empty() {
                self.by_sku.remove(sku);
            }
        }
    }

    pub(crate) fn change_sku(&mut self, item: u64, sku: &str) {
        let Some(row) = self.items.get_mut(&item) else { return };
        let (old, variant) = (std::mem::replace(&mut row.sku, sku.into()), row.variant);
        self.forget_sku(&old, variant);
        if !sku.is_empty() {
            self.by_sku.entry(sku.into()).or_default().insert(variant);
        }
    }

    /// Variants with exactly this SKU.
    pub(crate) fn with_sku(&self, sku: &str) -> Vec<u64> {
        self.by_sku.get(sku).into_iter().flatten().copied().collect()
    }

    pub(crate) fn sku_of(&self, variant: u64) -> String {
        let item = self.variants.get(&variant).and_then(|variant| self.items.get(&variant.item));
        item.map(|item| item.sku.clone()).unwrap_or_default()
    }

    pub(crate) fn level(&self, item: u64, location: u64) -> Option<&Level> {
        self.items.get(&item)?.levels.get(&location)
    }

    /// Active locations in the order they were made, which is the order orders are assigned in.
    pub(crate) fn active_locations(&self) -> Vec<u64> {
        self.locations.values().filter(|location| location.active).map(|location| location.id).collect()
    }

    /// Units for sale over all active locations.
    pub(crate) fn available(&self, variant: u64) -> i64 {
        let Some(item) = self.variants.get(&variant).and_then(|row| self.items.get(&row.item)) else {
            return 0;
        };
        self.available_of(item)
    }

    pub(crate) fn available_of(&self, item: &Item) -> i64 {
        item.levels
            .iter()
            .filter(|(at, level)| level.active && self.locations.get(at).is_some_and(|place| place.active))
            .map(|(_, level)| level.available)
            .sum()
    }

    /// What `totalInventory` would show without lag.
    pub(crate) fn total_of(&self, product: &Product) -> i64 {
        product
            .variants
            .iter()
            .filter_map(|id| self.items.get(&self.variants.get(id)?.item))
            .filter(|item| item.tracked)
            .map(|item| self.available_of(item))
            .sum()
    }

    /// `totalInventory`, which runs behind like the search index.
    pub(crate) fn shown_total(&self, product: &Product) -> i64 {
        let (before, since) = product.total_before;
        if self.now() < since + self.lag() { before } else { self.total_of(product) }
    }

    pub(crate) fn touch_product(&mut self, id: u64) {
        let (now, lag) = (self.now(), self.lag());
        if let Some(product) = self.products.get_mut(&id) {
            product.changed.touch(now, lag);
        }
    }

    pub(crate) fn touch_variant(&mut self, id: u64) {
        let (now, lag) = (self.now(), self.lag());
        let Some(variant) = self.variants.get_mut(&id) else { return };
        variant.changed.touch(now, lag);
        let (item, product) = (variant.item, variant.product);
        if let Some(item) = self.items.get_mut(&item) {
            item.changed.touch(now, lag);
        }
        self.touch_product(product);
    }

    pub(crate) fn touch_order(&mut self, id: u64) {
        let (now, lag) = (self.now(), self.lag());
        if let Some(order) = self.orders.get_mut(&id) {
            order.changed.touch(now, lag);
        }
    }
}
