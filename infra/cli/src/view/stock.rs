//! Items with their balances, links and entries as the hub answers them.

use jiff::Timestamp;
use serde::Deserialize;

use super::Number;

/// An item with what may be sold of it and where it is listed.
#[derive(Debug, Deserialize)]
pub(crate) struct Shelf {
    pub(crate) id: String,
    pub(crate) sku: String,
    pub(crate) title: String,
    pub(crate) balance: Balance,
    pub(crate) available: Number,
    #[serde(default)]
    pub(crate) links: Vec<LinkView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Balance {
    pub(crate) on_hand: Number,
    pub(crate) reserved: Number,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LinkView {
    pub(crate) store: String,
    pub(crate) product: String,
    pub(crate) variant: String,
    #[serde(default)]
    pub(crate) explained: Option<Number>,
    #[serde(default)]
    pub(crate) seen: Option<Reading>,
    #[serde(default)]
    pub(crate) unexplained: Option<Unexplained>,
    #[serde(default)]
    pub(crate) inflight: Option<Inflight>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reading {
    pub(crate) level: Number,
    pub(crate) at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Unexplained {
    pub(crate) difference: Number,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Inflight {
    pub(crate) value: Number,
}

/// A line of the ledger.
#[derive(Debug, Deserialize)]
pub(crate) struct EntryView {
    pub(crate) kind: String,
    pub(crate) on_hand: Number,
    pub(crate) reserved: Number,
    #[serde(default)]
    pub(crate) cause: String,
    #[serde(default)]
    pub(crate) actor: Option<String>,
    pub(crate) at: Timestamp,
}

impl EntryView {
    /// What caused it, and who did it if a person did.
    pub(crate) fn told(&self) -> String {
        match &self.actor {
            Some(actor) => format!("{} (by {actor})", self.cause),
            None => self.cause.clone(),
        }
    }
}

/// What is booked of what a person did.
#[derive(Debug, Deserialize)]
pub(crate) struct Handled {
    pub(crate) entries: Vec<EntryView>,
    #[serde(default)]
    pub(crate) again: bool,
}

/// A place where items lie.
#[derive(Debug, Deserialize)]
pub(crate) struct LocationView {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What lies of an item at one location.
#[derive(Debug, Deserialize)]
pub(crate) struct PlaceView {
    pub(crate) name: String,
    pub(crate) on_hand: Number,
    pub(crate) reserved: Number,
}
