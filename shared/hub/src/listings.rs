//! What shops list, and numbers that nobody can explain.

mod matching;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::link::Link;
use domain::product::{Listings, Product, Sku, Variant};
use domain::store::{Phase, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{LinkId, OnHand, RemoteProductId, RemoteVariantId};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use ports::{Catalog, Directory, Ledger, Put, Seen, Stored, VariantRecord};

use crate::alerts::Alerts;
use crate::dispatch::Dispatch;
use crate::{Outside, Result};

pub use matching::item_of;
use matching::{Changed, Matching, own_sku};

/// How long after a shop showed a number that we cannot explain it is looked at again: the order that explains
/// it is usually on its way.
const PATIENCE: SignedDuration = SignedDuration::from_secs(2);
/// How long after what is listed again was about to be stored its number is worked out, if whoever was about to died.
const UNRUNG: SignedDuration = SignedDuration::from_secs(30);

/// How far workers' clocks may be apart, and much more.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
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
        let known: BTreeMap<&RemoteVariantId, &VariantRecord> =
            before.iter().map(|record| (&record.variant.remote, record)).collect();
        let changed: Vec<&Variant> = listings
            .variants
            .iter()
            .filter(|variant| {
                known.get(&variant.remote).is_none_or(|old| {
                    old.variant.updated_at <= variant.updated_at && needs_matching(store, variant, Some(old))
                })
            })
            .collect();
        // Before they are stored: whoever dies after that finds nothing new.
        self.matching.ask_for_skus(store, &changed).await?;
        let returned: Vec<&Variant> =
            changed.into_iter().filter(|variant| known.contains_key(&variant.remote)).collect();
        self.push(store, &returned, UNRUNG).await?;
        let (products, variants) = futures::future::try_join(
            self.catalog.put_products(&store.org, &store.id, &listings.products, seen),
            self.catalog.put_variants(&store.org, &store.id, &listings.variants, seen),
        )
        .await?;
        let stored: Vec<Changed<'_>> = listings
            .variants
            .iter()
            .zip(&variants)
            .filter(|(_, put)| put.stored != Stored::Older)
            .map(|(variant, _)| (variant, known.get(&variant.remote).copied()))
            .collect();
        self.notice_levels(store, &stored).await?;
        let changed: Vec<Changed<'_>> =
            stored.into_iter().filter(|(variant, old)| needs_matching(store, variant, *old)).collect();
        let titles = self.titles(store, &listings.products, &changed).await?;
        let new_links = self.matching.all(store, changed, &titles).await?;
        if new_links {
            self.take_in(store).await?;
        }
        self.push(store, &returned, SignedDuration::ZERO).await?;
        Ok(Met { again: met_again(listings, &products, &variants) })
    }

    /// Takes a product, or a variant, out of what a shop lists, if it was seen last before a time: what was seen since may
    /// be listed again. False if it was. Its links stay, so that its orders can still be booked; nothing is written to it.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn gone(&self, store: &Store, id: &RemoteProductId, before: Timestamp) -> Result<bool> {
        let now = self.clock.now();
        let known = self.known_of(store, id).await?;
        if known.iter().any(|record| is_listed(record) && record.seen.at >= before) {
            return Ok(false);
        }
        self.before_gone(store, &known).await?;
        let variant = RemoteVariantId::new(id.as_str());
        self.catalog.remove_product(&store.org, &store.id, id, now, before).await?;
        self.catalog.remove_variant(&store.org, &store.id, &variant, now, before).await?;
        self.settle_for(store, &known).await?;
        Ok(!self.known_of(store, id).await?.iter().any(is_listed))
    }

    /// The variants of a product, or the variant of that id.
    async fn known_of(&self, store: &Store, id: &RemoteProductId) -> Result<Vec<VariantRecord>> {
        let mut known = self.catalog.variants_of(&store.org, &store.id, id).await?;
        let variant = RemoteVariantId::new(id.as_str());
        if !known.iter().any(|record| record.variant.remote == variant) {
            known.extend(self.catalog.variant(&store.org, &store.id, &variant).await?);
        }
        Ok(known)
    }

    /// The same of one variant.
    async fn variant_gone(&self, store: &Store, known: VariantRecord, before: Timestamp) -> Result<bool> {
        let id = known.variant.remote.clone();
        let known = [known];
        self.before_gone(store, &known).await?;
        self.catalog.remove_variant(&store.org, &store.id, &id, self.clock.now(), before).await?;
        self.settle_for(store, &known).await?;
        Ok(!self.catalog.variant(&store.org, &store.id, &id).await?.as_ref().is_some_and(is_listed))
    }

    /// Takes out the variants that products do not list any more, as all of each was just read; false if one was seen
    /// since a time and may be listed again.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn lacks(&self, store: &Store, read: &Listings, before: Timestamp) -> Result<bool> {
        let mut all = true;
        for product in &read.products {
            let known = self.catalog.variants_of(&store.org, &store.id, &product.remote).await?;
            let is_read = |id: &RemoteVariantId| read.variants.iter().any(|variant| variant.remote == *id);
            for record in known.into_iter().filter(is_listed) {
                if is_read(&record.variant.remote) {
                    continue;
                }
                all &= record.seen.at < before && self.variant_gone(store, record, before).await?;
            }
        }
        Ok(all)
    }

    /// A reading of all, begun at a time, did not meet a product. What was seen since then, or a moment before, may have
    /// been listed behind the reading's back: the shop is asked.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn product_not_met(&self, store: &Store, id: &RemoteProductId, begun: Timestamp) -> Result<()> {
        if self.gone(store, id, begun - FRESH).await? {
            return Ok(());
        }
        self.dispatch.read_afresh(store, &BTreeSet::from([id])).await
    }

    /// The same of a variant.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn variant_not_met(&self, store: &Store, id: &RemoteVariantId, begun: Timestamp) -> Result<()> {
        let before = begun - FRESH;
        let Some(known) = self.catalog.variant(&store.org, &store.id, id).await? else { return Ok(()) };
        let product = known.variant.product.clone();
        if known.seen.at < before && self.variant_gone(store, known, before).await? {
            return Ok(());
        }
        self.dispatch.read_afresh(store, &BTreeSet::from([&product])).await
    }

    /// What is done about variants before they go, because whoever dies after that is not told of them again. And whoever
    /// dies before it may be told next that they are listed: then their numbers are worked out, as nobody is asked about
    /// them any more.
    async fn before_gone(&self, store: &Store, records: &[VariantRecord]) -> Result<()> {
        let variants: Vec<&Variant> = records.iter().map(|record| &record.variant).collect();
        self.push(store, &variants, UNRUNG).await?;
        self.settle_for(store, records).await
    }

    /// Settles what was asked about variants that go, and who else has their SKUs. After they went, too, because somebody
    /// may have counted them until then.
    async fn settle_for(&self, store: &Store, records: &[VariantRecord]) -> Result<()> {
        let going: BTreeSet<&RemoteVariantId> = records.iter().map(|record| &record.variant.remote).collect();
        let subjects: Vec<&str> = going.iter().map(|id| id.as_str()).collect();
        for kind in [ExceptionKind::MissingSku, ExceptionKind::Unexplained, ExceptionKind::WriteRefused] {
            self.alerts.settle_all(&store.org, kind, Some(&store.id), &subjects).await?;
        }
        let skus: BTreeSet<&Sku> = records.iter().filter_map(|record| record.variant.sku.as_ref()).collect();
        let links: Vec<LinkId> = records
            .iter()
            .filter_map(|record| Some(Link::id_of(&store.id, &record.variant.remote, record.item.as_ref()?)))
            .collect();
        let now = self.clock.now();
        let asked: Vec<LaneWork> = self
            .ledger
            .links(&store.org, &links)
            .await?
            .into_iter()
            .filter(|link| link.unexplained.is_some())
            .map(|link| {
                let verb = Verb::Check { link: link.id };
                LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)
            })
            .collect();
        self.dispatch.work(&asked).await?;
        let mut new_links = false;
        for sku in skus {
            new_links |= self.matching.settle_claims(store, sku, &going).await?;
        }
        if new_links { self.take_in(store).await } else { Ok(()) }
    }

    /// Has the lane work out the numbers of variants that are listed again, or for another item: nothing was written to
    /// them meanwhile.
    async fn push(&self, store: &Store, variants: &[&Variant], after: SignedDuration) -> Result<()> {
        if !store.is_followed() {
            return Ok(());
        }
        let now = self.clock.now();
        let push = |variant: &&Variant| {
            let item = item_of(&store.org, own_sku(variant)?);
            let verb = Verb::Push { link: Link::id_of(&store.id, &variant.remote, &item) };
            Some(LaneWork::new(&store.org, &store.id, Priority::Lower, verb, now).at(now + after))
        };
        let work: Vec<LaneWork> = variants.iter().filter_map(push).collect();
        self.dispatch.work(&work).await
    }

    /// Has the lane take links into the books that were made after the store joined.
    async fn take_in(&self, store: &Store) -> Result<()> {
        if !self.has_joined(store).await? {
            return Ok(());
        }
        let work =
            LaneWork::new(&store.org, &store.id, Priority::Incremental, Verb::Baseline, self.clock.now());
        self.dispatch.work(&[work]).await
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
        if links.iter().any(|link| link.explained.is_none()) {
            // Whoever made the link may have died before it had it taken in.
            self.take_in(store).await?;
        }
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

fn is_listed(record: &VariantRecord) -> bool {
    record.gone_at.is_none()
}

/// Whether a number that a shop shows is to be looked at.
fn is_news(link: &Link, level: OnHand) -> bool {
    link.explained.is_some_and(|explained| explained != level || link.differs().is_some())
}

/// Whether a variant must be matched anew: it is new, its SKU or the place of its stock changed, it was gone, or it is
/// not matched as it should be: whoever stored it may have died before that, and others may have its SKU, too.
fn needs_matching(store: &Store, variant: &Variant, old: Option<&VariantRecord>) -> bool {
    old.is_none_or(|old| {
        old.gone_at.is_some()
            || old.variant.sku != variant.sku
            || old.variant.stock_holder() != variant.stock_holder()
            || old.variant.sellable != variant.sellable
            || old.item != own_sku(variant).map(|sku| item_of(&store.org, sku))
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
