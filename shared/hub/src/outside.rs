//! Everything outside, as each `main` hands it in.

use std::sync::Arc;

use platform::{Clock, Dice, Http};
use ports::{
    Blobs, Catalog, Decisions, Directory, Journal, Lanes, Ledger, Queue, Runs, Schedules, Trials, Vault,
};
use url::Url;

use crate::{HubError, Platforms, Result};

/// What is decided by whoever runs the hub.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address at which shops and browsers reach this hub.
    pub public_url: Url,
    /// What a shop's owner sees as the name of who asks.
    pub app_name: String,
    /// How often each stream of a store is read for changes.
    pub interval_seconds: u64,
}

/// Everything outside. Each use-case takes from it only what it needs.
#[derive(Clone)]
pub struct Outside {
    /// Stores, API keys, connections under way.
    pub directory: Arc<dyn Directory>,
    /// What shops list.
    pub catalog: Arc<dyn Catalog>,
    /// The books.
    pub ledger: Arc<dyn Ledger>,
    /// History, exceptions, counts.
    pub journal: Arc<dyn Journal>,
    /// Due work per store.
    pub lanes: Arc<dyn Lanes>,
    /// Synchronisation runs.
    pub runs: Arc<dyn Runs>,
    /// The queue of platforms' messages.
    pub inbox: Arc<dyn Queue>,
    /// The queue of doorbells.
    pub doorbell: Arc<dyn Queue>,
    /// Credentials.
    pub vault: Arc<dyn Vault>,
    /// Large bodies.
    pub blobs: Arc<dyn Blobs>,
    /// Interval schedules.
    pub schedules: Arc<dyn Schedules>,
    /// The HTTP client.
    pub http: Arc<dyn Http>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub dice: Arc<dyn Dice>,
    /// The platforms.
    pub platforms: Platforms,
    /// What is decided by whoever runs the hub.
    pub settings: Settings,
}

/// What merchants decided about their numbers.
pub(crate) fn decisions(directory: &Arc<dyn Directory>) -> Result<&dyn Decisions> {
    directory
        .decisions()
        .ok_or_else(|| HubError::Invalid("nothing can be decided about numbers in this hub".into()))
}

/// What is kept of writes beside the books.
pub(crate) fn trials(journal: &Arc<dyn Journal>) -> Result<&dyn Trials> {
    journal
        .trials()
        .ok_or_else(|| HubError::Invalid("this hub keeps no rehearsals, shadows and answers of shops".into()))
}
