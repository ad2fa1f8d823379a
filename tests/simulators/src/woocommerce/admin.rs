//! The merchant at work in wp-admin.

use super::config::Item;
use super::house::House;
use super::product::{Kind, Product, slug};
use super::store::Store;
use rust_decimal::Decimal;
use std::sync::{Arc, MutexGuard};

/// The merchant's hands; every method returns whether there was such a thing.
#[derive(Clone)]
pub struct Admin {
    pub(crate) house: Arc<House>,
}

impl Admin {
    fn work<T>(&self, work: impl FnOnce(&mut MutexGuard<'_, Store>) -> T) -> T {
        let out = work(&mut self.house.store());
        self.house.stirred.notify_one();
        out
    }

    /// Types a quantity into the product page; switches stock management on.
    pub fn set_stock(&self, id: u64, quantity: i64) -> bool {
        self.work(|store| {
            let Some(product) = store.products.get_mut(&id) else { return false };
            product.manage_stock = true;
            store.write_stock(id, quantity, "admin");
            store.touch_product(id);
            true
        })
    }

    /// Changes backorders: `no`, `notify` or `yes`.
    pub fn set_backorders(&self, id: u64, backorders: &str) -> bool {
        self.edit(id, |product| {
            product.backorders = backorders.into();
            product.settle_stock();
        })
    }

    /// Stops managing stock; only the stock status counts then.
    pub fn unmanage_stock(&self, id: u64, stock_status: &str) -> bool {
        self.edit(id, |product| {
            product.manage_stock = false;
            product.settle_stock();
            product.stock_status = stock_status.into();
        })
    }

    /// Renames a product.
    pub fn rename(&self, id: u64, name: &str) -> bool {
        self.edit(id, |product| product.name = name.into())
    }

    /// Changes the regular price.
    pub fn set_price(&self, id: u64, price: &str) -> bool {
        self.edit(id, |product| product.regular_price = price.into())
    }

    /// Changes the SKU without the uniqueness check, as an import may.
    pub fn change_sku(&self, id: u64, sku: &str) -> bool {
        self.work(|store| {
            if !store.products.contains_key(&id) {
                return false;
            }
            store.rename_sku(id, sku);
            store.touch_product(id);
            true
        })
    }

    fn edit(&self, id: u64, edit: impl FnOnce(&mut Product)) -> bool {
        self.work(|store| {
            let Some(product) = store.products.get_mut(&id) else { return false };
            edit(product);
            store.touch_product(id);
            true
        })
    }

    /// Adds a simple product; returns its id.
    pub fn add_product(&self, item: &Item) -> u64 {
        self.work(|store| {
            let id = store.add_simple(item);
            store.fire("product.created", id);
            id
        })
    }

    /// Adds a variation to a variable product with one option of the first attribute; returns its id.
    pub fn add_variation(&self, parent: u64, option: &str, item: &Item) -> Option<u64> {
        self.work(|store| {
            let attribute = store.attributes.values().next()?.clone();
            store.products.get(&parent).filter(|product| product.kind == Kind::Variable)?;
            let id = store.post_id();
            let mut product = Product::new(id, Kind::Variation, store.now());
            product.parent = parent;
            product.sku = item.sku.clone();
            product.regular_price = item.price.clone();
            product.slug = slug(&format!("{} {option}", item.name));
            product.attributes = vec![
                serde_json::json!({"id": attribute.id, "name": attribute.name, "slug": attribute.slug, "option": option}),
            ];
            product.manage_stock = item.stock.is_some();
            store.insert_product(product);
            if let Some(stock) = item.stock {
                store.write_stock(id, stock, "admin");
            }
            store.products.get_mut(&parent)?.variations.push(id);
            store.fire("product.created", id);
            Some(id)
        })
    }

    /// Moves a product and its variations to the trash.
    pub fn trash_product(&self, id: u64) -> bool {
        self.work(|store| {
            let there = store.products.get(&id).is_some_and(|product| product.status != "trash");
            if there {
                store.trash_product(id);
            }
            there
        })
    }

    /// Takes a product and its variations out of the trash.
    pub fn restore_product(&self, id: u64) -> bool {
        self.work(|store| restore(store, id))
    }

    /// Deletes a product for good; no webhook tells of it.
    pub fn delete_product(&self, id: u64) -> bool {
        self.work(|store| store.remove_product(id).is_some())
    }

    /// Puts an order into a status, stock following.
    pub fn set_order_status(&self, id: u64, status: &str) -> bool {
        self.work(|store| {
            if !store.orders.contains_key(&id) {
                return false;
            }
            store.set_order_status(id, status);
            store.touch_order(id);
            true
        })
    }

    /// Cancels an order; its stock comes back.
    pub fn cancel_order(&self, id: u64) -> bool {
        self.set_order_status(id, "cancelled")
    }

    /// Completes an order.
    pub fn complete_order(&self, id: u64) -> bool {
        self.set_order_status(id, "completed")
    }

    /// Refunds units of one line, with or without putting them back; returns the refund's id.
    pub fn refund(&self, order: u64, line: u64, units: i64, restock: bool) -> Option<u64> {
        self.work(|store| {
            let found = store.orders.get(&order)?.lines.iter().find(|row| row.id == line)?;
            let each =
                if found.quantity == 0 { Decimal::ZERO } else { found.total / Decimal::from(found.quantity) };
            let amount = store.round(each * Decimal::from(units));
            store.refund_order(order, amount, "refund", &[(line, units, amount)], restock)
        })
    }

    /// Changes the units of a line; stock follows the difference.
    pub fn edit_line(&self, order: u64, line: u64, units: i64) -> bool {
        self.work(|store| {
            let Some(found) = store.line_mut(order, line) else { return false };
            let each =
                if found.quantity == 0 { Decimal::ZERO } else { found.total / Decimal::from(found.quantity) };
            found.quantity = units;
            found.total = each * Decimal::from(units);
            found.subtotal = found.total;
            store.adjust_line_stock(order, line, units);
            store.touch_order(order);
            true
        })
    }

    /// Moves an order to the trash; stock stays.
    pub fn trash_order(&self, id: u64) -> bool {
        self.work(|store| {
            let there = store.orders.contains_key(&id);
            store.trash_order(id);
            there
        })
    }

    /// Takes an order out of the trash, back to the status it had.
    pub fn restore_order(&self, id: u64) -> bool {
        self.work(|store| {
            let now = store.now();
            let Some(order) = store.orders.get_mut(&id).filter(|order| order.status == "trash") else {
                return false;
            };
            order.status = std::mem::take(&mut order.status_before_trash);
            order.modified = now;
            // The order's post comes back first, and the hook of posts is that of products.
            store.fire("product.restored", id);
            store.fire("order.restored", id);
            true
        })
    }

    /// Switches a webhook: `active`, `paused` or `disabled`.
    pub fn set_webhook_status(&self, id: u64, status: &str) -> bool {
        self.work(|store| match store.webhooks.get_mut(&id) {
            Some(webhook) => {
                webhook.status = status.into();
                true
            }
            None => false,
        })
    }
}

fn restore(store: &mut Store, id: u64) -> bool {
    let now = store.now();
    let Some(product) = store.products.get_mut(&id).filter(|product| product.status == "trash") else {
        return false;
    };
    product.status = std::mem::take(&mut product.status_before_trash);
    product.meta.retain(|meta| !meta.key.starts_with("_wp_trash_meta"));
    product.modified = now;
    let children = product.variations.clone();
    store.fire("product.restored", id);
    for child in children {
        restore(store, child);
    }
    true
}

impl Store {
    /// A simple product with managed stock where a quantity is given.
    pub(crate) fn add_simple(&mut self, item: &Item) -> u64 {
        let id = self.post_id();
        let mut product = Product::new(id, Kind::Simple, self.now());
        product.name = if item.name.is_empty() { format!("Item {}", item.sku) } else { item.name.clone() };
        product.slug = slug(&product.name);
        product.sku = item.sku.clone();
        product.regular_price = item.price.clone();
        product.manage_stock = item.stock.is_some();
        product.categories = self.categories.keys().next().copied().into_iter().collect();
        self.insert_product(product);
        if let Some(stock) = item.stock {
            self.write_stock(id, stock, "admin");
        }
        id
    }
}
