//! What a person should look at, as the hub answers it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

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
        matches!(self.kind.as_str(), "unexplained" | "count-differs")
    }

    /// The command that settles it.
    pub(crate) fn command(&self) -> String {
        if self.asks_who_is_right() {
            return format!("storeloom resolve {} --right shop|books", self.id);
        }
        match (self.kind.as_str(), self.facts.get("event")) {
            ("parked-event", Some(event)) => format!("storeloom replay {event}"),
            _ => format!("storeloom resolve {}", self.id),
        }
    }
}
