//! What people move by hand: deliveries, counts, corrections, and units carried from one location to another.
//!
//! Each has a key that its caller gave, and the entries' ids come from it: a form that is sent twice books once.

use std::sync::Arc;

use domain::stock::{AtLocation, Balance, Entry};
use domain::voucher::{MovedByHand, Observed, Voucher};
use domain::work::Change;
use domain::{Delta, EntryId, ItemId, OnHand, OrgId, TaskId};
use platform::Clock;
use ports::{Handling, Ledger, Moved};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::dispatch::Dispatch;
use crate::locations::Locations;
use crate::{HubError, Outside, Result};

pub use domain::deed::Deed;

/// How often what raced with other movements is decided again.
const DECISIONS: usize = 12;
/// The longest key and the longest note.
const LONGEST: usize = 200;
/// No more units than this are moved at once.
const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// Parts of a unit are told down to a thousandth.
const FINEST: u32 = 3;

/// What a person does, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// What is done.
    pub deed: Deed,
    /// Why, in the person's words; a correction needs it.
    pub note: String,
    /// The caller's own name for it: what is sent again under the same key is not booked again.
    pub key: String,
    /// Who does it: the name of an API key or the id of a user.
    pub actor: String,
}

/// What is booked of what a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Handled {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Whether they were booked before, under the same key.
    pub again: bool,
}

/// Moving units by hand.
#[derive(Clone)]
pub struct StockRoom {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    dispatch: Dispatch,
    locations: Locations,
}

impl StockRoom {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            dispatch: Dispatch::new(outside),
            locations: Locations::new(outside),
        }
    }

    /// Books what a person did with an item, once for each key.
    ///
    /// # Errors
    /// [`HubError::Invalid`] if it cannot be meant; [`HubError::Conflict`] if less lies there than is to be moved,
    /// or if its key names something else that was booked.
    pub async fn book(&self, org: &OrgId, item: &ItemId, asked: &ByHand) -> Result<Handled> {
        check(asked)?;
        if self.ledger.item(org, item).await?.is_none() {
            return Err(HubError::not_found("item", item));
        }
        for location in asked.deed.locations() {
            self.locations.one(org, location).await?;
        }
        for _ in 0..DECISIONS {
            if let Some(entries) = self.booked(org, item, asked).await? {
                return Ok(Handled { entries, again: true });
            }
            let (balance, at) = self.ledger.at_locations(org, item).await?;
            may_be_moved(&asked.deed, &balance)?;
            let handling = self.handling(org, item, asked, &balance, &at)?;
            if self.ledger.handle(&handling).await? == Moved::Raced {
                continue;
            }
            if let Some(change) = handling.change {
                self.dispatch.changes(org, &[change]).await?;
            }
            // Of two that come at once under one key, one was booked: what stands is told to both.
            let entries = self.booked(org, item, asked).await?.unwrap_or(handling.entries);
            return Ok(Handled { entries, again: false });
        }
        Err(HubError::Conflict("the item is moved by others all the time: try again".into()))
    }

    /// The entries that were booked under the key before, if any were.
    async fn booked(&self, org: &OrgId, item: &ItemId, asked: &ByHand) -> Result<Option<Vec<Entry>>> {
        let mut entries = Vec::new();
        for (place, location) in asked.deed.locations().into_iter().enumerate() {
            let Some(entry) = self.ledger.entry(org, item, &entry_id(org, item, &asked.key, place)).await?
            else {
                break;
            };
            if entry.location != *location || entry.cause != asked.cause() {
                return Err(HubError::Conflict(
                    "the key of this movement was used for another one: give each movement a key of its own"
                        .into(),
                ));
            }
            entries.push(entry);
        }
        Ok((!entries.is_empty()).then_some(entries))
    }

    fn handling(
        &self,
        org: &OrgId,
        item: &ItemId,
        asked: &ByHand,
        balance: &Balance,
        at: &[AtLocation],
    ) -> Result<Handling> {
        let now = self.clock.now();
        let places = 0..asked.deed.locations().len();
        let moved = MovedByHand {
            item: item.clone(),
            deed: asked.deed.clone(),
            lay: lies(&asked.deed, at)?,
            note: asked.note.trim().to_owned(),
            actor: asked.actor.clone(),
            names: places.map(|place| entry_id(org, item, &asked.key, place)).collect(),
        };
        let voucher = Voucher { at: now, observed: Observed::ByHand(moved) };
        let entries = voucher.lines();
        let available: Delta = entries.iter().map(|entry| entry.on_hand).sum();
        let change = entries.first().filter(|_| !available.is_zero()).map(|first| Change {
            id: TaskId::derive(&[first.id.as_str()]),
            org: org.clone(),
            item: item.clone(),
            also: Vec::new(),
            available,
            at: now,
        });
        let read = Some(balance.version);
        Ok(Handling { org: org.clone(), item: item.clone(), read, entries, voucher, change })
    }
}

fn entry_id(org: &OrgId, item: &ItemId, key: &str, place: usize) -> EntryId {
    EntryId::derive(&[org.as_str(), item.as_str(), "by hand", key, &place.to_string()])
}

impl ByHand {
    /// What was done, for a person.
    fn cause(&self) -> String {
        self.deed.cause(&self.note)
    }
}

/// Refuses what cannot be meant.
fn check(asked: &ByHand) -> Result<()> {
    let invalid = |why: &str| Err(HubError::Invalid(why.into()));
    if asked.key.trim().is_empty() || asked.key.len() > LONGEST {
        return invalid("give the movement a key of 1 to 200 characters, another one for each movement");
    }
    if asked.note.chars().count() > LONGEST {
        return invalid("a note has at most 200 characters");
    }
    let (units, least) = match &asked.deed {
        Deed::Receive { units, .. } | Deed::Transfer { units, .. } => (*units, Decimal::new(1, FINEST)),
        Deed::Count { units, .. } => (*units, Decimal::ZERO),
        Deed::Adjust { by, .. } => (by.abs(), Decimal::new(1, FINEST)),
    };
    if units < least || units > MOST || units.normalize().scale() > FINEST {
        return invalid("units are a number above nothing, with at most three places behind the point");
    }
    match &asked.deed {
        Deed::Adjust { .. } if asked.note.trim().is_empty() => {
            invalid("a correction needs its reason: say why the books are wrong")
        }
        Deed::Transfer { from, to, .. } if from == to => {
            invalid("units are carried from one location to another one: these are the same")
        }
        _ => Ok(()),
    }
}

/// A bundle has no stock of its own: what is left of it from before may only be taken off.
fn may_be_moved(deed: &Deed, balance: &Balance) -> Result<()> {
    let takes_off = match deed {
        Deed::Adjust { by, .. } => *by < Decimal::ZERO,
        Deed::Count { units, .. } => units.is_zero(),
        Deed::Receive { .. } | Deed::Transfer { .. } => false,
    };
    if balance.parts.is_empty() || takes_off {
        return Ok(());
    }
    Err(HubError::Conflict(
        "it is a bundle and has no stock of its own: book what is moved of the items that it is made of"
            .into(),
    ))
}

/// What lies at the first location of a deed, if it can be done with that.
fn lies(deed: &Deed, there: &[AtLocation]) -> Result<OnHand> {
    let first = deed.locations().into_iter().next().cloned().unwrap_or_default();
    let found = there.iter().find(|one| one.location == first).cloned();
    let at = found.unwrap_or_else(|| AtLocation::empty(first));
    let lies = at.on_hand;
    match deed {
        Deed::Adjust { by, .. } if *by < Decimal::ZERO && lies.units() + *by < Decimal::ZERO => {
            Err(HubError::Conflict(format!(
                "only {lies} lie there: count what is there instead of taking off {}",
                by.abs().normalize()
            )))
        }
        Deed::Transfer { units, .. } if at.available().units() < *units => Err(HubError::Conflict(format!(
            "{} are to be carried and only {} may be: {lies} lie there and {} of them are set aside for orders",
            units.normalize(),
            at.available().units().max(Decimal::ZERO).normalize(),
            at.reserved.units().normalize()
        ))),
        Deed::Receive { .. } | Deed::Count { .. } | Deed::Adjust { .. } | Deed::Transfer { .. } => Ok(lies),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LocationId;

    fn there() -> Vec<AtLocation> {
        vec![AtLocation {
            location: LocationId::main(),
            on_hand: OnHand::whole(5),
            reserved: Delta::whole(2),
        }]
    }

    fn shelf() -> LocationId {
        LocationId::derive(&["shelf"])
    }

    fn by_hand(deed: Deed, note: &str) -> ByHand {
        ByHand { deed, note: note.into(), key: "k".into(), actor: "a key".into() }
    }

    fn booked(deed: Deed) -> Vec<(LocationId, i64)> {
        let moves = deed.movements(lies(&deed, &there()).unwrap());
        moves.into_iter().map(|(_, at, units)| (at, units.units().try_into().unwrap())).collect()
    }

    #[test]
    fn a_count_books_the_difference_that_it_found() {
        let count = |units: i64, at| booked(Deed::Count { units: units.into(), at });
        assert_eq!(count(7, LocationId::main()), [(LocationId::main(), 2)]);
        assert_eq!(count(5, LocationId::main()), [(LocationId::main(), 0)]);
        assert_eq!(count(0, LocationId::main()), [(LocationId::main(), -5)]);
        assert_eq!(count(4, shelf()), [(shelf(), 4)]);
    }

    #[test]
    fn no_more_is_carried_or_taken_off_than_lies_there() {
        let carry =
            |units: i64| Deed::Transfer { units: units.into(), from: LocationId::main(), to: shelf() };
        assert_eq!(booked(carry(3)), [(LocationId::main(), -3), (shelf(), 3)]);
        let refused = lies(&carry(4), &there()).err().unwrap().to_string();
        assert_eq!(
            refused,
            "4 are to be carried and only 3 may be: 5 lie there and 2 of them are set aside for orders"
        );
        let back = Deed::Transfer { units: 1.into(), from: shelf(), to: LocationId::main() };
        assert!(lies(&back, &there()).is_err());
        let adjust = |by: i64| Deed::Adjust { by: by.into(), at: LocationId::main() };
        assert_eq!(booked(adjust(-5)), [(LocationId::main(), -5)]);
        assert!(lies(&adjust(-6), &there()).is_err());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let main = LocationId::main;
        let receive = |units: Decimal| Deed::Receive { units, at: main() };
        for (deed, note) in [
            (receive(0.into()), ""),
            (receive((-1).into()), ""),
            (receive(Decimal::new(1, 4)), ""),
            (receive(Decimal::from(2_000_000_000)), ""),
            (Deed::Count { units: (-1).into(), at: main() }, ""),
            (Deed::Adjust { by: 1.into(), at: main() }, " "),
            (Deed::Adjust { by: 0.into(), at: main() }, "why"),
            (Deed::Transfer { units: 1.into(), from: main(), to: main() }, ""),
        ] {
            assert!(check(&by_hand(deed.clone(), note)).is_err(), "{deed:?}");
        }
        assert!(check(&by_hand(receive(Decimal::new(1500, 3)), "")).is_ok());
        assert!(check(&ByHand { key: " ".into(), ..by_hand(receive(1.into()), "") }).is_err());
        let said = by_hand(Deed::Adjust { by: (-2).into(), at: main() }, " broken ").cause();
        assert_eq!(said, "corrected by -2: broken");
    }
}
