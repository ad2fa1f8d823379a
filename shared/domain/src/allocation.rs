//! Allocation: how many of an item's units a link may offer.

use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Delta, OnHand};

/// How many of an item's units a link may offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode")]
pub enum Allocation {
    /// All that may be sold and belongs to no other link, less a buffer.
    Shared {
        /// What is held back.
        buffer: Buffer,
    },
    /// The same, and never more than so many.
    Capped {
        /// The most that is shown.
        at_most: OnHand,
        /// What is held back.
        buffer: Buffer,
    },
    /// Units that belong to this link alone: nobody else sells them, and it sells no others.
    Quota {
        /// It may sell until so many units were sold through it since it came into the books.
        until: Delta,
        /// Since when: where there are fewer units than were given, who was given first keeps first.
        since: Timestamp,
    },
}

/// What is held back from a link that shares its units, against sales elsewhere that are not known yet.
///
/// People write it as `none`, `2`, `10%` or `adaptive 1%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Buffer {
    /// Nothing.
    None,
    /// So many units.
    Units {
        /// The units.
        units: Decimal,
    },
    /// A part of what may be sold, rounded up to whole units.
    Percent {
        /// The part, of a hundred.
        percent: Decimal,
    },
    /// As many units as are rarely sold elsewhere before the store is brought down, by what was measured.
    Adaptive {
        /// The part of such times, of a hundred, in which more may be sold.
        risk: Decimal,
    },
}

/// What an adaptive buffer came to when it was measured last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    /// The units that are held back.
    pub units: Decimal,
    /// Units of the item that were sold in a day.
    pub per_day: Decimal,
    /// How long the store is behind, in milliseconds.
    pub lag_millis: u64,
    /// When it was measured.
    pub at: Timestamp,
}

impl Allocation {
    /// What a link has that nothing was said of.
    pub const ALL: Self = Self::Shared { buffer: Buffer::None };

    /// Units that belong to a link alone, after so many were sold through it; none where units are shared.
    #[must_use]
    pub fn own(&self, sold: Delta) -> Option<Decimal> {
        match self {
            Self::Quota { until, .. } => Some((*until - sold).units().max(Decimal::ZERO)),
            Self::Shared { .. } | Self::Capped { .. } => None,
        }
    }

    /// What a link that shares may offer of units that are free for it.
    #[must_use]
    pub fn of_shared(&self, free: OnHand, margin: Option<&Margin>) -> OnHand {
        match self {
            Self::Shared { buffer } => buffer.less(free, margin),
            Self::Capped { at_most, buffer } => buffer.less(free, margin).min(*at_most),
            Self::Quota { .. } => OnHand::ZERO,
        }
    }

    /// Its buffer, where units are shared.
    #[must_use]
    pub fn buffer(&self) -> Option<Buffer> {
        match self {
            Self::Shared { buffer } | Self::Capped { buffer, .. } => Some(*buffer),
            Self::Quota { .. } => None,
        }
    }
}

/// Why a text is no buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BufferError {
    /// It has none of the forms.
    #[error("a buffer is `none`, a number of units as `2`, a part as `10%`, or `adaptive 1%`")]
    Form,
    /// Units are whole.
    #[error("a buffer is a whole number of units, not below zero")]
    Units,
    /// A part is of a hundred.
    #[error("a buffer is from 0 to 100 percent")]
    Percent,
    /// Nothing is without risk.
    #[error("the risk of an adaptive buffer is from 0.01 to 50 percent")]
    Risk,
}

impl std::str::FromStr for Buffer {
    type Err = BufferError;

    fn from_str(text: &str) -> Result<Self, BufferError> {
        let text = text.trim();
        let part = |text: &str| -> Result<Decimal, BufferError> {
            text.trim().strip_suffix('%').and_then(|part| part.trim().parse().ok()).ok_or(BufferError::Form)
        };
        if text == "none" {
            return Ok(Self::None);
        }
        if let Some(risk) = text.strip_prefix("adaptive") {
            let risk = part(risk)?;
            let fits = risk >= Decimal::new(1, 2) && risk <= Decimal::from(50);
            return if fits { Ok(Self::Adaptive { risk }) } else { Err(BufferError::Risk) };
        }
        if text.ends_with('%') {
            let percent = part(text)?;
            let fits = percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED;
            return if fits { Ok(Self::Percent { percent }) } else { Err(BufferError::Percent) };
        }
        let units: Decimal = text.parse().map_err(|_| BufferError::Form)?;
        if units < Decimal::ZERO || !units.is_integer() {
            return Err(BufferError::Units);
        }
        Ok(Self::Units { units })
    }
}

impl TryFrom<String> for Buffer {
    type Error = BufferError;

    fn try_from(text: String) -> Result<Self, BufferError> {
        text.parse()
    }
}

impl From<Buffer> for String {
    fn from(buffer: Buffer) -> Self {
        buffer.to_string()
    }
}

impl fmt::Display for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Units { units } => write!(f, "{}", units.normalize()),
            Self::Percent { percent } => write!(f, "{}%", percent.normalize()),
            Self::Adaptive { risk } => write!(f, "adaptive {}%", risk.normalize()),
        }
    }
}

impl Buffer {
    /// What is left of some units when the buffer is held back.
    fn less(&self, free: OnHand, margin: Option<&Margin>) -> OnHand {
        let held = match self {
            Self::None => Decimal::ZERO,
            Self::Units { units } => *units,
            Self::Percent { percent } => {
                (free.units().max(Decimal::ZERO) * percent / Decimal::ONE_HUNDRED).ceil()
            }
            Self::Adaptive { .. } => margin.map_or(Decimal::ZERO, |margin| margin.units),
        };
        OnHand::new(free.units() - held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_held_back_and_a_cap_is_kept() {
        let units = |units: i64| Buffer::Units { units: units.into() };
        let percent = |percent: i64| Buffer::Percent { percent: percent.into() };
        let margin =
            Margin { units: 3.into(), per_day: 40.into(), lag_millis: 60_000, at: Timestamp::UNIX_EPOCH };
        let adaptive = Buffer::Adaptive { risk: 1.into() };
        let shared = |buffer| Allocation::Shared { buffer };
        let capped = |at_most, buffer| Allocation::Capped { at_most: OnHand::whole(at_most), buffer };
        let table = [
            (Allocation::ALL, 7, 7),
            (shared(units(2)), 7, 5),
            (shared(units(9)), 7, -2),
            (shared(percent(10)), 7, 6),
            (shared(percent(10)), 21, 18),
            (shared(percent(100)), 7, 0),
            (shared(percent(50)), -3, -3),
            (shared(adaptive), 7, 4),
            (capped(5, Buffer::None), 7, 5),
            (capped(5, units(4)), 7, 3),
        ];
        for (allocation, free, expected) in table {
            let offered = allocation.of_shared(OnHand::whole(free), Some(&margin));
            assert_eq!(offered, OnHand::whole(expected), "{allocation:?} of {free}");
        }
        assert_eq!(shared(adaptive).of_shared(OnHand::whole(7), None), OnHand::whole(7));
    }

    #[test]
    fn a_quota_shrinks_by_what_is_sold_and_grows_by_what_comes_back() {
        let quota = Allocation::Quota { until: Delta::whole(12), since: Timestamp::UNIX_EPOCH };
        assert_eq!(quota.own(Delta::whole(7)), Some(5.into()));
        assert_eq!(quota.own(Delta::whole(13)), Some(0.into()));
        assert_eq!(Allocation::ALL.own(Delta::whole(7)), None);
        assert_eq!(quota.of_shared(OnHand::whole(9), None), OnHand::ZERO);
    }

    #[test]
    fn a_buffer_is_written_as_people_say_it() {
        for text in ["none", "2", "10%", "0%", "adaptive 1%", "adaptive 0.5%"] {
            let buffer: Buffer = text.parse().unwrap();
            assert_eq!(buffer.to_string(), text);
        }
        let table = [
            ("", BufferError::Form),
            ("some", BufferError::Form),
            ("1.5", BufferError::Units),
            ("-1", BufferError::Units),
            ("101%", BufferError::Percent),
            ("%", BufferError::Form),
            ("adaptive", BufferError::Form),
            ("adaptive 0%", BufferError::Risk),
            ("adaptive 51%", BufferError::Risk),
        ];
        for (text, why) in table {
            assert_eq!(text.parse::<Buffer>(), Err(why), "{text}");
        }
    }

    #[test]
    fn it_is_kept_in_words() {
        for kept in [
            r#"{"mode":"shared","buffer":"none"}"#,
            r#"{"mode":"capped","at_most":"5","buffer":"10%"}"#,
            r#"{"mode":"quota","until":"12","since":"1970-01-01T00:00:00Z"}"#,
        ] {
            let read: Allocation = serde_json::from_str(kept).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), kept);
        }
        assert!(serde_json::from_str::<Allocation>(r#"{"mode":"shared","buffer":"1.5"}"#).is_err());
    }
}
