//! A day written again from its vouchers, and compared with the books.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::product::Sku;
use domain::stock::Entry;
use domain::voucher::Voucher;
use domain::{Day, EntryId, ItemId, OnHand, OrgId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use platform::Clock;
use ports::{Ask, Ledger};
use serde::Serialize;

use super::opening::Openings;
use super::sheet::{self, Balances, Difference, Sheet};
use super::vouchers;
use crate::{HubError, Outside, Result};

/// Items that are read at the same time.
const AT_ONCE: usize = 8;
/// Items that are listed at a time.
const ITEMS: u32 = 500;
/// Lines of an item that are read at a time.
const LINES: u32 = 100;
/// How often what moves under the reading is read again.
const TRIES: usize = 6;
/// Differences that are told.
const TOLD: usize = 200;

/// What replaying a day found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The day.
    pub day: Day,
    /// Up to when it was replayed, if it is not over.
    pub until: Option<Timestamp>,
    /// Its vouchers.
    pub vouchers: usize,
    /// The lines of the ledger of that day.
    pub lines: usize,
    /// Lines that were booked before each step had its voucher: they are part of the opening, and not replayed.
    pub before_vouchers: usize,
    /// The items that moved.
    pub items: usize,
    /// The orders that moved them.
    pub orders: usize,
    /// SHA-256 of the books of the day: lines and closing balances, as one document.
    pub books: String,
    /// SHA-256 of what follows from the opening and the vouchers.
    pub replay: String,
    /// Whether both are the same, byte for byte, and the next day opened with them if that is kept.
    pub same: bool,
    /// How many differences there are.
    pub different: usize,
    /// The first of them, at most two hundred.
    pub differences: Vec<Told>,
}

/// A difference, with the SKU of its item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The SKU; none of an item that the books do not know.
    pub sku: Option<Sku>,
    /// What differs.
    #[serde(flatten)]
    pub difference: Difference,
}

/// The books of an item on a day.
struct OfItem {
    lines: Vec<Entry>,
    closing: Balances,
}

/// Replaying days.
#[derive(Clone)]
pub struct Daybook {
    ledger: Arc<dyn Ledger>,
    openings: Openings,
    clock: Arc<dyn Clock>,
}

impl Daybook {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Openings::new(outside).daybook()
    }

    pub(super) fn of(ledger: Arc<dyn Ledger>, openings: Openings, clock: Arc<dyn Clock>) -> Self {
        Self { ledger, openings, clock }
    }

    /// Writes a day again from the balances with which it opened and its vouchers, and compares that with the books.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if the opening of that day was not kept, or if it moves too fast to be read;
    /// [`HubError::Invalid`] if the day has not begun.
    pub async fn replay(&self, org: &OrgId, day: Day) -> Result<Report> {
        let now = self.clock.now();
        if day.begins() > now {
            return Err(HubError::Invalid(format!(
                "{day} has not begun: replay a day of the past, or today"
            )));
        }
        let (began, opening) = self.opened(org, day, now).await?;
        let skus = self.skus(org).await?;
        let mut vouchers = vouchers(&*self.ledger, org, day).await?;
        let mut books: BTreeMap<ItemId, OfItem> = BTreeMap::new();
        let mut odd: BTreeSet<ItemId> = skus.keys().cloned().collect();
        let mut tries = 0;
        loop {
            let again = Sheet::again(day, &opening, &vouchers);
            odd.extend(again.items().into_iter().filter(|item| !books.contains_key(*item)).cloned());
            books.extend(self.books(org, day, &odd, &vouchers).await?);
            let (found, before_vouchers) = found(day, &books, &vouchers, began);
            let (orders, mut differences) = sheet::orders(&vouchers);
            differences.extend(found.differences(&again));
            tries += 1;
            if !differences.is_empty() && tries < TRIES {
                // It may have moved between one reading and the other.
                odd = differences.iter().map(|one| one.item.clone()).collect();
                vouchers = super::vouchers(&*self.ledger, org, day).await?;
                continue;
            }
            if let Some(next) = self.openings.of(org, day.next()).await? {
                differences.extend(next.differences("next opening", again.closing()));
            }
            let (bytes, anew) = (found.bytes()?, again.bytes()?);
            let same = bytes == anew && differences.is_empty();
            let different = differences.len();
            let told = differences.into_iter().take(TOLD);
            let told = told.map(|difference| Told { sku: skus.get(&difference.item).cloned(), difference });
            return Ok(Report {
                day,
                until: (now < day.next().begins()).then_some(now),
                vouchers: vouchers.len(),
                lines: found.lines(),
                before_vouchers,
                items: found.items().len(),
                orders,
                books: sheet::digest(&bytes),
                replay: sheet::digest(&anew),
                same,
                different,
                differences: told.collect(),
            });
        }
    }

    /// Since when there are vouchers, and the balances with which the day opened.
    async fn opened(&self, org: &OrgId, day: Day, now: Timestamp) -> Result<(Timestamp, Balances)> {
        let Some(began) = self.openings.began(org).await? else {
            return Err(HubError::Conflict(
                "no day can be replayed yet: the balances with which today opened are kept by the next sweeps, try \
                 again in some minutes"
                    .into(),
            ));
        };
        let first = Day::of(began);
        if day < first {
            return Err(HubError::Conflict(format!(
                "the books of {day} were not kept: the first day that can be replayed is {first}"
            )));
        }
        match self.openings.of(org, day).await? {
            Some(opening) => Ok((began, opening)),
            None if day == Day::of(now) => Err(HubError::Conflict(format!(
                "the balances with which {day} opened are being kept just now: try again in some minutes"
            ))),
            None => Err(HubError::Conflict(format!(
                "the balances with which {day} opened were not kept: the hub did not run that day; replay another day"
            ))),
        }
    }

    async fn skus(&self, org: &OrgId) -> Result<BTreeMap<ItemId, Sku>> {
        let mut skus = BTreeMap::new();
        let mut ask = Some(Ask::first(ITEMS));
        while let Some(at) = ask {
            let page = self.ledger.items(org, &at).await?;
            skus.extend(page.items.into_iter().map(|item| (item.id, item.sku)));
            ask = page.next.map(|next| Ask::after(ITEMS, Some(next)));
        }
        Ok(skus)
    }

    /// The books of some items on a day.
    async fn books(
        &self,
        org: &OrgId,
        day: Day,
        items: &BTreeSet<ItemId>,
        vouchers: &[Voucher],
    ) -> Result<BTreeMap<ItemId, OfItem>> {
        let mut named: BTreeMap<ItemId, Vec<EntryId>> = BTreeMap::new();
        for line in vouchers.iter().flat_map(Voucher::lines) {
            named.entry(line.item).or_default().push(line.id);
        }
        let reads: Vec<BoxFuture<'_, Result<(ItemId, OfItem)>>> = items
            .iter()
            .map(|item| {
                let named = named.get(item).map_or(&[][..], Vec::as_slice);
                async move { Ok((item.clone(), self.of_item(org, day, item, named).await?)) }.boxed()
            })
            .collect();
        futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await
    }

    /// The books of an item on a day. A line that was just written may be missing in the list: those that are named
    /// are looked for by their names.
    async fn of_item(&self, org: &OrgId, day: Day, item: &ItemId, named: &[EntryId]) -> Result<OfItem> {
        for _ in 0..TRIES {
            let (before, places) = self.ledger.at_locations(org, item).await?;
            let mut lines = self.since(org, item, day.begins()).await?;
            for id in named {
                if !lines.iter().any(|line| line.id == *id) {
                    lines.extend(self.ledger.entry(org, item, id).await?);
                }
            }
            if self.ledger.balance(org, item).await?.version != before.version {
                continue;
            }
            let end = day.next().begins();
            let mut closing = Balances::default();
            for place in places {
                closing.add(item, &place.location, (place.on_hand.since(OnHand::ZERO), place.reserved));
            }
            for line in lines.iter().filter(|line| line.at >= end) {
                closing.add(item, &line.location, (-line.on_hand, -line.reserved));
            }
            lines.retain(|line| line.at < end);
            return Ok(OfItem { lines, closing });
        }
        Err(HubError::Conflict("the books move too fast to be read just now: try again".into()))
    }

    /// The lines of an item since a time.
    async fn since(&self, org: &OrgId, item: &ItemId, since: Timestamp) -> Result<Vec<Entry>> {
        let mut lines = Vec::new();
        let mut ask = Some(Ask::first(LINES));
        while let Some(at) = ask {
            let page = self.ledger.entries(org, item, &at).await?;
            let reaches_back = page.items.iter().any(|entry| entry.at < since);
            lines.extend(page.items.into_iter().filter(|entry| entry.at >= since));
            ask = page.next.filter(|_| !reaches_back).map(|next| Ask::after(LINES, Some(next)));
        }
        Ok(lines)
    }
}

/// The books of a day as they were found; and how many lines were left out because they were booked before each step
/// had its voucher.
fn found(
    day: Day,
    books: &BTreeMap<ItemId, OfItem>,
    vouchers: &[Voucher],
    began: Timestamp,
) -> (Sheet, usize) {
    let named: BTreeSet<EntryId> = vouchers.iter().flat_map(Voucher::lines).map(|line| line.id).collect();
    let is_older = |line: &&Entry| line.at < began && !named.contains(&line.id);
    let lines = || books.values().flat_map(|item| &item.lines);
    let mut closing = Balances::default();
    for row in books.values().flat_map(|item| item.closing.rows()) {
        closing.add(&row.item, &row.location, (row.on_hand.since(OnHand::ZERO), row.reserved));
    }
    let kept = lines().filter(|line| !is_older(line)).cloned();
    (Sheet::new(day, kept, closing), lines().filter(is_older).count())
}
