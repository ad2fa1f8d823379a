//! What is kept: the rows of each merchant apart, and the few that lead to one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::customer::Customer;
use domain::event::EventState;
use domain::exception::Exception;
use domain::link::Link;
use domain::location::Location;
use domain::order::Fence;
use domain::product::{Product, Variant};
use domain::rules::{Authority, Rules};
use domain::run::{Run, Stream};
use domain::stock::{AtLocation, Balance, Entry};
use domain::store::Store;
use domain::voucher::Voucher;
use domain::work::{Change, LaneWork, Priority};
use domain::{
    Delta, EntryId, EventId, ExceptionId, ItemId, LinkId, LocationId, OrderId, OrgId, RemoteCustomerId,
    RemoteProductId, RemoteVariantId, RunId, StoreId, TaskId, VoucherId, WriteId,
};
use jiff::Timestamp;
use ports::{
    ApiKey, BookedEffect, EventRecord, ItemRecord, OrderRecord, PendingConnect, Rehearsal, RehearsedWrite,
    Seen, Shadow, Shadowing, WriteNote,
};

/// The state ports in memory: directory, catalogue, books, journal, lanes and runs.
#[derive(Debug, Default)]
pub struct Memory {
    all: Mutex<All>,
}

impl Memory {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that is kept for a merchant, as text: two memories with equal books print alike.
    #[must_use]
    pub fn books(&self, org: &OrgId) -> String {
        let all = self.all();
        let Some(rows) = all.orgs.get(org) else { return String::new() };
        format!("{:#?}", (&rows.balances, &rows.at, &rows.entries, &rows.vouchers, &rows.links, &rows.orders))
    }
}

impl Clone for Memory {
    /// A snapshot.
    fn clone(&self) -> Self {
        Self { all: Mutex::new(self.all().clone()) }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct All {
    pub(crate) orgs: BTreeMap<OrgId, Rows>,
    pub(crate) listed: BTreeSet<OrgId>,
    pub(crate) routes: BTreeMap<StoreId, OrgId>,
    pub(crate) claims: BTreeMap<(String, String), (OrgId, StoreId)>,
    pub(crate) keys: BTreeMap<String, ApiKey>,
    pub(crate) pending: BTreeMap<String, (PendingConnect, bool)>,
    /// Grows with every new row of work, so that work that is put again is other work.
    pub(crate) generations: u64,
}

impl All {
    /// The rows of a merchant, to be written.
    pub(crate) fn of(&mut self, org: &OrgId) -> &mut Rows {
        if !self.orgs.contains_key(org) {
            self.orgs.insert(org.clone(), Rows::default());
        }
        self.orgs.get_mut(org).expect("it was just put there")
    }
}

/// A rehearsal with the pages of its writes.
pub(crate) type Rehearsed = (Rehearsal, Vec<Vec<RehearsedWrite>>);

/// The rows of one merchant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) stores: BTreeMap<StoreId, Store>,
    pub(crate) items: BTreeMap<ItemId, ItemRow>,
    pub(crate) balances: BTreeMap<ItemId, Balance>,
    pub(crate) at: BTreeMap<ItemId, BTreeMap<LocationId, AtLocation>>,
    pub(crate) locations: BTreeMap<LocationId, Location>,
    pub(crate) entries: BTreeMap<ItemId, Vec<(usize, Entry)>>,
    pub(crate) booked: BTreeSet<EntryId>,
    pub(crate) vouchers: BTreeMap<(Timestamp, VoucherId), Arc<Voucher>>,
    pub(crate) links: BTreeMap<LinkId, LinkRow>,
    pub(crate) owed: BTreeMap<LinkId, Delta>,
    pub(crate) orders: BTreeMap<OrderId, OrderRow>,
    pub(crate) waiting: BTreeMap<(Timestamp, OrderId), Waits>,
    pub(crate) unmatched: BTreeMap<(StoreId, RemoteVariantId), BTreeSet<OrderId>>,
    pub(crate) outbox: BTreeMap<(Timestamp, TaskId), Change>,
    pub(crate) events: BTreeMap<EventId, EventRecord>,
    pub(crate) parked: BTreeMap<StoreId, BTreeSet<EventId>>,
    pub(crate) exceptions: BTreeMap<ExceptionId, Exception>,
    pub(crate) runs: BTreeMap<RunId, Run>,
    pub(crate) of_store: BTreeMap<StoreId, OfStore>,
    pub(crate) rules: Option<Rules>,
    pub(crate) authorities: BTreeMap<ItemId, Authority>,
    pub(crate) raises: BTreeMap<StoreId, BTreeSet<(i64, LinkId)>>,
    pub(crate) writes: BTreeMap<LinkId, BTreeMap<WriteId, WriteNote>>,
    pub(crate) rehearsals: BTreeMap<(StoreId, String), Rehearsed>,
    pub(crate) shadowing: BTreeMap<StoreId, Shadowing>,
    pub(crate) shadows: BTreeMap<(StoreId, LinkId), Shadow>,
}

impl Rows {
    pub(crate) fn store(&mut self, store: &StoreId) -> &mut OfStore {
        if !self.of_store.contains_key(store) {
            self.of_store.insert(store.clone(), OfStore::default());
        }
        self.of_store.get_mut(store).expect("it was just put there")
    }

    pub(crate) fn mark(&mut self, event: &EventId, store: &StoreId, state: EventState, noun: &str) {
        // A parked event that is surely about something else holds no raise.
        let holds = state == EventState::Parked && !matches!(noun, "product" | "customer");
        if holds {
            self.parked.entry(store.clone()).or_default().insert(event.clone());
        } else if let Some(parked) = self.parked.get_mut(store) {
            parked.remove(event);
        }
    }
}

/// What is kept per store.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfStore {
    pub(crate) products: BTreeMap<RemoteProductId, Row<Product>>,
    pub(crate) variants: BTreeMap<RemoteVariantId, Row<Variant>>,
    pub(crate) customers: BTreeMap<RemoteCustomerId, Row<Customer>>,
    pub(crate) read_until: BTreeMap<Stream, Timestamp>,
    pub(crate) counts: [u64; 3],
    pub(crate) latencies: Vec<(Timestamp, u64)>,
    pub(crate) work: BTreeMap<TaskId, LaneWork>,
    pub(crate) line: BTreeSet<(Priority, Timestamp, TaskId)>,
    pub(crate) lease: (u64, Option<Timestamp>),
    pub(crate) rest: Option<Timestamp>,
}

/// A record of a shop as it was last seen. A match may wait here for its variant.
#[derive(Debug, Clone)]
pub(crate) struct Row<R> {
    pub(crate) record: Option<R>,
    pub(crate) seen: Option<Seen>,
    pub(crate) item: Option<ItemId>,
    pub(crate) gone_at: Option<Timestamp>,
}

impl<R> Default for Row<R> {
    fn default() -> Self {
        Self { record: None, seen: None, item: None, gone_at: None }
    }
}

/// An item, and the stores that were ever linked to it if its row tells them.
#[derive(Debug, Clone)]
pub(crate) struct ItemRow {
    pub(crate) item: ItemRecord,
    pub(crate) stores: Option<BTreeSet<StoreId>>,
}

#[derive(Debug, Clone)]
pub(crate) struct LinkRow {
    pub(crate) link: Link,
    /// The change that took it into the books.
    pub(crate) opened: Option<TaskId>,
    /// The change that settled it last.
    pub(crate) settled: Option<TaskId>,
    /// The change that gave it its allocation.
    pub(crate) allotted: Option<TaskId>,
}

#[derive(Debug, Clone)]
pub(crate) struct OrderRow {
    pub(crate) record: OrderRecord,
    pub(crate) waits_since: Option<Timestamp>,
    pub(crate) effects: BTreeMap<LinkId, BookedEffect>,
}

impl OrderRow {
    pub(crate) fn stands(&self, fence: &Fence) -> bool {
        self.record.order.fence == *fence
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Waits {
    pub(crate) store: StoreId,
    pub(crate) items: Vec<ItemId>,
}
