//! The ports behind the gate, whatever keeps them, and what the checks must know of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::bundle::Part;
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
use domain::work::{Change, LaneWork};
use domain::{
    Day, Delta, EntryId, EventId, ExceptionId, ItemId, LinkId, OnHand, OrderId, OrgId, PlatformSlug,
    RemoteCustomerId, RemoteProductId, RemoteShop, RemoteVariantId, RunId, StoreId, WriteId,
};
use futures::FutureExt as _;
use jiff::Timestamp;
use ports::*;
use rust_decimal::prelude::ToPrimitive as _;
use secrecy::SecretString;

use crate::gate::Gate;

/// A port behind the gate.
pub struct Gated<P> {
    gate: Arc<Gate>,
    port: Arc<P>,
    begun: Arc<Begun>,
    decisions: Option<Arc<dyn Decisions>>,
}

impl<P> Gated<P> {
    /// Puts a port behind the gate.
    pub fn new(gate: &Arc<Gate>, port: &Arc<P>, begun: &Arc<Begun>) -> Self {
        Self { gate: Arc::clone(gate), port: Arc::clone(port), begun: Arc::clone(begun), decisions: None }
    }

    /// The same port, of merchants that decide about their numbers.
    #[must_use]
    pub fn deciding(self, decisions: Option<Arc<dyn Decisions>>) -> Self {
        Self { decisions, ..self }
    }
}

/// The answer of a future that needs nobody to wait for.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory answers at once")
}

/// The writes that were begun, with what was known when they were computed.
#[derive(Debug, Default)]
pub struct Begun(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// What may be sold of an item, as a worker read it last.
    available: BTreeMap<(u64, ItemId), i64>,
    /// What an item is made of, as a worker read it last.
    parts: BTreeMap<(u64, ItemId), Vec<Part>>,
    writes: BTreeMap<WriteId, BegunWrite>,
}

/// A write as it was computed.
#[derive(Debug, Clone)]
pub struct BegunWrite {
    /// The link it goes through.
    pub link: LinkId,
    /// Its item.
    pub item: ItemId,
    /// What the shop is to show.
    pub target: i64,
    /// What the shop should have shown.
    pub explained: i64,
    /// What it compares with.
    pub compare: i64,
    /// What it writes.
    pub value: i64,
}

impl Known {
    /// What may be sold of an item: of a bundle, what its parts are enough for.
    fn target(&self, worker: u64, item: &ItemId) -> i64 {
        let own = |item: &ItemId| self.available.get(&(worker, item.clone())).copied().unwrap_or(0);
        let made = self.parts.get(&(worker, item.clone())).into_iter().flatten();
        let enough = made.map(|part| own(&part.item) / part.units.to_i64().unwrap_or(1).max(1));
        enough.min().unwrap_or_else(|| own(item))
    }
}

impl Begun {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reads(&self, worker: u64, balance: &Balance) {
        let available = i64::try_from(balance.available().sellable_units()).unwrap_or(i64::MAX);
        let mut known = self.known();
        known.available.insert((worker, balance.item.clone()), available);
        known.parts.insert((worker, balance.item.clone()), balance.parts.clone());
    }

    fn begins(&self, worker: u64, change: &LinkChange, link: &Link) {
        let (Some(begin), Some(explained)) = (&change.begin, link.explained) else { return };
        let mut known = self.known();
        let target = known.target(worker, &link.item);
        let write = BegunWrite {
            link: link.id.clone(),
            item: link.item.clone(),
            target,
            explained: whole(explained),
            compare: whole(begin.compare),
            value: whole(begin.value),
        };
        known.writes.insert(begin.write.clone(), write);
    }

    /// A write that was begun.
    pub fn write(&self, write: &WriteId) -> Option<BegunWrite> {
        self.known().writes.get(write).cloned()
    }
}

/// Whole units.
#[must_use]
pub fn whole(level: OnHand) -> i64 {
    level.units().to_i64().unwrap_or(i64::MIN)
}

macro_rules! gated {
    ($port:ident { $(fn $name:ident(&self $(, $arg:ident: $ty:ty)* $(,)?) -> $answer:ty;)* } $($more:tt)*) => {
        #[async_trait]
        impl<P: $port> $port for Gated<P> {
            $(async fn $name(&self $(, $arg: $ty)*) -> Result<$answer> {
                const OP: &str = concat!(stringify!($port), ".", stringify!($name));
                self.gate.pass(OP).await.map_err(|fault| fault.of_port(OP))?;
                let answer = self.port.$name($($arg),*).await;
                self.gate.answered(OP)?;
                answer
            })*
            $($more)*
        }
    };
}

gated! { Directory {
    fn create_store(&self, store: &Store) -> Written;
    fn change_store(&self, store: &Store) -> Written;
    fn store(&self, org: &OrgId, store: &StoreId) -> Option<Store>;
    fn org_of(&self, store: &StoreId) -> Option<OrgId>;
    fn store_of_shop(&self, platform: &PlatformSlug, shop: &RemoteShop) -> Option<(OrgId, StoreId)>;
    fn stores(&self, org: &OrgId) -> Vec<Store>;
    fn orgs(&self) -> Vec<OrgId>;
    fn put_key(&self, key: &ApiKey) -> ();
    fn key_by_hash(&self, hash: &str) -> Option<ApiKey>;
    fn put_pending(&self, state_hash: &str, pending: &PendingConnect) -> ();
    fn take_pending(&self, state_hash: &str, now: Timestamp) -> Option<PendingConnect>;
}
    fn decisions(&self) -> Option<&dyn Decisions> {
        self.decisions.as_deref()
    }
}

gated! { Decisions {
    fn rules(&self, org: &OrgId) -> Option<Rules>;
    fn put_rules(&self, rules: &Rules) -> Written;
    fn own_authority(&self, org: &OrgId, item: &ItemId) -> Option<Authority>;
    fn set_own_authority(&self, org: &OrgId, item: &ItemId, authority: Option<&Authority>) -> ();
    fn own_authorities(&self, org: &OrgId, ask: &Ask) -> Page<OwnAuthority>;
    fn note_raises(&self, org: &OrgId, store: &StoreId, links: &[LinkId], now: Timestamp, since: Timestamp) -> u64;
} }

gated! { Catalog {
    fn put_products(&self, org: &OrgId, store: &StoreId, products: &[Product], seen: &Seen) -> Vec<Put>;
    fn put_variants(&self, org: &OrgId, store: &StoreId, variants: &[Variant], seen: &Seen) -> Vec<Put>;
    fn remove_product(&self, org: &OrgId, store: &StoreId, product: &RemoteProductId, at: Timestamp, before: Timestamp) -> Vec<VariantRecord>;
    fn remove_variant(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, at: Timestamp, before: Timestamp) -> Option<VariantRecord>;
    fn match_variant(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, item: Option<&ItemId>) -> ();
    fn unmatch_variants(&self, org: &OrgId, store: &StoreId, variants: &[RemoteVariantId]) -> ();
    fn product(&self, org: &OrgId, store: &StoreId, product: &RemoteProductId) -> Option<Product>;
    fn variant(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> Option<VariantRecord>;
    fn variants_by_id(&self, org: &OrgId, store: &StoreId, variants: &[RemoteVariantId]) -> Vec<VariantRecord>;
    fn variants_of(&self, org: &OrgId, store: &StoreId, product: &RemoteProductId) -> Vec<VariantRecord>;
    fn products(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Product>;
    fn variants(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<VariantRecord>;
    fn products_not_met(&self, org: &OrgId, store: &StoreId, run: &RunId, ask: &Ask) -> Page<RemoteProductId>;
    fn variants_not_met(&self, org: &OrgId, store: &StoreId, run: &RunId, ask: &Ask) -> Page<RemoteVariantId>;
    fn put_customers(&self, org: &OrgId, store: &StoreId, customers: &[Customer], seen: &Seen) -> Vec<Put>;
    fn remove_customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> ();
    fn customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> Option<Customer>;
    fn customers(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Customer>;
    fn customers_not_met(&self, org: &OrgId, store: &StoreId, run: &RunId, ask: &Ask) -> Page<RemoteCustomerId>;
} }

gated! { Ledger {
    fn put_item(&self, org: &OrgId, item: &ItemRecord) -> ();
    fn item(&self, org: &OrgId, item: &ItemId) -> Option<ItemRecord>;
    fn items(&self, org: &OrgId, ask: &Ask) -> Page<ItemRecord>;
    fn entries(&self, org: &OrgId, item: &ItemId, ask: &Ask) -> Page<Entry>;
    fn adjust(&self, org: &OrgId, entry: &Entry, voucher: &Voucher, change: &Change) -> Moved;
    fn vouchers(&self, org: &OrgId, day: Day, ask: &Ask) -> Page<Voucher>;
    fn entry(&self, org: &OrgId, item: &ItemId, entry: &EntryId) -> Option<Entry>;
    fn handle(&self, handling: &Handling) -> Moved;
    fn at_locations(&self, org: &OrgId, item: &ItemId) -> (Balance, Vec<AtLocation>);
    fn put_location(&self, org: &OrgId, location: &Location) -> ();
    fn locations(&self, org: &OrgId) -> Vec<Location>;
    fn put_link(&self, link: &Link) -> Written;
    fn claim(&self, claims: &[Claim]) -> Vec<Claimed>;
    fn link(&self, org: &OrgId, link: &LinkId) -> Option<Link>;
    fn links(&self, org: &OrgId, links: &[LinkId]) -> Vec<Link>;
    fn links_of(&self, org: &OrgId, item: &ItemId) -> Vec<Link>;
    fn links_of_store(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Link>;
    fn owed(&self, org: &OrgId, link: &LinkId) -> Delta;
    fn open(&self, opening: &Opening) -> Moved;
    fn finish(&self, finish: &Finish) -> Moved;
    fn allot(&self, allot: &Allot) -> Moved;
    fn compose(&self, compose: &Compose) -> Moved;
    fn bundles_of(&self, org: &OrgId, item: &ItemId) -> Vec<ItemId>;
    fn followers(&self, org: &OrgId, item: &ItemId) -> Vec<Link>;
    fn settle(&self, settlement: &Settlement) -> Moved;
    fn fence(&self, record: &OrderRecord, items: &[ItemId], fetched: bool) -> Fenced;
    fn are_booked(&self, records: &[OrderRecord]) -> Vec<bool>;
    fn order(&self, org: &OrgId, order: &OrderId) -> Option<OrderRecord>;
    fn orders(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<OrderRecord>;
    fn erase_buyer(&self, org: &OrgId, order: &OrderId) -> ();
    fn effects(&self, org: &OrgId, order: &OrderId) -> Vec<BookedEffect>;
    fn book(&self, movement: &Movement) -> Moved;
    fn contain(&self, contain: &Contain) -> Moved;
    fn applied(&self, org: &OrgId, order: &OrderId, fence: &Fence, digest: &str) -> Moved;
    fn unapplied(&self, org: &OrgId, limit: u32) -> Vec<Unapplied>;
    fn is_pending(&self, org: &OrgId, item: &ItemId) -> bool;
    fn note_unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> ();
    fn unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> Vec<OrderId>;
    fn forget_unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> ();
    fn outbox(&self, org: &OrgId, limit: u32) -> Vec<Change>;
    fn dispatched(&self, org: &OrgId, change: &Change) -> ();
}
    async fn balance(&self, org: &OrgId, item: &ItemId) -> Result<Balance> {
        const OP: &str = "Ledger.balance";
        self.gate.pass(OP).await.map_err(|fault| fault.of_port(OP))?;
        let balance = self.port.balance(org, item).await?;
        self.begun.reads(self.gate.worker(), &balance);
        self.gate.answered(OP)?;
        Ok(balance)
    }

    async fn change_link(&self, change: &LinkChange) -> Result<Moved> {
        const OP: &str = "Ledger.change_link";
        self.gate.pass(OP).await.map_err(|fault| fault.of_port(OP))?;
        let moved = self.port.change_link(change).await?;
        if moved == Moved::Done
            && change.begin.is_some()
            && let Some(link) = self.port.link(&change.org, &change.link).await?
        {
            self.begun.begins(self.gate.worker(), change, &link);
        }
        self.gate.answered(OP)?;
        Ok(moved)
    }
}

gated! { Journal {
    fn take(&self, record: &EventRecord) -> Taken;
    fn mark(&self, org: &OrgId, event: &EventId, state: EventState, note: Option<&str>) -> ();
    fn forget_body(&self, org: &OrgId, event: &EventId) -> ();
    fn event(&self, org: &OrgId, event: &EventId) -> Option<EventRecord>;
    fn events(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<EventRecord>;
    fn has_parked(&self, org: &OrgId, store: &StoreId) -> bool;
    fn open_exception(&self, exception: &Exception) -> bool;
    fn resolve_exception(&self, org: &OrgId, exception: &ExceptionId, at: Timestamp) -> bool;
    fn resolve_exceptions(&self, org: &OrgId, exceptions: &[ExceptionId], at: Timestamp) -> ();
    fn exception(&self, org: &OrgId, exception: &ExceptionId) -> Option<Exception>;
    fn exceptions(&self, org: &OrgId, settled: bool, ask: &Ask) -> Page<Exception>;
    fn count(&self, org: &OrgId, store: &StoreId, counter: Counter, by: u64) -> ();
    fn counts(&self, org: &OrgId, store: &StoreId) -> [u64; 3];
    fn note_latency(&self, org: &OrgId, store: &StoreId, millis: u64, at: Timestamp) -> ();
    fn latencies(&self, org: &OrgId, store: &StoreId, limit: u32) -> Vec<u64>;
} }

gated! { Lanes {
    fn put(&self, work: &LaneWork) -> ();
    fn due(&self, org: &OrgId, store: &StoreId, now: Timestamp, limit: u32) -> Vec<LaneWork>;
    fn next_due(&self, org: &OrgId, store: &StoreId) -> Option<Timestamp>;
    fn done(&self, work: &LaneWork) -> Written;
    fn defer(&self, work: &LaneWork) -> Written;
    fn lease(&self, org: &OrgId, store: &StoreId, now: Timestamp, until: Timestamp) -> Option<Lease>;
    fn extend(&self, lease: &Lease, until: Timestamp) -> Written;
    fn release(&self, lease: &Lease) -> ();
    fn break_lease(&self, org: &OrgId, store: &StoreId) -> ();
    fn rest(&self, org: &OrgId, store: &StoreId, until: Timestamp) -> ();
    fn resting(&self, org: &OrgId, store: &StoreId) -> Option<Timestamp>;
} }

gated! { Runs {
    fn put_run(&self, run: &Run) -> Written;
    fn run(&self, org: &OrgId, run: &RunId) -> Option<Run>;
    fn runs(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Run>;
    fn read_until(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Option<Timestamp>;
    fn set_read_until(&self, org: &OrgId, store: &StoreId, stream: Stream, until: Timestamp) -> ();
} }

gated! { Vault {
    fn read(&self, org: &OrgId, store: &StoreId) -> Option<Secret>;
    fn replace_if(&self, org: &OrgId, store: &StoreId, version: Option<&str>, value: &SecretString) -> VaultWrite;
    fn forget(&self, org: &OrgId, store: &StoreId) -> ();
    fn app(&self, platform: &PlatformSlug) -> Option<Secret>;
    fn replace_app_if(&self, platform: &PlatformSlug, version: Option<&str>, value: &SecretString) -> VaultWrite;
} }

gated! { Queue {
    fn send(&self, send: ports::Send) -> ();
} }
