//! Windows to look in: stock, orders, subscriptions and everything that was asked and written.

use super::house::House;
use super::rows::{
    DeliveryRow, LevelRow, OrderLineRow, OrderRow, RequestRow, StockRow, StockWrite, SubscriptionRow,
};
use super::store::Store;
use super::subscription::Subscription;
use serde_json::{Value, json};
use std::sync::Arc;

/// Looks inside a running shop.
#[derive(Clone)]
pub struct Window {
    pub(crate) house: Arc<House>,
}

impl Window {
    /// Every variant, by id.
    pub fn stock(&self) -> Vec<StockRow> {
        let store = self.house.store();
        store.variants.keys().filter_map(|id| store.stock_row(*id)).collect()
    }

    /// The variants with a SKU.
    pub fn stock_of(&self, sku: &str) -> Vec<StockRow> {
        let store = self.house.store();
        store.with_sku(sku).into_iter().filter_map(|id| store.stock_row(id)).collect()
    }

    /// Units for sale of a variant over all active locations; none when there is none or it is untracked.
    pub fn quantity(&self, id: u64) -> Option<i64> {
        self.house.store().stock_row(id)?.quantity
    }

    /// Locations, by id: id, name, active.
    pub fn locations(&self) -> Vec<(u64, String, bool)> {
        let store = self.house.store();
        store.locations.values().map(|place| (place.id, place.name.clone(), place.active)).collect()
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

    /// Every customer id.
    pub fn customers(&self) -> Vec<u64> {
        self.house.store().customers.keys().copied().collect()
    }

    /// Every subscription, by id.
    pub fn subscriptions(&self) -> Vec<SubscriptionRow> {
        let store = self.house.store();
        let row = |row: &Subscription| SubscriptionRow {
            id: row.id,
            topic: row.topic.clone(),
            uri: row.uri.clone(),
            failures: row.failures,
        };
        store.subscriptions.values().map(row).collect()
    }

    /// Tries, drops and deletions, oldest first.
    pub fn deliveries(&self) -> Vec<DeliveryRow> {
        self.house.store().deliveries.iter().cloned().collect()
    }

    /// Webhooks waiting in the queue.
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

    /// Units sold that were not there, `CONTINUE` apart.
    pub fn oversold(&self) -> i64 {
        self.house.store().oversold
    }

    /// Live access tokens.
    pub fn tokens(&self) -> Vec<String> {
        let store = self.house.store();
        let now = store.now();
        let live = store.grants.tokens.values().filter(|token| token.expires.is_none_or(|at| now < at));
        live.map(|token| token.access.clone()).collect()
    }

    /// Points in the cost bucket.
    pub fn points(&self) -> f64 {
        self.house.store().points()
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
        let throttled = self.house.gate.rows().iter().filter(|row| row.throttled).count();
        let mut store = self.house.store();
        let points = store.points();
        json!({
            "name": store.config.name,
            "domain": store.config.domain,
            "url": store.home,
            "products": store.products.len(),
            "variants": store.variants.len(),
            "units": store.items.values().filter(|item| item.tracked).map(|item| store.available_of(item)).sum::<i64>(),
            "locations": store.locations.len(),
            "orders": store.orders.len(),
            "customers": store.customers.len(),
            "subscriptions": store.subscriptions.len(),
            "deliveries": store.deliveries.len(),
            "pending_deliveries": store.jobs.len(),
            "bulk_operations": store.bulks.len(),
            "requests": requests,
            "throttled": throttled,
            "points": points,
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

    pub(crate) fn stock_row(&self, id: u64) -> Option<StockRow> {
        let variant = self.variants.get(&id)?;
        let product = self.products.get(&variant.product)?;
        let item = self.items.get(&variant.item)?;
        let levels: Vec<LevelRow> = item
            .levels
            .iter()
            .map(|(location, level)| LevelRow {
                location: *location,
                active: level.active && self.locations.get(location).is_some_and(|place| place.active),
                available: level.available,
                on_hand: level.on_hand(),
                committed: level.committed,
            })
            .collect();
        let active = || levels.iter().filter(|level| level.active);
        Some(StockRow {
            id,
            product_id: product.id,
            item_id: item.id,
            sku: item.sku.clone(),
            name: if product.only_default() {
                product.title.clone()
            } else {
                format!("{} - {}", product.title, variant.title())
            },
            status: product.status.clone(),
            policy: if variant.sells_on { "CONTINUE" } else { "DENY" }.into(),
            price: super::money::spell(variant.price),
            quantity: item.tracked.then(|| self.available_of(item)),
            on_hand: active().map(|level| level.on_hand).sum(),
            committed: active().map(|level| level.committed).sum(),
            modified: super::clock::stamp(variant.changed.at),
            levels,
        })
    }

    pub(crate) fn order_row(&self, id: u64) -> OrderRow {
        let order = &self.orders[&id];
        let line = |line: &super::order::Line| OrderLineRow {
            id: line.id,
            product_id: line.product.filter(|id| self.products.contains_key(id)),
            variant_id: line.variant.filter(|id| self.variants.contains_key(id)),
            sku: line.sku.clone(),
            quantity: line.quantity,
            current: line.current(),
            unfulfilled: line.unfulfilled(),
            fulfilled: line.fulfilled,
        };
        let status = match (order.cancelled, order.closed) {
            (Some(_), _) => "cancelled",
            (None, Some(_)) => "closed",
            (None, None) => "open",
        };
        OrderRow {
            id,
            name: order.name(),
            status: status.into(),
            financial: order.financial().into(),
            fulfillment: order.fulfillment_status().into(),
            source: order.source.clone(),
            test: order.test,
            customer_id: order.customer,
            total: super::money::spell(order.total(false)),
            lines: order.lines.iter().map(line).collect(),
            refunds: order.refunds.len(),
            created: super::clock::stamp(order.created),
            modified: super::clock::stamp(order.changed.at),
        }
    }
}
