//! Why a number is what it is, as the hub answers it.

use jiff::Timestamp;
use serde::Deserialize;

use super::drift::Standing;
use super::stock::{EntryView, PlaceView};
use super::{LineView, Number, Recipe};

#[derive(Debug, Deserialize)]
pub(crate) struct ItemWhy {
    pub(crate) item: Item,
    #[serde(default)]
    pub(crate) at: Option<Timestamp>,
    pub(crate) counted: Counted,
    #[serde(default)]
    pub(crate) adds_up: Option<bool>,
    #[serde(default)]
    pub(crate) places: Vec<PlaceView>,
    #[serde(default)]
    pub(crate) recipe: Option<Recipe>,
    pub(crate) booked: u64,
    pub(crate) entries: Vec<TracedEntry>,
    pub(crate) links: Vec<LinkWhy>,
    pub(crate) rules: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) title: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Counted {
    pub(crate) on_hand: Number,
    pub(crate) reserved: Number,
    pub(crate) available: Number,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TracedEntry {
    #[serde(flatten)]
    pub(crate) entry: EntryView,
    #[serde(default)]
    pub(crate) number: Option<String>,
    #[serde(default)]
    pub(crate) state: Option<String>,
    #[serde(default)]
    pub(crate) store_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LinkWhy {
    pub(crate) store_name: String,
    #[serde(default)]
    pub(crate) standing: Option<Standing>,
    pub(crate) writes: Vec<Write>,
}

/// A write that was sent, and what came of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Write {
    pub(crate) compare: Number,
    pub(crate) value: Number,
    answer: String,
    #[serde(default)]
    shown: Option<Number>,
    pub(crate) at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OrderWhy {
    pub(crate) number: String,
    pub(crate) store_name: String,
    pub(crate) state: String,
    pub(crate) placed_at: Timestamp,
    pub(crate) applied: bool,
    pub(crate) rule: String,
    pub(crate) lines: Vec<LineWhy>,
    pub(crate) effects: Vec<EffectWhy>,
    pub(crate) events: Vec<Event>,
    pub(crate) looked_through: u64,
    pub(crate) reached: Vec<Reached>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LineWhy {
    #[serde(flatten)]
    pub(crate) line: LineView,
    pub(crate) effect: Effect,
    #[serde(default)]
    pub(crate) item: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Effect {
    pub(crate) reserved: Number,
    pub(crate) shipped: Number,
    pub(crate) taken: Number,
}

#[derive(Debug, Deserialize)]
pub(crate) struct EffectWhy {
    #[serde(default)]
    pub(crate) sku: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) entries: Vec<EntryView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) topic: String,
    pub(crate) state: String,
    pub(crate) duplicates: u64,
    pub(crate) received_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reached {
    pub(crate) store_name: String,
    pub(crate) value: Number,
    pub(crate) after_ms: u64,
}

impl Write {
    /// What the shop answered, for a person.
    pub(crate) fn answered(&self) -> String {
        match (self.answer.as_str(), &self.shown) {
            ("taken", _) => "taken".to_owned(),
            ("other-number", Some(shown)) => format!("not taken: it showed {shown}"),
            _ => "not taken".to_owned(),
        }
    }
}
