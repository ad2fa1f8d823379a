//! Rehearsals as the hub answers them.

use serde::Deserialize;

use super::{MoneyView, Number};

/// A rehearsal with some of its writes, the largest differences first.
#[derive(Debug, Deserialize)]
pub(crate) struct Rehearsed {
    pub(crate) rehearsal: Rehearsal,
    pub(crate) items: Vec<RehearsedWrite>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Rehearsal {
    pub(crate) digest: String,
    pub(crate) links: u64,
    pub(crate) lowered: u64,
    pub(crate) raised: u64,
    pub(crate) held: u64,
    pub(crate) units_lowered: Number,
    pub(crate) units_raised: Number,
    pub(crate) money_lowered: Vec<MoneyView>,
    pub(crate) money_raised: Vec<MoneyView>,
    pub(crate) unpriced: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RehearsedWrite {
    pub(crate) sku: String,
    pub(crate) title: String,
    pub(crate) shows: Number,
    pub(crate) target: Number,
    pub(crate) difference: Number,
    #[serde(default)]
    pub(crate) money: Option<MoneyView>,
    #[serde(default)]
    pub(crate) held: Option<String>,
}
