//! The books: items, balances, entries, links, orders and their effects.
//!
//! Every call that moves something is one transaction with conditions, so a second run of the same call
//! changes nothing and a crash between two calls leaves nothing half done.

use async_trait::async_trait;
use domain::allocation::{Allocation, Margin};
use domain::bundle::Part;
use domain::link::{Inflight, Link, Reading, Unexplained};
use domain::location::Location;
use domain::order::{Fence, Order};
use domain::product::{Sku, Variant};
use domain::stock::{AtLocation, Balance, Effect, Entry};
use domain::voucher::Voucher;
use domain::work::Change;
use domain::{
    Day, Delta, EntryId, ItemId, LinkId, LocationId, OrderId, OrgId, RemoteVariantId, StoreId, WriteId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Ask, Page, Result, Written};

/// An item of the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRecord {
    /// Its id, derived from the SKU.
    pub id: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// What the first shop that listed it calls it.
    pub title: String,
    /// When it came into the books.
    pub created_at: Timestamp,
}

/// An order as last seen, with what is needed to book it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRecord {
    /// Derived from store and the platform's id.
    pub id: OrderId,
    /// The merchant.
    pub org: OrgId,
    /// The store it came from.
    pub store: StoreId,
    /// Its latest state.
    pub order: Order,
    /// A digest of the state's content, to tell an equal fence with other content.
    pub digest: String,
    /// Whether all its effects are booked.
    pub applied: bool,
    /// When this state reached us.
    pub seen_at: Timestamp,
}

/// What fencing an order's state did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fenced {
    /// The state is new: it is stored, not applied, and its items are noted as pending.
    Newer,
    /// The same state is stored.
    Same {
        /// Whether its effects are booked; if not, go on booking them.
        applied: bool,
    },
    /// A newer state is stored; nothing is to be done.
    Older,
    /// The same fence with other content is stored: fetch the order again.
    Clash,
}

/// What an order was booked with, for one link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedEffect {
    /// The link.
    pub link: LinkId,
    /// The item that was moved.
    pub item: ItemId,
    /// The effect that is in the books.
    pub effect: Effect,
    /// Where it moved the item: later movements of the order move it there, too.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// What it was sold as, if the item was a bundle: later movements of the order move these parts, whatever the
    /// bundle is made of by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Counts the movements of this effect; the next one names it.
    pub version: u64,
}

/// Moves an order's effect through one link from what is booked to what is new, in one transaction:
/// effect, entries, balance, `explained` of the link, and the change for the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The merchant.
    pub org: OrgId,
    /// The order.
    pub order: OrderId,
    /// The fence of the state it follows; refused if the stored state is another.
    pub fence: Fence,
    /// The digest of the state it follows; refused if other content of an equal fence is stored.
    pub digest: String,
    /// The link; refused if it has no `explained` yet.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// The version of the booked effect that was read; 0 if there was none.
    pub read: u64,
    /// The new effect.
    pub effect: Effect,
    /// Where it moves the item.
    pub location: LocationId,
    /// The parts that it moves instead of the item, if that is sold as a bundle.
    pub parts: Vec<Part>,
    /// Whether it is sold as the item is now: refused if the item is made of anything else than these parts. An
    /// ordinary item is looked at only where entries move it.
    pub chosen: bool,
    /// The entries, at most two of the item or of each part; their sums are the balances' movements.
    pub entries: Vec<Entry>,
    /// The document that the entries follow from; kept with them.
    pub voucher: Voucher,
    /// How `explained` of the link moves.
    pub explained: Delta,
    /// How the units sold through the link move.
    pub sold: Delta,
    /// What goes to the outbox; none if no available unit and no explained number moved.
    pub change: Option<Change>,
}

/// Notes an order's effect as already contained in the number of a link that is not in the books yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contain {
    /// The merchant.
    pub org: OrgId,
    /// The order.
    pub order: OrderId,
    /// The fence of the state it follows; refused if the stored state is another.
    pub fence: Fence,
    /// The digest of the state it follows; refused if other content of an equal fence is stored.
    pub digest: String,
    /// The link; refused if it has an `explained` already.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// The version of the noted effect that was read; 0 if there was none.
    pub read: u64,
    /// The effect.
    pub effect: Effect,
    /// Where the item will be moved.
    pub location: LocationId,
    /// The parts that will be moved instead of the item, if that is sold as a bundle.
    pub parts: Vec<Part>,
    /// Whether it is sold as the item is now: refused if the item is made of anything else than these parts. In any
    /// case the item's balance moves its version: what was decided of its parts without these units is refused.
    pub chosen: bool,
    /// The document of the step; kept with it.
    pub voucher: Voucher,
    /// How the units owed through the link move.
    pub owed: Delta,
}

/// Whether a movement took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It did, or had before.
    Done,
    /// A condition did not hold: read again and decide again.
    Raced,
}

/// Takes a link into the books: its `explained` becomes what its shop shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The merchant.
    pub org: OrgId,
    /// The link, which has no `explained` yet.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// The link's version, read before the shop was: refused if it moved.
    pub read: u64,
    /// What the shop showed.
    pub level: Reading,
    /// The opening entry, if this link gives one; refused if the item is a bundle.
    pub entry: Option<Entry>,
    /// What the item is made of, if it is a bundle; refused if it is made of anything else.
    pub parts: Vec<Part>,
    /// What the link's orders owe of a bundle's parts.
    pub of_parts: Vec<Entry>,
    /// The document that the entries follow from; kept with them, and not kept if they are not written.
    pub voucher: Option<Voucher>,
    /// What goes to the outbox.
    pub change: Change,
}

/// A change of what we know of a link, without touching `explained`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkChange {
    /// The merchant.
    pub org: OrgId,
    /// The link.
    pub link: LinkId,
    /// The link's version that was read: refused if it moved.
    pub read: u64,
    /// The write that is begun, if one is; refused while another stands.
    pub begin: Option<Inflight>,
    /// What the shop showed, if it was read.
    pub seen: Option<Reading>,
    /// The new state of its unexplained difference: `Some(None)` settles it.
    pub unexplained: Option<Option<Unexplained>>,
    /// What its adaptive buffer came to, if it was measured.
    pub margin: Option<Margin>,
    /// Whether an order that sells it was heard of: its version is noted, as this change leaves it.
    pub heard: bool,
    /// The balance that the write was computed from, where units are divided among links: refused if it moved,
    /// and it moves by it, so that of two such writes only one is begun.
    pub guard: Option<Guard>,
}

/// A balance that must stand as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The item.
    pub item: ItemId,
    /// The version that was read.
    pub version: u64,
}

/// Says how many of an item's units a link may offer, together with the change for the outbox. The item's balance
/// moves its version: a write that was computed before is not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allot {
    /// The merchant.
    pub org: OrgId,
    /// The link.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// The link's version that was read: refused if it moved.
    pub read: u64,
    /// What it may offer; none: as its store says.
    pub allocation: Option<Allocation>,
    /// What goes to the outbox.
    pub change: Change,
}

/// Makes an item a bundle, gives it other parts, or takes them away, together with the change for the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compose {
    /// The merchant.
    pub org: OrgId,
    /// The item.
    pub item: ItemId,
    /// The version of its balance that was read: refused if it moved.
    pub read: u64,
    /// What it is made of from now on, in the order of the items; none: it is no bundle.
    pub parts: Vec<Part>,
    /// The items among them that were no parts of it before, each as its balance was read: refused if one moved.
    pub added: Vec<Guard>,
    /// The items that are no parts of it any more.
    pub removed: Vec<ItemId>,
    /// What goes to the outbox.
    pub change: Change,
}

/// Ends the write that stands: `explained` moves by what it changed, and nothing is in flight any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// The merchant.
    pub org: OrgId,
    /// The link.
    pub link: LinkId,
    /// The write; refused if another or none stands.
    pub write: WriteId,
    /// How `explained` moves: written - compared if it took effect, zero if it surely did not.
    pub explained: Delta,
    /// What was written, if it took effect.
    pub written: Option<Reading>,
    /// What the shop showed afterwards, if it was read.
    pub seen: Option<Reading>,
}

/// Settles a difference between a shop's number and ours by decision: `explained` moves by it, and nothing is
/// unexplained any more. With an entry the books follow the shop; without one the shop will follow the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The merchant.
    pub org: OrgId,
    /// The link, which has an `explained` and no write in flight.
    pub link: LinkId,
    /// The link's version that was read: refused if it moved.
    pub read: u64,
    /// How `explained` moves.
    pub explained: Delta,
    /// The correction of the books, if they follow the shop.
    pub entry: Option<Entry>,
    /// The document that the correction follows from; kept with it.
    pub voucher: Option<Voucher>,
    /// What goes to the outbox.
    pub change: Change,
}

/// Units that a person moved: entries of one item, in one transaction with their balances and the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handling {
    /// The merchant.
    pub org: OrgId,
    /// The item.
    pub item: ItemId,
    /// The version of the item's balance that was read, where what is booked depends on what is there: refused if
    /// it moved.
    pub read: Option<u64>,
    /// The entries, one or two; their ids are derived from the key that the caller gave.
    pub entries: Vec<Entry>,
    /// The document that the entries follow from; kept with them.
    pub voucher: Voucher,
    /// What goes to the outbox; none if no available unit moved.
    pub change: Option<Change>,
}

/// A listed variant that asks for the item of its SKU: item, link and match are kept together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The variant as it was just stored; refused if another state stands, or if it is gone.
    pub variant: Variant,
    /// The item, kept if it is not there yet.
    pub item: ItemRecord,
    /// The new link between the two.
    pub link: Link,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// No other variant of the store was ever linked to the item: link and match stand.
    Done,
    /// Nothing was done: look at who else claims the SKU, and decide.
    Contested,
}

/// An order whose effects are not all booked: raises of its items wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unapplied {
    /// The order.
    pub order: OrderId,
    /// The store it came from.
    pub store: StoreId,
    /// The items it moves.
    pub items: Vec<ItemId>,
    /// When it was fenced.
    pub since: Timestamp,
}

/// The books. The orders' own records stand here too: their fence decides what is booked.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Keeps an item if it is not there yet.
    async fn put_item(&self, org: &OrgId, item: &ItemRecord) -> Result<()>;
    /// Reads an item.
    async fn item(&self, org: &OrgId, item: &ItemId) -> Result<Option<ItemRecord>>;
    /// Items in the order of their SKU.
    async fn items(&self, org: &OrgId, ask: &Ask) -> Result<Page<ItemRecord>>;
    /// The balance of an item, consistently; empty if nothing was booked.
    async fn balance(&self, org: &OrgId, item: &ItemId) -> Result<Balance>;
    /// The entries of an item, the newest first.
    async fn entries(&self, org: &OrgId, item: &ItemId, ask: &Ask) -> Result<Page<Entry>>;
    /// Reads an entry of an item, consistently.
    async fn entry(&self, org: &OrgId, item: &ItemId, entry: &EntryId) -> Result<Option<Entry>>;
    /// Books a correction: its entry, the document that it follows from and the change for the outbox. A second call
    /// changes nothing.
    async fn adjust(&self, org: &OrgId, entry: &Entry, voucher: &Voucher, change: &Change) -> Result<Moved>;
    /// The vouchers of a day in the order of their times, read consistently: each stands from the moment on at which
    /// its entries do, and there is one for each step that took effect.
    async fn vouchers(&self, org: &OrgId, day: Day, ask: &Ask) -> Result<Page<Voucher>>;
    /// Books what a person moved. A second call changes nothing.
    async fn handle(&self, handling: &Handling) -> Result<Moved>;
    /// The balance of an item, and what lies of it at each location that has entries: the main one first, even if
    /// nothing lies there. The balance is read before the locations: while its version stands, all agree.
    async fn at_locations(&self, org: &OrgId, item: &ItemId) -> Result<(Balance, Vec<AtLocation>)>;
    /// Keeps a location, or its new name.
    async fn put_location(&self, org: &OrgId, location: &Location) -> Result<()>;
    /// The locations of a merchant: the main one first, even if nobody named it, then by their ids.
    async fn locations(&self, org: &OrgId) -> Result<Vec<Location>>;

    /// Keeps a new link: [`Written::Raced`] if it is there already.
    async fn put_link(&self, link: &Link) -> Result<Written>;
    /// Links variants to the items of their SKUs and matches them, each in one step, where none of their store
    /// was linked to the item before; one answer per claim, in the order given. Any number may be given. Of two
    /// claims of one store to one item, at most one is done, whoever makes them and when.
    async fn claim(&self, claims: &[Claim]) -> Result<Vec<Claimed>>;
    /// Reads a link, consistently.
    async fn link(&self, org: &OrgId, link: &LinkId) -> Result<Option<Link>>;
    /// Reads many links at once, consistently; those that are not there are left out.
    async fn links(&self, org: &OrgId, links: &[LinkId]) -> Result<Vec<Link>>;
    /// All links of an item, consistently.
    async fn links_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>>;
    /// Links of a store.
    async fn links_of_store(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Link>>;
    /// Units owed by orders whose effect is contained in a link that is not in the books yet.
    async fn owed(&self, org: &OrgId, link: &LinkId) -> Result<Delta>;
    /// Takes a link into the books.
    async fn open(&self, opening: &Opening) -> Result<Moved>;
    /// Notes what we know of a link, or begins a write.
    async fn change_link(&self, change: &LinkChange) -> Result<Moved>;
    /// Ends a write. A second call changes nothing and answers [`Moved::Raced`].
    async fn finish(&self, finish: &Finish) -> Result<Moved>;

    /// Says how many of an item's units a link may offer.
    async fn allot(&self, allot: &Allot) -> Result<Moved>;

    /// Says what an item is made of. The parts are told by its balance, and each part's tells that it is used.
    async fn compose(&self, compose: &Compose) -> Result<Moved>;
    /// The bundles that an item is a part of, consistently.
    async fn bundles_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<ItemId>>;
    /// All links whose numbers follow an item, consistently: its own, and those of the bundles that it is a part of.
    async fn followers(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>>;

    /// Settles a difference by decision, in one transaction: link, entry, balance and outbox.
    async fn settle(&self, settlement: &Settlement) -> Result<Moved>;

    /// Stores an order's state if it is newer, as not applied, together with the items it will move.
    /// With `fetched`, the state was just read for the sake of this order, and replaces other content of an
    /// equal fence.
    async fn fence(&self, record: &OrderRecord, items: &[ItemId], fetched: bool) -> Result<Fenced>;
    /// For each of some states of one merchant's orders, whether nothing is to be done: the same state is stored
    /// and booked, or a newer one is stored. For skipping what a page shows again; booking decides anew.
    async fn are_booked(&self, records: &[OrderRecord]) -> Result<Vec<bool>>;
    /// Reads an order.
    async fn order(&self, org: &OrgId, order: &OrderId) -> Result<Option<OrderRecord>>;
    /// Orders of a store, the newest first.
    async fn orders(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<OrderRecord>>;
    /// Forgets who bought; what was bought and what the books hold of it stays.
    async fn erase_buyer(&self, org: &OrgId, order: &OrderId) -> Result<()>;
    /// What an order was booked with.
    async fn effects(&self, org: &OrgId, order: &OrderId) -> Result<Vec<BookedEffect>>;
    /// Books a movement.
    async fn book(&self, movement: &Movement) -> Result<Moved>;
    /// Notes an effect as already contained.
    async fn contain(&self, contain: &Contain) -> Result<Moved>;
    /// Notes that all effects of an order's state are booked; refused for another fence, and for other content
    /// of the same one.
    async fn applied(&self, org: &OrgId, order: &OrderId, fence: &Fence, digest: &str) -> Result<Moved>;
    /// Orders whose effects are not all booked, the oldest first, at most `limit`.
    async fn unapplied(&self, org: &OrgId, limit: u32) -> Result<Vec<Unapplied>>;
    /// Whether an order that is not applied yet moves this item.
    async fn is_pending(&self, org: &OrgId, item: &ItemId) -> Result<bool>;
    /// Notes that an order sells a variant that matches no item yet.
    async fn note_unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        order: &OrderId,
    ) -> Result<()>;
    /// Orders that sell this variant and were noted as unmatched.
    async fn unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
    ) -> Result<Vec<OrderId>>;
    /// Forgets that an order was unmatched.
    async fn forget_unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        order: &OrderId,
    ) -> Result<()>;

    /// Changes that were not dispatched yet, the oldest first, at most `limit`.
    async fn outbox(&self, org: &OrgId, limit: u32) -> Result<Vec<Change>>;
    /// Takes a change out of the outbox.
    async fn dispatched(&self, org: &OrgId, change: &Change) -> Result<()>;
}
