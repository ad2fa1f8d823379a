//! The balances with which a day opens, kept each day, some items at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::stock::{AtLocation, Balance};
use domain::{Day, ItemId, OnHand, OrgId};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use ports::{Ask, Blobs, Directory, Ledger};
use serde::{Deserialize, Serialize};

use super::replay::Daybook;
use super::sheet::{Balances, Lying};
use super::{document, read, vouchers};
use crate::{HubError, Outside, Result};

/// What was decided before midnight is booked by now: no work of the hub runs so long, and clocks differ by less.
const SETTLED: SignedDuration = SignedDuration::from_mins(3);
/// Items of a leaf.
const ITEMS: u32 = 200;
/// Items whose balances are read at the same time.
const AT_ONCE: usize = 8;
/// How often balances that move under the reading are read again.
const TRIES: usize = 8;
/// Leaves that one sweep keeps for a merchant: each is some hundreds of short reads.
const LEAVES: usize = 2;
/// Where it is kept since when there are vouchers.
const BEGAN: &str = "daybook/began";

/// Since when each step of the books has its voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub(crate) enum Began {
    /// The first shape.
    #[serde(rename = "1")]
    V1 {
        /// When; what was booked before may have none.
        at: Timestamp,
    },
}

/// A part of an opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v")]
enum Leaf {
    /// The first shape.
    #[serde(rename = "1")]
    V1 {
        /// What lay where.
        lying: Vec<Lying>,
    },
}

/// How far an opening is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v")]
enum Kept {
    /// The first shape.
    #[serde(rename = "1")]
    V1 {
        /// Its leaves.
        leaves: u32,
        /// Where the next one goes on among the items; none if it is whole.
        next: Option<String>,
    },
}

/// Keeping the balances with which days open.
#[derive(Clone)]
pub struct Openings {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    blobs: Arc<dyn Blobs>,
    clock: Arc<dyn Clock>,
    /// The last day that is known to be kept whole, for each merchant.
    whole: Arc<Mutex<BTreeMap<OrgId, Day>>>,
}

fn folder(day: Day) -> String {
    format!("daybook/{}/opening", day.to_string().replace('-', "/"))
}

fn leaf_key(day: Day, number: u32) -> String {
    format!("{}/{number:08}", folder(day))
}

fn kept_key(day: Day) -> String {
    format!("{}/kept", folder(day))
}

impl Openings {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self::over(
            Arc::clone(&outside.directory),
            Arc::clone(&outside.ledger),
            Arc::clone(&outside.blobs),
            Arc::clone(&outside.clock),
        )
    }

    /// The same over these ports alone.
    #[must_use]
    pub fn over(
        directory: Arc<dyn Directory>,
        ledger: Arc<dyn Ledger>,
        blobs: Arc<dyn Blobs>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { directory, ledger, blobs, clock, whole: Arc::default() }
    }

    /// Replaying the days whose openings are kept here.
    #[must_use]
    pub fn daybook(&self) -> Daybook {
        Daybook::of(Arc::clone(&self.ledger), self.clone(), Arc::clone(&self.clock))
    }

    /// Goes on with keeping today's opening, for all merchants. It is not asked again once it is whole.
    ///
    /// # Errors
    /// What the ports say; the next call goes on where this one stopped.
    pub async fn keep(&self) -> Result<()> {
        let now = self.clock.now();
        let day = Day::of(now);
        if now.duration_since(day.begins()) < SETTLED {
            return Ok(());
        }
        for org in self.directory.orgs().await? {
            let known = self.whole.lock().unwrap_or_else(PoisonError::into_inner).get(&org).copied();
            if known != Some(day) && self.go_on(&org, day, now).await? {
                self.whole.lock().unwrap_or_else(PoisonError::into_inner).insert(org, day);
            }
        }
        Ok(())
    }

    /// Keeps some leaves; whether the opening is whole.
    async fn go_on(&self, org: &OrgId, day: Day, now: Timestamp) -> Result<bool> {
        if self.began(org).await?.is_none() {
            self.put(org, BEGAN, &Began::V1 { at: now }).await?;
        }
        let (mut leaves, mut after) = match self.kept(org, day).await? {
            None => (0, None),
            Some(Kept::V1 { next: None, .. }) => return Ok(true),
            Some(Kept::V1 { leaves, next }) => (leaves, next),
        };
        for _ in 0..LEAVES {
            let page = self.ledger.items(org, &Ask::after(ITEMS, after)).await?;
            let old = page.items.iter().filter(|item| item.created_at < day.begins());
            let lying = self.lying(org, day, old.map(|item| item.id.clone()).collect()).await?;
            self.put(org, &leaf_key(day, leaves), &Leaf::V1 { lying }).await?;
            leaves += 1;
            self.put(org, &kept_key(day), &Kept::V1 { leaves, next: page.next.clone() }).await?;
            if page.next.is_none() {
                return Ok(true);
            }
            after = page.next;
        }
        Ok(false)
    }

    /// What lay of some items as a day opened: what lies, less what the day's vouchers moved. The balance is read
    /// before and after the vouchers: while its version stands, the vouchers are all that moved it.
    async fn lying(&self, org: &OrgId, day: Day, items: Vec<ItemId>) -> Result<Vec<Lying>> {
        let (mut left, mut opening) = (items, Balances::default());
        for _ in 0..TRIES {
            if left.is_empty() {
                return Ok(opening.rows());
            }
            let reads: Vec<_> = left.iter().map(|item| self.ledger.at_locations(org, item)).collect();
            let there: Vec<(Balance, Vec<AtLocation>)> =
                futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
            let mut moved = Balances::default();
            for voucher in vouchers(&*self.ledger, org, day).await? {
                moved.enter(&voucher.lines());
            }
            let reads: Vec<_> = left.iter().map(|item| self.ledger.balance(org, item)).collect();
            let after: Vec<Balance> = futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
            let mut again = Vec::new();
            let mut stand = BTreeSet::new();
            for ((before, places), after) in there.into_iter().zip(after) {
                if before.version != after.version {
                    again.push(after.item);
                    continue;
                }
                for place in places {
                    let sum = (place.on_hand.since(OnHand::ZERO), place.reserved);
                    opening.add(&after.item, &place.location, sum);
                }
                stand.insert(after.item);
            }
            for row in moved.rows().into_iter().filter(|row| stand.contains(&row.item)) {
                let back = (-row.on_hand.since(OnHand::ZERO), -row.reserved);
                opening.add(&row.item, &row.location, back);
            }
            left = again;
        }
        Err(HubError::Conflict(
            "the balances move too fast to be kept just now: the next sweep goes on".into(),
        ))
    }

    /// Since when there are vouchers; none if no opening was begun yet.
    pub(crate) async fn began(&self, org: &OrgId) -> Result<Option<Timestamp>> {
        let bytes = self.blobs.get(org, BEGAN).await?;
        let began: Option<Began> = bytes.map(|bytes| read(BEGAN, &bytes)).transpose()?;
        Ok(began.map(|Began::V1 { at }| at))
    }

    async fn kept(&self, org: &OrgId, day: Day) -> Result<Option<Kept>> {
        let key = kept_key(day);
        self.blobs.get(org, &key).await?.map(|bytes| read(&key, &bytes)).transpose()
    }

    async fn put<T: Serialize>(&self, org: &OrgId, key: &str, record: &T) -> Result<()> {
        Ok(self.blobs.put(org, key, &document(record)?).await?)
    }

    /// The balances with which a day opened; none if they were not kept, or not all of them yet.
    pub(crate) async fn of(&self, org: &OrgId, day: Day) -> Result<Option<Balances>> {
        let Some(Kept::V1 { leaves, next: None }) = self.kept(org, day).await? else { return Ok(None) };
        let mut rows = Vec::new();
        for number in 0..leaves {
            let key = leaf_key(day, number);
            let bytes = self.blobs.get(org, &key).await?.ok_or_else(|| HubError::not_found("leaf", &key))?;
            let Leaf::V1 { lying } = read(&key, &bytes)?;
            rows.extend(lying);
        }
        Ok(Some(rows.into_iter().collect()))
    }
}
