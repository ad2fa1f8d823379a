//! Orders, their lines and their refunds as the store keeps them.

use super::clock::Seconds;
use super::json::Object;
use super::product::Meta;
use rust_decimal::Decimal;
use serde_json::Value;

/// A line of goods.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) product: u64,
    pub(crate) variation: u64,
    pub(crate) quantity: i64,
    pub(crate) subtotal: Decimal,
    pub(crate) subtotal_tax: Decimal,
    pub(crate) total: Decimal,
    pub(crate) total_tax: Decimal,
    pub(crate) meta: Vec<Meta>,
}

impl Line {
    /// The row of the catalogue whose stock this line takes.
    pub(crate) fn goods(&self) -> u64 {
        if self.variation > 0 { self.variation } else { self.product }
    }

    /// Units this line has taken from stock and not given back.
    pub(crate) fn reduced(&self) -> Option<i64> {
        self.number("_reduced_stock")
    }

    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        let meta = self.meta.iter().find(|meta| meta.key == key)?;
        super::json::whole(&meta.value)
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.meta.retain(|meta| meta.key != key);
    }
}

/// A shipping or fee line.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) method: String,
    pub(crate) total: Decimal,
    pub(crate) total_tax: Decimal,
    pub(crate) meta: Vec<Meta>,
}

/// An order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) key: String,
    pub(crate) status: String,
    pub(crate) status_before_trash: String,
    pub(crate) currency: String,
    pub(crate) customer: u64,
    pub(crate) created_via: String,
    pub(crate) created: Seconds,
    pub(crate) modified: Seconds,
    pub(crate) paid: Option<Seconds>,
    pub(crate) completed: Option<Seconds>,
    pub(crate) billing: Object,
    pub(crate) shipping: Object,
    /// Plain text properties by their REST name.
    pub(crate) texts: Object,
    pub(crate) lines: Vec<Line>,
    pub(crate) shipping_lines: Vec<Charge>,
    pub(crate) fee_lines: Vec<Charge>,
    pub(crate) tax_line: u64,
    pub(crate) meta: Vec<Meta>,
    pub(crate) refunds: Vec<u64>,
    /// Whether the status of this order has taken its lines from stock.
    pub(crate) stock_reduced: bool,
    pub(crate) notes: Vec<Note>,
}

impl Order {
    pub(crate) fn cart_tax(&self) -> Decimal {
        self.lines.iter().map(|line| line.total_tax).sum::<Decimal>()
            + self.fee_lines.iter().map(|fee| fee.total_tax).sum::<Decimal>()
    }

    pub(crate) fn shipping_total(&self) -> Decimal {
        self.shipping_lines.iter().map(|line| line.total).sum()
    }

    pub(crate) fn shipping_tax(&self) -> Decimal {
        self.shipping_lines.iter().map(|line| line.total_tax).sum()
    }

    pub(crate) fn total(&self) -> Decimal {
        self.lines.iter().map(|line| line.total).sum::<Decimal>()
            + self.fee_lines.iter().map(|fee| fee.total).sum::<Decimal>()
            + self.cart_tax()
            + self.shipping_total()
            + self.shipping_tax()
    }

    pub(crate) fn text(&self, name: &str) -> Value {
        self.texts.get(name).cloned().unwrap_or_else(|| "".into())
    }
}

/// A note on an order.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) id: u64,
    pub(crate) at: Seconds,
    pub(crate) text: String,
    pub(crate) to_customer: bool,
}

/// A refund of an order.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) id: u64,
    pub(crate) order: u64,
    pub(crate) created: Seconds,
    pub(crate) amount: Decimal,
    pub(crate) reason: String,
    pub(crate) by: u64,
    pub(crate) lines: Vec<Line>,
    pub(crate) meta: Vec<Meta>,
}

/// Statuses an order may be set to.
pub(crate) const STATUSES: [&str; 9] = [
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
];

/// The names of the statuses a merchant sees.
pub(crate) const STATUS_NAMES: [(&str, &str); 8] = [
    ("pending", "Pending payment"),
    ("processing", "Processing"),
    ("on-hold", "On hold"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
    ("refunded", "Refunded"),
    ("failed", "Failed"),
    ("checkout-draft", "Draft"),
];
