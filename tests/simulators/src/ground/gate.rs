//! The gate through which requests come: who is inside, and what was asked.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts requests in and out, and remembers the last of them.
pub struct Gate<Row> {
    rows: Mutex<VecDeque<Row>>,
    remembered: usize,
    under_way: AtomicUsize,
    peak: AtomicUsize,
    served: AtomicUsize,
}

impl<Row> Gate<Row> {
    /// A gate that remembers so many requests.
    pub fn new(remembered: usize) -> Self {
        Self {
            rows: Mutex::default(),
            remembered,
            under_way: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            served: AtomicUsize::new(0),
        }
    }

    /// The requests that are remembered.
    pub fn rows(&self) -> MutexGuard<'_, VecDeque<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request in; it counts itself out when it ends or is given up.
    pub fn enter(&self) -> Inside<'_> {
        self.served.fetch_add(1, Ordering::Relaxed);
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(under_way, Ordering::Relaxed);
        Inside { under_way: &self.under_way, concurrency: under_way }
    }

    /// Remembers a request that was answered.
    pub fn leave(&self, row: Row) {
        let mut rows = self.rows();
        rows.push_back(row);
        if rows.len() > self.remembered {
            rows.pop_front();
        }
    }

    /// The most that were ever under way at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// How many came.
    pub fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

/// A request under way.
pub struct Inside<'a> {
    under_way: &'a AtomicUsize,
    /// How many were under way with it when it came.
    pub concurrency: usize,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
