//! Bundles: items that are made of others. A bundle has no stock of its own; what may be sold of it follows from
//! its parts.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::stock::Balance;
use crate::{ItemId, OnHand};

/// A bundle has at most so many parts.
pub const MOST_PARTS: usize = 20;

/// Parts of a unit are told down to a thousandth.
const FINEST: u32 = 3;
/// One bundle has no more units of a part than this.
const MOST: Decimal = Decimal::from_parts(100_000, 0, 0, false, 0);

/// What one bundle has of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The item.
    pub item: ItemId,
    /// Units of it in one bundle.
    pub units: Decimal,
}

/// Why parts make no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoBundle {
    /// There are none.
    #[error("a bundle has at least one part: to make it an ordinary item again, take its parts away instead")]
    Empty,
    /// There are too many.
    #[error("a bundle has at most {MOST_PARTS} parts, these are {0}")]
    TooMany(usize),
    /// One item is named twice.
    #[error("{0} is named twice: name each part once, with all its units")]
    Twice(ItemId),
    /// It is named as its own part.
    #[error("a bundle cannot be a part of itself")]
    Itself,
    /// The units of a part make no sense.
    #[error(
        "units of a part are a number above nothing, at most 100000, with at most three places behind the point"
    )]
    Units,
}

/// The parts as they are kept: in the order of their items, checked.
///
/// # Errors
/// Why they make no bundle.
pub fn parts_of(bundle: &ItemId, parts: &[Part]) -> Result<Vec<Part>, NoBundle> {
    if parts.is_empty() {
        return Err(NoBundle::Empty);
    }
    if parts.len() > MOST_PARTS {
        return Err(NoBundle::TooMany(parts.len()));
    }
    let mut kept: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        let units = part.units.normalize();
        if units <= Decimal::ZERO || units > MOST || units.scale() > FINEST {
            return Err(NoBundle::Units);
        }
        if part.item == *bundle {
            return Err(NoBundle::Itself);
        }
        if kept.iter().any(|known| known.item == part.item) {
            return Err(NoBundle::Twice(part.item.clone()));
        }
        kept.push(Part { item: part.item.clone(), units });
    }
    kept.sort_by(|one, other| one.item.cmp(&other.item));
    Ok(kept)
}

/// How many bundles can be made of what may be sold of their parts: whole ones, and never fewer than none. A part
/// whose balance is not given has nothing.
#[must_use]
pub fn makes(parts: &[Part], balances: &[Balance]) -> OnHand {
    let of = |part: &Part| {
        let there = balances.iter().find(|balance| balance.item == part.item);
        let available = there.map_or(Decimal::ZERO, |balance| balance.available().units());
        available.checked_div(part.units).unwrap_or_default().floor()
    };
    OnHand::new(parts.iter().map(of).min().unwrap_or_default().max(Decimal::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Delta;

    fn item(name: &str) -> ItemId {
        ItemId::derive(&[name])
    }

    fn part(name: &str, units: Decimal) -> Part {
        Part { item: item(name), units }
    }

    fn balance(name: &str, on_hand: Decimal, reserved: i64) -> Balance {
        Balance {
            on_hand: OnHand::new(on_hand),
            reserved: Delta::whole(reserved),
            ..Balance::empty(item(name))
        }
    }

    #[test]
    fn the_scarcest_part_says_how_many_there_are() {
        let parts = [part("board", 1.into()), part("screw", 4.into()), part("oil", Decimal::new(25, 2))];
        let makes = |boards: i64, screws: i64, oil: Decimal| {
            let balances = [
                balance("board", boards.into(), 0),
                balance("screw", screws.into(), 0),
                balance("oil", oil, 0),
            ];
            super::makes(&parts, &balances).sellable_units()
        };
        assert_eq!(makes(5, 40, 2.into()), 5);
        assert_eq!(makes(5, 19, 2.into()), 4);
        assert_eq!(makes(5, 40, Decimal::new(74, 2)), 2);
        assert_eq!(makes(5, 3, 2.into()), 0);
        assert_eq!(makes(-1, 40, 2.into()), 0);
        let owed =
            [balance("board", 5.into(), 3), balance("screw", 40.into(), 0), balance("oil", 2.into(), 0)];
        assert_eq!(super::makes(&parts, &owed), OnHand::whole(2));
        assert_eq!(super::makes(&parts, &owed[..2]), OnHand::ZERO, "nobody knows of the oil");
        assert_eq!(super::makes(&[], &owed), OnHand::ZERO);
    }

    #[test]
    fn what_makes_no_bundle_is_refused() {
        let kit = item("kit");
        let of = |parts: &[Part]| parts_of(&kit, parts);
        assert_eq!(of(&[]), Err(NoBundle::Empty));
        assert_eq!(of(&[part("kit", 1.into())]), Err(NoBundle::Itself));
        let twice = [part("a", 1.into()), part("b", 1.into()), part("a", 2.into())];
        assert_eq!(of(&twice), Err(NoBundle::Twice(item("a"))));
        for units in [Decimal::ZERO, Decimal::NEGATIVE_ONE, Decimal::new(1, 4), Decimal::from(100_001)] {
            assert_eq!(of(&[part("a", units)]), Err(NoBundle::Units), "{units}");
        }
        let many: Vec<Part> = (0..21).map(|number| part(&number.to_string(), 1.into())).collect();
        assert_eq!(of(&many), Err(NoBundle::TooMany(21)));
        assert_eq!(of(&many[..20]).unwrap().len(), 20);
        let one_way = of(&[part("a", Decimal::new(200, 2)), part("b", 1.into())]).unwrap();
        let other = of(&[part("b", 1.into()), part("a", 2.into())]).unwrap();
        assert_eq!(one_way, other, "the same parts are kept alike, however they were told");
        assert_eq!(serde_json::to_string(&one_way).unwrap(), serde_json::to_string(&other).unwrap());
    }
}
