//! The shop's clock and its time zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds since 1970, UTC.
pub(crate) type Seconds = i64;

/// A clock that can be set wrong.
pub(crate) struct Clock {
    zone: TimeZone,
    offset: AtomicI64,
}

impl Clock {
    pub(crate) fn new(zone: &str) -> Result<Self, jiff::Error> {
        Ok(Self { zone: TimeZone::get(zone)?, offset: AtomicI64::new(0) })
    }

    pub(crate) fn set_offset(&self, seconds: i64) {
        self.offset.store(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Seconds {
        self.now_ms().div_euclid(1000)
    }

    #[expect(clippy::disallowed_methods, reason = "this clock is where the simulator's time comes in")]
    pub(crate) fn now_ms(&self) -> i64 {
        Timestamp::now().as_millisecond() + self.offset.load(Ordering::Relaxed) * 1000
    }

    /// Hours east of UTC right now, as `gmt_offset` gives them.
    pub(crate) fn gmt_offset(&self) -> f64 {
        let now = Timestamp::from_second(self.now()).unwrap();
        f64::from(self.zone.to_offset(now).seconds()) / 3600.0
    }

    /// `2026-11-20T11:01:22` in the shop's zone.
    pub(crate) fn local(&self, at: Seconds) -> String {
        spell(self.civil(at))
    }

    /// `2026-11-20T16:01:22` in UTC, without a zone mark.
    pub(crate) fn gmt(&self, at: Seconds) -> String {
        spell(utc(at))
    }

    /// The wall clock in the shop at an instant.
    pub(crate) fn civil(&self, at: Seconds) -> DateTime {
        Timestamp::from_second(at).unwrap().to_zoned(self.zone.clone()).datetime()
    }

    /// A date parameter as WordPress reads it: a mark for a zone moves it to the shop's wall clock.
    pub(crate) fn parameter(&self, text: &str) -> Option<DateTime> {
        let text = text.trim().replacen(' ', "T", 1);
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(self.civil(at.as_second()));
        }
        if !text.contains('T') || text.ends_with(['Z', 'z']) {
            return None;
        }
        text.parse::<DateTime>().ok().map(|at| at.with().subsec_nanosecond(0).build().unwrap_or(at))
    }
}

/// The UTC wall clock at an instant.
pub(crate) fn utc(at: Seconds) -> DateTime {
    Timestamp::from_second(at).unwrap().to_zoned(TimeZone::UTC).datetime()
}

/// `Fri, 20 Nov 2026 16:06:41 GMT` for the `Date` header.
pub(crate) fn http_date(at: Seconds) -> String {
    utc(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// RFC 3339 with milliseconds, for the windows.
pub(crate) fn stamp(ms: i64) -> String {
    let at = Timestamp::UNIX_EPOCH.checked_add(Span::new().milliseconds(ms)).unwrap();
    format!("{at:.3}")
}

fn spell(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
