//! What all parts of one running shop share.

use super::clock::Clock;
use super::faults::Board;
use super::outbound::Outbound;
use super::rows::RequestRow;
use super::store::Store;
use crate::ground::Gate;
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
    /// Through which requests come.
    pub(crate) gate: Gate<RequestRow>,
}

impl House {
    pub(crate) fn new(store: Store, outbound: Outbound) -> Self {
        Self {
            clock: Arc::clone(&store.clock),
            gate: Gate::new(store.config.remembered),
            store: Mutex::new(store),
            faults: Board::default(),
            outbound,
            under_way_keys: Mutex::default(),
            delivering: tokio::sync::Mutex::default(),
            stirred: tokio::sync::Notify::new(),
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
}
