//! What the command line reads out of the hub's answers: its own shapes, tolerant of fields it does not know.

mod allocation;
mod bundle;
mod day;
mod drift;
mod event;
mod exception;
mod freshness;
mod order;
mod rehearsal;
mod run;
mod shadow;
mod stock;
mod store;
mod why;

pub(crate) use allocation::{Allocation, Offer};
pub(crate) use bundle::Recipe;
pub(crate) use day::Replayed;
pub(crate) use drift::{ItemDrift, Standing};
pub(crate) use event::EventView;
pub(crate) use exception::ExceptionView;
pub(crate) use freshness::{Fresh, Times};
pub(crate) use order::{LineView, MoneyView, OrderView};
pub(crate) use rehearsal::Rehearsed;
pub(crate) use run::{RunState, RunView};
pub(crate) use shadow::ShadowReport;
pub(crate) use stock::{EntryView, Handled, LocationView, Shelf};
pub(crate) use store::{Connected, Doctor, FindingView, Preview, Store, StoreView, Summary};
pub(crate) use why::{ItemWhy, OrderWhy, Write};

use serde::{Deserialize, Deserializer};

/// A number as the hub wrote it: exact, never a float.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Number(String);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("a number was expected")),
        }
    }
}

impl Number {
    /// Whether it is nothing.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.chars().all(|sign| matches!(sign, '-' | '0' | '.'))
    }

    /// The number with its sign.
    pub(crate) fn signed(&self) -> String {
        crate::words::signed(&self.0)
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
