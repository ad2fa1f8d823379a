//! How numbers stand, as the hub answers it.

use jiff::Timestamp;
use serde::Deserialize;

use super::Number;
use super::stock::Reading;

/// How one number stands.
#[derive(Debug, Deserialize)]
pub(crate) struct Standing {
    pub(crate) store: String,
    pub(crate) sku: String,
    pub(crate) explained: Number,
    #[serde(default)]
    pub(crate) shows: Option<Reading>,
    pub(crate) difference: Number,
    pub(crate) verdict: String,
    pub(crate) target: Number,
    #[serde(default)]
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) evidence: Vec<Evidence>,
    #[serde(default)]
    pub(crate) settle: Option<Settling>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Settling {
    pub(crate) exception: String,
    pub(crate) shop: String,
    pub(crate) books: String,
}

/// An item with how its number stands in each store.
#[derive(Debug, Deserialize)]
pub(crate) struct ItemDrift {
    pub(crate) item: Item,
    pub(crate) standings: Vec<Standing>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) title: String,
}

/// Something that explains a number.
#[derive(Debug, Deserialize)]
pub(crate) struct Evidence {
    is: String,
    pub(crate) at: Timestamp,
    #[serde(default)]
    number: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    explained: Number,
    #[serde(default)]
    available: Number,
    #[serde(default)]
    level: Number,
}

impl Evidence {
    /// What it is, for a person.
    pub(crate) fn told(&self) -> String {
        let Self { number, state, cause, level, .. } = self;
        match self.is.as_str() {
            "order" if self.explained.is_zero() => {
                format!("order {number}, {state}: what may be sold {}", self.available.signed())
            }
            "order" => format!(
                "order {number}, {state}: what may be sold {}, this shop's own number {}",
                self.available.signed(),
                self.explained.signed()
            ),
            "correction" => format!("{cause}: {}", self.available.signed()),
            "wrote" => format!("we wrote {level}"),
            "read" => format!("the shop was read and showed {level}"),
            "told" => format!("the shop told {level}"),
            other => other.to_owned(),
        }
    }
}
