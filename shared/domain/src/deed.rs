//! What a person does with an item's units.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::stock::EntryKind;
use crate::{Delta, LocationId, OnHand};

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Deed {
    /// Units came in.
    Receive {
        /// How many.
        units: Decimal,
        /// Where they lie now.
        #[serde(default)]
        at: LocationId,
    },
    /// So many units were found.
    Count {
        /// How many lie there, those set aside for orders among them.
        units: Decimal,
        /// Where they were counted.
        #[serde(default)]
        at: LocationId,
    },
    /// The books are corrected.
    Adjust {
        /// By how many units, more or less.
        by: Decimal,
        /// Where.
        #[serde(default)]
        at: LocationId,
    },
    /// Units are carried from one location to another.
    Transfer {
        /// How many.
        units: Decimal,
        /// Where they lay.
        #[serde(default)]
        from: LocationId,
        /// Where they lie now.
        #[serde(default)]
        to: LocationId,
    },
}

impl Deed {
    /// The locations that it moves units at, in the order of its movements.
    #[must_use]
    pub fn locations(&self) -> Vec<&LocationId> {
        match self {
            Self::Receive { at, .. } | Self::Count { at, .. } | Self::Adjust { at, .. } => vec![at],
            Self::Transfer { from, to, .. } => vec![from, to],
        }
    }

    /// What it moves, where so many units lay by the books at its first location.
    #[must_use]
    pub fn movements(&self, lay: OnHand) -> Vec<(EntryKind, LocationId, Delta)> {
        match self {
            Self::Receive { units, at } => vec![(EntryKind::Receive, at.clone(), Delta::new(*units))],
            Self::Count { units, at } => {
                vec![(EntryKind::Count, at.clone(), OnHand::new(*units).since(lay))]
            }
            Self::Adjust { by, at } => vec![(EntryKind::Adjust, at.clone(), Delta::new(*by))],
            Self::Transfer { units, from, to } => vec![
                (EntryKind::Transfer, from.clone(), Delta::new(-*units)),
                (EntryKind::Transfer, to.clone(), Delta::new(*units)),
            ],
        }
    }

    /// What was done, for a person, with the person's own words.
    #[must_use]
    pub fn cause(&self, note: &str) -> String {
        let what = match self {
            Self::Receive { units, .. } => format!("received {}", units.normalize()),
            Self::Count { units, .. } => format!("counted {}", units.normalize()),
            Self::Adjust { by, .. } => format!("corrected by {:+}", by.normalize()),
            Self::Transfer { units, .. } => format!("carried {}", units.normalize()),
        };
        match note.trim() {
            "" => what,
            note => format!("{what}: {note}"),
        }
    }
}
