//! Orders as the hub answers them; who bought is left out on purpose.

use jiff::Timestamp;
use serde::Deserialize;

use super::Number;

/// An order as last seen.
#[derive(Debug, Deserialize)]
pub(crate) struct OrderView {
    pub(crate) id: String,
    pub(crate) store: String,
    #[serde(default)]
    pub(crate) applied: bool,
    pub(crate) remote: String,
    pub(crate) number: String,
    pub(crate) state: String,
    pub(crate) placed_at: Timestamp,
    pub(crate) total: MoneyView,
    #[serde(default)]
    pub(crate) lines: Vec<LineView>,
    #[serde(default)]
    pub(crate) effects: Vec<EffectView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MoneyView {
    pub(crate) amount: Number,
    pub(crate) currency: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LineView {
    /// The shop's id of the line.
    pub(crate) remote: String,
    #[serde(default)]
    pub(crate) sku: Option<String>,
    pub(crate) title: String,
    pub(crate) quantity: Number,
    #[serde(default)]
    pub(crate) refunded: Number,
    #[serde(default)]
    pub(crate) total: Option<MoneyView>,
}

/// What the order was booked with, for one item.
#[derive(Debug, Deserialize)]
pub(crate) struct EffectView {
    pub(crate) item: String,
    pub(crate) effect: Effect,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Effect {
    pub(crate) reserved: Number,
    pub(crate) shipped: Number,
    pub(crate) taken: Number,
}

impl std::fmt::Display for MoneyView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
