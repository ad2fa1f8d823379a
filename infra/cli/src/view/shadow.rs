//! What would have been written to a shadowed store, as the hub answers it.

use jiff::Timestamp;
use serde::Deserialize;

use super::Number;

#[derive(Debug, Deserialize)]
pub(crate) struct ShadowReport {
    #[serde(default)]
    pub(crate) shadowing: Option<Shadowing>,
    pub(crate) links: u64,
    pub(crate) total: Total,
    pub(crate) days: Vec<Day>,
    pub(crate) prevented: Vec<Prevented>,
    pub(crate) writes: Vec<Write>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Shadowing {
    pub(crate) since: Timestamp,
    #[serde(default)]
    pub(crate) until: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Total {
    pub(crate) lowered: u64,
    pub(crate) units_lowered: Number,
    pub(crate) raised: u64,
    pub(crate) units_raised: Number,
    pub(crate) units_prevented: Number,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Day {
    pub(crate) day: String,
    #[serde(flatten)]
    pub(crate) total: Total,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Prevented {
    pub(crate) sku: String,
    pub(crate) number: String,
    pub(crate) units: Number,
    pub(crate) at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Write {
    pub(crate) sku: String,
    pub(crate) from: Number,
    pub(crate) to: Number,
    pub(crate) at: Timestamp,
    #[serde(default)]
    pub(crate) cause: String,
}
