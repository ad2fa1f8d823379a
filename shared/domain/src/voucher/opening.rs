//! A link that came into the books.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_false;
use crate::bundle::Part;
use crate::stock::{Entry, EntryKind};
use crate::{Delta, EntryId, ItemId, LinkId, LocationId, OnHand};

/// A link that came into the books: what its shop showed, and what its orders still owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The link.
    pub link: LinkId,
    /// The item that it lists.
    pub item: ItemId,
    /// What its store is called.
    pub store: String,
    /// What the shop showed.
    pub shows: OnHand,
    /// Units that its orders owe: they are gone from what it shows, and lie on the shelf.
    pub owed: Delta,
    /// Whether what it shows is the opening count of the item.
    #[serde(default, skip_serializing_if = "is_false")]
    pub counts: bool,
    /// Where the units lie.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// What the item is made of, if it is a bundle: then what is owed is owed of the parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Opened {
    pub(super) fn lines(&self, at: Timestamp) -> Vec<Entry> {
        let line = |id, item: &ItemId, (on_hand, reserved), cause| Entry {
            id,
            item: item.clone(),
            location: self.location.clone(),
            kind: EntryKind::Opening,
            on_hand,
            reserved,
            cause,
            actor: None,
            at,
        };
        let (link, store, owed) = (self.link.as_str(), &self.store, self.owed);
        if self.parts.is_empty() && self.counts {
            let id = EntryId::derive(&[self.item.as_str(), "opening"]);
            let there = Delta::new(self.shows.units()) + owed;
            let cause = format!("opening count from {store}: shows {}, {owed} owed", self.shows);
            return vec![line(id, &self.item, (there, owed), cause)];
        }
        if owed.is_zero() {
            return Vec::new();
        }
        if self.parts.is_empty() {
            let id = EntryId::derive(&[link, "owed"]);
            return vec![line(
                id,
                &self.item,
                (owed, owed),
                format!("orders of {store} that are still owed"),
            )];
        }
        let of_part = |part: &Part| {
            let id = EntryId::derive(&[link, "owed", part.item.as_str()]);
            let owed = Delta::new(owed.units() * part.units);
            let cause = format!("orders of {store} that are still owed in bundles");
            line(id, &part.item, (owed, owed), cause)
        };
        self.parts.iter().map(of_part).collect()
    }
}
