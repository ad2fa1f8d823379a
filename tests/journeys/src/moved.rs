//! The machine's clock, moved.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use storeloom::clock::SystemClock;

/// The machine's clock, so many milliseconds ahead.
#[derive(Default)]
pub struct Moved(AtomicI64);

impl Moved {
    /// Moves it on; how far it is ahead now.
    pub fn by(&self, millis: i64) -> i64 {
        self.0.fetch_add(millis, Ordering::SeqCst) + millis
    }

    /// As far ahead as it takes to make it noon of today, in UTC; or behind.
    pub fn at_noon() -> Self {
        const DAY: i64 = 86_400_000;
        Self(AtomicI64::new(DAY / 2 - SystemClock.now().as_millisecond().rem_euclid(DAY)))
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
