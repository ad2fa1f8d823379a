//! Writes of numbers, beside the books: what came of those that were sent, and those that were only worked out.
//!
//! Nothing is decided by these records: they are for people, and they are kept for a while.

use async_trait::async_trait;
use domain::money::Money;
use domain::product::Sku;
use domain::{Delta, ItemId, LinkId, OnHand, OrderId, OrgId, RemoteVariantId, StoreId, WriteId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Ask, Page, Result, Written};

/// How long a sale took from being seen to a shop, and when it had arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Propagation {
    /// When the shop had taken the number.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// What came of a write that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The shop took it.
    Taken,
    /// The shop showed another number than it was compared with, and did not take it.
    OtherNumber,
    /// It was refused, or surely never arrived.
    NotTaken,
}

/// A write that was sent, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteNote {
    /// The merchant.
    pub org: OrgId,
    /// The store.
    pub store: StoreId,
    /// The link.
    pub link: LinkId,
    /// The write.
    pub write: WriteId,
    /// What the shop had to show for it to be right.
    pub compare: OnHand,
    /// What the shop was to show afterwards.
    pub value: OnHand,
    /// What came of it.
    pub answer: Answer,
    /// What the shop showed, if it said so.
    pub shown: Option<OnHand>,
    /// When it was over.
    pub at: Timestamp,
}

/// What beginning to write to a store would change, worked out and not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// Names the numbers: the same writes have the same digest.
    pub digest: String,
    /// The merchant.
    pub org: OrgId,
    /// The store.
    pub store: StoreId,
    /// When it was worked out.
    pub at: Timestamp,
    /// Links that are in the books and listed.
    pub links: u64,
    /// Numbers that would be lowered.
    pub lowered: u64,
    /// Numbers that would be raised.
    pub raised: u64,
    /// Of those raised, the ones that something holds for now.
    pub held: u64,
    /// Units that would no longer be offered.
    pub units_lowered: Delta,
    /// Units that would be offered anew.
    pub units_raised: Delta,
    /// What the units that would no longer be offered cost, one sum per currency.
    pub money_lowered: Vec<Money>,
    /// What the units that would be offered anew cost, one sum per currency.
    pub money_raised: Vec<Money>,
    /// Numbers that would change and whose price is not known: they are in no sum of money.
    pub unpriced: u64,
    /// In how many parts the writes are kept.
    pub parts: u32,
}

/// One write of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsedWrite {
    /// The link.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// The variant.
    pub variant: RemoteVariantId,
    /// Its SKU.
    pub sku: Sku,
    /// What the shop calls it.
    pub title: String,
    /// What the shop should show now, by its orders and our writes.
    pub shows: OnHand,
    /// What it would show.
    pub target: OnHand,
    /// The difference.
    pub difference: Delta,
    /// What the difference costs, if the price is known.
    pub money: Option<Money>,
    /// What holds it for now, for a person.
    pub held: Option<String>,
}

/// How long a store's writes were worked out instead of done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadowing {
    /// Since when.
    pub since: Timestamp,
    /// Until when; none while it lasts.
    pub until: Option<Timestamp>,
}

/// A write that was worked out and not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowWrite {
    /// What the shop would have shown.
    pub from: OnHand,
    /// What would have been written.
    pub to: OnHand,
    /// When.
    pub at: Timestamp,
    /// When the sale or whatever caused it became known.
    pub since: Timestamp,
    /// What caused it, for a person.
    pub cause: String,
}

/// A sale of units that other shops had sold already, which the write would have prevented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreventedSale {
    /// The order, if it is known.
    pub order: Option<OrderId>,
    /// The number that buyer and merchant use.
    pub number: String,
    /// Units that were sold twice.
    pub units: Delta,
    /// When it was booked.
    pub at: Timestamp,
}

/// What would have been written through a link on one day (UTC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowDay {
    /// The day.
    pub day: Date,
    /// Numbers that would have been lowered.
    pub lowered: u64,
    /// By so many units.
    pub units_lowered: Delta,
    /// Numbers that would have been raised.
    pub raised: u64,
    /// By so many units.
    pub units_raised: Delta,
    /// Units sold twice that would not have been.
    pub units_prevented: Delta,
    /// The latest of the writes, a few.
    pub writes: Vec<ShadowWrite>,
    /// The latest of the sales that would have been prevented, a few.
    pub prevented: Vec<PreventedSale>,
}

/// What would have been written through one link while its store was shadowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// The merchant.
    pub org: OrgId,
    /// The store.
    pub store: StoreId,
    /// The link.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// The shadowing that it belongs to: when that began.
    pub since: Timestamp,
    /// What the shop would show minus what it is explained to show: the sum of all that was not written.
    pub offset: Delta,
    /// Its days, the latest first; old ones are left out.
    pub days: Vec<ShadowDay>,
    /// Counts the changes of this record; a change names the version that it read.
    pub version: u64,
}

/// Writes beside the books: what came of those that were sent, and those that were only worked out.
#[async_trait]
pub trait Trials: Send + Sync {
    /// Notes what came of a write; a second note of the same write replaces the first.
    async fn note_write(&self, note: &WriteNote) -> Result<()>;
    /// The writes through a link, the newest first.
    async fn writes(&self, org: &OrgId, link: &LinkId, ask: &Ask) -> Result<Page<WriteNote>>;

    /// The latest propagations to a store, as the journal noted them, at most `limit`, the newest first.
    async fn propagations(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<Propagation>>;

    /// Keeps a rehearsal with its writes, given part by part.
    async fn put_rehearsal(&self, rehearsal: &Rehearsal, parts: &[Vec<RehearsedWrite>]) -> Result<()>;
    /// Finds a rehearsal by its digest.
    async fn rehearsal(&self, org: &OrgId, store: &StoreId, digest: &str) -> Result<Option<Rehearsal>>;
    /// A store's rehearsals, the newest first.
    async fn rehearsals(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Rehearsal>>;
    /// A part of a rehearsal's writes; empty past the last one.
    async fn rehearsed(
        &self,
        org: &OrgId,
        store: &StoreId,
        digest: &str,
        part: u32,
    ) -> Result<Vec<RehearsedWrite>>;

    /// Notes since when, and until when, a store is shadowed.
    async fn put_shadowing(&self, org: &OrgId, store: &StoreId, shadowing: &Shadowing) -> Result<()>;
    /// Since when, and until when, a store is or was last shadowed.
    async fn shadowing(&self, org: &OrgId, store: &StoreId) -> Result<Option<Shadowing>>;
    /// Writes the shadow of a link whose record still has `shadow.version` (0: it is new); the stored version becomes
    /// one more.
    async fn put_shadow(&self, shadow: &Shadow) -> Result<Written>;
    /// Reads the shadow of a link.
    async fn shadow(&self, org: &OrgId, store: &StoreId, link: &LinkId) -> Result<Option<Shadow>>;
    /// The shadows of a store's links, in the order of the links' ids.
    async fn shadows(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Shadow>>;
}
