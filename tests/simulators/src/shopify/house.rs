//! What all parts of one running shop share.

use super::clock::Clock;
use super::faults::Board;
use super::outbound::Outbound;
use super::rows::RequestRow;
use super::store::Store;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct House {
    store: Mutex<Store>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Board,
    pub(crate) outbound: Outbound,
    /// Idempotency keys of calls under way.
    pub(crate) under_way_keys: Mutex<Vec<String>>,
    /// Held while deliveries run.
    pub(crate) delivering: tokio::sync::Mutex<()>,
    /// Told when the queue has something new.
    pub(crate) stirred: tokio::sync::Notify,
    requests: Mutex<VecDeque<RequestRow>>,
    remembered: usize,
    under_way: AtomicUsize,
    peak: AtomicUsize,
    served: AtomicUsize,
}

impl House {
    pub(crate) fn new(store: Store, outbound: Outbound) -> Self {
        Self {
            clock: Arc::clone(&store.clock),
            remembered: store.config.remembered,
            store: Mutex::new(store),
            faults: Board::default(),
            outbound,
            under_way_keys: Mutex::default(),
            delivering: tokio::sync::Mutex::default(),
            stirred: tokio::sync::Notify::new(),
            requests: Mutex::default(),
            under_way: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            served: AtomicUsize::new(0),
        }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings what runs in the background up to now: bulk operations and product operations.
    pub(crate) fn settle(&self) {
        let mut store = self.store();
        super::bulk::settle(&mut store);
        super::operation::settle(&mut store);
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, VecDeque<RequestRow>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request in; it counts itself out when it ends or is given up.
    pub(crate) fn enter(&self) -> Inside<'_> {
        self.served.fetch_add(1, Ordering::Relaxed);
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(under_way, Ordering::Relaxed);
        Inside { under_way: &self.under_way, concurrency: under_way }
    }

    /// Remembers a request that was answered.
    pub(crate) fn leave(&self, row: RequestRow) {
        let mut requests = self.requests();
        requests.push_back(row);
        if requests.len() > self.remembered {
            requests.pop_front();
        }
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(crate) fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

/// A request under way.
pub(crate) struct Inside<'a> {
    under_way: &'a AtomicUsize,
    /// How many were under way with it when it came.
    pub(crate) concurrency: usize,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
