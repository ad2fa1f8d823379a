//! What all parts of one running shop share.

use super::clock::Clock;
use super::consent::Sessions;
use super::faults::Board;
use super::outbound::Outbound;
use super::store::Store;
use super::window::RequestRow;
use crate::ground::Gate;
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) struct House {
    store: Mutex<Store>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Board,
    pub(crate) outbound: Outbound,
    pub(crate) sessions: Mutex<Sessions>,
    /// Held while deliveries run.
    pub(crate) delivering: tokio::sync::Mutex<()>,
    /// Told when the queue has something new.
    pub(crate) stirred: tokio::sync::Notify,
    /// The install's base path, empty or like `/shop`.
    pub(crate) base: String,
    pub(crate) https: bool,
    /// Through which requests come.
    pub(crate) gate: Gate<RequestRow>,
}

impl House {
    pub(crate) fn new(store: Store, outbound: Outbound, base: String, https: bool) -> Self {
        Self {
            clock: Arc::clone(&store.clock),
            gate: Gate::new(store.config.remembered),
            store: Mutex::new(store),
            faults: Board::default(),
            outbound,
            sessions: Mutex::default(),
            delivering: tokio::sync::Mutex::default(),
            stirred: tokio::sync::Notify::new(),
            base,
            https,
        }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
