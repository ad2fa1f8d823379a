//! Undoing our writes to a store: numbers go back to what the shop showed before, where nothing newer happened.
//!
//! What is to be done follows from what is kept of each write and from the link as it stands, so a second run finds
//! its work done, and a crash anywhere is gone on from. The store is read-only first: nothing is pushed again.

mod back;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::link::Link;
use domain::product::{Sku, Stock};
use domain::store::{Condition, Phase, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{ItemId, LinkId, OnHand, OrgId, RemoteVariantId, StoreId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use ports::{Answer, Ask, Catalog, Journal, Ledger, Trials, VariantRecord, WriteNote};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use self::back::{Back, Left, back};
use crate::access::Access;
use crate::dispatch::Dispatch;
use crate::outside::trials;
use crate::stores::Stores;
use crate::target::Shelf;
use crate::{HubError, Outside, Result};

/// Links and notes that are read together.
const PAGE: u32 = 200;
/// Numbers that are worked out at the same time.
const AT_ONCE: usize = 16;
/// Work that is put into the lane at once.
const TOGETHER: usize = 200;
/// Numbers that are told one by one: those that are set back come first.
const TOLD: usize = 1000;
/// What came of a write is kept so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// One number that was written to since the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The link.
    pub link: LinkId,
    /// Its SKU.
    pub sku: Sku,
    /// What the shop calls it.
    pub title: String,
    /// The item that it lists.
    pub item: ItemId,
    /// Writes of ours since the time that the shop took.
    pub writes: u64,
    /// What the shop showed before the first of them, if that is kept.
    pub before: Option<OnHand>,
    /// What the last of them wrote, if that is kept.
    pub written: Option<OnHand>,
    /// When we wrote last.
    pub written_at: Timestamp,
    /// What it shows now, if we know everything.
    pub shows: Option<OnHand>,
    /// What undoing means for it.
    #[serde(flatten)]
    pub back: Back,
    /// What it would show by the books: above that, more is offered than there is.
    pub by_the_books: OnHand,
}

/// What undoing the writes to a store since a time comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undo {
    /// The store.
    pub store: StoreId,
    /// Since when.
    pub since: Timestamp,
    /// Names what would be set back: the same numbers have the same digest.
    pub digest: String,
    /// Numbers that are set back, or wait for it.
    pub set_back: u64,
    /// Numbers that are as they were before.
    pub as_before: u64,
    /// Numbers that are left as they are.
    pub left: u64,
    /// Of those that are set back, the ones that would offer more than there is.
    pub above_the_books: u64,
    /// The numbers: those that are set back, those that are left, those that are as before. At most a thousand.
    pub items: Vec<Row>,
}

/// Undoing.
#[derive(Clone)]
pub struct Undoing {
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    access: Access,
    dispatch: Dispatch,
    stores: Stores,
}

impl Undoing {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
            dispatch: Dispatch::new(outside),
            stores: Stores::new(outside),
        }
    }

    /// What undoing our writes to a store since a time comes to, as it stands now. Nothing is changed.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for a time that is not past, or so long past that writes are not kept any more.
    pub async fn look(&self, org: &OrgId, id: &StoreId, since: Timestamp) -> Result<Undo> {
        let store = self.access.store(org, id).await?;
        let now = self.clock.now();
        if since >= now {
            return Err(HubError::Invalid("`since` is a time that is past".into()));
        }
        if now.duration_since(since) >= KEPT {
            return Err(HubError::Invalid(
                "what came of a write is kept ninety days: name a later time".into(),
            ));
        }
        Ok(summed(&store, since, self.rows(&store, since).await?))
    }

    /// Undoes our writes to a store since a time as they were looked at: the store is read-only from now on, and each
    /// number that may go back is set back by the store's lane.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if the store cannot be called, or if the numbers are not the approved ones: then it is
    /// read-only all the same, so that they stand still.
    pub async fn undo(&self, org: &OrgId, id: &StoreId, since: Timestamp, digest: &str) -> Result<Undo> {
        let looked_at = self.look(org, id, since).await?;
        let store = self.access.store(org, id).await?;
        let name = &store.name;
        if store.condition != Condition::Active {
            return Err(HubError::Conflict(format!(
                "{name} may not be called now: resume or connect it first"
            )));
        }
        if store.phase == Phase::Joining {
            return Err(HubError::Conflict(format!("{name} is still joining: nothing was written to it")));
        }
        if store.is_followed() {
            self.stores.stop(org, id).await?;
        }
        let undo = if store.is_followed() { self.look(org, id, since).await? } else { looked_at };
        if undo.digest != digest {
            return Err(HubError::Conflict(format!(
                "the numbers of {name} have moved since you looked; it is read-only now, so that they stand still: \
                 look again and approve that"
            )));
        }
        let now = self.clock.now();
        let rows = self.rows(&store, since).await?;
        let work: Vec<LaneWork> = rows
            .into_iter()
            // What a write under way comes to is found out first; then it may go back, too.
            .filter(|row| matches!(row.back, Back::SetBack { .. } | Back::Left { why: Left::WriteUnderWay }))
            .map(|row| {
                let verb = Verb::SetBack { link: row.link, since };
                LaneWork::new(org, id, Priority::Raise, verb, now)
            })
            .collect();
        for some in work.chunks(TOGETHER) {
            self.dispatch.work(some).await?;
        }
        Ok(undo)
    }

    async fn rows(&self, store: &Store, since: Timestamp) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            let written: Vec<&Link> = page
                .items
                .iter()
                .filter(|link| link.written.is_some_and(|written| written.at >= since))
                .collect();
            let ids: Vec<RemoteVariantId> = written.iter().map(|link| link.variant.clone()).collect();
            let records = self.catalog.variants_by_id(&store.org, &store.id, &ids).await?;
            let records: BTreeMap<&RemoteVariantId, &VariantRecord> =
                records.iter().map(|record| (&record.variant.remote, record)).collect();
            let looks: Vec<BoxFuture<'_, Result<Option<Row>>>> = written
                .into_iter()
                .map(|link| self.row(store, link, records.get(&link.variant).copied(), since).boxed())
                .collect();
            let found: Vec<Option<Row>> =
                futures::stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
            rows.extend(found.into_iter().flatten());
            if page.next.is_none() {
                return Ok(rows);
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    async fn row(
        &self,
        store: &Store,
        link: &Link,
        record: Option<&VariantRecord>,
        since: Timestamp,
    ) -> Result<Option<Row>> {
        let Some(written) = link.written else { return Ok(None) };
        let notes = notes_since(trials(&self.journal)?, link, since).await?;
        let Some(mut back) = back(link, &notes, since) else { return Ok(None) };
        let taken: Vec<&WriteNote> =
            notes.iter().filter(|note| note.answer == Answer::Taken && note.at >= since).collect();
        let listed = record.is_some_and(|record| {
            record.gone_at.is_none()
                && record.item.as_ref() == Some(&link.item)
                && !matches!(record.variant.stock, Stock::Untracked { .. })
        });
        if matches!(back, Back::SetBack { .. }) && !listed {
            back = Back::Left { why: Left::NotListed };
        }
        let shelf = Shelf::read(&*self.ledger, &link.org, &link.item).await?;
        let by_the_books = shelf.aim(link, store, link.explained.unwrap_or_default()).target;
        let title = record.map(|record| record.variant.title.clone()).unwrap_or_default();
        Ok(Some(Row {
            link: link.id.clone(),
            sku: link.sku.clone(),
            title,
            item: link.item.clone(),
            writes: u64::try_from(taken.len()).unwrap_or(u64::MAX),
            before: taken.last().map(|first| first.compare),
            written: taken.first().map(|last| last.value),
            written_at: written.at,
            shows: link.explained,
            back,
            by_the_books,
        }))
    }
}

/// What came of the writes through a link, the newest first: all since a time, and maybe some before.
pub(crate) async fn notes_since(
    trials: &dyn Trials,
    link: &Link,
    since: Timestamp,
) -> Result<Vec<WriteNote>> {
    let mut notes: Vec<WriteNote> = Vec::new();
    let mut ask = Ask::first(PAGE);
    loop {
        let page = trials.writes(&link.org, &link.id, &ask).await?;
        let older = page.items.last().is_some_and(|note| note.at < since);
        notes.extend(page.items);
        if older || page.next.is_none() {
            return Ok(notes);
        }
        ask = Ask::after(PAGE, page.next);
    }
}

fn summed(store: &Store, since: Timestamp, mut rows: Vec<Row>) -> Undo {
    let place = |row: &Row| match row.back {
        Back::SetBack { .. } => 0,
        Back::Left { .. } => 1,
        Back::AsBefore { .. } => 2,
    };
    rows.sort_by(|one, other| place(one).cmp(&place(other)).then_with(|| one.sku.cmp(&other.sku)));
    let mut undo = Undo {
        store: store.id.clone(),
        since,
        digest: String::new(),
        set_back: 0,
        as_before: 0,
        left: 0,
        above_the_books: 0,
        items: Vec::new(),
    };
    let mut hash = Sha256::new();
    hash.update(store.id.as_str().as_bytes());
    for row in &rows {
        match row.back {
            Back::SetBack { from, to } => {
                undo.set_back += 1;
                undo.above_the_books += u64::from(to > row.by_the_books);
                hash.update(format!("{} {from} {to}\n", row.link).as_bytes());
            }
            Back::AsBefore { .. } => undo.as_before += 1,
            Back::Left { .. } => undo.left += 1,
        }
    }
    undo.digest = data_encoding::HEXLOWER.encode(&hash.finalize());
    undo.digest.truncate(32);
    rows.truncate(TOLD);
    undo.items = rows;
    undo
}
