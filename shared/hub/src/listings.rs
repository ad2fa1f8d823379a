//! What shops list, and numbers that nobody can explain.

mod matching;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::link::Link;
use domain::product::{Listings, Product, Variant};
use domain::store::{Phase, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{LinkId, OnHand, RemoteProductId, RemoteVariantId};
use futures::{StreamExt as _, TryStreamExt as _};
use platform::Clock;
use ports::{Catalog, Directory, Ledger, Put, Seen, Stored, VariantRecord};

use crate::alerts::Alerts;
use crate::dispatch::Dispatch;
use crate::{Outside, Result};

pub use matching::item_of;
use matching::{Changed, Matching};

/// How long after a shop showed a number that we cannot explain it is looked at again: the order that explains
/// it is usually on its way.
const PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_secs(2);

/// Products that are asked for at the same time.
const AT_ONCE: usize = 16;

/// What shops list.
#[derive(Clone)]
pub struct Shelves {
    catalog: Arc<dyn Catalog>,
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
    matching: Matching,
    dispatch: Dispatch,
}

/// What putting listings met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Met {
    /// Records that this run had met before: its pages shifted.
    pub again: u64,
}

impl Shelves {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            catalog: Arc::clone(&outside.catalog),
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            alerts: Alerts::new(outside),
            matching: Matching::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Stores listings as seen, matches their SKUs, and looks after numbers that nobody can explain.
    ///
    /// # Errors
    /// What the ports say; a second call goes on.
    pub async fn put(&self, store: &Store, listings: &Listings, seen: &Seen) -> Result<Met> {
        let before = self.records(store, &listings.variants).await?;
        let (products, variants) = futures::future::try_join(
            self.catalog.put_products(&store.org, &store.id, &listings.products, seen),
            self.catalog.put_variants(&store.org, &store.id, &listings.variants, seen),
        )
        .await?;
        let known: BTreeMap<&RemoteVariantId, &VariantRecord> =
            before.iter().map(|record| (&record.variant.remote, record)).collect();
        let stored: Vec<Changed<'_>> = listings
            .variants
            .iter()
            .zip(&variants)
            .filter(|(_, put)| put.stored != Stored::Older)
            .map(|(variant, _)| (variant, known.get(&variant.remote).copied()))
            .collect();
        self.notice_levels(store, &stored).await?;
        let changed: Vec<Changed<'_>> =
            stored.into_iter().filter(|(variant, old)| needs_matching(variant, *old)).collect();
        let titles = self.titles(store, &listings.products, &changed).await?;
        let new_links = self.matching.all(store, changed, &titles).await?;
        if new_links && self.has_joined(store).await? {
            let now = self.clock.now();
            let work = LaneWork::new(&store.org, &store.id, Priority::Incremental, Verb::Baseline, now);
            self.dispatch.work(&[work]).await?;
        }
        Ok(Met { again: met_again(listings, &products, &variants) })
    }

    /// Takes a product, or a variant, out of what a shop lists. Its links stay, so that its orders can still be
    /// booked; nothing is written to it.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn gone(&self, store: &Store, id: &RemoteProductId) -> Result<()> {
        let now = self.clock.now();
        let mut removed = self.catalog.remove_product(&store.org, &store.id, id, now).await?;
        let variant = RemoteVariantId::new(id.as_str());
        removed.extend(self.catalog.remove_variant(&store.org, &store.id, &variant, now).await?);
        for record in removed {
            for kind in [ExceptionKind::MissingSku, ExceptionKind::Unexplained, ExceptionKind::WriteRefused] {
                self.alerts.settle(&store.org, kind, Some(&store.id), record.variant.remote.as_str()).await?;
            }
            if let Some(sku) = &record.variant.sku {
                self.matching.settle_claims(store, sku, None).await?;
            }
        }
        Ok(())
    }

    async fn records(&self, store: &Store, variants: &[Variant]) -> Result<Vec<VariantRecord>> {
        let ids: Vec<RemoteVariantId> = variants.iter().map(|variant| variant.remote.clone()).collect();
        Ok(self.catalog.variants_by_id(&store.org, &store.id, &ids).await?)
    }

    /// Whether the store has joined, by now: its links are looked through once more after that, and whoever made
    /// one later finds it joined.
    async fn has_joined(&self, store: &Store) -> Result<bool> {
        if store.phase != Phase::Joining {
            return Ok(true);
        }
        let fresh = self.directory.store(&store.org, &store.id).await?;
        Ok(fresh.is_some_and(|fresh| fresh.phase != Phase::Joining))
    }

    /// What the products of variants are called: those told of here, and those that came before their variants.
    async fn titles(
        &self,
        store: &Store,
        products: &[Product],
        changed: &[Changed<'_>],
    ) -> Result<BTreeMap<RemoteProductId, String>> {
        let mut titles: BTreeMap<RemoteProductId, String> =
            products.iter().map(|product| (product.remote.clone(), product.title.clone())).collect();
        let absent: BTreeSet<&RemoteProductId> = changed
            .iter()
            .filter(|(variant, _)| variant.options_only && variant.sku.is_some())
            .map(|(variant, _)| &variant.product)
            .filter(|product| !titles.contains_key(*product))
            .collect();
        let asked: Vec<_> =
            absent.into_iter().map(|id| self.catalog.product(&store.org, &store.id, id)).collect();
        let found: Vec<Option<Product>> =
            futures::stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
        titles.extend(found.into_iter().flatten().map(|product| (product.remote, product.title)));
        Ok(titles)
    }

    /// Numbers that are not the ones we can explain make the shop's lane look at them a little later; and so does the
    /// right number where another was noted before: somebody may be asked about a difference that is gone.
    async fn notice_levels(&self, store: &Store, stored: &[Changed<'_>]) -> Result<()> {
        if store.phase == Phase::Joining {
            return Ok(());
        }
        let shown: Vec<(LinkId, OnHand)> = stored
            .iter()
            .filter_map(|(variant, old)| {
                let item = old.and_then(|record| record.item.as_ref())?;
                Some((Link::id_of(&store.id, &variant.remote, item), variant.level()?))
            })
            .collect();
        let ids: Vec<LinkId> = shown.iter().map(|(id, _)| id.clone()).collect();
        let links = self.ledger.links(&store.org, &ids).await?;
        let known: BTreeMap<&LinkId, &Link> = links.iter().map(|link| (&link.id, link)).collect();
        let now = self.clock.now();
        let work: Vec<LaneWork> = shown
            .iter()
            .filter(|(id, level)| known.get(id).is_some_and(|link| is_news(link, *level)))
            .map(|(id, _)| {
                let verb = Verb::Check { link: id.clone() };
                LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now).at(now + PATIENCE)
            })
            .collect();
        self.dispatch.work(&work).await
    }
}

/// Whether a number that a shop shows is to be looked at.
fn is_news(link: &Link, level: OnHand) -> bool {
    link.explained.is_some_and(|explained| explained != level || link.differs().is_some())
}

/// Whether a variant must be matched anew: it is new, its SKU or the place of its stock changed, or it was
/// gone.
fn needs_matching(variant: &Variant, old: Option<&VariantRecord>) -> bool {
    old.is_none_or(|old| {
        old.gone_at.is_some()
            || old.variant.sku != variant.sku
            || old.variant.stock_holder() != variant.stock_holder()
            || old.variant.sellable != variant.sellable
            || (old.item.is_none() && variant.sku.is_some())
    })
}

/// How many records a run had met before, counted as the shop counts them: a product without variants and its
/// one variant have one id and are one record.
fn met_again(listings: &Listings, products: &[Put], variants: &[Put]) -> u64 {
    let products = products.iter().filter(|put| put.met_before).count();
    let variants = listings
        .variants
        .iter()
        .zip(variants)
        .filter(|(variant, put)| put.met_before && variant.remote.as_str() != variant.product.as_str())
        .count();
    u64::try_from(products + variants).unwrap_or(u64::MAX)
}
