//! Facts about Shopify that the hub plans with.

use std::time::Duration;

use platform::{Limits, StockMode};

/// The version of the Admin API that is called.
pub(crate) const API: &str = "2026-10";
/// The most records that a list gives at once.
pub(crate) const MOST_PER_PAGE: u32 = 250;
/// The most that one query may cost.
pub(crate) const MOST_COST: u64 = 1_000;

/// The facts. The reasons stand in the README.
pub(crate) const LIMITS: Limits = Limits {
    page: MOST_PER_PAGE,
    // Each number is a field of its own with a key of its own, at 10 to 13 points: half of what one call may cost.
    stock_batch: 40,
    read_batch: 250,
    stock_mode: StockMode::CompareAndSet,
    repeats_writes: true,
    // An order is there at once by its id; the index that lists search may lag that long.
    order_visibility_lag: Duration::from_secs(30 * 60),
    // What the index did not show in time is found only if the next reading reaches back as far as the index may lag.
    overlap: Duration::from_secs(30 * 60),
};
