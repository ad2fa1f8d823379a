//! A store: one shop of the merchant, and how far it has joined.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::allocation::Allocation;
use crate::money::Currency;
use crate::{LocationId, OrgId, PlatformSlug, RemoteShop, StoreId};

/// How far a store has joined. Writing begins when its owner says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Its stock and orders are being read until two readings agree; nothing is booked yet.
    Joining,
    /// It is in the books; its sales count; nothing is written to it.
    ReadOnly,
    /// It is in the books; each write is worked out and noted as if numbers were written to it, and none is sent.
    Shadow,
    /// Numbers are written to it.
    Writing,
}

/// Whether a store may be called now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Condition {
    /// It may be called.
    Active,
    /// Its owner stopped the calls; events are still booked.
    Paused,
    /// The platform no longer accepts the credentials; work is kept until it is connected again.
    Held {
        /// What is wrong and what to do, for a person.
        reason: String,
        /// When it was first seen.
        since: Timestamp,
    },
    /// It was taken out; its history stays.
    Disconnected,
}

/// What stands about raises of a store's numbers, where somebody had to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "are")]
pub enum Raises {
    /// Too many at once: they are held until a person lets them go.
    Held {
        /// Since when.
        since: Timestamp,
    },
    /// They go, however many, until a time: writing began, or a person let them go.
    Let {
        /// Until when.
        until: Timestamp,
    },
}

/// One shop of the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Its id.
    pub id: StoreId,
    /// The merchant it belongs to.
    pub org: OrgId,
    /// The platform it runs on.
    pub platform: PlatformSlug,
    /// What the platform calls it: the same shop always has the same value.
    pub shop: RemoteShop,
    /// What people call it.
    pub name: String,
    /// Its address in a browser.
    pub address: String,
    /// The currency its prices are in.
    pub currency: Option<Currency>,
    /// Its time zone as the shop states it.
    pub zone: Option<String>,
    /// How far it has joined.
    pub phase: Phase,
    /// Whether it may be called.
    pub condition: Condition,
    /// Whether its first reading is the opening count of the books.
    pub opens_books: bool,
    /// Where what its orders sell is set aside and taken from.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When its baseline was complete.
    pub baseline_at: Option<Timestamp>,
    /// When its owner let writing begin.
    pub writing_since: Option<Timestamp>,
    /// How many of an item's units its links may offer, where a link says nothing else.
    #[serde(default)]
    pub allocation: Option<Allocation>,
    /// What stands about raises of its numbers; none while they are only counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raises: Option<Raises>,
    /// Counts the changes of this record; a write names the version that it read.
    pub version: u64,
}

impl Store {
    /// Whether its platform may be called.
    #[must_use]
    pub fn is_callable(&self) -> bool {
        self.condition == Condition::Active
    }

    /// Whether its numbers follow the books, in earnest or as a shadow.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        matches!(self.phase, Phase::Shadow | Phase::Writing)
    }

    /// Whether raises of its numbers are held until a person lets them go.
    #[must_use]
    pub fn holds_raises(&self) -> bool {
        matches!(self.raises, Some(Raises::Held { .. }))
    }

    /// Whether raises of its numbers go, however many they are.
    #[must_use]
    pub fn lets_raises(&self, now: Timestamp) -> bool {
        matches!(self.raises, Some(Raises::Let { until }) if now < until)
    }

    /// Whether numbers may be written to it now.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.phase == Phase::Writing && self.is_callable()
    }
}
