//! What happens to an order and to stock when its status, lines or refunds change.

use super::order::{Line, Order, Refund};
use super::store::Store;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A line asked for by id, before it is priced.
pub(crate) struct Wanted {
    pub(crate) product: u64,
    pub(crate) variation: u64,
    pub(crate) quantity: i64,
    pub(crate) total: Option<Decimal>,
    pub(crate) subtotal: Option<Decimal>,
    pub(crate) name: Option<String>,
}

impl Store {
    /// An order without lines.
    pub(crate) fn blank_order(&mut self, created_via: &str) -> Order {
        let now = self.now();
        Order {
            id: self.post_id(),
            key: format!("wc_order_{}", self.random.letters(13)),
            status: "pending".into(),
            status_before_trash: String::new(),
            currency: self.config.currency.clone(),
            customer: 0,
            created_via: created_via.into(),
            created: now,
            modified: now,
            paid: None,
            completed: None,
            billing: super::customer::order_address(None, true),
            shipping: super::customer::order_address(None, false),
            texts: super::json::Object::new(),
            lines: Vec::new(),
            shipping_lines: Vec::new(),
            fee_lines: Vec::new(),
            tax_line: self.row_id("item"),
            meta: Vec::new(),
            refunds: Vec::new(),
            stock_reduced: false,
            notes: Vec::new(),
        }
    }

    /// A priced line; an unknown product gives a line without a name and price, as the store does.
    pub(crate) fn line(&mut self, wanted: &Wanted) -> Line {
        let goods = if wanted.variation > 0 { wanted.variation } else { wanted.product };
        let found = self.products.get(&goods);
        let price: Decimal = found.and_then(|product| product.price().parse().ok()).unwrap_or_default();
        let name = wanted.name.clone().unwrap_or_else(|| match found {
            Some(product) => self.full_name(product),
            None => String::new(),
        });
        let product = found.filter(|row| row.parent > 0).map_or(wanted.product, |row| row.parent);
        let chosen: Vec<(String, String)> = found
            .filter(|row| row.parent > 0)
            .map(|row| {
                row.attributes
                    .iter()
                    .map(|attribute| {
                        let slug = super::json::text(&attribute["slug"]);
                        (slug, super::product::slug(&super::json::text(&attribute["option"])))
                    })
                    .collect()
            })
            .unwrap_or_default();
        let (known, is_variation) = (found.is_some(), found.is_some_and(|row| row.parent > 0));
        let total = self.round(wanted.total.unwrap_or(price * Decimal::from(wanted.quantity)));
        let subtotal = self.round(wanted.subtotal.unwrap_or(total));
        let meta = chosen.into_iter().map(|(key, value)| self.meta(&key, value.into())).collect();
        Line {
            id: self.row_id("item"),
            name,
            product: if known { product } else { 0 },
            variation: if is_variation { goods } else { 0 },
            quantity: wanted.quantity,
            subtotal,
            subtotal_tax: self.tax(subtotal),
            total,
            total_tax: self.tax(total),
            meta,
        }
    }

    /// Moves an order to a status with everything the store hangs on it.
    pub(crate) fn set_order_status(&mut self, id: u64, status: &str) {
        let now = self.now();
        let Some(order) = self.orders.get_mut(&id) else { return };
        let changed = order.status != status;
        order.status = status.into();
        if matches!(status, "processing" | "completed") && order.paid.is_none() {
            order.paid = Some(now);
        }
        if status == "completed" && order.completed.is_none() {
            order.completed = Some(now);
        }
        let customer = order.customer;
        if changed
            && matches!(status, "processing" | "completed")
            && let Some(customer) = self.customers.get_mut(&customer)
        {
            customer.paying = true;
            customer.modified = Some(now);
        }
        match status {
            "processing" | "completed" | "on-hold" => self.reduce_order_stock(id),
            "cancelled" | "pending" => self.restore_order_stock(id),
            _ => {}
        }
    }

    /// Takes every line that has not taken yet, once per order.
    pub(crate) fn reduce_order_stock(&mut self, id: u64) {
        let Some(order) = self.orders.get(&id) else { return };
        if order.stock_reduced {
            return;
        }
        let open: Vec<(u64, u64, i64)> = order
            .lines
            .iter()
            .filter(|line| line.reduced().is_none())
            .map(|line| (line.id, line.goods(), line.quantity))
            .collect();
        for (line, goods, quantity) in open {
            if let Some(product) = self.products.get_mut(&goods) {
                product.total_sales += quantity;
            }
            let Some(holder) = self.stock_holder(goods) else { continue };
            self.move_stock(holder, -quantity, &format!("order:{id}"));
            self.set_line_meta(id, line, "_reduced_stock", quantity.to_string().into());
        }
        if let Some(order) = self.orders.get_mut(&id) {
            order.stock_reduced = true;
        }
    }

    /// Gives back what the lines still hold.
    pub(crate) fn restore_order_stock(&mut self, id: u64) {
        let Some(order) = self.orders.get(&id) else { return };
        if !order.stock_reduced {
            return;
        }
        let held: Vec<(u64, u64, i64)> =
            order.lines.iter().filter_map(|line| Some((line.id, line.goods(), line.reduced()?))).collect();
        for (line, goods, units) in held {
            let Some(holder) = self.stock_holder(goods) else { continue };
            self.move_stock(holder, units, &format!("order:{id}"));
            if let Some(line) = self.line_mut(id, line) {
                line.forget("_reduced_stock");
            }
        }
        if let Some(order) = self.orders.get_mut(&id) {
            order.stock_reduced = false;
        }
    }

    /// After a line changed: takes or gives back the difference to what it holds.
    pub(crate) fn adjust_line_stock(&mut self, id: u64, line: u64, wanted: i64) {
        let Some(order) = self.orders.get(&id) else { return };
        let Some(found) = order.lines.iter().find(|row| row.id == line) else { return };
        if !order.stock_reduced {
            return;
        }
        let given_back = found.number("_restock_refunded_items").unwrap_or(0);
        let wanted = if wanted == 0 { 0 } else { (wanted - given_back).max(0) };
        let held = found.reduced().unwrap_or(0);
        let goods = found.goods();
        let Some(holder) = self.stock_holder(goods) else { return };
        if wanted == held {
            return;
        }
        self.move_stock(holder, held - wanted, &format!("order:{id}"));
        self.set_line_meta(id, line, "_reduced_stock", wanted.to_string().into());
    }

    /// `payment_complete`: paid now, on to processing.
    pub(crate) fn pay_order(&mut self, id: u64) {
        let now = self.now();
        let Some(order) = self.orders.get_mut(&id) else { return };
        if !matches!(order.status.as_str(), "pending" | "on-hold" | "failed" | "cancelled") {
            return;
        }
        order.paid = Some(now);
        self.set_order_status(id, "processing");
    }

    /// Books a refund; restocks the units of its lines when asked to.
    pub(crate) fn refund_order(
        &mut self,
        id: u64,
        amount: Decimal,
        reason: &str,
        lines: &[(u64, i64, Decimal)],
        restock: bool,
    ) -> Option<u64> {
        let now = self.now();
        let order = self.orders.get(&id)?.clone();
        let refund_id = self.post_id();
        let mut rows = Vec::new();
        for (line_id, quantity, total) in lines {
            let Some(line) = order.lines.iter().find(|line| line.id == *line_id) else { continue };
            rows.push(Line {
                id: self.row_id("item"),
                quantity: -quantity,
                subtotal: -self.round(*total),
                subtotal_tax: self.round(Decimal::ZERO),
                total: -self.round(*total),
                total_tax: self.round(Decimal::ZERO),
                meta: vec![self.meta("_refunded_item_id", line_id.to_string().into())],
                ..line.clone()
            });
            if restock {
                self.restock_line(id, line, *quantity);
            }
        }
        let before: Decimal = order
            .refunds
            .iter()
            .filter_map(|refund| self.refunds.get(refund))
            .map(|refund| refund.amount)
            .sum();
        let full = before + amount >= order.total();
        let kind = if full { "full" } else { "partial" };
        let meta = vec![self.meta("_refund_type", kind.into())];
        let refund = Refund {
            id: refund_id,
            order: id,
            created: now,
            amount,
            reason: reason.into(),
            by: 1,
            lines: rows,
            meta,
        };
        self.refunds.insert(refund_id, refund);
        self.orders.get_mut(&id)?.refunds.push(refund_id);
        if full {
            self.set_order_status(id, "refunded");
        }
        self.touch_order(id);
        Some(refund_id)
    }

    fn restock_line(&mut self, id: u64, line: &Line, quantity: i64) {
        let Some(held) = line.reduced().filter(|held| *held > 0) else { return };
        let Some(holder) = self.stock_holder(line.goods()) else { return };
        let units = quantity.min(held);
        if units == 0 {
            return;
        }
        self.move_stock(holder, units, &format!("order:{id}"));
        let before = line.number("_restock_refunded_items").unwrap_or(0);
        self.set_line_meta(id, line.id, "_reduced_stock", (held - units).to_string().into());
        self.set_line_meta(id, line.id, "_restock_refunded_items", (before + units).to_string().into());
    }

    pub(crate) fn line_mut(&mut self, order: u64, line: u64) -> Option<&mut Line> {
        self.orders.get_mut(&order)?.lines.iter_mut().find(|row| row.id == line)
    }

    fn set_line_meta(&mut self, order: u64, line: u64, key: &str, value: Value) {
        let mut meta = match self.line_mut(order, line) {
            Some(line) => std::mem::take(&mut line.meta),
            None => return,
        };
        self.amend_meta(&mut meta, &json!([{"key": key, "value": value}]));
        if let Some(line) = self.line_mut(order, line) {
            line.meta = meta;
        }
    }
}
