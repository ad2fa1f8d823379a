//! Facts about a platform that the hub plans with.

use std::time::Duration;

/// How a platform lets a number be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockMode {
    /// The write names the number it expects and is refused if it is another.
    CompareAndSet,
    /// The write says by how much the number moves.
    Delta,
    /// The write replaces the number, whatever it was: read before and after.
    Absolute,
}

/// Facts about a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Records per page to begin with; it shrinks when pages are too slow.
    pub page: u32,
    /// The most levels in one write.
    pub stock_batch: usize,
    /// The most variants in one reading of levels.
    pub read_batch: usize,
    /// How a number is written.
    pub stock_mode: StockMode,
    /// Whether a write of unknown outcome may be sent again as it was: the shop knows it by its name and does it
    /// once.
    pub repeats_writes: bool,
    /// How long an order may stay invisible to reading after it was placed.
    pub order_visibility_lag: Duration,
    /// How far back an incremental reading overlaps the one before.
    pub overlap: Duration,
}
