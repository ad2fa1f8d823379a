//! Booking an order: its latest state, fenced, becomes entries by difference.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::bundle::Part;
use domain::exception::ExceptionKind;
use domain::link::Link;
use domain::order::{Buyer, Fence, Order, OrderState};
use domain::stock::{Effect, EntryKind};
use domain::store::Store;
use domain::voucher::{Observed, OrderStep, SoldUnits, Voucher, order_entry_id};
use domain::work::Change;
use domain::{Delta, EntryId, ItemId, LinkId, OrderId, OrgId, RemoteOrderId, RemoteVariantId, TaskId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use platform::Clock;
use ports::{BookedEffect, Catalog, Contain, Fenced, Ledger, LinkChange, Moved, Movement, OrderRecord};
use sha2::{Digest as _, Sha256};

use crate::alerts::{Alert, Alerts};
use crate::dispatch::Dispatch;
use crate::{HubError, Outside, Result};

/// How often a movement that raced is decided again before the message goes back to its queue.
const DECISIONS: usize = 12;
/// Orders of a page that are booked at the same time.
const AT_ONCE: usize = 6;

/// Booking orders.
#[derive(Clone)]
pub struct Book {
    ledger: Arc<dyn Ledger>,
    catalog: Arc<dyn Catalog>,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
    dispatch: Dispatch,
}

/// What booking an order's state did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// It is in the books.
    Booked,
    /// It was in the books, or a newer state is.
    Known,
    /// The same fence with other content is stored: fetch the order again.
    Clash,
}

/// What an order's lines come to, per link, and what matches nothing.
struct Targets {
    links: BTreeMap<LinkId, (Link, SoldUnits)>,
    unmatched: Vec<(Option<RemoteVariantId>, String)>,
}

impl Book {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            ledger: Arc::clone(&outside.ledger),
            catalog: Arc::clone(&outside.catalog),
            clock: Arc::clone(&outside.clock),
            alerts: Alerts::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Books an order's state. With `fetched`, it was just read for the sake of this order.
    ///
    /// # Errors
    /// What the ports say; a second call goes on where the first one stopped.
    pub async fn order(&self, store: &Store, order: Order, fetched: bool) -> Result<Booked> {
        self.record(store, self.record_of(store, order), fetched).await
    }

    /// Books the orders of a page; those that are in the books already cost one look for all. Returns the orders
    /// whose books cannot tell what is newer: fetch them again.
    ///
    /// # Errors
    /// What the ports say; a second call goes on where the first one stopped.
    pub async fn page(&self, store: &Store, orders: Vec<Order>) -> Result<Vec<RemoteOrderId>> {
        let records: Vec<OrderRecord> =
            orders.into_iter().map(|order| self.record_of(store, order)).collect();
        let booked = self.ledger.are_booked(&records).await?;
        let new: Vec<BoxFuture<'_, Result<Option<RemoteOrderId>>>> = records
            .into_iter()
            .zip(booked)
            .filter(|(_, booked)| !booked)
            .map(|(record, _)| {
                async move {
                    let remote = record.order.remote.clone();
                    let clash = self.record(store, record, false).await? == Booked::Clash;
                    Ok(clash.then_some(remote))
                }
                .boxed()
            })
            .collect();
        let clashes: Vec<Option<RemoteOrderId>> =
            futures::stream::iter(new).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(clashes.into_iter().flatten().collect())
    }

    fn record_of(&self, store: &Store, order: Order) -> OrderRecord {
        OrderRecord {
            digest: digest(&order),
            id: OrderId::derive(&[store.id.as_str(), order.remote.as_str()]),
            org: store.org.clone(),
            store: store.id.clone(),
            order,
            applied: false,
            seen_at: self.clock.now(),
        }
    }

    async fn record(&self, store: &Store, record: OrderRecord, fetched: bool) -> Result<Booked> {
        let effects = self.ledger.effects(&store.org, &record.id).await?;
        let targets = self.targets(store, &record.order, &effects).await?;
        let items: BTreeSet<ItemId> = targets
            .links
            .values()
            .map(|(link, _)| link.item.clone())
            .chain(effects.iter().flat_map(moved_by))
            .collect();
        let items: Vec<ItemId> = items.into_iter().collect();
        self.tell_links(&record, &targets).await?;
        match self.ledger.fence(&record, &items, fetched).await? {
            Fenced::Older | Fenced::Same { applied: true } => Ok(Booked::Known),
            Fenced::Clash => Ok(Booked::Clash),
            Fenced::Newer | Fenced::Same { applied: false } => {
                // An older state may have been booked between our look and the fence; from here on none is.
                let standing = self.ledger.effects(&store.org, &record.id).await?;
                let targets = if standing == effects {
                    targets
                } else {
                    self.targets(store, &record.order, &standing).await?
                };
                self.apply(store, &record, targets, standing).await?;
                Ok(Booked::Booked)
            }
        }
    }

    /// Where something is being found out about a number, notes that an order was heard of which sells it: before its
    /// fence, since whoever dies after it would leave a state that nobody hears of again, though it moves nothing.
    async fn tell_links(&self, record: &OrderRecord, targets: &Targets) -> Result<()> {
        let mut open: Vec<Link> = targets.links.values().map(|(link, _)| link.clone()).collect();
        open.retain(Link::is_open);
        if open.is_empty() {
            return Ok(());
        }
        if self.ledger.are_booked(std::slice::from_ref(record)).await?.first() == Some(&true) {
            return Ok(());
        }
        for link in open {
            self.tell_link(link).await?;
        }
        Ok(())
    }

    async fn tell_link(&self, link: Link) -> Result<()> {
        let mut link = Some(link);
        for _ in 0..DECISIONS {
            let Some(open) = link.filter(Link::is_open) else { return Ok(()) };
            let change = LinkChange {
                org: open.org.clone(),
                link: open.id.clone(),
                read: open.version,
                begin: None,
                seen: None,
                unexplained: None,
                margin: None,
                heard: true,
                guard: None,
            };
            if self.ledger.change_link(&change).await? == Moved::Done {
                return Ok(());
            }
            link = self.ledger.link(&open.org, &open.id).await?;
        }
        Err(moved_by_others("the order's numbers are looked into by others at the same time"))
    }

    /// Books an order's stored state again: what a crash left undone, or what matches by now.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn again(&self, store: &Store, id: &OrderId) -> Result<()> {
        let Some(record) = self.ledger.order(&store.org, id).await? else { return Ok(()) };
        let effects = self.ledger.effects(&store.org, id).await?;
        let targets = self.targets(store, &record.order, &effects).await?;
        self.apply(store, &record, targets, effects).await
    }

    /// Books that an order is not in its shop any more: it owes nothing; what its shop took stays taken.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn gone(&self, store: &Store, remote: &RemoteOrderId) -> Result<()> {
        let id = OrderId::derive(&[store.id.as_str(), remote.as_str()]);
        let Some(record) = self.ledger.order(&store.org, &id).await? else { return Ok(()) };
        if record.order.state == OrderState::Removed {
            return self.again(store, &id).await;
        }
        let mut order = record.order;
        order.state = OrderState::Removed;
        order.fence = Fence { revision: order.fence.revision + 1, ..order.fence };
        self.order(store, order, true).await?;
        Ok(())
    }

    async fn apply(
        &self,
        store: &Store,
        record: &OrderRecord,
        targets: Targets,
        effects: Vec<BookedEffect>,
    ) -> Result<()> {
        let (mut targets, mut effects) = (targets, effects);
        let mut changes = Vec::new();
        for _ in 0..DECISIONS {
            let mut wanted: BTreeMap<LinkId, SoldUnits> =
                effects.iter().map(|booked| (booked.link.clone(), SoldUnits::default())).collect();
            wanted.extend(targets.links.iter().map(|(link, (_, sold))| (link.clone(), sold.clone())));
            for (link, sold) in &wanted {
                let booked = effects.iter().find(|one| &one.link == link);
                match self.move_link(store, record, link, sold, booked).await? {
                    Step::Moved(change) => changes.extend(change),
                    Step::Superseded => return self.dispatch.changes(&record.org, &changes).await,
                }
            }
            if targets.unmatched.is_empty() {
                break;
            }
            // Noted before the order counts as booked, and looked at once more: whoever matches its variants now
            // meets the note, or is met here.
            self.remember_unmatched(store, record, &targets.unmatched).await?;
            effects = self.ledger.effects(&record.org, &record.id).await?;
            let fresh = self.targets(store, &record.order, &effects).await?;
            let settled = fresh.unmatched.len() == targets.unmatched.len();
            targets = fresh;
            if settled {
                break;
            }
        }
        // Before it counts as booked: whoever dies after that does not come here again.
        self.tell_unmatched(store, record, &targets.unmatched).await?;
        if self.ledger.applied(&record.org, &record.id, &record.order.fence, &record.digest).await?
            == Moved::Raced
        {
            // A newer state has taken over, and books what is left; it may have told of its lines before this did.
            self.tell_unmatched_now(store, &record.org, &record.id).await?;
        }
        self.dispatch.changes(&record.org, &changes).await
    }

    /// Tells of the lines of an order's stored state that match nothing.
    async fn tell_unmatched_now(&self, store: &Store, org: &OrgId, id: &OrderId) -> Result<()> {
        let Some(record) = self.ledger.order(org, id).await? else { return Ok(()) };
        let effects = self.ledger.effects(org, id).await?;
        let targets = self.targets(store, &record.order, &effects).await?;
        self.tell_unmatched(store, &record, &targets.unmatched).await
    }

    /// Moves an order's effect through one link to where its state wants it. A bundle's sale moves its parts; most
    /// items are ordinary, and whether one is a bundle is asked only when the books refuse to take it for what it was
    /// sold as before.
    async fn move_link(
        &self,
        store: &Store,
        record: &OrderRecord,
        link: &LinkId,
        sold: &SoldUnits,
        known: Option<&BookedEffect>,
    ) -> Result<Step> {
        let wanted = sold.effect(record.order.state);
        let mut booked = known.cloned();
        let mut made_of: Option<Vec<Part>> = None;
        for _ in 0..DECISIONS {
            let (old, read) = booked.as_ref().map_or((Effect::default(), 0), |one| (one.effect, one.version));
            if old == wanted {
                return Ok(Step::Moved(None));
            }
            let link = self
                .ledger
                .link(&record.org, link)
                .await?
                .ok_or_else(|| HubError::not_found("link", link))?;
            // What was booked at a location stays with it, wherever the store sells from now.
            let location = booked.as_ref().map_or(&store.location, |one| &one.location).clone();
            // While it owes nothing of it, an order takes an item as it is now; afterwards, as it was sold.
            let chosen = old.demand().is_zero();
            let parts = match (&made_of, &booked) {
                (Some(now), _) if chosen => now.clone(),
                (_, Some(booked)) => booked.parts.clone(),
                (_, None) => Vec::new(),
            };
            let step = OrderStep {
                order: record.id.clone(),
                number: record.order.number.clone(),
                state: record.order.state,
                link: link.id.clone(),
                item: link.item.clone(),
                sku: link.sku.clone(),
                sold: sold.clone(),
                old,
                step: read + 1,
                location,
                parts,
                contained: link.explained.is_none(),
            };
            let (moved, change) = if step.contained {
                let contain = containing(record, step, chosen, self.clock.now());
                (self.ledger.contain(&contain).await?, None)
            } else {
                let movement = movement(record, step, chosen, self.clock.now());
                (self.ledger.book(&movement).await?, movement.change)
            };
            if moved == Moved::Done {
                return Ok(Step::Moved(change));
            }
            match self.ledger.order(&record.org, &record.id).await? {
                Some(stored)
                    if stored.order.fence == record.order.fence && stored.digest == record.digest => {}
                _ => return Ok(Step::Superseded),
            }
            made_of = Some(self.ledger.balance(&record.org, &link.item).await?.parts);
            booked = self
                .ledger
                .effects(&record.org, &record.id)
                .await?
                .into_iter()
                .find(|effect| effect.link == link.id);
        }
        Err(moved_by_others("the order's books are moved by others at the same time"))
    }

    /// Sums the lines per link. A line that was booked through a link stays with it, whatever its SKU says now.
    async fn targets(&self, store: &Store, order: &Order, effects: &[BookedEffect]) -> Result<Targets> {
        let mut by_variant: BTreeMap<RemoteVariantId, Link> = BTreeMap::new();
        for booked in effects {
            if let Some(link) = self.ledger.link(&store.org, &booked.link).await? {
                by_variant.insert(link.variant.clone(), link);
            }
        }
        let mut targets = Targets { links: BTreeMap::new(), unmatched: Vec::new() };
        let mut resolved: BTreeMap<RemoteVariantId, Option<Link>> = BTreeMap::new();
        let asked: BTreeSet<RemoteVariantId> =
            order.lines.iter().filter_map(|line| line.variant.clone()).collect();
        let holders = self.holders(store, &asked).await?;
        for line in &order.lines {
            let link = match &line.variant {
                None => None,
                Some(variant) => {
                    let holder = holders.get(variant).unwrap_or(variant);
                    if let Some(link) = by_variant.get(holder) {
                        Some(link.clone())
                    } else if let Some(link) = resolved.get(holder) {
                        link.clone()
                    } else {
                        let link = self.link_of(store, holder).await?;
                        resolved.insert(holder.clone(), link.clone());
                        link
                    }
                }
            };
            match link {
                Some(link) => {
                    let slot =
                        targets.links.entry(link.id.clone()).or_insert_with(|| (link, SoldUnits::default()));
                    slot.1.add(order.state, line.units());
                }
                None => targets.unmatched.push((line.variant.clone(), line.title.clone())),
            }
        }
        Ok(targets)
    }

    /// Where the stock of each variant is kept.
    async fn holders(
        &self,
        store: &Store,
        variants: &BTreeSet<RemoteVariantId>,
    ) -> Result<BTreeMap<RemoteVariantId, RemoteVariantId>> {
        let asked: Vec<RemoteVariantId> = variants.iter().cloned().collect();
        let records = self.catalog.variants_by_id(&store.org, &store.id, &asked).await?;
        Ok(records
            .into_iter()
            .map(|record| (record.variant.remote.clone(), record.variant.stock_holder().clone()))
            .collect())
    }

    /// The link of the variant to the item that it is matched to.
    async fn link_of(&self, store: &Store, variant: &RemoteVariantId) -> Result<Option<Link>> {
        let Some(record) = self.catalog.variant(&store.org, &store.id, variant).await? else {
            return Ok(None);
        };
        let Some(item) = record.item else { return Ok(None) };
        Ok(self.ledger.link(&store.org, &Link::id_of(&store.id, variant, &item)).await?)
    }

    async fn remember_unmatched(
        &self,
        store: &Store,
        record: &OrderRecord,
        unmatched: &[(Option<RemoteVariantId>, String)],
    ) -> Result<()> {
        for (variant, _) in unmatched {
            if let Some(variant) = variant {
                let holder = self
                    .catalog
                    .variant(&store.org, &store.id, variant)
                    .await?
                    .map_or_else(|| variant.clone(), |known| known.variant.stock_holder().clone());
                self.ledger.note_unmatched(&store.org, &store.id, &holder, &record.id).await?;
            }
        }
        Ok(())
    }

    async fn tell_unmatched(
        &self,
        store: &Store,
        record: &OrderRecord,
        unmatched: &[(Option<RemoteVariantId>, String)],
    ) -> Result<()> {
        let subject = record.order.remote.as_str();
        let open = matches!(record.order.state, OrderState::Open | OrderState::Pending);
        if unmatched.is_empty() || !open {
            if record.applied {
                self.alerts
                    .settle(&store.org, ExceptionKind::UnmatchedLine, Some(&store.id), subject)
                    .await?;
            }
            return Ok(());
        }
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::UnmatchedLine,
                subject,
                message: format!(
                    "order {} of {} sells {} line(s) that match no item",
                    record.order.number,
                    store.name,
                    unmatched.len()
                ),
                advice: "Give the products a SKU in the shop; the order is booked when it matches.",
                facts: vec![("order", record.id.to_string()), ("number", record.order.number.clone())],
            })
            .await
    }
}

fn moved_by_others(what: &str) -> HubError {
    HubError::Port(ports::PortError::new(ports::ErrorKind::Conflict, "book", what))
}

enum Step {
    Moved(Option<Change>),
    Superseded,
}

/// The names of all entries of an item that an effect may have been booked with.
pub(crate) fn entry_ids(booked: &BookedEffect, order: &OrderId, item: &ItemId) -> BTreeSet<EntryId> {
    let kinds = [EntryKind::Reserve, EntryKind::Release, EntryKind::Ship, EntryKind::Restock];
    let of_step =
        |step| kinds.map(|kind| order_entry_id(order, (&booked.link, &booked.item), step, (item, kind)));
    (1..=booked.version).flat_map(of_step).collect()
}

/// The items that a booked effect moved.
pub(crate) fn moved_by(booked: &BookedEffect) -> Vec<ItemId> {
    let parts = booked.parts.iter().map(|part| part.item.clone());
    std::iter::once(booked.item.clone()).chain(parts).collect()
}

/// The transaction that moves an effect as its voucher says.
fn movement(record: &OrderRecord, step: OrderStep, chosen: bool, now: Timestamp) -> Movement {
    let (old, new) = (step.old, step.effect());
    let sold = Delta::new(new.demand() - old.demand());
    let explained = old.explains(new);
    let change = (!sold.is_zero() || !explained.is_zero()).then(|| Change {
        id: TaskId::derive(&[record.id.as_str(), step.link.as_str(), &step.step.to_string()]),
        org: record.org.clone(),
        item: step.item.clone(),
        also: step.parts.iter().map(|part| part.item.clone()).collect(),
        available: -sold,
        at: record.seen_at,
    });
    let (link, item, location, parts) =
        (step.link.clone(), step.item.clone(), step.location.clone(), step.parts.clone());
    let read = step.step - 1;
    let voucher = Voucher { at: now, observed: Observed::Order(step) };
    Movement {
        org: record.org.clone(),
        order: record.id.clone(),
        fence: record.order.fence.clone(),
        digest: record.digest.clone(),
        link,
        item,
        read,
        effect: new,
        location,
        parts,
        chosen,
        entries: voucher.lines(),
        voucher,
        explained,
        sold,
        change,
    }
}

/// The transaction that notes an effect of a link that is not in the books yet.
fn containing(record: &OrderRecord, step: OrderStep, chosen: bool, now: Timestamp) -> Contain {
    let effect = step.effect();
    Contain {
        org: record.org.clone(),
        order: record.id.clone(),
        fence: record.order.fence.clone(),
        digest: record.digest.clone(),
        link: step.link.clone(),
        item: step.item.clone(),
        read: step.step - 1,
        effect,
        location: step.location.clone(),
        parts: step.parts.clone(),
        chosen,
        owed: Delta::new(effect.reserved - step.old.reserved),
        voucher: Voucher { at: now, observed: Observed::Order(step) },
    }
}

/// A digest of what an order's state says, to tell an equal fence with other content. Who bought is left out: it
/// may be erased, and the books do not follow it.
fn digest(order: &Order) -> String {
    let nobody = Buyer { customer: None, name: String::new(), email: None, country: None };
    let text = serde_json::to_vec(&Order { buyer: nobody, ..order.clone() }).unwrap_or_default();
    data_encoding::HEXLOWER.encode(&Sha256::digest(&text))
}
