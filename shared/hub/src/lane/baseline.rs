//! Taking a store's numbers into the books: read, pull orders, read again, and only what agrees counts.

use std::collections::{BTreeMap, BTreeSet};

use domain::exception::ExceptionKind;
use domain::link::{Link, Reading};
use domain::product::Stock;
use domain::store::{Phase, Store};
use domain::voucher::{Observed, Opened, Voucher};
use domain::work::Change;
use domain::{Delta, LinkId, OnHand, RemoteProductId, RemoteVariantId, TaskId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use platform::VariantName;
use ports::{Ask, Moved, Opening, Written};

use super::{Lane, SHIFT, Turn};
use crate::access::Shop;
use crate::alerts::Alert;
use crate::bundle::available_of;
use crate::{HubError, Result};

/// How long a store waits for the one that opens the books.
const TURN: SignedDuration = SignedDuration::from_secs(2);
/// How often a shop is asked what it lists where it shows no number of what it counts.
const ASKED: u32 = 4;
/// Links that are looked for at a time.
const PAGE: u32 = 200;
/// Links that are opened at the same time.
const AT_ONCE: usize = 8;

impl Lane {
    /// Takes some links into the books; again until none is left.
    pub(super) async fn baseline(&self, shop: &Shop, attempts: u32) -> Result<Turn> {
        let store = &shop.store;
        if store.phase == Phase::Joining && self.waits_for_opener(store).await? {
            return Ok(Turn::Next(self.clock.now() + TURN));
        }
        let began = self.clock.now();
        let most = shop.platform.limits().read_batch.max(1);
        let mut ask = Ask::first(PAGE);
        let (mut waiting, mut unlisted) = (false, false);
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            let links = self.to_open(page.items).await?;
            waiting |= !links.is_empty();
            for some in links.chunks(most) {
                unlisted |= self.open_some(shop, some, attempts < ASKED).await?;
            }
            let late = self.clock.now().duration_since(began) > SHIFT;
            match page.next {
                Some(next) if !late => ask = Ask::after(PAGE, Some(next)),
                Some(_) => return Ok(Turn::Next(self.clock.now())),
                None if unlisted => return Ok(Turn::Later(self.clock.now() + TURN)),
                None if waiting => return Ok(Turn::Next(self.clock.now())),
                None => return self.joined(shop).await,
            }
        }
    }

    /// Reads, pulls orders, reads again, and opens the links whose readings agree. Where a shop shows no number of what
    /// it should count, it may list it no more: with `asks`, it is asked before that is opened, and true is returned.
    async fn open_some(&self, shop: &Shop, links: &[Link], asks: bool) -> Result<bool> {
        let store = &shop.store;
        let first = self.levels(shop, links).await?;
        self.pull_orders_now(shop).await?;
        // Orders that the reading passed over as booked, though they matched nothing then, are noted by now.
        let reads = links.iter().map(|link| self.ledger.unmatched(&store.org, &store.id, &link.variant));
        let unmatched = futures::future::try_join_all(reads).await?;
        for (link, orders) in links.iter().zip(unmatched) {
            for order in orders {
                self.book.again(store, &order).await?;
                self.ledger.forget_unmatched(&store.org, &store.id, &link.variant, &order).await?;
            }
        }
        // The versions are read before the shop is: an order that is contained after this moves them, and
        // then the second reading may already hold it.
        let reads = links.iter().map(|link| self.ledger.link(&store.org, &link.id));
        let fresh: Vec<Link> = futures::future::try_join_all(reads).await?.into_iter().flatten().collect();
        let second = self.levels(shop, &fresh).await?;
        let unlisted = if asks { self.unlisted(shop, &fresh, &second).await? } else { BTreeSet::new() };
        let opening: Vec<BoxFuture<'_, Result<Option<Change>>>> = fresh
            .iter()
            .filter(|link| !unlisted.contains(&link.id))
            .filter_map(|link| {
                let (before, now) = (first.get(&link.id)?, second.get(&link.id)?);
                (before == now).then(|| self.open(shop, link, *now).boxed())
            })
            .collect();
        let changes: Vec<Option<Change>> =
            futures::stream::iter(opening).buffer_unordered(AT_ONCE).try_collect().await?;
        let changes: Vec<Change> = changes.into_iter().flatten().collect();
        self.dispatch.changes(&store.org, &changes).await?;
        Ok(!unlisted.is_empty())
    }

    /// Links of which the shop shows no number, though it counted them when it was read last: their products are read
    /// afresh.
    async fn unlisted(
        &self,
        shop: &Shop,
        links: &[Link],
        shown: &BTreeMap<LinkId, Option<OnHand>>,
    ) -> Result<BTreeSet<LinkId>> {
        let Store { org, id, .. } = &shop.store;
        let missing: Vec<&Link> = links.iter().filter(|link| shown.get(&link.id) == Some(&None)).collect();
        if missing.is_empty() || shop.platform.fetch().is_none() {
            return Ok(BTreeSet::new());
        }
        let ids: Vec<RemoteVariantId> = missing.iter().map(|link| link.variant.clone()).collect();
        let records = self.catalog.variants_by_id(org, id, &ids).await?;
        let counts = |link: &&Link| {
            let record = records.iter().find(|record| record.variant.remote == link.variant);
            record.is_some_and(|record| matches!(record.variant.stock, Stock::Tracked { .. }))
        };
        let missing: Vec<&Link> = missing.into_iter().filter(counts).collect();
        let products: BTreeSet<&RemoteProductId> = missing.iter().map(|link| &link.product).collect();
        self.dispatch.read_afresh(&shop.store, &products).await?;
        Ok(missing.into_iter().map(|link| link.id.clone()).collect())
    }

    /// Another store opens the books and has not joined yet.
    async fn waits_for_opener(&self, store: &Store) -> Result<bool> {
        Ok(!store.opens_books
            && self
                .directory
                .stores(&store.org)
                .await?
                .iter()
                .any(|other| other.opens_books && other.phase == Phase::Joining && other.is_callable()))
    }

    /// Those of the links that are not in the books yet and are listed for their item.
    async fn to_open(&self, links: Vec<Link>) -> Result<Vec<Link>> {
        let waiting: Vec<Link> = links.into_iter().filter(|link| link.explained.is_none()).collect();
        let Some(first) = waiting.first() else { return Ok(waiting) };
        let ids: Vec<RemoteVariantId> = waiting.iter().map(|link| link.variant.clone()).collect();
        let records = self.catalog.variants_by_id(&first.org, &first.store, &ids).await?;
        Ok(waiting
            .into_iter()
            .filter(|link| {
                records.iter().any(|record| {
                    record.variant.remote == link.variant
                        && record.gone_at.is_none()
                        && record.item.as_ref() == Some(&link.item)
                })
            })
            .collect())
    }

    /// What the shop shows for each link; none where it does not count.
    async fn levels(&self, shop: &Shop, links: &[Link]) -> Result<BTreeMap<LinkId, Option<OnHand>>> {
        let read = shop.platform.read_stock().ok_or_else(|| HubError::Invalid("no stock reads".into()))?;
        let names: Vec<VariantName> = links
            .iter()
            .map(|link| VariantName { product: link.product.clone(), variant: link.variant.clone() })
            .collect();
        let shown: BTreeMap<RemoteVariantId, Option<OnHand>> = read
            .read_stock(&shop.ctx(), &names)
            .await?
            .into_iter()
            .map(|shown| (shown.variant, shown.level))
            .collect();
        Ok(links.iter().map(|link| (link.id.clone(), shown.get(&link.variant).copied().flatten())).collect())
    }

    /// Takes one link into the books.
    async fn open(&self, shop: &Shop, link: &Link, shown: Option<OnHand>) -> Result<Option<Change>> {
        let store = &shop.store;
        let record = self.catalog.variant(&store.org, &store.id, &link.variant).await?;
        let counted = shown.is_some()
            && record.is_none_or(|record| !matches!(record.variant.stock, Stock::Untracked { .. }));
        let level = shown.unwrap_or(OnHand::ZERO);
        let owed = self.ledger.owed(&store.org, &link.id).await?;
        let opened = self.is_opened(link).await?;
        let now = self.clock.now();
        let observed = Opened {
            link: link.id.clone(),
            item: link.item.clone(),
            store: store.name.clone(),
            shows: level,
            owed,
            counts: counted && !opened,
            location: store.location.clone(),
            parts: Vec::new(),
        };
        let voucher = Voucher { at: now, observed: Observed::Opened(observed.clone()) };
        let entry = voucher.lines().pop();
        let available = entry.as_ref().map_or(Delta::ZERO, |entry| entry.on_hand - entry.reserved);
        let opening = Opening {
            org: store.org.clone(),
            link: link.id.clone(),
            item: link.item.clone(),
            read: link.version,
            level: Reading { level, at: now },
            voucher: entry.is_some().then_some(voucher),
            entry,
            parts: Vec::new(),
            of_parts: Vec::new(),
            change: Change {
                id: TaskId::derive(&[link.id.as_str(), "opening"]),
                org: store.org.clone(),
                item: link.item.clone(),
                also: Vec::new(),
                available,
                at: now,
            },
        };
        let opening = match self.ledger.open(&opening).await? {
            Moved::Done => opening,
            Moved::Raced => match self.open_bundle(opening, observed).await? {
                Some(opening) => opening,
                None => return Ok(None),
            },
        };
        if counted && (opened || !opening.parts.is_empty()) {
            self.compare(shop, link, level).await?;
        }
        Ok(Some(opening.change))
    }

    /// Takes the link of a bundle into the books: it gives no count of its own, and what its orders owe is owed of the
    /// parts. None if it is no bundle, or if something else moved.
    async fn open_bundle(&self, opening: Opening, observed: Opened) -> Result<Option<Opening>> {
        let parts = self.ledger.balance(&opening.org, &opening.item).await?.parts;
        if parts.is_empty() {
            return Ok(None);
        }
        let observed = Opened { counts: false, parts: parts.clone(), ..observed };
        let voucher = Voucher { at: opening.level.at, observed: Observed::Opened(observed) };
        let of_parts = voucher.lines();
        let voucher = (!of_parts.is_empty()).then_some(voucher);
        let change = Change { available: Delta::ZERO, ..opening.change };
        let opening = Opening { entry: None, parts, of_parts, voucher, change, ..opening };
        Ok((self.ledger.open(&opening).await? == Moved::Done).then_some(opening))
    }

    /// Whether another shop that counts the item gave it its opening count.
    async fn is_opened(&self, link: &Link) -> Result<bool> {
        for other in self.ledger.links_of(&link.org, &link.item).await? {
            if other.id == link.id || other.explained.is_none() {
                continue;
            }
            let record = self.catalog.variant(&other.org, &other.store, &other.variant).await?;
            if record.is_some_and(|record| matches!(record.variant.stock, Stock::Tracked { .. })) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A store that joins later and shows another count than the books is a matter for its owner.
    async fn compare(&self, shop: &Shop, link: &Link, level: OnHand) -> Result<()> {
        let store = &shop.store;
        let balance = self.ledger.balance(&store.org, &link.item).await?;
        let available = available_of(&*self.ledger, &store.org, &balance).await?;
        if available == level {
            return Ok(());
        }
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::CountDiffers,
                subject: link.variant.as_str(),
                message: format!(
                    "{} showed {level} of {} when it joined; the books have {available}",
                    store.name, link.sku
                ),
                advice: "When writing begins, the shop will follow the books. If the shop is right, resolve \
                         this with `shop`.",
                facts: vec![
                    ("link", link.id.to_string()),
                    ("item", link.item.to_string()),
                    ("sku", link.sku.to_string()),
                    ("shows", level.to_string()),
                    ("books", available.to_string()),
                ],
            })
            .await
    }

    /// All links are in the books: the store has joined.
    async fn joined(&self, shop: &Shop) -> Result<Turn> {
        self.compare_later(shop).await?;
        if shop.store.phase != Phase::Joining {
            return Ok(Turn::Done);
        }
        let mut store = shop.store.clone();
        store.phase = Phase::ReadOnly;
        store.baseline_at = Some(self.clock.now());
        match self.directory.change_store(&store).await? {
            // Once more: a link that was made while this looked through them belongs to a store that was joining.
            Written::Done => Ok(Turn::Next(self.clock.now())),
            Written::Raced => Ok(Turn::Later(self.clock.now())),
        }
    }
}
