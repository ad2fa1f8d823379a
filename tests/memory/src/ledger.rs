//! The books: the port, and what every movement of units does.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use domain::link::Link;
use domain::location::Location;
use domain::order::Fence;
use domain::stock::{AtLocation, Balance, Entry};
use domain::voucher::Voucher;
use domain::work::Change;
use domain::{Day, Delta, EntryId, ItemId, LinkId, LocationId, OrderId, OrgId, RemoteVariantId, StoreId};
use ports::{
    Allot, Ask, BookedEffect, Claim, Claimed, Compose, Contain, ErrorKind, Fenced, Finish, Handling,
    ItemRecord, Ledger, LinkChange, Moved, Movement, Opening, OrderRecord, Page, PortError, Result,
    Settlement, Unapplied, Written,
};

use crate::Memory;
use crate::pages::{page, sorts};
use crate::state::{ItemRow, Rows};

pub(crate) fn moved(done: bool) -> Moved {
    if done { Moved::Done } else { Moved::Raced }
}

/// What belongs together must say so, or the call is refused.
pub(crate) fn belongs(
    op: &'static str,
    org: &OrgId,
    item: &ItemId,
    entries: &[Entry],
    change: Option<&Change>,
) -> Result<()> {
    all_belong(op, org, &[item], entries, change)
}

/// The same for the entries of some items.
pub(crate) fn all_belong(
    op: &'static str,
    org: &OrgId,
    items: &[&ItemId],
    entries: &[Entry],
    change: Option<&Change>,
) -> Result<()> {
    let refused = |why: &str| Err(PortError::new(ErrorKind::Refused, op, why));
    if entries.iter().any(|entry| !items.contains(&&entry.item)) {
        return refused("an entry moves another item than its movement");
    }
    if change.is_some_and(|change| change.org != *org) {
        return refused("the change belongs to another merchant than its movement");
    }
    Ok(())
}

impl Rows {
    /// Whether none of these entries is booked.
    pub(crate) fn are_new(&self, entries: &[Entry]) -> bool {
        !entries.iter().any(|entry| self.booked.contains(&entry.id))
    }

    /// Books entries: the balances of their items move by their sums.
    pub(crate) fn enter(&mut self, entries: &[Entry]) {
        let items: BTreeSet<&ItemId> = entries.iter().map(|entry| &entry.item).collect();
        for item in items {
            self.enter_of(item, entries);
        }
    }

    fn enter_of(&mut self, item: &ItemId, entries: &[Entry]) {
        let balance = self.balances.entry(item.clone()).or_insert_with(|| Balance::empty(item.clone()));
        let kept = self.entries.entry(item.clone()).or_default();
        for (place, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.item == *item) {
            balance.on_hand = balance.on_hand.moved(entry.on_hand);
            balance.reserved = balance.reserved + entry.reserved;
            let at = self.at.entry(item.clone()).or_default();
            let at =
                at.entry(entry.location.clone()).or_insert_with(|| AtLocation::empty(entry.location.clone()));
            at.on_hand = at.on_hand.moved(entry.on_hand);
            at.reserved = at.reserved + entry.reserved;
            self.booked.insert(entry.id.clone());
            kept.push((place, entry.clone()));
        }
        balance.version += 1;
    }

    /// Keeps the document behind entries.
    pub(crate) fn document(&mut self, voucher: &Voucher) {
        self.vouchers.insert((voucher.at, voucher.id()), Arc::new(voucher.clone()));
    }

    pub(crate) fn tell(&mut self, change: &Change) {
        self.outbox.insert((change.at, change.id.clone()), change.clone());
    }
}

#[async_trait]
impl Ledger for Memory {
    async fn put_item(&self, org: &OrgId, item: &ItemRecord) -> Result<()> {
        let mut all = self.all();
        let items = &mut all.of(org).items;
        if !items.contains_key(&item.id) {
            items.insert(item.id.clone(), ItemRow { item: item.clone(), stores: None });
        }
        Ok(())
    }

    async fn item(&self, org: &OrgId, item: &ItemId) -> Result<Option<ItemRecord>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.items.get(item)).map(|row| row.item.clone()))
    }

    async fn items(&self, org: &OrgId, ask: &Ask) -> Result<Page<ItemRecord>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.items.values());
        let rows = rows.map(|row| (row.item.sku.to_string(), row.item.clone())).collect();
        page(&format!("items {org}"), rows, false, ask)
    }

    async fn balance(&self, org: &OrgId, item: &ItemId) -> Result<Balance> {
        let all = self.all();
        let balance = all.orgs.get(org).and_then(|rows| rows.balances.get(item)).cloned();
        Ok(balance.unwrap_or_else(|| Balance::empty(item.clone())))
    }

    async fn entries(&self, org: &OrgId, item: &ItemId, ask: &Ask) -> Result<Page<Entry>> {
        let all = self.all();
        let rows = all.orgs.get(org).and_then(|rows| rows.entries.get(item));
        let rows = rows.into_iter().flatten();
        let rows =
            rows.map(|(place, entry)| (format!("{}#{place}#{}", sorts(entry.at), entry.id), entry.clone()));
        page(&format!("entries {org} {item}"), rows.collect(), true, ask)
    }

    async fn adjust(&self, org: &OrgId, entry: &Entry, voucher: &Voucher, change: &Change) -> Result<Moved> {
        let entries = std::slice::from_ref(entry);
        belongs("ledger.adjust", org, &entry.item, entries, Some(change))?;
        let mut all = self.all();
        let rows = all.of(org);
        if rows.are_new(entries) {
            rows.enter(entries);
            rows.document(voucher);
            rows.tell(change);
        }
        Ok(Moved::Done)
    }

    async fn vouchers(&self, org: &OrgId, day: Day, ask: &Ask) -> Result<Page<Voucher>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| &rows.vouchers);
        let rows = rows.filter(|(_, voucher)| voucher.day() == day);
        let rows = rows.map(|((at, id), voucher)| (format!("{}#{id}", sorts(*at)), Voucher::clone(voucher)));
        page(&format!("vouchers {org} {day}"), rows.collect(), false, ask)
    }

    async fn entry(&self, org: &OrgId, item: &ItemId, entry: &EntryId) -> Result<Option<Entry>> {
        let all = self.all();
        let mut rows = all.orgs.get(org).and_then(|rows| rows.entries.get(item)).into_iter().flatten();
        Ok(rows.find(|(_, one)| one.id == *entry).map(|(_, one)| one.clone()))
    }

    async fn handle(&self, handling: &Handling) -> Result<Moved> {
        const OP: &str = "ledger.handle";
        let Handling { org, item, read, entries, voucher, change } = handling;
        belongs(OP, org, item, entries, change.as_ref())?;
        let Some(first) = entries.first() else {
            return Err(PortError::new(ErrorKind::Refused, OP, "what a person moves has an entry"));
        };
        let mut all = self.all();
        let rows = all.of(org);
        let version = rows.balances.get(item).map_or(0, |balance| balance.version);
        if !rows.are_new(entries) || read.is_some_and(|read| read != version) {
            return Ok(moved(rows.booked.contains(&first.id)));
        }
        rows.enter(entries);
        rows.document(voucher);
        if let Some(change) = change {
            rows.tell(change);
        }
        Ok(Moved::Done)
    }

    async fn at_locations(&self, org: &OrgId, item: &ItemId) -> Result<(Balance, Vec<AtLocation>)> {
        let balance = self.balance(org, item).await?;
        let all = self.all();
        let at = all.orgs.get(org).and_then(|rows| rows.at.get(item));
        let mut at: Vec<AtLocation> = at.into_iter().flat_map(|at| at.values().cloned()).collect();
        if !at.iter().any(|one| one.location.is_main()) {
            at.insert(0, AtLocation::empty(LocationId::main()));
        }
        Ok((balance, at))
    }

    async fn put_location(&self, org: &OrgId, location: &Location) -> Result<()> {
        self.all().of(org).locations.insert(location.id.clone(), location.clone());
        Ok(())
    }

    async fn locations(&self, org: &OrgId) -> Result<Vec<Location>> {
        let all = self.all();
        let kept = all.orgs.get(org).into_iter().flat_map(|rows| rows.locations.values().cloned());
        let mut locations: Vec<Location> = kept.collect();
        if !locations.iter().any(|location| location.id.is_main()) {
            locations.insert(0, Location::main());
        }
        Ok(locations)
    }

    async fn put_link(&self, link: &Link) -> Result<Written> {
        self.keep_link(link)
    }

    async fn claim(&self, claims: &[Claim]) -> Result<Vec<Claimed>> {
        self.claim_all(claims)
    }

    async fn link(&self, org: &OrgId, link: &LinkId) -> Result<Option<Link>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.links.get(link)).map(|row| row.link.clone()))
    }

    async fn links(&self, org: &OrgId, links: &[LinkId]) -> Result<Vec<Link>> {
        let all = self.all();
        let Some(rows) = all.orgs.get(org) else { return Ok(Vec::new()) };
        Ok(links.iter().filter_map(|link| Some(rows.links.get(link)?.link.clone())).collect())
    }

    async fn links_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.links.values());
        Ok(rows.filter(|row| row.link.item == *item).map(|row| row.link.clone()).collect())
    }

    async fn links_of_store(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Link>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.links.values());
        let rows = rows.filter(|row| row.link.store == *store);
        let rows = rows.map(|row| (row.link.id.to_string(), row.link.clone())).collect();
        page(&format!("links {org} {store}"), rows, false, ask)
    }

    async fn owed(&self, org: &OrgId, link: &LinkId) -> Result<Delta> {
        let all = self.all();
        Ok(all.orgs.get(org).and_then(|rows| rows.owed.get(link)).copied().unwrap_or_default())
    }

    async fn open(&self, opening: &Opening) -> Result<Moved> {
        self.open_link(opening)
    }

    async fn change_link(&self, change: &LinkChange) -> Result<Moved> {
        self.note_link(change)
    }

    async fn finish(&self, finish: &Finish) -> Result<Moved> {
        self.end_write(finish)
    }

    async fn allot(&self, allot: &Allot) -> Result<Moved> {
        self.allot_link(allot)
    }

    async fn compose(&self, compose: &Compose) -> Result<Moved> {
        self.compose_bundle(compose)
    }

    async fn bundles_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<ItemId>> {
        Ok(self.bundles_with(org, item))
    }

    async fn followers(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
        Ok(self.all_followers(org, item))
    }

    async fn settle(&self, settlement: &Settlement) -> Result<Moved> {
        self.settle_link(settlement)
    }

    async fn fence(&self, record: &OrderRecord, items: &[ItemId], fetched: bool) -> Result<Fenced> {
        self.fence_order(record, items, fetched)
    }

    async fn are_booked(&self, records: &[OrderRecord]) -> Result<Vec<bool>> {
        self.which_are_booked(records)
    }

    async fn order(&self, org: &OrgId, order: &OrderId) -> Result<Option<OrderRecord>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.orders.get(order)).map(|row| row.record.clone()))
    }

    async fn orders(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<OrderRecord>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.orders.values());
        let rows = rows.map(|row| &row.record).filter(|record| record.store == *store);
        let rows =
            rows.map(|record| (format!("{}#{}", sorts(record.order.placed_at), record.id), record.clone()));
        page(&format!("orders {org} {store}"), rows.collect(), true, ask)
    }

    async fn erase_buyer(&self, org: &OrgId, order: &OrderId) -> Result<()> {
        self.forget_buyer(org, order);
        Ok(())
    }

    async fn effects(&self, org: &OrgId, order: &OrderId) -> Result<Vec<BookedEffect>> {
        let all = self.all();
        let row = all.orgs.get(org).and_then(|rows| rows.orders.get(order));
        Ok(row.map(|row| row.effects.values().cloned().collect()).unwrap_or_default())
    }

    async fn book(&self, movement: &Movement) -> Result<Moved> {
        self.book_movement(movement)
    }

    async fn contain(&self, contain: &Contain) -> Result<Moved> {
        self.contain_effect(contain)
    }

    async fn applied(&self, org: &OrgId, order: &OrderId, fence: &Fence, digest: &str) -> Result<Moved> {
        self.order_applied(org, order, fence, digest)
    }

    async fn unapplied(&self, org: &OrgId, limit: u32) -> Result<Vec<Unapplied>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| &rows.waiting);
        let rows = rows.map(|((since, order), waits)| Unapplied {
            order: order.clone(),
            store: waits.store.clone(),
            items: waits.items.clone(),
            since: *since,
        });
        Ok(rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn is_pending(&self, org: &OrgId, item: &ItemId) -> Result<bool> {
        let all = self.all();
        let mut rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.waiting.values());
        Ok(rows.any(|waits| waits.items.contains(item)))
    }

    async fn note_unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        order: &OrderId,
    ) -> Result<()> {
        let key = (store.clone(), variant.clone());
        self.all().of(org).unmatched.entry(key).or_default().insert(order.clone());
        Ok(())
    }

    async fn unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
    ) -> Result<Vec<OrderId>> {
        let all = self.all();
        let Some(rows) = all.orgs.get(org).filter(|rows| !rows.unmatched.is_empty()) else {
            return Ok(Vec::new());
        };
        let orders = rows.unmatched.get(&(store.clone(), variant.clone()));
        Ok(orders.into_iter().flatten().cloned().collect())
    }

    async fn forget_unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        order: &OrderId,
    ) -> Result<()> {
        let key = (store.clone(), variant.clone());
        if let Some(orders) = self.all().of(org).unmatched.get_mut(&key) {
            orders.remove(order);
        }
        Ok(())
    }

    async fn outbox(&self, org: &OrgId, limit: u32) -> Result<Vec<Change>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.outbox.values());
        Ok(rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn dispatched(&self, org: &OrgId, change: &Change) -> Result<()> {
        if let Some(rows) = self.all().orgs.get_mut(org) {
            rows.outbox.remove(&(change.at, change.id.clone()));
        }
        Ok(())
    }
}
