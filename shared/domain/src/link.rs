//! A link: one item as listed in one store, and what we know of the number the shop shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::allocation::{Allocation, Margin};
use crate::product::Sku;
use crate::{Delta, ItemId, LinkId, OnHand, OrgId, RemoteProductId, RemoteVariantId, StoreId, WriteId};

/// A write that was begun and whose outcome is not known yet. While it stands, only it may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inflight {
    /// Names the write; its idempotency key where the platform has one.
    pub write: WriteId,
    /// What the shop must show for the write to be right.
    pub compare: OnHand,
    /// What the shop shall show afterwards.
    pub value: OnHand,
    /// When it was begun.
    pub at: Timestamp,
}

/// A number that a shop showed and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The number.
    pub level: OnHand,
    /// When it was read, by our clock.
    pub at: Timestamp,
}

/// A difference between the shop's number and ours that no booked order explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unexplained {
    /// Shop's number minus explained.
    pub difference: Delta,
    /// Since when it stands, with books that do not move.
    pub since: Timestamp,
    /// What the books explained meanwhile, if that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained: Option<OnHand>,
    /// The link's version as the note left it, if that was kept: what was heard of later speaks against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// One item as listed in one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id, derived from store, variant and item: a variant whose SKU changes gets another link, and the
    /// orders that were booked through the old one stay with it.
    pub id: LinkId,
    /// The merchant.
    pub org: OrgId,
    /// The store.
    pub store: StoreId,
    /// The item that is listed.
    pub item: ItemId,
    /// The variant at which the shop keeps the number.
    pub variant: RemoteVariantId,
    /// The product it belongs to.
    pub product: RemoteProductId,
    /// The SKU that matched.
    pub sku: Sku,
    /// The number the shop should show if we know everything. None until the baseline.
    pub explained: Option<OnHand>,
    /// A write under way.
    pub inflight: Option<Inflight>,
    /// What the shop showed last.
    pub seen: Option<Reading>,
    /// What we wrote last.
    pub written: Option<Reading>,
    /// A difference that holds raises.
    pub unexplained: Option<Unexplained>,
    /// Units that are owed or gone through it since it came into the books, less what came back.
    #[serde(default)]
    pub sold: Delta,
    /// How many of the item's units it may offer; none: as its store says.
    #[serde(default)]
    pub allocation: Option<Allocation>,
    /// What its adaptive buffer came to, if it has one.
    #[serde(default)]
    pub margin: Option<Margin>,
    /// Its version when an order that sells it was heard of last, as far as that was noted: only while a difference or
    /// a write stands.
    #[serde(default)]
    pub heard: u64,
    /// Counts the changes of this record; a change names the version that it read.
    pub version: u64,
}

impl Link {
    /// The id of the link of a store's variant to an item.
    #[must_use]
    pub fn id_of(store: &StoreId, variant: &RemoteVariantId, item: &ItemId) -> LinkId {
        LinkId::derive(&[store.as_str(), variant.as_str(), item.as_str()])
    }

    /// A link that is not in the books yet.
    #[must_use]
    pub fn new(org: OrgId, store: StoreId, item: ItemId, listed: Listed) -> Self {
        Self {
            id: Self::id_of(&store, &listed.variant, &item),
            org,
            store,
            item,
            variant: listed.variant,
            product: listed.product,
            sku: listed.sku,
            explained: None,
            inflight: None,
            seen: None,
            written: None,
            unexplained: None,
            sold: Delta::ZERO,
            allocation: None,
            margin: None,
            heard: 0,
            version: 0,
        }
    }

    /// Whether something about its number is being found out: an order that sells it speaks to that.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.inflight.is_some() || self.unexplained.is_some()
    }

    /// The difference between the shop's number and ours, if one was found: while a write stands, that there was none
    /// is noted, too.
    #[must_use]
    pub fn differs(&self) -> Option<Unexplained> {
        self.unexplained.filter(|known| !known.difference.is_zero())
    }

    /// The difference that was noted, if the shop shows the same one now and neither the books nor any order that was
    /// heard of since speak against it: it may have been that order, and be another one now that is not visible yet.
    #[must_use]
    pub fn stands_still(&self, difference: Delta) -> Option<Unexplained> {
        self.unexplained.filter(|known| {
            known.difference == difference
                && known.explained.is_none_or(|before| Some(before) == self.explained)
                && known.version.is_none_or(|noted| self.heard < noted)
        })
    }

    /// Units that may be sold, or were sold and are not booked, through this link, as far as anybody can know: what
    /// it should show, what a write under way would have it show, and what it showed below nothing.
    #[must_use]
    pub fn committed(&self) -> OnHand {
        let Some(explained) = self.explained else { return OnHand::ZERO };
        let written = self.inflight.as_ref().map_or(explained, |inflight| inflight.value);
        let odd = self.unexplained.map_or(Delta::ZERO, |unexplained| unexplained.difference);
        let most = explained.max(written).max(explained.moved(odd));
        // A number below nothing is that of more sales than were there: they are on their way to us.
        let below = self.seen.map_or(OnHand::ZERO, |seen| seen.level).min(OnHand::ZERO);
        most.max(explained.moved(OnHand::ZERO.since(below))).max(OnHand::ZERO)
    }

    /// Whether its shop showed less than nothing when it was read last, and the books have moved since.
    #[must_use]
    pub fn is_below(&self) -> bool {
        self.seen.is_some_and(|seen| seen.level < OnHand::ZERO && Some(seen.level) != self.explained)
    }
}

/// Where and under which SKU a shop lists an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The variant at which the shop keeps the number.
    pub variant: RemoteVariantId,
    /// The product it belongs to.
    pub product: RemoteProductId,
    /// The SKU that matched.
    pub sku: Sku,
}
