//! How many of an item's units a shop may offer.

use serde::Deserialize;

use crate::words::millis;

/// What a link or a store may offer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode")]
pub(crate) enum Allocation {
    Shared {
        buffer: String,
    },
    Capped {
        at_most: String,
        buffer: String,
    },
    Quota {},
    #[serde(other)]
    Other,
}

/// What a buffer was measured as.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Margin {
    units: String,
    per_day: String,
    lag_millis: u64,
}

/// What a link may offer, with the numbers behind it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Offer {
    pub(crate) store: String,
    allocation: Option<Allocation>,
    of_store: Allocation,
    pub(crate) available: String,
    owns: Option<String>,
    margin: Option<Margin>,
    pub(crate) target: Option<String>,
    pub(crate) explained: Option<String>,
}

impl Allocation {
    pub(crate) fn told(&self) -> String {
        let less = |buffer: &str| match buffer {
            "none" => String::new(),
            units if units.parse::<u64>().is_ok() => format!(" but {units}"),
            buffer => format!(" less a buffer ({buffer})"),
        };
        match self {
            Self::Shared { buffer } => format!("all{}", less(buffer)),
            Self::Capped { at_most, buffer } => format!("all{}, at most {at_most}", less(buffer)),
            Self::Quota {} => "its own units".to_owned(),
            Self::Other => "what a newer hub says".to_owned(),
        }
    }
}

impl Offer {
    pub(crate) fn told(&self) -> String {
        if let Some(owns) = &self.owns {
            return format!("its own {owns}");
        }
        let allocation = self.allocation.as_ref().unwrap_or(&self.of_store);
        let told = allocation.told();
        let of_store = if self.allocation.is_none() { " (as its store)" } else { "" };
        let measured = match (&self.margin, told.contains("adaptive")) {
            (Some(margin), true) => format!(
                ": {} held back for {} a day and {} of lag",
                margin.units,
                margin.per_day,
                millis(margin.lag_millis)
            ),
            (Some(_) | None, _) => String::new(),
        };
        format!("{told}{measured}{of_store}")
    }
}
