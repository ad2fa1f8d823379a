//! Allocating: how many of an item's units a link or a whole store may offer.

use std::sync::Arc;

use domain::allocation::{Allocation, Buffer, Margin};
use domain::link::Link;
use domain::store::Store;
use domain::work::Change;
use domain::{Delta, ItemId, LinkId, OnHand, OrgId, StoreId, TaskId};
use platform::Clock;
use ports::{Allot, Directory, Ledger, Moved};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::dispatch::Dispatch;
use crate::stores::Stores;
use crate::target::Shelf;
use crate::{HubError, Outside, Result};

/// How often an allocation that raced is decided again.
const DECISIONS: usize = 8;

/// What a link shall offer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode")]
pub enum Wish {
    /// All that may be sold and belongs to no other link, less a buffer.
    Shared {
        /// What is held back, as people write it; nothing if it is left out.
        #[serde(default)]
        buffer: Option<String>,
    },
    /// The same, and never more than so many.
    Capped {
        /// The most that is shown.
        at_most: Decimal,
        /// What is held back, as people write it; nothing if it is left out.
        #[serde(default)]
        buffer: Option<String>,
    },
    /// Units that belong to it alone, counted from now.
    Quota {
        /// The units.
        units: Decimal,
    },
    /// What its store says.
    AsStore,
}

/// What a link may offer, with the numbers behind it.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// The link.
    pub link: LinkId,
    /// Its item.
    pub item: ItemId,
    /// Its store.
    pub store: StoreId,
    /// What was said of the link; none if its store decides.
    pub allocation: Option<Allocation>,
    /// What its store says.
    pub of_store: Allocation,
    /// Units of the item that may be sold, by all.
    pub available: OnHand,
    /// Units that belong to this link alone, if any do.
    pub owns: Option<OnHand>,
    /// Units that may still be given to it.
    pub unowned: OnHand,
    /// What its adaptive buffer was measured as.
    pub margin: Option<Margin>,
    /// The number that its shop should show.
    pub target: Option<OnHand>,
    /// The number that its shop shows if we know everything.
    pub explained: Option<OnHand>,
}

/// Allocating.
#[derive(Clone)]
pub struct Allocate {
    ledger: Arc<dyn Ledger>,
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    access: Access,
    stores: Stores,
    dispatch: Dispatch,
}

impl Allocate {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            ledger: Arc::clone(&outside.ledger),
            directory: Arc::clone(&outside.directory),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
            stores: Stores::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// What each link of an item may offer.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such item.
    pub async fn offers(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Offer>> {
        if self.ledger.item(org, item).await?.is_none() {
            return Err(HubError::not_found("item", item));
        }
        let shelf = Shelf::read(&*self.ledger, org, item).await?;
        let stores = self.directory.stores(org).await?;
        let links = self.ledger.links_of(org, item).await?;
        let offer = |link: &Link| {
            let store = stores.iter().find(|store| store.id == link.store)?;
            Some(offer(&shelf, link, store))
        };
        Ok(links.iter().filter_map(offer).collect())
    }

    /// Says what a link may offer. Units are given only where they belong to nobody: what others have is taken from
    /// them first.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for units that make no sense; [`HubError::Conflict`] where there are not so many.
    pub async fn link(&self, org: &OrgId, id: &LinkId, wish: Wish) -> Result<Offer> {
        for _ in 0..DECISIONS {
            let link = self.ledger.link(org, id).await?.ok_or_else(|| HubError::not_found("link", id))?;
            let store = self.access.store(org, &link.store).await?;
            let shelf = Shelf::read(&*self.ledger, org, &link.item).await?;
            let allocation = self.allocation(&shelf, &link, &wish)?;
            if same(allocation, link.allocation) {
                return Ok(offer(&shelf, &link, &store));
            }
            let now = self.clock.now();
            let allot = Allot {
                org: org.clone(),
                link: id.clone(),
                item: link.item.clone(),
                read: link.version,
                allocation,
                change: Change {
                    id: TaskId::derive(&[id.as_str(), "allotted", &link.version.to_string()]),
                    org: org.clone(),
                    item: link.item.clone(),
                    also: Vec::new(),
                    available: Delta::ZERO,
                    at: now,
                },
            };
            if self.ledger.allot(&allot).await? == Moved::Done {
                self.dispatch.changes(org, &[allot.change]).await?;
                let shelf = Shelf::read(&*self.ledger, org, &link.item).await?;
                return Ok(offer(&shelf, &Link { allocation, ..link }, &store));
            }
        }
        Err(HubError::Conflict("the number moves too fast to be allocated just now: try again".into()))
    }

    /// Says what the links of a store may offer, where nothing is said of the link itself.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for a quota: units are given to single links.
    pub async fn store(&self, org: &OrgId, id: &StoreId, wish: Wish) -> Result<Store> {
        let allocation = match wish {
            Wish::Shared { buffer } => Some(Allocation::Shared { buffer: held(buffer.as_deref())? }),
            Wish::Capped { at_most, buffer } => {
                Some(Allocation::Capped { at_most: whole(at_most)?, buffer: held(buffer.as_deref())? })
            }
            Wish::AsStore => None,
            Wish::Quota { .. } => {
                return Err(HubError::Invalid(
                    "units are given to single links: name the item, or give the store a cap or a buffer"
                        .into(),
                ));
            }
        };
        self.stores.allocate(org, id, allocation).await
    }

    fn allocation(&self, shelf: &Shelf, link: &Link, wish: &Wish) -> Result<Option<Allocation>> {
        Ok(match wish {
            Wish::Shared { buffer } => Some(Allocation::Shared { buffer: held(buffer.as_deref())? }),
            Wish::Capped { at_most, buffer } => {
                Some(Allocation::Capped { at_most: whole(*at_most)?, buffer: held(buffer.as_deref())? })
            }
            Wish::AsStore => None,
            Wish::Quota { units } => {
                if link.explained.is_none() {
                    return Err(HubError::Conflict(
                        "its store is still joining: give it units when its number is in the books".into(),
                    ));
                }
                if shelf.is_bundled() {
                    return Err(HubError::Conflict(
                        "it is a bundle or a part of one, which sells its units, too: give it a cap or a buffer, or \
                         take the bundle apart first"
                            .into(),
                    ));
                }
                let (units, unowned) = (whole(*units)?, shelf.unowned(link));
                if units > unowned {
                    return Err(HubError::Conflict(format!(
                        "there are not {units} units to give: {unowned} may be sold and belong to no other \
                         link; take units from another link first",
                    )));
                }
                let until = link.sold + Delta::new(units.units());
                Some(Allocation::Quota { until, since: self.clock.now() })
            }
        })
    }
}

/// What is held back, as people write it.
fn held(buffer: Option<&str>) -> Result<Buffer> {
    let Some(text) = buffer else { return Ok(Buffer::None) };
    text.parse().map_err(|error| HubError::Invalid(format!("`{text}` is no buffer: {error}")))
}

fn whole(units: Decimal) -> Result<OnHand> {
    if units < Decimal::ZERO || !units.is_integer() {
        return Err(HubError::Invalid("units are a whole number, not below zero".into()));
    }
    Ok(OnHand::new(units))
}

/// Whether two allocations offer the same: of a quota, the units count, and not since when.
fn same(wanted: Option<Allocation>, standing: Option<Allocation>) -> bool {
    match (wanted, standing) {
        (Some(Allocation::Quota { until: one, .. }), Some(Allocation::Quota { until: other, .. })) => {
            one == other
        }
        (one, other) => one == other,
    }
}

fn offer(shelf: &Shelf, link: &Link, store: &Store) -> Offer {
    let own = link.allocation.and_then(|allocation| allocation.own(link.sold));
    Offer {
        link: link.id.clone(),
        item: link.item.clone(),
        store: link.store.clone(),
        allocation: link.allocation,
        of_store: store.allocation.unwrap_or(Allocation::ALL),
        available: shelf.available(),
        owns: own.map(OnHand::new),
        unowned: shelf.unowned(link),
        margin: link.margin,
        target: link.explained.map(|explained| shelf.aim(link, store, explained).target),
        explained: link.explained,
    }
}
