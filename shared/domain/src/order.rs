//! An order's latest state, and the two pure functions that the books follow.
//!
//! What the business owes ([`demand`]) and what the shop has taken from its own number ([`taken`]) differ:
//! a shop may hold an order that has reduced nothing yet, or refund without putting units back.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::product::Sku;
use crate::stock::Effect;
use crate::{RemoteCustomerId, RemoteOrderId, RemoteProductId, RemoteVariantId};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Begun, not placed: a draft or a checkout.
    Draft,
    /// Placed, not paid: nothing is owed yet.
    Pending,
    /// Owed: paid, or promised.
    Open,
    /// Sent.
    Fulfilled,
    /// Paid back in whole.
    Refunded,
    /// Called off.
    Cancelled,
    /// The payment failed.
    Failed,
    /// Deleted in the shop, or in its bin.
    Removed,
}

/// Which state of an order is newer: the platform's version or update time. Compare, never add.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fence {
    /// When the platform last changed the order.
    pub updated_at: Timestamp,
    /// The platform's own version, where it has one.
    pub revision: u64,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The platform's id of the line.
    pub remote: String,
    /// The product it sells, if it still exists.
    pub product: Option<RemoteProductId>,
    /// The variant it sells, if it still exists.
    pub variant: Option<RemoteVariantId>,
    /// The SKU at the time of the order.
    pub sku: Option<Sku>,
    /// What the buyer saw.
    pub title: String,
    /// Units bought, after edits.
    pub quantity: Decimal,
    /// Units paid back.
    pub refunded: Decimal,
    /// Units paid back that the shop put back on its shelf.
    pub restocked: Decimal,
    /// Units that the platform holds taken from its own number, from its own evidence.
    pub taken: Decimal,
    /// What one unit cost.
    pub unit_price: Option<Money>,
    /// What the line cost, after discounts, without tax.
    pub total: Option<Money>,
}

/// Who bought, as far as the order says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// The shop's account, if the buyer has one.
    pub customer: Option<RemoteCustomerId>,
    /// First and last name.
    pub name: String,
    /// Address for mail.
    pub email: Option<String>,
    /// Country, as ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

impl std::fmt::Debug for Buyer {
    /// Names no person: a debug print may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buyer").field("customer", &self.customer).finish_non_exhaustive()
    }
}

/// The latest state of an order that a platform showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The platform's id.
    pub remote: RemoteOrderId,
    /// The number that buyer and merchant use.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// Which state is newer.
    pub fence: Fence,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// What the buyer pays, with tax and shipping.
    pub total: Money,
    /// Tax in the total.
    pub tax: Option<Money>,
    /// Shipping in the total.
    pub shipping: Option<Money>,
    /// Discounts taken off.
    pub discount: Option<Money>,
    /// Who bought.
    pub buyer: Buyer,
    /// Its lines.
    pub lines: Vec<OrderLine>,
    /// Whether its payment is still to come, as far as the platform says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unpaid: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Order {
    /// Whether units are set aside for it though its payment is still to come.
    #[must_use]
    pub fn waits_for_payment(&self) -> bool {
        self.unpaid && self.state == OrderState::Open
    }
}

/// Goods of an order on their way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// What is in it; empty for all that is left to send.
    pub lines: Vec<Shipped>,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
    /// The carrier.
    pub carrier: Option<String>,
    /// Where its way can be followed.
    pub tracking_url: Option<String>,
    /// Whether the shop writes to the buyer.
    pub tell_buyer: bool,
    /// When it was asked for: what was noted since then without a number, is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
}

/// Units of an order's line in a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// The platform's id of the line.
    pub line: String,
    /// Units.
    pub units: u32,
}

/// The numbers of a line: all of it that the books follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineUnits {
    /// Units bought, after edits.
    pub quantity: Decimal,
    /// Units paid back.
    pub refunded: Decimal,
    /// Units paid back that the shop put back on its shelf.
    pub restocked: Decimal,
    /// Units that the platform holds taken from its own number.
    pub taken: Decimal,
}

impl OrderLine {
    /// Its numbers.
    #[must_use]
    pub fn units(&self) -> LineUnits {
        LineUnits {
            quantity: self.quantity,
            refunded: self.refunded,
            restocked: self.restocked,
            taken: self.taken,
        }
    }
}

impl LineUnits {
    /// What the business owes: units set aside and units gone.
    ///
    /// Units refunded without being put back are gone: the shop does not offer them again.
    #[must_use]
    pub fn demand(self, state: OrderState) -> (Decimal, Decimal) {
        let zero = Decimal::ZERO;
        let gone_by_refund = (self.refunded - self.restocked).max(zero);
        match state {
            OrderState::Draft | OrderState::Pending | OrderState::Failed => (zero, zero),
            OrderState::Open => ((self.quantity - self.refunded).max(zero), gone_by_refund),
            OrderState::Fulfilled => (zero, (self.quantity - self.restocked).max(zero)),
            // A refund of the whole order does not say whether the units came back: what the shop still holds
            // taken has not.
            OrderState::Refunded => (zero, self.taken.max(gone_by_refund)),
            OrderState::Cancelled | OrderState::Removed => (zero, gone_by_refund),
        }
    }

    /// The whole effect: what is owed and what the shop has taken.
    #[must_use]
    pub fn effect(self, state: OrderState) -> Effect {
        let (reserved, shipped) = self.demand(state);
        Effect { reserved, shipped, taken: self.taken }
    }
}

/// What the business owes for a line: units set aside and units gone.
#[must_use]
pub fn demand(state: OrderState, line: &OrderLine) -> (Decimal, Decimal) {
    line.units().demand(state)
}

/// The units that the platform itself holds taken from its own number for a line.
#[must_use]
pub fn taken(line: &OrderLine) -> Decimal {
    line.taken
}

/// The whole effect of one line: what is owed and what the shop has taken.
#[must_use]
pub fn effect(state: OrderState, line: &OrderLine) -> Effect {
    line.units().effect(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: i64, refunded: i64, restocked: i64, taken: i64) -> OrderLine {
        OrderLine {
            remote: "1".into(),
            product: None,
            variant: None,
            sku: None,
            title: String::new(),
            quantity: quantity.into(),
            refunded: refunded.into(),
            restocked: restocked.into(),
            taken: taken.into(),
            unit_price: None,
            total: None,
        }
    }

    fn owed(state: OrderState, line: &OrderLine) -> (i64, i64) {
        let (reserved, shipped) = demand(state, line);
        (reserved.try_into().unwrap(), shipped.try_into().unwrap())
    }

    #[test]
    fn what_is_owed_follows_the_state() {
        let table = [
            (OrderState::Draft, line(3, 0, 0, 0), (0, 0)),
            (OrderState::Pending, line(3, 0, 0, 0), (0, 0)),
            (OrderState::Open, line(3, 0, 0, 3), (3, 0)),
            (OrderState::Open, line(3, 1, 1, 2), (2, 0)),
            (OrderState::Open, line(3, 1, 0, 3), (2, 1)),
            (OrderState::Fulfilled, line(3, 0, 0, 3), (0, 3)),
            (OrderState::Fulfilled, line(3, 1, 1, 2), (0, 2)),
            (OrderState::Fulfilled, line(3, 1, 0, 3), (0, 3)),
            (OrderState::Refunded, line(3, 3, 3, 0), (0, 0)),
            (OrderState::Refunded, line(3, 3, 0, 3), (0, 3)),
            (OrderState::Refunded, line(3, 0, 0, 3), (0, 3)),
            (OrderState::Cancelled, line(3, 0, 0, 0), (0, 0)),
            (OrderState::Cancelled, line(3, 1, 0, 0), (0, 1)),
            (OrderState::Failed, line(3, 0, 0, 0), (0, 0)),
            (OrderState::Removed, line(3, 0, 0, 0), (0, 0)),
        ];
        for (state, line, expected) in table {
            assert_eq!(owed(state, &line), expected, "{state:?} {line:?}");
        }
    }
}
