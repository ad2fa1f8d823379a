//! Days of the books, in UTC.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A text that names no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a day is written such as 2026-11-20")]
pub struct NoDay;

/// A day of the books, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(Date);

impl Day {
    /// The day of a time.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.to_zoned(TimeZone::UTC).date())
    }

    /// The first moment of the day.
    #[must_use]
    pub fn begins(self) -> Timestamp {
        self.0.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
    }

    /// The day after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.begins().saturating_add(SignedDuration::from_hours(36)).unwrap_or(Timestamp::MAX))
    }
}

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        // A time is no day, though its beginning reads like one.
        let day = text.parse().map(Self).map_err(|_| NoDay)?;
        if day.to_string() == text { Ok(day) } else { Err(NoDay) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_in_utc() {
        let day: Day = "2026-12-31".parse().unwrap();
        assert_eq!(day.begins().to_string(), "2026-12-31T00:00:00Z");
        assert_eq!(day.next().to_string(), "2027-01-01");
        assert_eq!(Day::of("2026-12-31T23:59:59.999Z".parse().unwrap()), day);
        for odd in ["", "yesterday", "2026-13-01", "2026-12", "2026-12-31T10:00", " 2026-12-31"] {
            assert_eq!(odd.parse::<Day>(), Err(NoDay), "{odd}");
        }
    }
}
