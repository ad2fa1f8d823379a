//! Which listings are the same item: exact SKUs, nothing guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::exception::{Exception, ExceptionKind};
use domain::link::{Link, Listed};
use domain::product::{Sku, Variant};
use domain::store::{Phase, Store};
use domain::{ItemId, OrgId, RemoteProductId, RemoteVariantId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use platform::Clock;
use ports::{Catalog, Claim, Claimed, ItemRecord, Journal, Ledger, VariantRecord};

use crate::alerts::{Alert, Alerts};
use crate::dispatch::Dispatch;
use crate::{Outside, Result};

/// Variants that are looked after at the same time, where each needs a look of its own.
const AT_ONCE: usize = 12;
/// How often claims that move are looked at again.
const CLAIMS: usize = 4;

/// A variant as it was just stored, and as it stood before.
pub(super) type Changed<'a> = (&'a Variant, Option<&'a VariantRecord>);

/// Which listings are the same item.
#[derive(Clone)]
pub(super) struct Matching {
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
    dispatch: Dispatch,
}

impl Matching {
    pub(super) fn new(outside: &Outside) -> Self {
        Self {
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            clock: Arc::clone(&outside.clock),
            alerts: Alerts::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Matches variants that are new or changed; true if a variant was matched whose link is not in the books yet.
    /// Those whose SKU nobody else claims are matched together, the others one by one.
    pub(super) async fn all(
        &self,
        store: &Store,
        changed: Vec<Changed<'_>>,
        titles: &BTreeMap<RemoteProductId, String>,
    ) -> Result<bool> {
        let left: Vec<BoxFuture<'_, Result<bool>>> =
            changed.iter().map(|change| self.leave(store, change).boxed()).collect();
        let after_others = at_once(left).await?.contains(&true);
        let (skus, others): (Vec<Changed<'_>>, Vec<Changed<'_>>) =
            changed.into_iter().partition(|(variant, _)| own_sku(variant).is_some());
        let ids: Vec<RemoteVariantId> = others.iter().map(|(variant, _)| variant.remote.clone()).collect();
        self.catalog.unmatch_variants(&store.org, &store.id, &ids).await?;

        let listed: Vec<&str> = skus.iter().map(|(variant, _)| variant.remote.as_str()).collect();
        self.alerts.settle_all(&store.org, ExceptionKind::MissingSku, Some(&store.id), &listed).await?;
        let claims: Vec<Claim> =
            skus.iter().filter_map(|(variant, _)| self.claim(store, variant, titles)).collect();
        let claimed = self.ledger.claim(&claims).await?;
        let contested: Vec<BoxFuture<'_, Result<bool>>> = claims
            .iter()
            .zip(&claimed)
            .filter(|(_, claimed)| **claimed == Claimed::Contested)
            .map(|(claim, _)| self.contest(store, claim).boxed())
            .collect();
        let made = at_once(contested).await?;
        Ok(after_others || claimed.contains(&Claimed::Done) || made.contains(&true))
    }

    /// A variant that had another SKU before left it: who else has that one may be matched now, and what is true then
    /// may be a link that is not in the books yet.
    async fn leave(&self, store: &Store, (variant, old): &Changed<'_>) -> Result<bool> {
        let Some(old) = old else { return Ok(false) };
        let going = BTreeSet::from([&variant.remote]);
        let mut left: BTreeSet<Sku> =
            old.variant.sku.iter().filter(|sku| Some(*sku) != variant.sku.as_ref()).cloned().collect();
        let item = own_sku(variant).map(|sku| item_of(&store.org, sku));
        if let Some(matched) = old.item.as_ref().filter(|matched| Some(*matched) != item.as_ref()) {
            // Whoever stored its new SKU may have died before it was matched.
            left.extend(self.ledger.item(&store.org, matched).await?.map(|item| item.sku));
        }
        let mut new_link = false;
        for sku in &left {
            new_link |= self.settle_claims(store, sku, &going).await?;
        }
        Ok(new_link)
    }

    /// Asks for the SKUs of variants that should have one.
    pub(super) async fn ask_for_skus(&self, store: &Store, variants: &[&Variant]) -> Result<()> {
        let missing: Vec<BoxFuture<'_, Result<()>>> = variants
            .iter()
            .filter(|variant| own_sku(variant).is_none())
            .filter(|variant| variant.stock_holder() == &variant.remote && variant.sellable)
            .map(|variant| self.missing_sku(store, variant).boxed())
            .collect();
        at_once(missing).await.map(|_| ())
    }

    /// What a variant with a SKU of its own asks for.
    fn claim(
        &self,
        store: &Store,
        variant: &Variant,
        titles: &BTreeMap<RemoteProductId, String>,
    ) -> Option<Claim> {
        let sku = own_sku(variant)?;
        let item = ItemRecord {
            id: item_of(&store.org, sku),
            sku: sku.clone(),
            title: title_of(titles.get(&variant.product), variant),
            created_at: self.clock.now(),
        };
        let listed =
            Listed { variant: variant.remote.clone(), product: variant.product.clone(), sku: sku.clone() };
        let link = Link::new(store.org.clone(), store.id.clone(), item.id.clone(), listed);
        Some(Claim { variant: variant.clone(), item, link })
    }

    /// Matches a variant whose SKU others of its store claim, or did; true if who has it now is not in the books yet.
    async fn contest(&self, store: &Store, claim: &Claim) -> Result<bool> {
        self.ledger.put_item(&store.org, &claim.item).await?;
        self.ledger.put_link(&claim.link).await?;
        self.settle_claims(store, &claim.item.sku, &BTreeSet::new()).await
    }

    /// Decides who has a SKU in a store: one claimant is matched, two or more are a matter for a person. True if one is
    /// matched whose link is not in the books yet.
    ///
    /// After it wrote, it looks again: who claims the SKU at the same time put its link before it looked, so one
    /// of the two sees both.
    pub(super) async fn settle_claims(
        &self,
        store: &Store,
        sku: &Sku,
        without: &BTreeSet<&RemoteVariantId>,
    ) -> Result<bool> {
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
            self.alerts
                .settle(&store.org, ExceptionKind::DuplicateSku, Some(&store.id), sku.as_str())
                .await?;
            let Some(one) = claimants.first() else { return Ok(false) };
            let link = Link::id_of(&store.id, &one.variant.remote, &item);
            let link = self.ledger.link(&store.org, &link).await?;
            return Ok(link.is_some_and(|link| link.explained.is_none()));
        }
        self.read_claimants(store, sku, &claimants).await?;
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
            .await?;
        Ok(false)
    }

    /// Has those who claim a SKU read afresh before a person is asked about them: one may have gone without a word, and
    /// the other have taken its place. Once: while somebody is asked, nothing is read for it.
    async fn read_claimants(&self, store: &Store, sku: &Sku, claimants: &[VariantRecord]) -> Result<()> {
        if store.phase == Phase::Joining {
            return Ok(());
        }
        let id = Exception::id_of(&store.org, ExceptionKind::DuplicateSku, Some(&store.id), sku.as_str());
        if self.journal.exception(&store.org, &id).await?.is_some_and(|asked| asked.resolved_at.is_none()) {
            return Ok(());
        }
        let products: BTreeSet<&RemoteProductId> =
            claimants.iter().map(|record| &record.variant.product).collect();
        self.dispatch.read_afresh(store, &products).await
    }

    /// The variants that a store lists under a SKU now.
    async fn claimants(
        &self,
        store: &Store,
        sku: &Sku,
        without: &BTreeSet<&RemoteVariantId>,
    ) -> Result<Vec<VariantRecord>> {
        let linked: Vec<RemoteVariantId> = self
            .ledger
            .links_of(&store.org, &item_of(&store.org, sku))
            .await?
            .into_iter()
            .filter(|link| link.store == store.id && !without.contains(&link.variant))
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
}

/// What an item is called: its product and which of its kind.
fn title_of(product: Option<&String>, variant: &Variant) -> String {
    match product {
        Some(product) if variant.options_only => format!("{product} - {}", variant.title),
        Some(product) if variant.title.is_empty() => product.clone(),
        _ => variant.title.clone(),
    }
}

async fn at_once<T>(all: Vec<BoxFuture<'_, Result<T>>>) -> Result<Vec<T>> {
    futures::stream::iter(all).buffer_unordered(AT_ONCE).try_collect().await
}

/// The item of a SKU: the same SKU of the same merchant is the same item, in every store.
#[must_use]
pub fn item_of(org: &OrgId, sku: &Sku) -> ItemId {
    ItemId::derive(&[org.as_str(), sku.as_str()])
}

/// The SKU of a variant that keeps its own stock.
pub(super) fn own_sku(variant: &Variant) -> Option<&Sku> {
    variant.sku.as_ref().filter(|_| variant.stock_holder() == &variant.remote)
}
