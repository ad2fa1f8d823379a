//! What a call costs, and what is left in the bucket that refills.

use std::time::Duration;

use serde::Deserialize;

use crate::limits::MOST_COST;
use crate::wire::loose::Number;

/// The cost of a call, as its answer says it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cost {
    #[serde(default)]
    requested_query_cost: Number,
    throttle_status: Bucket,
}

/// The bucket of this app at this shop.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bucket {
    currently_available: Number,
    restore_rate: Number,
}

impl Cost {
    /// What the call was held to cost before it ran.
    pub(crate) fn requested(&self) -> u64 {
        self.requested_query_cost.whole().unwrap_or(0)
    }

    /// How long to wait until a call of this cost is let in; none if it is let in now.
    pub(crate) fn wait_for(&self, cost: u64) -> Option<Duration> {
        let available = self.throttle_status.currently_available.whole().unwrap_or(0);
        let rate = self.throttle_status.restore_rate.whole().unwrap_or(0).max(1);
        let missing = cost.saturating_sub(available);
        (missing > 0).then(|| Duration::from_secs(missing.div_ceil(rate)))
    }

    /// How long to wait until the next page is let in, which asks for `next` records where this one asked for `size`.
    pub(crate) fn wait_for_page(&self, size: u32, next: u32) -> Option<Duration> {
        let grown = self.requested().saturating_mul(u64::from(next)).div_ceil(u64::from(size.max(1)));
        self.wait_for(grown.min(MOST_COST))
    }

    /// How long a call that was thrown back waits: at least a second.
    pub(crate) fn wait_again(&self) -> Duration {
        self.wait_for(self.requested()).unwrap_or_default().max(Duration::from_secs(1))
    }

    /// How many records the next page may ask for, when this one asked for `size` at this cost: nine tenths of the most
    /// that a query may cost, and never more than four times as many at once.
    pub(crate) fn next_size(&self, size: u32, most: u32) -> u32 {
        const AIM: u64 = MOST_COST * 9 / 10;
        let fits = u64::from(size) * AIM / self.requested().max(1);
        let fits = u32::try_from(fits).unwrap_or(u32::MAX);
        fits.min(size.saturating_mul(4)).clamp(1, most.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(requested: u64, available: &str, rate: &str) -> Cost {
        let json = format!(
            r#"{{"requestedQueryCost":{requested},"actualQueryCost":null,"throttleStatus":{{"maximumAvailable":2000.0,"currentlyAvailable":{available},"restoreRate":{rate}}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn the_bucket_says_how_long_to_wait() {
        assert_eq!(cost(752, "666", "50.0").wait_again(), Duration::from_secs(2));
        assert_eq!(cost(10, "2000", "100").wait_again(), Duration::from_secs(1));
        assert_eq!(cost(10, "10.5", "100.0").wait_for(900), Some(Duration::from_secs(9)));
        assert_eq!(cost(10, "900", "100").wait_for(900), None);
        assert_eq!(cost(10, "0", "0").wait_for(3), Some(Duration::from_secs(3)));
        assert_eq!(cost(100, "100", "100").wait_for_page(8, 8), None);
        assert_eq!(cost(100, "100", "100").wait_for_page(8, 32), Some(Duration::from_secs(3)));
        assert_eq!(cost(900, "0", "100").wait_for_page(8, 32), Some(Duration::from_secs(10)));
    }

    #[test]
    fn pages_grow_as_far_as_their_cost_lets_them() {
        assert_eq!(cost(860, "0", "1").next_size(10, 250), 10);
        assert_eq!(cost(90, "0", "1").next_size(10, 250), 40);
        assert_eq!(cost(300, "0", "1").next_size(10, 250), 30);
        assert_eq!(cost(1800, "0", "1").next_size(10, 250), 5);
        assert_eq!(cost(20, "0", "1").next_size(200, 250), 250);
        assert_eq!(cost(5000, "0", "1").next_size(1, 250), 1);
        assert_eq!(cost(0, "0", "1").next_size(10, 250), 40);
    }
}
