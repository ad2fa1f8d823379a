//! What a person should look at, as the hub answers it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Store;

/// Something that a person should look at.
#[derive(Debug, Deserialize)]
pub(crate) struct ExceptionView {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) store: Option<String>,
    pub(crate) kind: String,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) advice: String,
    #[serde(default)]
    pub(crate) facts: BTreeMap<String, String>,
    pub(crate) opened_at: Timestamp,
    #[serde(default)]
    pub(crate) resolved_at: Option<Timestamp>,
}

impl ExceptionView {
    /// Whether settling it takes saying whose number is right.
    pub(crate) fn asks_who_is_right(&self) -> bool {
        matches!(self.kind.as_str(), "unexplained" | "count-differs" | "fell-to-zero")
    }

    /// The commands that settle it.
    pub(crate) fn commands(&self, store: Option<&Store>) -> Vec<String> {
        let resolve = format!("storeloom resolve {}", self.id);
        if self.asks_who_is_right() {
            return vec![format!("{resolve} --right shop|books")];
        }
        match (self.kind.as_str(), self.facts.get("event"), store) {
            ("parked-event", Some(event), _) => vec![format!("storeloom replay {event}"), resolve],
            ("store-held", _, Some(store)) => vec![store.connect_command()],
            _ => vec![resolve],
        }
    }
}
