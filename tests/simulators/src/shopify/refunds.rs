//! Refunds and cancellations.

use super::order::{Refund, RefundLine, Transaction};
use super::stock::Hand;
use super::store::Store;
use super::subscription::About;
use rust_decimal::Decimal;

/// One line of a refund as it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) line: u64,
    pub(crate) units: i64,
    /// `CANCEL`, `RETURN` or `NO_RESTOCK`.
    pub(crate) restock: String,
    pub(crate) location: Option<u64>,
}

impl Store {
    /// Refunds units; `amount` none refunds what they cost.
    pub(crate) fn refund(
        &mut self,
        order: u64,
        lines: &[Given],
        amount: Option<Decimal>,
        note: Option<String>,
    ) -> Result<u64, (Option<usize>, String)> {
        let Some(row) = self.orders.get(&order) else { return Err((None, "Order does not exist".into())) };
        for (at, given) in lines.iter().enumerate() {
            let Some(line) = row.line(given.line) else {
                return Err((Some(at), "Line item does not exist".into()));
            };
            if given.units < 0 || given.units > line.current() {
                return Err((Some(at), "Quantity cannot refund more items than were purchased".into()));
            }
            if given.restock == "CANCEL" && given.units > line.unfulfilled() {
                return Err((Some(at), "Quantity cannot be removed as it has been fulfilled".into()));
            }
        }
        self.act();
        let (name, now) = (self.orders[&order].name(), self.now());
        let hand = Hand::new(format!("order:{name}"));
        let tax = Decimal::ONE + self.orders[&order].tax_percent / Decimal::ONE_HUNDRED;
        let mut rows = Vec::new();
        for given in lines.iter().filter(|given| given.units > 0) {
            let location = self.restock(order, given, &hand);
            let price = self.orders[&order].line(given.line).map_or(Decimal::ZERO, |line| line.price);
            rows.push(RefundLine {
                id: self.numbers.next("RefundLineItem"),
                line: given.line,
                units: given.units,
                restock: given.restock.clone(),
                location,
                subtotal: price * Decimal::from(given.units),
            });
        }
        let worth = rows.iter().map(|row| row.subtotal).sum::<Decimal>() * tax;
        let left = self.orders[&order].received() - self.orders[&order].refunded();
        let amount = amount.unwrap_or(worth.round_dp(2)).min(left).max(Decimal::ZERO);
        let id = self.numbers.next("Refund");
        let transaction = self.numbers.next("OrderTransaction");
        let restocked: Vec<u64> = self.products_of(order);
        if let Some(row) = self.orders.get_mut(&order) {
            row.refunds.push(Refund { id, created: now, note, lines: rows, amount });
            if amount > Decimal::ZERO {
                row.transactions.push(Transaction { id: transaction, kind: "REFUND", amount, at: now });
            }
        }
        self.touch_order(order);
        self.fire("REFUNDS_CREATE", About::Refund(order, id));
        self.fire("ORDERS_UPDATED", About::Order(order));
        for product in restocked {
            self.fire("PRODUCTS_UPDATE", About::Product(product));
        }
        Ok(id)
    }

    /// Moves the units of one refunded line; returns where they went back on sale.
    fn restock(&mut self, order: u64, given: &Given, hand: &Hand) -> Option<u64> {
        match given.restock.as_str() {
            "CANCEL" => {
                let at = self
                    .fulfillment_orders
                    .values()
                    .find(|row| row.order == order && row.lines.iter().any(|line| line.line == given.line))
                    .map(|row| row.location);
                self.unassign(order, given.line, given.units, true, hand);
                at
            }
            "RETURN" => {
                let row = self.orders.get_mut(&order).and_then(|order| order.line_mut(given.line))?;
                row.gone += given.units;
                let row = row.clone();
                let at = given.location.or_else(|| {
                    let sent = self.orders[&order].fulfillments.iter();
                    sent.rev()
                        .find(|one| one.lines.iter().any(|line| line.1 == given.line))
                        .map(|one| one.location)
                });
                let at = at.or_else(|| self.active_locations().first().copied())?;
                if let Some(item) = self.item_of(&row).filter(|_| row.tracked) {
                    self.move_stock(item, at, "available", given.units, hand);
                }
                Some(at)
            }
            _ => {
                if let Some(row) = self.orders.get_mut(&order).and_then(|order| order.line_mut(given.line)) {
                    row.gone += given.units;
                }
                None
            }
        }
    }

    /// Cancels an order whose units were not sent.
    pub(crate) fn cancel(
        &mut self,
        order: u64,
        reason: &str,
        restock: bool,
        refund: bool,
    ) -> Result<(), String> {
        let Some(row) = self.orders.get(&order) else { return Err("Order does not exist".into()) };
        if row.cancelled.is_some() {
            return Err("Order has already been cancelled".into());
        }
        if row.lines.iter().any(|line| line.fulfilled > 0) {
            return Err("Cannot cancel an order with fulfilled items".into());
        }
        let (now, hand) = (self.now(), Hand::new(format!("order:{}", row.name())));
        let left: Vec<(u64, i64)> = row.lines.iter().map(|line| (line.id, line.unfulfilled())).collect();
        let amount = if refund { row.received() - row.refunded() } else { Decimal::ZERO };
        self.act();
        let mut rows = Vec::new();
        for (line, units) in left.into_iter().filter(|(_, units)| *units > 0) {
            let at =
                self.fulfillment_orders.values().find(|part| part.order == order).map(|part| part.location);
            self.unassign(order, line, units, restock, &hand);
            let price = self.orders[&order].line(line).map_or(Decimal::ZERO, |line| line.price);
            rows.push(RefundLine {
                id: self.numbers.next("RefundLineItem"),
                line,
                units,
                restock: if restock { "CANCEL" } else { "NO_RESTOCK" }.into(),
                location: at.filter(|_| restock),
                subtotal: price * Decimal::from(units),
            });
        }
        for part in self.fulfillment_orders.values_mut().filter(|part| part.order == order) {
            part.cancelled = true;
            part.changed = now;
        }
        let id = self.numbers.next("Refund");
        let transaction = self.numbers.next("OrderTransaction");
        let refunded = !rows.is_empty() || amount > Decimal::ZERO;
        if let Some(row) = self.orders.get_mut(&order) {
            row.cancelled = Some(now);
            row.closed.get_or_insert(now);
            row.cancel_reason = Some(reason.into());
            if refunded {
                row.refunds.push(Refund { id, created: now, note: None, lines: rows, amount });
            }
            if amount > Decimal::ZERO {
                row.transactions.push(Transaction { id: transaction, kind: "REFUND", amount, at: now });
            }
        }
        self.touch_order(order);
        if refunded {
            self.fire("REFUNDS_CREATE", About::Refund(order, id));
        }
        self.fire("ORDERS_CANCELLED", About::Order(order));
        self.fire("ORDERS_UPDATED", About::Order(order));
        for product in self.products_of(order) {
            self.fire("PRODUCTS_UPDATE", About::Product(product));
        }
        Ok(())
    }
}
