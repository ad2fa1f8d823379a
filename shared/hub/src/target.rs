//! What a link should show: pure, and one for all who ask: a push, a rehearsal, a shadow, the drift report.

use domain::stock::Balance;
use domain::{Delta, OnHand};

/// Where a link's number should be, and how far it is from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// The number that the shop should show: whole units, never below zero.
    pub target: OnHand,
    /// Target minus explained: how the number must move.
    pub by: Delta,
}

/// The number that a link of an item with this balance should show, given the one that is explained.
#[must_use]
pub fn aim(balance: &Balance, explained: OnHand) -> Aim {
    let target = OnHand::new(balance.available().sellable_units().into());
    Aim { target, by: target.since(explained) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ItemId;
    use rust_decimal::Decimal;

    #[test]
    fn a_link_shows_what_may_be_sold_in_whole_units_and_never_less_than_none() {
        let of = |on_hand: Decimal, reserved: Decimal, explained: i64| {
            let balance = Balance {
                on_hand: OnHand::new(on_hand),
                reserved: Delta::new(reserved),
                ..Balance::empty(ItemId::derive(&["i"]))
            };
            let Aim { target, by } = aim(&balance, OnHand::whole(explained));
            (target, by)
        };
        let whole = |target, by| (OnHand::whole(target), Delta::whole(by));
        assert_eq!(of(5.into(), 2.into(), 4), whole(3, -1));
        assert_eq!(of(5.into(), 0.into(), 5), whole(5, 0));
        assert_eq!(of(5.into(), 7.into(), 1), whole(0, -1));
        assert_eq!(of(Decimal::new(55, 1), 0.into(), 3), whole(5, 2));
        assert_eq!(of(0.into(), 0.into(), -2), whole(0, 2));
    }
}
