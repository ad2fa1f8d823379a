//! Orders and what hangs on them: lines, fulfilment orders, fulfilments, refunds, transactions.

use super::clock::Millis;
use super::goods::Changed;
use rust_decimal::Decimal;
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) created: Millis,
    pub(crate) changed: Changed,
    pub(crate) cancelled: Option<Millis>,
    /// `CUSTOMER`, `INVENTORY` .. as GraphQL spells it.
    pub(crate) cancel_reason: Option<String>,
    pub(crate) closed: Option<Millis>,
    pub(crate) test: bool,
    pub(crate) edited: bool,
    /// `web`, `pos`, `shopify_draft_order`.
    pub(crate) source: String,
    pub(crate) customer: Option<u64>,
    pub(crate) email: String,
    pub(crate) address: Value,
    /// What the buyer paid in, and its rate.
    pub(crate) presentment: Option<(String, Decimal)>,
    pub(crate) tax_percent: Decimal,
    pub(crate) shipping: Decimal,
    pub(crate) lines: Vec<Line>,
    pub(crate) fulfillments: Vec<Fulfillment>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) note: Option<String>,
    pub(crate) tags: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: u64,
    pub(crate) product: Option<u64>,
    pub(crate) variant: Option<u64>,
    pub(crate) title: String,
    pub(crate) variant_title: String,
    pub(crate) sku: String,
    pub(crate) vendor: String,
    pub(crate) price: Decimal,
    /// Units ordered; edits only raise it.
    pub(crate) quantity: i64,
    /// Units taken off before they were sent: by an edit, a cancelling refund, a cancellation.
    pub(crate) cancelled: i64,
    /// Units refunded that were sent, or that are refunded and still to be sent.
    pub(crate) gone: i64,
    /// Units sent.
    pub(crate) fulfilled: i64,
    /// The units came from a stock that is counted.
    pub(crate) tracked: bool,
    pub(crate) ships: bool,
    pub(crate) grams: u64,
}

impl Line {
    /// Units still wanted.
    pub(crate) fn current(&self) -> i64 {
        (self.quantity - self.cancelled - self.gone).max(0)
    }

    /// Units still to be sent.
    pub(crate) fn unfulfilled(&self) -> i64 {
        (self.quantity - self.cancelled - self.fulfilled).max(0)
    }

    pub(crate) fn name(&self) -> String {
        if self.variant_title.is_empty() || self.variant_title == "Default Title" {
            self.title.clone()
        } else {
            format!("{} - {}", self.title, self.variant_title)
        }
    }
}

/// What one location is asked to send.
#[derive(Clone, Debug)]
pub(crate) struct FulfillmentOrder {
    pub(crate) id: u64,
    pub(crate) order: u64,
    pub(crate) location: u64,
    pub(crate) created: Millis,
    pub(crate) changed: Millis,
    pub(crate) lines: Vec<FulfillmentOrderLine>,
    pub(crate) cancelled: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct FulfillmentOrderLine {
    pub(crate) id: u64,
    pub(crate) line: u64,
    pub(crate) total: i64,
    pub(crate) remaining: i64,
}

impl FulfillmentOrder {
    pub(crate) fn status(&self) -> &'static str {
        let (total, left) =
            self.lines.iter().fold((0, 0), |sum, line| (sum.0 + line.total, sum.1 + line.remaining));
        if self.cancelled {
            "CANCELLED"
        } else if left == 0 {
            "CLOSED"
        } else if left < total {
            "IN_PROGRESS"
        } else {
            "OPEN"
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Fulfillment {
    pub(crate) id: u64,
    pub(crate) location: u64,
    pub(crate) fulfillment_order: u64,
    pub(crate) created: Millis,
    pub(crate) changed: Millis,
    /// `SUCCESS` or `CANCELLED`.
    pub(crate) status: String,
    pub(crate) company: Option<String>,
    pub(crate) numbers: Vec<String>,
    pub(crate) urls: Vec<String>,
    /// Id of the row, order line, units.
    pub(crate) lines: Vec<(u64, u64, i64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) id: u64,
    pub(crate) created: Millis,
    pub(crate) note: Option<String>,
    pub(crate) lines: Vec<RefundLine>,
    pub(crate) amount: Decimal,
}

#[derive(Clone, Debug)]
pub(crate) struct RefundLine {
    pub(crate) id: u64,
    pub(crate) line: u64,
    pub(crate) units: i64,
    /// `CANCEL`, `RETURN` or `NO_RESTOCK`.
    pub(crate) restock: String,
    pub(crate) location: Option<u64>,
    pub(crate) subtotal: Decimal,
}

#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) id: u64,
    /// `SALE` or `REFUND`.
    pub(crate) kind: &'static str,
    pub(crate) amount: Decimal,
    pub(crate) at: Millis,
}

impl Order {
    pub(crate) fn name(&self) -> String {
        format!("#{}", self.number)
    }

    pub(crate) fn line(&self, id: u64) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    pub(crate) fn line_mut(&mut self, id: u64) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }

    /// Subtotal of the units ordered, or of those still wanted.
    pub(crate) fn subtotal(&self, current: bool) -> Decimal {
        let units = |line: &Line| if current { line.current() } else { line.quantity };
        self.lines.iter().map(|line| line.price * Decimal::from(units(line))).sum()
    }

    pub(crate) fn tax(&self, current: bool) -> Decimal {
        (self.subtotal(current) * self.tax_percent / Decimal::ONE_HUNDRED).round_dp(2)
    }

    pub(crate) fn total(&self, current: bool) -> Decimal {
        let shipping = if current && self.cancelled.is_some() { Decimal::ZERO } else { self.shipping };
        self.subtotal(current) + self.tax(current) + shipping
    }

    pub(crate) fn refunded(&self) -> Decimal {
        self.transactions.iter().filter(|row| row.kind == "REFUND").map(|row| row.amount).sum()
    }

    pub(crate) fn received(&self) -> Decimal {
        self.transactions.iter().filter(|row| row.kind == "SALE").map(|row| row.amount).sum()
    }

    pub(crate) fn financial(&self) -> &'static str {
        let (received, refunded) = (self.received(), self.refunded());
        if refunded > Decimal::ZERO && refunded >= received {
            "REFUNDED"
        } else if refunded > Decimal::ZERO {
            "PARTIALLY_REFUNDED"
        } else if received.is_zero() && self.cancelled.is_some() {
            "VOIDED"
        } else if received.is_zero() {
            "PENDING"
        } else if received < self.total(true) {
            "PARTIALLY_PAID"
        } else {
            "PAID"
        }
    }

    pub(crate) fn fulfillment_status(&self) -> &'static str {
        let sent: i64 = self.lines.iter().map(|line| line.fulfilled).sum();
        let left: i64 = self.lines.iter().map(Line::unfulfilled).sum();
        match (sent, left) {
            (0, 0) if self.lines.iter().all(|line| line.current() == 0) => "UNFULFILLED",
            (0, _) => "UNFULFILLED",
            (_, 0) => "FULFILLED",
            _ => "PARTIALLY_FULFILLED",
        }
    }
}

/// A person who bought.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) id: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) email: String,
    pub(crate) phone: Option<String>,
    pub(crate) address: Value,
    pub(crate) created: Millis,
    pub(crate) changed: Changed,
    pub(crate) note: Option<String>,
    pub(crate) tags: Vec<String>,
}
