//! Units leave the house: fulfilments.

use super::order::Fulfillment;
use super::stock::Hand;
use super::store::Store;
use super::subscription::About;

/// A fulfilment order with units of its rows, all that remain when none are named.
pub(crate) type Asked = (u64, Option<Vec<(u64, i64)>>);

impl Store {
    /// Sends units a location was asked for, all that remain when none are named.
    pub(crate) fn fulfil(
        &mut self,
        asked: &[Asked],
        tracking: (Option<String>, Vec<String>, Vec<String>),
    ) -> Result<(u64, u64), String> {
        let mut sent: Vec<(u64, u64, u64, i64)> = Vec::new();
        let mut order = None;
        for (id, lines) in asked {
            let row = self.fulfillment_orders.get(id).ok_or("Fulfillment order does not exist.")?;
            if row.cancelled || row.status() == "CLOSED" {
                return Err(format!(
                    "Fulfillment order {id} has an unfulfillable status= {}.",
                    row.status().to_lowercase()
                ));
            }
            if *order.get_or_insert(row.order) != row.order {
                return Err("All fulfillment orders must belong to the same order.".into());
            }
            for line in &row.lines {
                let units = match lines {
                    None => line.remaining,
                    Some(named) => named.iter().find(|one| one.0 == line.id).map_or(0, |one| one.1),
                };
                if units > line.remaining {
                    return Err("Invalid fulfillment order line item quantity requested.".into());
                }
                if units > 0 {
                    sent.push((*id, line.id, line.line, units));
                }
            }
        }
        let order =
            order.filter(|_| !sent.is_empty()).ok_or("Fulfillment order line items can't be blank.")?;
        self.act();
        let now = self.now();
        let hand = Hand::new(format!("fulfilment:{}", self.orders[&order].name()));
        let location = self.fulfillment_orders[&sent[0].0].location;
        let mut rows = Vec::new();
        for (id, fo_line, line, units) in &sent {
            let Some(row) = self.fulfillment_orders.get_mut(id) else { continue };
            row.changed = now;
            if let Some(part) = row.lines.iter_mut().find(|part| part.id == *fo_line) {
                part.remaining -= units;
            }
            let at = row.location;
            self.leave(order, *line, at, *units, &hand);
            rows.push((self.numbers.next("FulfillmentLineItem"), *line, *units));
        }
        let id = self.numbers.next("Fulfillment");
        let (company, numbers, urls) = tracking;
        let row = Fulfillment {
            id,
            location,
            fulfillment_order: sent[0].0,
            created: now,
            changed: now,
            status: "SUCCESS".into(),
            company,
            numbers,
            urls,
            lines: rows,
        };
        if let Some(order) = self.orders.get_mut(&order) {
            order.fulfillments.push(row);
        }
        self.touch_order(order);
        self.fire("FULFILLMENTS_CREATE", About::Fulfillment(order, id));
        let whole = self.orders[&order].fulfillment_status() == "FULFILLED";
        self.fire(if whole { "ORDERS_FULFILLED" } else { "ORDERS_PARTIALLY_FULFILLED" }, About::Order(order));
        self.fire("ORDERS_UPDATED", About::Order(order));
        Ok((order, id))
    }

    /// Units leave the house: what was committed is no longer on hand.
    fn leave(&mut self, order: u64, line: u64, location: u64, units: i64, hand: &Hand) {
        let Some(row) = self.orders.get_mut(&order).and_then(|order| order.line_mut(line)) else { return };
        row.fulfilled += units;
        let row = row.clone();
        if let Some(item) = self.item_of(&row).filter(|_| row.tracked) {
            self.move_stock(item, location, "committed", -units, hand);
        }
    }
}
