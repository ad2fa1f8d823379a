//! The merchant at work in the admin.

use super::config::Item;
use super::graphql::mutations::product::{add_variant, drop_product};
use super::graphql::mutations::stock_calls::new_location;
use super::graphql::mutations::variants::drop_variant;
use super::house::House;
use super::orders::Edit;
use super::refunds::Given;
use super::stock::Hand;
use super::store::Store;
use super::subscription::About;
use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

/// The merchant's hands; most methods return whether there was such a thing.
#[derive(Clone)]
pub struct Admin {
    pub(crate) house: Arc<House>,
}

impl Admin {
    fn work<T>(&self, work: impl FnOnce(&mut MutexGuard<'_, Store>) -> T) -> T {
        let out = {
            let mut store = self.house.store();
            store.act();
            work(&mut store)
        };
        self.house.stirred.notify_one();
        out
    }

    /// Types a quantity for sale into the variant's page, at the first active location.
    pub fn set_stock(&self, variant: u64, quantity: i64) -> bool {
        let first = self.house.store().active_locations().first().copied();
        first.is_some_and(|location| self.set_stock_at(variant, location, quantity))
    }

    /// Types a quantity for sale at a location.
    pub fn set_stock_at(&self, variant: u64, location: u64, quantity: i64) -> bool {
        self.work(|store| {
            let Some(item) = store.variants.get(&variant).map(|row| row.item) else { return false };
            if !store.locations.contains_key(&location) {
                return false;
            }
            let now = store.level(item, location).map_or(0, |level| level.available);
            store.move_stock(item, location, "available", quantity - now, &Hand::new("admin"));
            store.tell_product(variant);
            true
        })
    }

    /// Sells below zero or not.
    pub fn set_policy(&self, variant: u64, sells_on: bool) -> bool {
        self.edit_variant(variant, |store| {
            if let Some(row) = store.variants.get_mut(&variant) {
                row.sells_on = sells_on;
            }
        })
    }

    /// Tracks stock or not.
    pub fn set_tracked(&self, variant: u64, tracked: bool) -> bool {
        self.edit_variant(variant, |store| {
            let item = store.variants.get(&variant).map(|row| row.item);
            if let Some(item) = item.and_then(|id| store.items.get_mut(&id)) {
                item.tracked = tracked;
            }
        })
    }

    /// Changes the price.
    pub fn set_price(&self, variant: u64, price: &str) -> bool {
        let Ok(price) = price.parse() else { return false };
        self.edit_variant(variant, |store| {
            if let Some(row) = store.variants.get_mut(&variant) {
                row.price = price;
            }
        })
    }

    /// Changes the SKU; two variants may have the same one.
    pub fn change_sku(&self, variant: u64, sku: &str) -> bool {
        self.edit_variant(variant, |store| {
            if let Some(item) = store.variants.get(&variant).map(|row| row.item) {
                store.change_sku(item, sku);
                store.fire("INVENTORY_ITEMS_UPDATE", About::Item(item));
            }
        })
    }

    fn edit_variant(&self, variant: u64, edit: impl FnOnce(&mut Store)) -> bool {
        self.work(|store| {
            if !store.variants.contains_key(&variant) {
                return false;
            }
            edit(store);
            store.touch_variant(variant);
            store.tell_product(variant);
            true
        })
    }

    /// Renames a product.
    pub fn rename(&self, product: u64, title: &str) -> bool {
        self.edit_product(product, |row| row.title = title.into())
    }

    /// `ACTIVE`, `DRAFT` or `ARCHIVED`.
    pub fn set_status(&self, product: u64, status: &str) -> bool {
        self.edit_product(product, |row| row.status = status.into())
    }

    fn edit_product(&self, product: u64, edit: impl FnOnce(&mut super::goods::Product)) -> bool {
        self.work(|store| {
            let Some(row) = store.products.get_mut(&product) else { return false };
            edit(row);
            store.touch_product(product);
            store.fire("PRODUCTS_UPDATE", About::Product(product));
            true
        })
    }

    /// Adds a product with one variant; returns the variant's id.
    pub fn add_product(&self, item: &Item) -> u64 {
        self.work(|store| {
            let variant = store.add_simple(item);
            let product = store.variants[&variant].product;
            store.fire("PRODUCTS_CREATE", About::Product(product));
            let made = store.variants[&variant].item;
            store.fire("INVENTORY_ITEMS_CREATE", About::Item(made));
            variant
        })
    }

    /// Adds a variant with this value of the first option; returns its id, zero when there is no such product.
    pub fn add_variant(&self, product: u64, value: &str, item: &Item) -> u64 {
        self.work(|store| {
            let Some(choices) = store.products.get(&product).map(|row| row.choices.len()) else { return 0 };
            let id = add_variant(store, product, vec![value.to_owned(); choices]);
            store.dress(id, item);
            store.touch_product(product);
            store.fire("PRODUCTS_UPDATE", About::Product(product));
            id
        })
    }

    /// Deletes a product with its variants.
    pub fn delete_product(&self, product: u64) -> bool {
        self.work(|store| {
            let there = store.products.contains_key(&product);
            if there {
                drop_product(store, product);
            }
            there
        })
    }

    /// Deletes a variant.
    pub fn delete_variant(&self, variant: u64) -> bool {
        self.work(|store| {
            let product = store.variants.get(&variant).map(|row| row.product);
            let gone = drop_variant(store, variant);
            if let Some(product) = product {
                store.touch_product(product);
                store.fire("PRODUCTS_UPDATE", About::Product(product));
            }
            gone
        })
    }

    /// Refunds units of a line: units not yet sent are cancelled, sent ones returned, or nothing is put back.
    /// Returns the refund's id.
    pub fn refund(&self, order: u64, line: u64, units: i64, restock: bool) -> Option<u64> {
        self.work(|store| {
            let row = store.orders.get(&order)?.line(line)?;
            let kind = match (restock, row.unfulfilled() >= units) {
                (false, _) => "NO_RESTOCK",
                (true, true) => "CANCEL",
                (true, false) => "RETURN",
            };
            let given = Given { line, units, restock: kind.into(), location: None };
            store.refund(order, &[given], None, None).ok()
        })
    }

    /// Cancels an order and refunds it; its units go back on sale or not.
    pub fn cancel_order(&self, order: u64, restock: bool) -> bool {
        self.work(|store| store.cancel(order, "CUSTOMER", restock, true).is_ok())
    }

    /// Changes the units of a line, putting units taken off back on sale.
    pub fn edit_line(&self, order: u64, line: u64, units: i64) -> bool {
        self.work(|store| {
            let known = store.orders.get(&order).and_then(|order| order.line(line)).is_some();
            let quantities = BTreeMap::from([(line, (units, true))]);
            if known {
                store.commit_edit(&Edit { order, quantities, added: Vec::new(), committed: false });
            }
            known
        })
    }

    /// Adds a line to an order.
    pub fn add_line(&self, order: u64, variant: u64, units: i64) -> bool {
        self.work(|store| {
            if !store.orders.contains_key(&order) || !store.variants.contains_key(&variant) {
                return false;
            }
            let line = store.numbers.next("LineItem");
            let added = vec![(line, variant, units)];
            store.commit_edit(&Edit { order, quantities: BTreeMap::new(), added, committed: false });
            true
        })
    }

    /// Sends everything of an order that is still to be sent; returns the fulfilments' ids.
    pub fn fulfil_order(&self, order: u64) -> Vec<u64> {
        self.work(|store| {
            let open: Vec<u64> = store
                .fulfillment_orders
                .values()
                .filter(|row| row.order == order && !matches!(row.status(), "CLOSED" | "CANCELLED"))
                .map(|row| row.id)
                .collect();
            let sent = open.into_iter().map(|id| store.fulfil(&[(id, None)], (None, Vec::new(), Vec::new())));
            sent.filter_map(|sent| sent.ok().map(|(_, id)| id)).collect()
        })
    }

    /// Closes an order.
    pub fn close_order(&self, order: u64) -> bool {
        self.work(|store| {
            let now = store.now();
            let Some(row) = store.orders.get_mut(&order) else { return false };
            row.closed.get_or_insert(now);
            store.touch_order(order);
            store.fire("ORDERS_UPDATED", About::Order(order));
            true
        })
    }

    /// Writes a note on an order, which changes nothing else.
    pub fn note_order(&self, order: u64, note: &str) -> bool {
        self.work(|store| {
            let Some(row) = store.orders.get_mut(&order) else { return false };
            row.note = Some(note.into());
            store.touch_order(order);
            store.fire("ORDERS_UPDATED", About::Order(order));
            true
        })
    }

    /// Deletes an order; its units stay where they are.
    pub fn delete_order(&self, order: u64) -> bool {
        self.work(|store| {
            let gone = store.orders.remove(&order).is_some();
            store.fulfillment_orders.retain(|_, row| row.order != order);
            if gone {
                store.fire("ORDERS_DELETE", About::GoneOrder(order));
            }
            gone
        })
    }

    /// Opens a location; returns its id.
    pub fn add_location(&self, name: &str) -> u64 {
        self.work(|store| {
            let country = store.config.country.clone();
            new_location(store, name, &country)
        })
    }

    /// Closes a location, or opens it again; what lies there is not for sale meanwhile.
    pub fn set_location_active(&self, location: u64, active: bool) -> bool {
        self.work(|store| {
            let now = store.now();
            let Some(row) = store.locations.get_mut(&location) else { return false };
            row.active = active;
            row.changed = now;
            row.deactivated = (!active).then_some(now);
            let topic = if active { "LOCATIONS_ACTIVATE" } else { "LOCATIONS_DEACTIVATE" };
            store.fire(topic, About::Location(location));
            store.fire("LOCATIONS_UPDATE", About::Location(location));
            true
        })
    }

    /// Writes down a customer; returns the id.
    pub fn add_customer(&self, first: &str, last: &str, email: &str) -> u64 {
        self.work(|store| {
            let now = store.now();
            let id = store.add_customer(first, last, email, None, now);
            store.fire("CUSTOMERS_CREATE", About::Customer(id));
            id
        })
    }

    /// Deletes a customer without orders.
    pub fn delete_customer(&self, customer: u64) -> bool {
        self.work(|store| {
            if store.orders.values().any(|order| order.customer == Some(customer)) {
                return false;
            }
            let gone = store.customers.remove(&customer).is_some();
            if gone {
                store.fire("CUSTOMERS_DELETE", About::GoneCustomer(customer));
            }
            gone
        })
    }

    /// Changes a customer's last name.
    pub fn rename_customer(&self, customer: u64, last: &str) -> bool {
        self.work(|store| {
            let (now, lag) = (store.now(), store.lag());
            let Some(row) = store.customers.get_mut(&customer) else { return false };
            row.last = last.into();
            row.changed.touch(now, lag);
            store.fire("CUSTOMERS_UPDATE", About::Customer(customer));
            true
        })
    }

    /// Renames the shop.
    pub fn rename_shop(&self, name: &str) {
        self.work(|store| {
            store.config.name = name.into();
            store.fire("SHOP_UPDATE", About::Shop);
        });
    }
}

impl Store {
    /// Tells that the product of a variant changed.
    fn tell_product(&mut self, variant: u64) {
        if let Some(product) = self.variants.get(&variant).map(|row| row.product) {
            self.fire("PRODUCTS_UPDATE", About::Product(product));
        }
    }
}
