//! Looking at what is kept without the ports: for checks that run after every step.

use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::link::Link;
use domain::stock::{AtLocation, Entry};
use domain::voucher::Voucher;
use domain::work::LaneWork;
use domain::{EntryId, ItemId, OrderId, OrgId};
use ports::{BookedEffect, OrderRecord};

use crate::Memory;

impl Memory {
    /// How many entries a merchant's books have.
    #[must_use]
    pub fn entry_count(&self, org: &OrgId) -> usize {
        self.all().orgs.get(org).map_or(0, |rows| rows.booked.len())
    }

    /// The entries of an item in the order in which they were booked, without the first so many.
    #[must_use]
    pub fn entries_after(&self, org: &OrgId, item: &ItemId, skip: usize) -> Vec<Entry> {
        let all = self.all();
        let entries = all.orgs.get(org).and_then(|rows| rows.entries.get(item));
        entries.into_iter().flatten().skip(skip).map(|(_, entry)| entry.clone()).collect()
    }

    /// All entries of a merchant.
    #[must_use]
    pub fn all_entries(&self, org: &OrgId) -> Vec<Entry> {
        let all = self.all();
        let entries = all.orgs.get(org).into_iter().flat_map(|rows| rows.entries.values().flatten());
        entries.map(|(_, entry)| entry.clone()).collect()
    }

    /// All vouchers of a merchant.
    #[must_use]
    pub fn all_vouchers(&self, org: &OrgId) -> Vec<Arc<Voucher>> {
        let all = self.all();
        all.orgs.get(org).into_iter().flat_map(|rows| rows.vouchers.values().cloned()).collect()
    }

    /// What lies of each item at each location.
    #[must_use]
    pub fn all_lying(&self, org: &OrgId) -> Vec<(ItemId, AtLocation)> {
        let all = self.all();
        let items = all.orgs.get(org).into_iter().flat_map(|rows| &rows.at);
        items.flat_map(|(item, at)| at.values().map(|one| (item.clone(), one.clone()))).collect()
    }

    /// Somebody writes over an entry, beside the books; with nothing, takes it out.
    pub fn spoil(&self, org: &OrgId, item: &ItemId, entry: &EntryId, with: Option<Entry>) {
        let mut all = self.all();
        let entries = all.of(org).entries.entry(item.clone()).or_default();
        entries.retain(|(_, one)| one.id != *entry);
        entries.extend(with.map(|entry| (0, entry)));
    }

    /// Whether anybody was ever asked about a kind of thing.
    #[must_use]
    pub fn was_asked(&self, org: &OrgId, kind: ExceptionKind) -> bool {
        let all = self.all();
        let rows = all.orgs.get(org);
        rows.is_some_and(|rows| rows.exceptions.values().any(|exception| exception.kind == kind))
    }

    /// All links of a merchant.
    #[must_use]
    pub fn all_links(&self, org: &OrgId) -> Vec<Link> {
        let all = self.all();
        all.orgs
            .get(org)
            .into_iter()
            .flat_map(|rows| rows.links.values())
            .map(|row| row.link.clone())
            .collect()
    }

    /// An order and what it was booked with.
    #[must_use]
    pub fn booked_order(&self, org: &OrgId, order: &OrderId) -> Option<(OrderRecord, Vec<BookedEffect>)> {
        let all = self.all();
        let row = all.orgs.get(org)?.orders.get(order)?;
        Some((row.record.clone(), row.effects.values().cloned().collect()))
    }

    /// All work in a merchant's lanes.
    #[must_use]
    pub fn all_work(&self, org: &OrgId) -> Vec<LaneWork> {
        let all = self.all();
        let lanes = all.orgs.get(org).into_iter().flat_map(|rows| rows.of_store.values());
        lanes.flat_map(|lane| lane.work.values().cloned()).collect()
    }

    /// Whether changes wait to be dispatched, or orders to be booked whole.
    #[must_use]
    pub fn has_left_overs(&self, org: &OrgId) -> bool {
        self.all().orgs.get(org).is_some_and(|rows| !rows.outbox.is_empty() || !rows.waiting.is_empty())
    }

    /// Names in a merchant's rows that are not its own: each row says to whom it belongs.
    #[must_use]
    pub fn strangers(&self, org: &OrgId) -> Vec<String> {
        let all = self.all();
        let Some(rows) = all.orgs.get(org) else { return Vec::new() };
        let is_ours = |store| rows.stores.contains_key(store);
        let mut strangers = Vec::new();
        let mut note = |what: &str, id: &str| strangers.push(format!("{what} {id}"));
        for (id, row) in &rows.links {
            let link = &row.link;
            if link.org != *org || !is_ours(&link.store) || !rows.items.contains_key(&link.item) {
                note("link", id.as_str());
            }
        }
        for (id, row) in &rows.orders {
            let links = row
                .effects
                .values()
                .all(|effect| rows.links.get(&effect.link).is_some_and(|link| link.link.item == effect.item));
            if row.record.org != *org || !is_ours(&row.record.store) || !links {
                note("order", id.as_str());
            }
        }
        for item in rows.entries.keys().chain(rows.balances.keys()) {
            if !rows.items.contains_key(item) {
                note("item", item.as_str());
            }
        }
        for change in rows.outbox.values() {
            if change.org != *org || !rows.items.contains_key(&change.item) {
                note("change", change.id.as_str());
            }
        }
        for (store, lane) in &rows.of_store {
            let work = lane.work.values().any(|work| work.org != *org || work.store != *store);
            if !is_ours(store) || work {
                note("lane", store.as_str());
            }
        }
        for (id, event) in &rows.events {
            if event.inbox.org != *org || !is_ours(&event.inbox.store) {
                note("event", id.as_str());
            }
        }
        for (id, exception) in &rows.exceptions {
            if exception.org != *org || exception.store.as_ref().is_some_and(|store| !is_ours(store)) {
                note("exception", id.as_str());
            }
        }
        strangers
    }
}
