//! Stores as the hub answers them.

use jiff::Timestamp;
use serde::Deserialize;

use super::{Number, RunView};
use crate::words::quoted;

/// How one store stands.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StoreView {
    pub(crate) store: Store,
    #[serde(default)]
    pub(crate) runs: Vec<RunView>,
    #[serde(default)]
    pub(crate) agreement: Agreement,
    #[serde(default)]
    pub(crate) freshness: Freshness,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Store {
    pub(crate) id: String,
    pub(crate) platform: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) currency: Option<String>,
    /// Where it sells from; none for the main location.
    #[serde(default)]
    pub(crate) location: Option<String>,
    pub(crate) phase: String,
    pub(crate) condition: Condition,
    #[serde(default)]
    pub(crate) allocation: Option<super::Allocation>,
    #[serde(default)]
    pub(crate) version: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Condition {
    pub(crate) is: String,
    #[serde(default)]
    pub(crate) reason: Option<String>,
    #[serde(default)]
    pub(crate) since: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Agreement {
    pub(crate) links: u64,
    pub(crate) joining: u64,
    pub(crate) unexplained: u64,
    pub(crate) inflight: u64,
    pub(crate) waiting: u64,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Freshness {
    pub(crate) p50_ms: Option<u64>,
    pub(crate) p99_ms: Option<u64>,
}

/// The answer to connecting with pasted keys.
#[derive(Debug, Deserialize)]
pub(crate) struct Connected {
    pub(crate) store: Store,
    #[serde(default)]
    pub(crate) again: bool,
    #[serde(default)]
    pub(crate) findings: Vec<FindingView>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FindingView {
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) advice: String,
    #[serde(default)]
    pub(crate) blocks_writing: bool,
}

/// How a store's connection is, as its platform sees it now.
#[derive(Debug, Deserialize)]
pub(crate) struct Doctor {
    pub(crate) shop: String,
    #[serde(default)]
    pub(crate) findings: Vec<FindingView>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summary {
    pub(crate) variants: u64,
    pub(crate) matched: u64,
    pub(crate) shared: u64,
    pub(crate) without_sku: u64,
    pub(crate) duplicates: u64,
    pub(crate) untracked: u64,
    pub(crate) orders: u64,
    pub(crate) next: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Preview {
    pub(crate) links: u64,
    pub(crate) lowered: u64,
    pub(crate) raised: u64,
    #[serde(default)]
    pub(crate) largest: Vec<WouldWrite>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WouldWrite {
    pub(crate) sku: String,
    pub(crate) title: String,
    pub(crate) shows: Number,
    pub(crate) target: Number,
    pub(crate) difference: Number,
}

impl Store {
    pub(crate) fn is_active(&self) -> bool {
        self.condition.is == "active"
    }

    /// The command that connects it again.
    pub(crate) fn connect_command(&self) -> String {
        format!("storeloom connect {} --url {} --browser", quoted(&self.platform), quoted(&self.address))
    }

    pub(crate) fn is_joining(&self) -> bool {
        self.phase == "joining"
    }

    pub(crate) fn is_disconnected(&self) -> bool {
        self.condition.is == "disconnected"
    }
}
