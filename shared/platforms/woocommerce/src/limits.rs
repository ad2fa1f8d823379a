//! Facts about WooCommerce that the hub plans with.

use std::time::Duration;

use platform::{Limits, StockMode};

/// The most records that a list gives at once.
pub(crate) const MOST_PER_PAGE: u32 = 100;

/// The facts. The reasons stand in the README.
pub(crate) const LIMITS: Limits = Limits {
    page: MOST_PER_PAGE,
    stock_batch: 50,
    read_batch: 100,
    stock_mode: StockMode::Delta,
    repeats_writes: false,
    // A checkout writes the order, then takes the stock, then commits: seconds on a slow shop.
    order_visibility_lag: Duration::from_secs(15),
    // `modified_after` has a grain of a second, and a row is dated when its saving begins, not when it shows.
    overlap: Duration::from_secs(120),
};
