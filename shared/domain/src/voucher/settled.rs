//! Numbers that were settled by decision.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_false;
use crate::product::Sku;
use crate::stock::{Entry, EntryKind};
use crate::{Delta, EntryId, ExceptionId, ItemId, LinkId, LocationId, OnHand};

/// A number that no order explained, and who is right about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The link.
    pub link: LinkId,
    /// The item that it lists.
    pub item: ItemId,
    /// Its SKU there.
    pub sku: Sku,
    /// Where what was found lies.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// The link's version: it names the settlement.
    pub step: u64,
    /// What could be explained of the shop's number.
    pub explained: Option<OnHand>,
    /// By how much the shop's number differed from that.
    pub difference: Delta,
    /// Whether the books count, and the shop follows them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub books_count: bool,
    /// What decided: an exception that a person settled, or a rule.
    pub said: String,
}

impl Settled {
    pub(super) fn line(&self, at: Timestamp) -> Entry {
        let (sku, said) = (&self.sku, &self.said);
        let (on_hand, cause) = match self.explained.filter(|_| self.books_count) {
            Some(explained) => {
                let shown = explained.moved(self.difference);
                let cause = format!(
                    "{shown} of {sku} were shown and {explained} explained: the books count ({said})"
                );
                (Delta::ZERO, cause)
            }
            None => (self.difference, format!("the number of {sku} was taken into the books ({said})")),
        };
        Entry {
            id: EntryId::derive(&[self.link.as_str(), "settled", &self.step.to_string()]),
            item: self.item.clone(),
            location: self.location.clone(),
            kind: EntryKind::Adjust,
            on_hand,
            reserved: Delta::ZERO,
            cause,
            actor: None,
            at,
        }
    }
}

/// The count of a shop that joined and showed something else than the books, taken into them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountTaken {
    /// What a person was asked.
    pub exception: ExceptionId,
    /// When.
    pub opened_at: Timestamp,
    /// The item.
    pub item: ItemId,
    /// Its SKU in the shop.
    pub sku: Sku,
    /// Where what was found lies.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// What can be explained of the shop's number.
    pub explained: OnHand,
    /// What may be sold by the books.
    pub available: OnHand,
}

impl CountTaken {
    pub(super) fn line(&self, at: Timestamp) -> Entry {
        Entry {
            id: EntryId::derive(&[self.exception.as_str(), &self.opened_at.to_string()]),
            item: self.item.clone(),
            location: self.location.clone(),
            kind: EntryKind::Adjust,
            on_hand: self.explained.since(self.available),
            reserved: Delta::ZERO,
            cause: format!("the count of {} was taken into the books ({})", self.sku, self.exception),
            actor: None,
            at,
        }
    }
}
