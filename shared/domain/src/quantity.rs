//! Quantities: a level that replaces and a change that adds are two types.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// A level: how many units there are. It replaces, it is never added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct OnHand(Decimal);

/// A change: how many units came or went. Changes add up and commute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Delta(Decimal);

impl OnHand {
    /// No units.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A level of so many units.
    #[must_use]
    pub fn new(units: Decimal) -> Self {
        Self(units.normalize())
    }

    /// A level of so many whole units.
    #[must_use]
    pub fn whole(units: i64) -> Self {
        Self(Decimal::from(units))
    }

    /// The level as a number.
    #[must_use]
    pub fn units(self) -> Decimal {
        self.0
    }

    /// The level after a change.
    #[must_use]
    pub fn moved(self, by: Delta) -> Self {
        Self((self.0 + by.0).normalize())
    }

    /// The change that leads from `earlier` to this level.
    #[must_use]
    pub fn since(self, earlier: Self) -> Delta {
        Delta((self.0 - earlier.0).normalize())
    }

    /// Whole units that may be offered: floored, never below zero. The only way to a storefront's integer.
    #[must_use]
    pub fn sellable_units(self) -> u64 {
        self.0.floor().max(Decimal::ZERO).to_u64().unwrap_or(u64::MAX)
    }
}

impl Delta {
    /// No change.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A change by so many units.
    #[must_use]
    pub fn new(units: Decimal) -> Self {
        Self(units.normalize())
    }

    /// A change by so many whole units.
    #[must_use]
    pub fn whole(units: i64) -> Self {
        Self(Decimal::from(units))
    }

    /// The change as a signed number.
    #[must_use]
    pub fn units(self) -> Decimal {
        self.0
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether units go away.
    #[must_use]
    pub fn lowers(self) -> bool {
        self.0 < Decimal::ZERO
    }
}

impl std::ops::Add for Delta {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self((self.0 + other.0).normalize())
    }
}

impl std::ops::Sub for Delta {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self((self.0 - other.0).normalize())
    }
}

impl std::ops::Neg for Delta {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Delta {
    fn sum<I: Iterator<Item = Self>>(changes: I) -> Self {
        changes.fold(Self::ZERO, |sum, change| sum + change)
    }
}

impl fmt::Display for OnHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storefront_sees_whole_units_above_zero() {
        assert_eq!(OnHand::new(Decimal::new(29, 1)).sellable_units(), 2);
        assert_eq!(OnHand::whole(-3).sellable_units(), 0);
        assert_eq!(OnHand::whole(7).since(OnHand::whole(9)), Delta::whole(-2));
        assert_eq!(OnHand::whole(7).moved(Delta::whole(-2)), OnHand::whole(5));
    }
}
