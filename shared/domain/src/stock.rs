//! The ledger: immutable entries, the balances they add up to, and what an order does to them.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::bundle::Part;
use crate::{Delta, EntryId, ItemId, LinkId, LocationId, OnHand};

/// What kind of movement an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// The first count of an item: units that were there when the books began.
    Opening,
    /// Units set aside for an order.
    Reserve,
    /// Units no longer set aside.
    Release,
    /// Units that left the shelf for an order.
    Ship,
    /// Units that came back to the shelf.
    Restock,
    /// A correction by a person or by the item's authority.
    Adjust,
    /// Units that came in: a delivery, or what was made.
    Receive,
    /// The difference that a count found.
    Count,
    /// Units carried from one location to another: out of the one, into the other.
    Transfer,
}

impl EntryKind {
    /// Whether an order causes it.
    #[must_use]
    pub fn is_of_order(self) -> bool {
        matches!(self, Self::Reserve | Self::Release | Self::Ship | Self::Restock)
    }
}

/// A line of the ledger. It is never changed; its id is derived from its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Derived from its cause: the same cause cannot be booked twice.
    pub id: EntryId,
    /// The item it moves.
    pub item: ItemId,
    /// Where it moves it.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// What kind of movement it is.
    pub kind: EntryKind,
    /// Change of the units on the shelf.
    pub on_hand: Delta,
    /// Change of the units set aside.
    pub reserved: Delta,
    /// What caused it, for a person: an order's state, a baseline, a decision.
    pub cause: String,
    /// Who moved it: the name of an API key or the id of a user, never a person's name. None for the hub itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// When it was booked.
    pub at: Timestamp,
}

/// The sums of an item's entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The item.
    pub item: ItemId,
    /// Units on the shelf.
    pub on_hand: OnHand,
    /// Units set aside for orders.
    pub reserved: Delta,
    /// Whether units of it belong, or belonged, to single links.
    #[serde(default)]
    pub divided: bool,
    /// What it is made of, if it is a bundle: then it has no stock of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// How many bundles it is a part of.
    #[serde(default, skip_serializing_if = "is_none")]
    pub used_in: u64,
    /// Counts the movements; a movement names the version that it read.
    pub version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Balance {
    /// The balance of an item that nothing was booked for.
    #[must_use]
    pub fn empty(item: ItemId) -> Self {
        Self {
            item,
            on_hand: OnHand::ZERO,
            reserved: Delta::ZERO,
            divided: false,
            parts: Vec::new(),
            used_in: 0,
            version: 0,
        }
    }

    /// Units of its own that may still be sold; a bundle has none, and what may be sold of it follows from its parts.
    #[must_use]
    pub fn available(&self) -> OnHand {
        self.on_hand.moved(-self.reserved)
    }
}

/// What lies of an item at one location: the sums of its entries there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtLocation {
    /// The location.
    pub location: LocationId,
    /// Units on the shelf there.
    pub on_hand: OnHand,
    /// Units set aside for orders there.
    pub reserved: Delta,
}

impl AtLocation {
    /// A location at which nothing lies.
    #[must_use]
    pub fn empty(location: LocationId) -> Self {
        Self { location, on_hand: OnHand::ZERO, reserved: Delta::ZERO }
    }

    /// Units there that are not set aside.
    #[must_use]
    pub fn available(&self) -> OnHand {
        self.on_hand.moved(-self.reserved)
    }
}

/// What an order does to one item through one link: units owed, units gone, units the shop took itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Effect {
    /// Units set aside.
    pub reserved: Decimal,
    /// Units that left the shelf.
    pub shipped: Decimal,
    /// Units the shop has taken from its own number.
    pub taken: Decimal,
}

impl Effect {
    /// The effect of two lines that sell the same item through the same link.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            reserved: self.reserved + other.reserved,
            shipped: self.shipped + other.shipped,
            taken: self.taken + other.taken,
        }
    }

    /// The effect on a part of which each unit has so many.
    #[must_use]
    pub fn of_part(self, units: Decimal) -> Self {
        Self { reserved: self.reserved * units, shipped: self.shipped * units, taken: self.taken * units }
    }

    /// Units that are owed or gone.
    #[must_use]
    pub fn demand(self) -> Decimal {
        self.reserved + self.shipped
    }

    /// The movements that lead from this effect to `new`, as (kind, change on the shelf, change set aside).
    ///
    /// At most two: units shipped or restocked, then what remains to be set aside or released.
    #[must_use]
    pub fn movements_to(self, new: Self) -> Vec<(EntryKind, Delta, Delta)> {
        let mut movements = Vec::with_capacity(2);
        let shipped = new.shipped - self.shipped;
        let mut reserved = new.reserved - self.reserved;
        if shipped > Decimal::ZERO {
            movements.push((EntryKind::Ship, Delta::new(-shipped), Delta::new(-shipped)));
            reserved += shipped;
        } else if shipped < Decimal::ZERO {
            movements.push((EntryKind::Restock, Delta::new(-shipped), Delta::ZERO));
        }
        if reserved > Decimal::ZERO {
            movements.push((EntryKind::Reserve, Delta::ZERO, Delta::new(reserved)));
        } else if reserved < Decimal::ZERO {
            movements.push((EntryKind::Release, Delta::ZERO, Delta::new(reserved)));
        }
        movements
    }

    /// How the number that the shop should show moves when this effect becomes `new`.
    #[must_use]
    pub fn explains(self, new: Self) -> Delta {
        Delta::new(self.taken - new.taken)
    }
}

/// The effect of an order on one item through one link, as it is to be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEffect {
    /// The link that the lines sell through.
    pub link: LinkId,
    /// The item that it lists.
    pub item: ItemId,
    /// What the order does to it.
    pub effect: Effect,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_of_before_locations_lies_at_the_main_one() {
        let id = EntryId::derive(&["e"]);
        let item = ItemId::derive(&["i"]);
        let text = format!(
            r#"{{"id":"{id}","item":"{item}","kind":"adjust","on_hand":"2","reserved":"0","cause":"c","at":"2026-11-20T12:00:00Z"}}"#
        );
        let entry: Entry = serde_json::from_str(&text).unwrap();
        assert_eq!((entry.location, entry.actor), (LocationId::main(), None));
    }

    fn effect() -> impl Strategy<Value = Effect> {
        (0_i64..20, 0_i64..20, 0_i64..20).prop_map(|(reserved, shipped, taken)| Effect {
            reserved: reserved.into(),
            shipped: shipped.into(),
            taken: taken.into(),
        })
    }

    proptest! {
        #[test]
        fn movements_lead_from_one_effect_to_the_other(old in effect(), new in effect()) {
            let movements = old.movements_to(new);
            let on_hand: Delta = movements.iter().map(|movement| movement.1).sum();
            let reserved: Delta = movements.iter().map(|movement| movement.2).sum();
            prop_assert_eq!(on_hand, Delta::new(old.shipped - new.shipped));
            prop_assert_eq!(reserved, Delta::new(new.reserved - old.reserved));
            prop_assert!(movements.len() <= 2);
            prop_assert!(old.movements_to(old).is_empty());
        }
    }
}
