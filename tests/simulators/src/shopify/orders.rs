//! What happens to orders: placed, sent, refunded, cancelled, edited.

use super::clock::Millis;
use super::goods::Changed;
use super::order::{FulfillmentOrder, FulfillmentOrderLine, Line, Order, Transaction};
use super::stock::Hand;
use super::store::Store;
use super::subscription::About;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an order is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) items: Vec<(u64, i64)>,
    pub(crate) customer: Option<u64>,
    pub(crate) email: String,
    pub(crate) source: String,
    pub(crate) test: bool,
    pub(crate) paid: bool,
    pub(crate) presentment: bool,
}

/// An order that is being edited and not committed.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) order: u64,
    /// Line, units wanted, whether units taken off are put back.
    pub(crate) quantities: BTreeMap<u64, (i64, bool)>,
    /// Number of the new line, variant, units.
    pub(crate) added: Vec<(u64, u64, i64)>,
    pub(crate) committed: bool,
}

impl Store {
    /// Places an order and takes its units; the caller has checked what may be sold.
    pub(crate) fn place(&mut self, wanted: &Wanted) -> u64 {
        self.act();
        let now = self.now();
        let id = self.build_order(wanted, now);
        let name = self.orders[&id].name();
        self.assign(id, now, &Hand::new(format!("order:{name}")));
        self.fire("ORDERS_CREATE", About::Order(id));
        if wanted.paid {
            self.fire("ORDERS_PAID", About::Order(id));
        }
        // The platform saves an order several times while it is made, and tells it each time.
        self.fire("ORDERS_UPDATED", About::Order(id));
        self.fire("ORDERS_UPDATED", About::Order(id));
        for product in self.products_of(id) {
            self.touch_product(product);
            self.fire("PRODUCTS_UPDATE", About::Product(product));
        }
        if let Some(customer) = wanted.customer {
            self.fire("CUSTOMERS_UPDATE", About::Customer(customer));
        }
        id
    }

    /// An order without stock, as the seed and the till begin.
    pub(crate) fn build_order(&mut self, wanted: &Wanted, at: Millis) -> u64 {
        let id = self.numbers.next("Order");
        let number = self.next_order_number;
        self.next_order_number += 1;
        let lines: Vec<Line> =
            wanted.items.iter().filter_map(|(variant, units)| self.line(*variant, *units)).collect();
        let customer = wanted.customer.and_then(|id| self.customers.get(&id));
        let address = customer.map_or(Value::Null, |customer| customer.address.clone());
        let email = match customer {
            Some(customer) => customer.email.clone(),
            None if wanted.email.is_empty() => format!("guest{number}@example.test"),
            None => wanted.email.clone(),
        };
        let mut order = Order {
            id,
            number,
            created: at,
            changed: Changed::new(at),
            cancelled: None,
            cancel_reason: None,
            closed: None,
            test: wanted.test,
            edited: false,
            source: wanted.source.clone(),
            customer: wanted.customer,
            email,
            address,
            presentment: self.config.presentment.clone().filter(|_| wanted.presentment),
            tax_percent: self.config.tax_percent,
            shipping: Decimal::ZERO,
            lines,
            fulfillments: Vec::new(),
            refunds: Vec::new(),
            transactions: Vec::new(),
            note: None,
            tags: Vec::new(),
        };
        if wanted.paid {
            let amount = order.total(false);
            let row = self.numbers.next("OrderTransaction");
            order.transactions.push(Transaction { id: row, kind: "SALE", amount, at });
        }
        self.orders.insert(id, order);
        id
    }

    fn line(&mut self, variant: u64, units: i64) -> Option<Line> {
        let row = self.variants.get(&variant)?.clone();
        let item = self.items.get(&row.item)?.clone();
        let product = self.products.get(&row.product)?.clone();
        Some(Line {
            id: self.numbers.next("LineItem"),
            product: Some(product.id),
            variant: Some(variant),
            title: product.title,
            variant_title: row.title(),
            sku: item.sku,
            vendor: product.vendor,
            price: row.price,
            quantity: units,
            cancelled: 0,
            gone: 0,
            fulfilled: 0,
            tracked: item.tracked,
            ships: item.ships,
            grams: item.grams,
        })
    }

    /// Asks locations to send what no location is asked for yet, and commits the units there.
    pub(crate) fn assign(&mut self, id: u64, now: Millis, hand: &Hand) {
        let mut parts: BTreeMap<u64, Vec<(u64, i64)>> = BTreeMap::new();
        let asked = self.asked(id);
        for line in self.orders[&id].lines.clone() {
            let units = line.unfulfilled() - asked.get(&line.id).copied().unwrap_or(0);
            if units <= 0 {
                continue;
            }
            for (location, units) in self.sources(&line, units) {
                if let Some(item) = self.item_of(&line).filter(|_| line.tracked) {
                    self.commit(item, location, units, hand);
                }
                parts.entry(location).or_default().push((line.id, units));
            }
        }
        for (location, lines) in parts {
            let id_of_part = self.open_part(id, location, now);
            for (line, units) in lines {
                let row = self.numbers.next("FulfillmentOrderLineItem");
                let Some(part) = self.fulfillment_orders.get_mut(&id_of_part) else { continue };
                part.changed = now;
                match part.lines.iter_mut().find(|one| one.line == line) {
                    Some(one) => {
                        one.total += units;
                        one.remaining += units;
                    }
                    None => {
                        part.lines.push(FulfillmentOrderLine {
                            id: row,
                            line,
                            total: units,
                            remaining: units,
                        });
                    }
                }
            }
        }
    }

    /// The fulfilment order of a location that is still open, or a new one.
    fn open_part(&mut self, order: u64, location: u64, now: Millis) -> u64 {
        let open = |row: &&FulfillmentOrder| {
            row.order == order && row.location == location && matches!(row.status(), "OPEN" | "IN_PROGRESS")
        };
        if let Some(row) = self.fulfillment_orders.values().find(open) {
            return row.id;
        }
        let id = self.numbers.next("FulfillmentOrder");
        let row = FulfillmentOrder {
            id,
            order,
            location,
            created: now,
            changed: now,
            lines: Vec::new(),
            cancelled: false,
        };
        self.fulfillment_orders.insert(id, row);
        id
    }

    /// Units of each line that fulfilment orders still ask for.
    fn asked(&self, order: u64) -> BTreeMap<u64, i64> {
        let mut asked = BTreeMap::new();
        for row in self.fulfillment_orders.values().filter(|row| row.order == order && !row.cancelled) {
            for line in &row.lines {
                *asked.entry(line.line).or_insert(0) += line.remaining;
            }
        }
        asked
    }

    pub(crate) fn item_of(&self, line: &Line) -> Option<u64> {
        Some(self.variants.get(&line.variant?)?.item)
    }

    /// Where units come from: the first active location that has them all, else from each what it has.
    fn sources(&self, line: &Line, units: i64) -> Vec<(u64, i64)> {
        let active = self.active_locations();
        let Some(first) = active.first().copied() else { return Vec::new() };
        let Some(item) = self.item_of(line).filter(|_| line.tracked) else { return vec![(first, units)] };
        let has: Vec<(u64, i64)> = active
            .iter()
            .filter_map(|at| Some((*at, self.level(item, *at).filter(|level| level.active)?.available)))
            .collect();
        if let Some(one) = has.iter().find(|(_, available)| *available >= units) {
            return vec![(one.0, units)];
        }
        let mut out: Vec<(u64, i64)> = Vec::new();
        let mut left = units;
        for (at, available) in &has {
            let take = left.min(*available).max(0);
            if take > 0 {
                out.push((*at, take));
                left -= take;
            }
        }
        if left > 0 {
            match out.first_mut() {
                Some(row) => row.1 += left,
                None => out.push((has.first().map_or(first, |row| row.0), left)),
            }
        }
        out
    }

    pub(crate) fn products_of(&self, order: u64) -> Vec<u64> {
        let mut out: Vec<u64> = self
            .orders
            .get(&order)
            .into_iter()
            .flat_map(|order| &order.lines)
            .filter_map(|line| line.product)
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Takes units off that were not sent; they go back on sale or out of the books.
    pub(crate) fn unassign(&mut self, order: u64, line: u64, units: i64, restock: bool, hand: &Hand) -> i64 {
        let Some(row) = self.orders.get(&order).and_then(|order| order.line(line)).cloned() else { return 0 };
        let item = self.item_of(&row).filter(|_| row.tracked);
        let now = self.now();
        let mut left = units;
        let parts: Vec<u64> = self
            .fulfillment_orders
            .values()
            .filter(|part| part.order == order && !part.cancelled)
            .map(|part| part.id)
            .collect();
        for id in parts.into_iter().rev() {
            let Some(part) = self.fulfillment_orders.get_mut(&id) else { continue };
            let location = part.location;
            let Some(asked) = part.lines.iter_mut().find(|one| one.line == line && one.remaining > 0) else {
                continue;
            };
            let take = left.min(asked.remaining);
            asked.remaining -= take;
            asked.total -= take;
            part.changed = now;
            left -= take;
            if let Some(item) = item {
                self.change_level(item, location, "available", hand, |level| {
                    level.committed -= take;
                    level.available += if restock { take } else { 0 };
                });
            }
            if left == 0 {
                break;
            }
        }
        if let Some(row) = self.orders.get_mut(&order).and_then(|order| order.line_mut(line)) {
            row.cancelled += units - left;
        }
        units - left
    }

    /// Applies an edit to its order.
    pub(crate) fn commit_edit(&mut self, edit: &Edit) {
        self.act();
        let now = self.now();
        let Some(order) = self.orders.get_mut(&edit.order) else { return };
        order.edited = true;
        let hand = Hand::new(format!("order:{}", order.name()));
        let (mut additions, mut removals) = (Vec::new(), Vec::new());
        for (line, (units, restock)) in &edit.quantities {
            let Some(row) = self.orders.get(&edit.order).and_then(|order| order.line(*line)) else {
                continue;
            };
            let more = units - row.current();
            if more < 0 {
                removals.push(json!({"id": line, "delta": -more}));
                self.unassign(edit.order, *line, -more, *restock, &hand);
            } else if let Some(row) = self.orders.get_mut(&edit.order).and_then(|order| order.line_mut(*line))
            {
                additions.push(json!({"id": line, "delta": more}));
                row.quantity += more;
            }
        }
        for (number, variant, units) in &edit.added {
            if let Some(line) = self.line(*variant, *units)
                && let Some(order) = self.orders.get_mut(&edit.order)
            {
                additions.push(json!({"id": number, "delta": units}));
                order.lines.push(Line { id: *number, ..line });
            }
        }
        self.assign(edit.order, now, &hand);
        self.touch_order(edit.order);
        additions.retain(|row| row["delta"] != 0);
        let body = json!({"order_edit": {
            "id": self.numbers.next("OrderEdit"), "app_id": self.grants.app.api_client_id,
            "created_at": self.clock.local(now), "notify_customer": false, "order_id": edit.order, "reason": "",
            "staff_note": "", "user_id": null, "line_items": {"additions": additions, "removals": removals},
        }});
        self.fire_body("ORDERS_EDITED", About::Order(edit.order), &body);
        self.fire("ORDERS_UPDATED", About::Order(edit.order));
    }
}
