//! What shops list, and which listings are the same item: exact SKUs, nothing guessed.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::link::{Link, Listed};
use domain::product::{Listings, Product, Sku, Variant};
use domain::store::{Phase, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{ItemId, OrgId, RemoteProductId, RemoteVariantId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use platform::Clock;
use ports::{Catalog, ItemRecord, Ledger, Put, Seen, Stored, VariantRecord, Written};

use crate::alerts::{Alert, Alerts};
use crate::dispatch::Dispatch;
use crate::{Outside, Result};

/// Variants that are matched at the same time.
const AT_ONCE: usize = 12;
/// How often claims that move are looked at again.
const CLAIMS: usize = 4;
/// How long after a shop showed a number that we cannot explain it is looked at again: the order that explains
/// it is usually on its way.
const PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_secs(2);

/// What shops list.
#[derive(Clone)]
pub struct Shelves {
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
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
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            alerts: Alerts::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Stores listings as seen, matches their SKUs, and looks after numbers that nobody can explain.
    ///
    /// # Errors
    /// What the ports say; a second call goes on.
    pub async fn put(&self, store: &Store, listings: &Listings, seen: &Seen) -> Result<Met> {
        let before = self.records(store, &listings.variants).await?;
        let products = self.catalog.put_products(&store.org, &store.id, &listings.products, seen).await?;
        let variants = self.catalog.put_variants(&store.org, &store.id, &listings.variants, seen).await?;
        let titles = titles(&listings.products);
        let mut changed: Vec<(&Variant, Option<&VariantRecord>)> = Vec::new();
        for (variant, put) in listings.variants.iter().zip(&variants) {
            if put.stored == Stored::Older {
                continue;
            }
            let old = before.iter().find(|record| record.variant.remote == variant.remote);
            if needs_matching(variant, old) {
                changed.push((variant, old));
            }
            self.notice_level(store, variant, old).await?;
        }
        let matching: Vec<BoxFuture<'_, Result<bool>>> = changed
            .into_iter()
            .map(|(variant, old)| self.match_one(store, variant, old, titles.get(&variant.product)).boxed())
            .collect();
        let made: Vec<bool> = futures::stream::iter(matching).buffer_unordered(AT_ONCE).try_collect().await?;
        let new_links = made.contains(&true);
        if new_links && store.phase != Phase::Joining {
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
                self.settle_claims(store, sku, None).await?;
            }
        }
        Ok(())
    }

    async fn records(&self, store: &Store, variants: &[Variant]) -> Result<Vec<VariantRecord>> {
        let ids: Vec<RemoteVariantId> = variants.iter().map(|variant| variant.remote.clone()).collect();
        Ok(self.catalog.variants_by_id(&store.org, &store.id, &ids).await?)
    }

    /// Matches one variant; true if a link was made that is not in the books yet.
    async fn match_one(
        &self,
        store: &Store,
        variant: &Variant,
        old: Option<&VariantRecord>,
        title: Option<&String>,
    ) -> Result<bool> {
        let old_sku = old.and_then(|record| record.variant.sku.as_ref());
        if let Some(old_sku) = old_sku.filter(|old_sku| Some(*old_sku) != variant.sku.as_ref()) {
            self.settle_claims(store, old_sku, Some(&variant.remote)).await?;
        }
        let pooled = variant.stock_holder() != &variant.remote;
        let Some(sku) = variant.sku.as_ref().filter(|_| !pooled) else {
            self.catalog.match_variant(&store.org, &store.id, &variant.remote, None).await?;
            if !pooled && variant.sellable {
                self.missing_sku(store, variant).await?;
            }
            return Ok(false);
        };
        self.alerts
            .settle(&store.org, ExceptionKind::MissingSku, Some(&store.id), variant.remote.as_str())
            .await?;
        let item = item_of(&store.org, sku);
        let record = ItemRecord {
            id: item.clone(),
            sku: sku.clone(),
            title: title.cloned().unwrap_or_else(|| variant.title.clone()),
            created_at: self.clock.now(),
        };
        self.ledger.put_item(&store.org, &record).await?;
        let listed =
            Listed { variant: variant.remote.clone(), product: variant.product.clone(), sku: sku.clone() };
        let link = Link::new(store.org.clone(), store.id.clone(), item, listed);
        let made = self.ledger.put_link(&link).await? == Written::Done;
        self.settle_claims(store, sku, None).await?;
        Ok(made)
    }

    /// Decides who has a SKU in a store: one claimant is matched, two or more are a matter for a person.
    ///
    /// After it wrote, it looks again: who claims the SKU at the same time put its link before it looked, so one
    /// of the two sees both.
    async fn settle_claims(&self, store: &Store, sku: &Sku, without: Option<&RemoteVariantId>) -> Result<()> {
        let item = item_of(&store.org, sku);
        let mut claimants = self.claimants(store, sku, without).await?;
        for _ in 0..CLAIMS {
            let wanted = (claimants.len() == 1).then_some(&item);
            let mut wrote = false;
            for record in claimants.iter().filter(|record| record.item.as_ref() != wanted) {
                self.catalog.match_variant(&store.org, &store.id, &record.variant.remote, wanted).await?;
                wrote = true;
            }
            if !wrote {
                break;
            }
            claimants = self.claimants(store, sku, without).await?;
        }
        if claimants.len() < 2 {
            return self
                .alerts
                .settle(&store.org, ExceptionKind::DuplicateSku, Some(&store.id), sku.as_str())
                .await;
        }
        let names: BTreeSet<String> = claimants
            .iter()
            .map(|record| format!("{} ({})", record.variant.title, record.variant.remote))
            .collect();
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::DuplicateSku,
                subject: sku.as_str(),
                message: format!("{} lists the SKU {sku} {} times", store.name, claimants.len()),
                advice: "Give each variant a SKU of its own in the shop; until then none of them is matched.",
                facts: vec![("variants", names.into_iter().collect::<Vec<_>>().join(", "))],
            })
            .await
    }

    /// The variants that a store lists under a SKU now.
    async fn claimants(
        &self,
        store: &Store,
        sku: &Sku,
        without: Option<&RemoteVariantId>,
    ) -> Result<Vec<VariantRecord>> {
        let linked: Vec<RemoteVariantId> = self
            .ledger
            .links_of(&store.org, &item_of(&store.org, sku))
            .await?
            .into_iter()
            .filter(|link| link.store == store.id && Some(&link.variant) != without)
            .map(|link| link.variant)
            .collect();
        let records = self.catalog.variants_by_id(&store.org, &store.id, &linked).await?;
        Ok(records
            .into_iter()
            .filter(|record| record.gone_at.is_none() && record.variant.sku.as_ref() == Some(sku))
            .collect())
    }

    async fn missing_sku(&self, store: &Store, variant: &Variant) -> Result<()> {
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::MissingSku,
                subject: variant.remote.as_str(),
                message: format!("`{}` in {} has no SKU", variant.title, store.name),
                advice: "Give it a SKU in the shop; it is matched as soon as the shop tells us.",
                facts: vec![
                    ("variant", variant.remote.to_string()),
                    ("product", variant.product.to_string()),
                ],
            })
            .await
    }

    /// A number that is not the one we can explain makes the shop's lane look at it a little later.
    async fn notice_level(
        &self,
        store: &Store,
        variant: &Variant,
        old: Option<&VariantRecord>,
    ) -> Result<()> {
        if store.phase == Phase::Joining {
            return Ok(());
        }
        let Some(level) = variant.level() else { return Ok(()) };
        let Some(item) = old.and_then(|record| record.item.as_ref()) else { return Ok(()) };
        let id = Link::id_of(&store.id, &variant.remote, item);
        let Some(link) = self.ledger.link(&store.org, &id).await? else { return Ok(()) };
        if link.explained.is_none_or(|explained| explained == level) {
            return Ok(());
        }
        let now = self.clock.now();
        let verb = Verb::Check { link: id };
        let work = LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now).at(now + PATIENCE);
        self.dispatch.work(&[work]).await
    }
}

/// The item of a SKU: the same SKU of the same merchant is the same item, in every store.
#[must_use]
pub fn item_of(org: &OrgId, sku: &Sku) -> ItemId {
    ItemId::derive(&[org.as_str(), sku.as_str()])
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

fn titles(products: &[Product]) -> std::collections::BTreeMap<RemoteProductId, String> {
    products.iter().map(|product| (product.remote.clone(), product.title.clone())).collect()
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
