//! Quantities move: every way a number at a location can change goes through here.

use super::goods::Level;
use super::rows::StockWrite;
use super::store::Store;
use super::subscription::About;

/// Who changes a quantity and what they said about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hand {
    /// `api:<end of the token>`, `order:<name>`, `admin`.
    pub(crate) by: String,
    /// The idempotency key of the call.
    pub(crate) key: Option<String>,
    /// The quantity it was compared with.
    pub(crate) compare: Option<i64>,
}

impl Hand {
    pub(crate) fn new(by: impl Into<String>) -> Self {
        Self { by: by.into(), key: None, compare: None }
    }
}

impl Store {
    /// Adds to one quantity of an item at a location, stocking it there if it was not.
    pub(crate) fn move_stock(
        &mut self,
        item: u64,
        location: u64,
        name: &'static str,
        delta: i64,
        hand: &Hand,
    ) {
        self.change_level(item, location, name, hand, |level| level.add(name, delta));
    }

    /// Takes units that an order wants: they stay on hand until they are sent.
    pub(crate) fn commit(&mut self, item: u64, location: u64, units: i64, hand: &Hand) {
        self.change_level(item, location, "available", hand, |level| {
            level.available -= units;
            level.committed += units;
        });
    }

    /// Changes a level, writes the log and tells the webhooks; nothing happens when nothing changes.
    pub(crate) fn change_level(
        &mut self,
        item: u64,
        location: u64,
        name: &'static str,
        hand: &Hand,
        change: impl FnOnce(&mut Level),
    ) {
        let (now, lag) = (self.now(), self.lag());
        let Some(variant) = self.items.get(&item).map(|row| row.variant) else { return };
        let product = self.variants.get(&variant).map_or(0, |row| row.product);
        let total = self.products.get(&product).map_or(0, |row| self.total_of(row));
        let Some(row) = self.items.get_mut(&item) else { return };
        let level = row.levels.entry(location).or_insert_with(|| Level::new(now));
        let was = (level.quantity(name).unwrap_or(0), level.on_hand(), level.available);
        let revived = !std::mem::replace(&mut level.active, true);
        change(level);
        let is = (level.quantity(name).unwrap_or(0), level.on_hand(), level.available);
        level.changed = now;
        let sku = row.sku.clone();
        if was == is && !revived {
            return;
        }
        self.stock_log.push_back(StockWrite {
            at: super::clock::stamp(now),
            item,
            variant,
            sku,
            location,
            name: name.into(),
            key: hand.key.clone(),
            compare: hand.compare,
            before: was.0,
            after: is.0,
            on_hand_before: was.1,
            on_hand_after: is.1,
            by: hand.by.clone(),
        });
        if self.stock_log.len() > self.config.remembered {
            self.stock_log.pop_front();
        }
        if let Some(product) = self.products.get_mut(&product)
            && product.total_before.1 + lag <= now
        {
            product.total_before = (total, now);
        }
        if was.2 != is.2 || revived {
            self.fire("INVENTORY_LEVELS_UPDATE", About::Level(item, location));
        }
    }

    /// Stocks an item at a location; returns false when it already was.
    pub(crate) fn stock_at(&mut self, item: u64, location: u64) -> bool {
        let now = self.now();
        let Some(row) = self.items.get_mut(&item) else { return false };
        let level = row.levels.entry(location).or_insert_with(|| Level { active: false, ..Level::new(now) });
        if std::mem::replace(&mut level.active, true) {
            return false;
        }
        level.changed = now;
        self.fire("INVENTORY_LEVELS_CONNECT", About::Level(item, location));
        true
    }

    /// No longer stocks an item at a location; returns false when it was not.
    pub(crate) fn unstock_at(&mut self, item: u64, location: u64) -> bool {
        let now = self.now();
        let Some(level) = self.items.get_mut(&item).and_then(|row| row.levels.get_mut(&location)) else {
            return false;
        };
        if !std::mem::replace(&mut level.active, false) {
            return false;
        }
        level.changed = now;
        self.fire("INVENTORY_LEVELS_DISCONNECT", About::Level(item, location));
        true
    }
}
