//! How many requests one caller may make: a token bucket per merchant, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::OrgId;
use jiff::Timestamp;
use platform::Clock;

/// Requests that may come at once.
const BURST: i64 = 400;
/// Requests that may come every second.
const PER_SECOND: i64 = 100;

/// How many requests one caller may make.
pub(crate) struct Budget {
    clock: Arc<dyn Clock>,
    buckets: Mutex<HashMap<OrgId, Bucket>>,
}

struct Bucket {
    /// Thousandths of requests that are left.
    left: i64,
    at: Timestamp,
}

impl Budget {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, buckets: Mutex::default() }
    }

    /// Takes one request out; false if none is left.
    pub(crate) fn take(&self, org: &OrgId) -> bool {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(org.clone()).or_insert(Bucket { left: BURST * 1000, at: now });
        let millis = i64::try_from(now.duration_since(bucket.at).as_millis()).unwrap_or(0).max(0);
        bucket.left = bucket.left.saturating_add(millis.saturating_mul(PER_SECOND)).min(BURST * 1000);
        bucket.at = now;
        if bucket.left < 1000 {
            return false;
        }
        bucket.left -= 1000;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    struct Still(Mutex<Timestamp>);

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn a_burst_ends_and_comes_back_with_time() {
        let clock = Arc::new(Still(Mutex::new(Timestamp::UNIX_EPOCH)));
        let budget = Budget::new(clock.clone());
        let (one, other) = (OrgId::derive(&["1"]), OrgId::derive(&["2"]));
        assert_eq!((0..1000).filter(|_| budget.take(&one)).count(), 400);
        assert!(budget.take(&other), "another merchant has its own");
        *clock.0.lock().unwrap() += SignedDuration::from_millis(50);
        assert_eq!((0..1000).filter(|_| budget.take(&one)).count(), 5);
    }
}
