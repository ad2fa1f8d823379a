//! The shop's clock, which can be moved, and its time zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970, UTC.
pub(crate) type Millis = i64;

/// One day.
pub(crate) const DAY: Millis = 86_400_000;

/// A clock that tokens, buckets, queues and bulk operations go by.
pub(crate) struct Clock {
    zone: TimeZone,
    offset: AtomicI64,
}

impl Clock {
    pub(crate) fn new(zone: &str) -> Result<Self, jiff::Error> {
        Ok(Self { zone: TimeZone::get(zone)?, offset: AtomicI64::new(0) })
    }

    pub(crate) fn advance(&self, ms: Millis) {
        self.offset.fetch_add(ms, Ordering::Relaxed);
    }

    #[expect(clippy::disallowed_methods, reason = "this clock is where the simulator's time comes in")]
    pub(crate) fn now(&self) -> Millis {
        Timestamp::now().as_millisecond() + self.offset.load(Ordering::Relaxed)
    }

    /// `2026-11-20T11:01:22-05:00`, as webhook bodies give times.
    pub(crate) fn local(&self, at: Millis) -> String {
        instant(at).to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// Minutes east of UTC at an instant.
    pub(crate) fn offset_minutes(&self, at: Millis) -> i64 {
        i64::from(self.zone.to_offset(instant(at)).seconds()) / 60
    }

    /// A search value: an instant, or a day that begins at midnight in the shop.
    ///
    /// A numeric offset is read as if it were not there, so that only UTC with a `Z` means what it says.
    pub(crate) fn search_time(&self, text: &str) -> Option<Millis> {
        let text = text.trim();
        if let Ok(day) = text.parse::<Date>()
            && !text.contains(['T', ' '])
        {
            return Some(day.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond());
        }
        let text = text.replacen(' ', "T", 1);
        if let Ok(at) = text.parse::<Timestamp>()
            && text.ends_with(['Z', 'z'])
        {
            return Some(at.as_millisecond());
        }
        let (date, time) = text.split_once('T')?;
        let bare = time.split(['+', '-']).next()?;
        let at: jiff::civil::DateTime = format!("{date}T{bare}").parse().ok()?;
        Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }
}

fn instant(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `2026-11-20T16:01:22Z`, as GraphQL gives times.
pub(crate) fn z(at: Millis) -> String {
    instant(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 3339 with milliseconds, for the windows.
pub(crate) fn stamp(at: Millis) -> String {
    format!("{:.3}", instant(at))
}

/// RFC 3339 with nanoseconds, for `X-Shopify-Triggered-At`.
pub(crate) fn nanos(at: Millis, nanos: u32) -> String {
    let at = instant(at);
    format!("{}.{:03}{:06}Z", at.strftime("%Y-%m-%dT%H:%M:%S"), at.subsec_millisecond(), nanos % 1_000_000)
}

/// `Fri, 20 Nov 2026 16:06:41 GMT` for the `Date` header.
pub(crate) fn http_date(at: Millis) -> String {
    instant(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_times_are_utc_or_days_of_the_shop() {
        let clock = Clock::new("America/New_York").unwrap();
        let at = |text: &str| clock.search_time(text).map(z);
        assert_eq!(at("2026-11-19T10:00:00Z").unwrap(), "2026-11-19T10:00:00Z");
        assert_eq!(at("2026-11-19").unwrap(), "2026-11-19T05:00:00Z");
        assert_eq!(at("2026-11-19T10:00:00-05:00").unwrap(), "2026-11-19T10:00:00Z");
        assert_eq!(at("yesterday"), None);
    }

    #[test]
    fn bodies_carry_the_shops_offset() {
        let clock = Clock::new("America/New_York").unwrap();
        assert_eq!(clock.local(1_778_511_746_000), "2026-05-11T11:02:26-04:00");
    }
}
