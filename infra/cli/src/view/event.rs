//! Events as the hub answers them.

use jiff::Timestamp;
use serde::Deserialize;

/// A delivery of a shop, and what became of it.
#[derive(Debug, Deserialize)]
pub(crate) struct EventView {
    pub(crate) id: String,
    pub(crate) store: String,
    pub(crate) topic: String,
    #[serde(default)]
    pub(crate) about: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) duplicates: u64,
    pub(crate) received_at: Timestamp,
}
