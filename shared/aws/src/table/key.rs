//! The keys of all rows. The README lists who reads them.
//!
//! A partition key ends in at most one text that is not ours (a shop's id), and that text comes last, so no
//! two different things ever share a key.

use domain::{
    Day, EventId, ExceptionId, ItemId, LinkId, OrderId, OrgId, RemoteProductId, RemoteVariantId, RunId,
    StoreId,
};
use domain::{PlatformSlug, RemoteShop};

/// The name of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// The partition of all stores of a merchant.
pub(crate) fn stores(org: &OrgId) -> String {
    format!("{org}#stores")
}

/// The partition of what belongs to one store: its links' names and how far its streams were read.
pub(crate) fn store(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#store#{store}")
}

/// A store's credentials: where they lie, or sealed.
pub(crate) fn secret(org: &OrgId, store: &StoreId) -> Key {
    Key::new(format!("{org}#vault#{store}"), "secret")
}

/// Where the credentials of our app on a platform lie.
pub(crate) fn app_secret(platform: &PlatformSlug) -> Key {
    Key::new(format!("app#{platform}"), "secret")
}

/// Leads from a store to its merchant.
pub(crate) fn route(store: &StoreId) -> Key {
    Key::new(format!("store#{store}"), "org")
}

/// Leads from a shop to the store that has claimed it.
pub(crate) fn claim(platform: &PlatformSlug, shop: &RemoteShop) -> Key {
    Key::new(format!("shop#{}#{platform}#{shop}", platform.as_str().len()), "store")
}

/// Leads from a key's hash to its merchant.
pub(crate) fn api_key(hash: &str) -> Key {
    Key::new(format!("key#{hash}"), "key")
}

/// A connection under way.
pub(crate) fn pending(state_hash: &str) -> Key {
    Key::new(format!("state#{state_hash}"), "pending")
}

/// The partition of the list of all merchants.
pub(crate) const ORGS: &str = "orgs";

/// The partition of an item: itself, its balance, its entries and its links' names.
pub(crate) fn item(org: &OrgId, item: &ItemId) -> String {
    format!("{org}#item#{item}")
}

/// The index partition of a merchant's items.
pub(crate) fn items(org: &OrgId) -> String {
    format!("{org}#items")
}

/// The index partition of an item's entries.
pub(crate) fn entries(org: &OrgId, item: &ItemId) -> String {
    format!("{org}#item#{item}#entries")
}

/// The partition of a merchant's locations.
pub(crate) fn locations(org: &OrgId) -> String {
    format!("{org}#locations")
}

/// A link.
pub(crate) fn link(org: &OrgId, link: &LinkId) -> Key {
    Key::new(format!("{org}#link#{link}"), "link")
}

/// The units owed through a link that is not in the books yet.
pub(crate) fn owed(org: &OrgId, link: &LinkId) -> Key {
    Key::new(format!("{org}#link#{link}"), "owed")
}

/// The partition of an order: head, chunks of lines, effects.
pub(crate) fn order(org: &OrgId, order: &OrderId) -> String {
    format!("{org}#order#{order}")
}

/// The head of an order.
pub(crate) fn head(org: &OrgId, id: &OrderId) -> Key {
    Key::new(order(org, id), "head")
}

/// What an order was booked with through a link.
pub(crate) fn effect(org: &OrgId, id: &OrderId, link: &LinkId) -> Key {
    Key::new(order(org, id), format!("effect#{link}"))
}

/// The index partition of a store's orders.
pub(crate) fn orders(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#orders#{store}")
}

/// The partition of orders that are not applied yet.
pub(crate) fn unapplied(org: &OrgId) -> String {
    format!("{org}#unapplied")
}

/// The partition of orders that sell an unmatched variant.
pub(crate) fn unmatched(org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> String {
    format!("{org}#unmatched#{store}#{variant}")
}

/// How many partitions the outbox of a merchant has.
pub(crate) const OUTBOX_SHARDS: u32 = 4;

/// The partition of the vouchers of a day.
pub(crate) fn vouchers(org: &OrgId, day: Day) -> String {
    format!("{org}#vouchers#{day}")
}

/// A partition of the outbox.
pub(crate) fn outbox(org: &OrgId, shard: u32) -> String {
    format!("{org}#outbox#{shard}")
}

/// The partition of a store's records of one kind: `products`, `variants`, `customers`.
pub(crate) fn records(org: &OrgId, kind: &str, store: &StoreId) -> String {
    format!("{org}#{kind}#{store}")
}

/// The partition of the names of a product's variants.
pub(crate) fn variants_of(org: &OrgId, store: &StoreId, product: &RemoteProductId) -> String {
    format!("{org}#variants-of#{store}#{product}")
}

/// The partition of a store's lane.
pub(crate) fn lane(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#lane#{store}")
}

/// A run.
pub(crate) fn run(org: &OrgId, run: &RunId) -> Key {
    Key::new(format!("{org}#run#{run}"), "run")
}

/// The partition of the names of a store's runs.
pub(crate) fn runs(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#runs#{store}")
}

/// An event.
pub(crate) fn event(org: &OrgId, event: &EventId) -> Key {
    Key::new(format!("{org}#event#{event}"), "event")
}

/// The index partition of a store's events.
pub(crate) fn events(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#events#{store}")
}

/// The marks of a store's parked events that may be about an order.
pub(crate) fn parked(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#parked#{store}")
}

/// An exception.
pub(crate) fn exception(org: &OrgId, exception: &ExceptionId) -> Key {
    Key::new(format!("{org}#exception#{exception}"), "exception")
}

/// The index partition of open or settled exceptions.
pub(crate) fn exceptions(org: &OrgId, settled: bool) -> String {
    format!("{org}#exceptions#{}", if settled { "settled" } else { "open" })
}

/// The counts of a store.
pub(crate) fn counts(org: &OrgId, store: &StoreId) -> Key {
    Key::new(format!("{org}#counts#{store}"), "counts")
}

/// The propagation times of a store.
pub(crate) fn latencies(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#latencies#{store}")
}

/// The partition of what a merchant decided about its numbers.
pub(crate) fn rules(org: &OrgId) -> String {
    format!("{org}#rules")
}

/// The numbers of a store that are being raised.
pub(crate) fn raises(org: &OrgId, store: &StoreId) -> Key {
    Key::new(format!("{org}#raises#{store}"), "raises")
}

/// The writes through a link, and what came of them.
pub(crate) fn writes(org: &OrgId, link: &LinkId) -> String {
    format!("{org}#writes#{link}")
}

/// The rehearsals of a store, with their parts.
pub(crate) fn rehearsals(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#rehearsals#{store}")
}

/// The shadows of a store's links, and since when it is shadowed.
pub(crate) fn shadows(org: &OrgId, store: &StoreId) -> String {
    format!("{org}#shadows#{store}")
}
