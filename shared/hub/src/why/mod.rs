//! Why a number is what it is: the entries, orders, messages, rules and answers of shops behind it.

mod item;
mod order;

use std::sync::Arc;

use domain::{OrgId, StoreId};
use ports::{Catalog, Directory, Journal, Ledger};

pub use self::item::{Counted, ItemWhy, LinkWhy, Place, TracedEntry};
pub use self::order::{EffectWhy, EventBrief, LineWhy, OrderWhy, Reached};
use crate::drift::Drift;
use crate::{Outside, Platforms, Result};

/// What may be sold of an item.
pub const AVAILABLE: &str = "What may be sold is what is on hand, less what is set aside for orders: one number for all \
                             shops together.";
/// What a shop should show.
pub const TARGET: &str = "A shop should show what may be sold, in whole units and never below zero.";
/// What a shop's number is explained by.
pub const EXPLAINED: &str = "What we believe a shop shows is its number when it joined, moved by each of its own sales \
                             and by each of our writes that it took; it is never set to what was read.";
/// Who may move a shop's number.
pub const WRITES: &str = "A write names the number it expects. If the shop shows another one, an order may not have been \
                          seen: its orders are read before anything is raised; lowering goes on.";

/// Telling why.
#[derive(Clone)]
pub struct Why {
    directory: Arc<dyn Directory>,
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    platforms: Platforms,
    drift: Drift,
}

impl Why {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            platforms: outside.platforms.clone(),
            drift: Drift::new(outside),
        }
    }

    /// What people call each store of a merchant.
    async fn names(&self, org: &OrgId) -> Result<Vec<(StoreId, String)>> {
        let stores = self.directory.stores(org).await?;
        Ok(stores.into_iter().map(|store| (store.id, store.name)).collect())
    }
}

/// What people call a store; its id if it is not known any more.
fn name_of(names: &[(StoreId, String)], id: &StoreId) -> String {
    names.iter().find(|(known, _)| known == id).map_or_else(|| id.to_string(), |(_, name)| name.clone())
}
