//! Freshness: how long a sale takes from being seen to every other shop showing it, and what is still on its way.
//!
//! A *time to a shop* runs from when a sale's message reached us to when the shop had taken the lower number. A sale's
//! *time to every shop* is the longest of those. What has not arrived is in neither: for it there is the age of the
//! oldest sale that some shop does not show yet.

use std::sync::Arc;

use domain::store::Store;
use domain::work::{LaneWork, Priority, Verb};
use domain::{LinkId, OrgId, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use ports::{Directory, Journal, Lanes, Ledger, Propagation};
use serde::Serialize;

use crate::target::Shelf;
use crate::{Outside, Result};

/// Times of a store that are looked at.
const TIMES: u32 = 200;
/// Work that is looked through for the oldest sale, and changes that no lane knows of yet.
const WAITING: u32 = 500;
/// Links of which it is looked whether a lowering truly waits.
const CHECKED: usize = 20;
/// Work that waits for a retry counts too, however late it is due.
const EVER: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Telling how fresh shops' numbers are.
#[derive(Clone)]
pub struct Fresh {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    lanes: Arc<dyn Lanes>,
    clock: Arc<dyn Clock>,
}

/// How long sales took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Sales that were looked at.
    pub samples: u64,
    /// Half of them were faster.
    pub p50_ms: Option<u64>,
    /// 95 of 100 were faster.
    pub p95_ms: Option<u64>,
    /// 99 of 100 were faster.
    pub p99_ms: Option<u64>,
}

/// How fresh one store's numbers are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreFreshness {
    /// The store.
    pub store: StoreId,
    /// What people call it.
    pub name: String,
    /// How long a sale elsewhere took to it.
    #[serde(flatten)]
    pub times: Times,
    /// The age of the oldest sale elsewhere that it does not show yet.
    pub oldest_sale_ms: Option<u64>,
    /// Lowerings that wait, counted up to five hundred.
    pub waiting: u64,
}

/// How fresh all stores' numbers are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// How long a sale took until every other shop showed it.
    pub every_shop: Times,
    /// The age of the oldest sale that some shop does not show yet.
    pub oldest_sale_ms: Option<u64>,
    /// The stores that are written to.
    pub stores: Vec<StoreFreshness>,
}

impl Fresh {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            lanes: Arc::clone(&outside.lanes),
            clock: Arc::clone(&outside.clock),
        }
    }

    /// How fresh the numbers of all stores of a merchant are.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn all(&self, org: &OrgId) -> Result<Freshness> {
        let mut stores = Vec::new();
        let mut times = Vec::new();
        for store in self.directory.stores(org).await?.iter().filter(|store| is_written(store)) {
            times.push(self.times(store).await?);
            stores.push(self.store(store).await?);
        }
        let now = self.clock.now();
        let undispatched = self.ledger.outbox(org, WAITING).await?;
        let unheard =
            undispatched.iter().filter(|change| change.available.lowers()).map(|change| change.at).min();
        let unheard = unheard.filter(|_| !stores.is_empty()).map(|at| age(at, now));
        let oldest = stores.iter().filter_map(|store| store.oldest_sale_ms).chain(unheard).max();
        Ok(Freshness { every_shop: of_times(every_shop(&times)), oldest_sale_ms: oldest, stores })
    }

    /// How fresh one store's numbers are.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn store(&self, store: &Store) -> Result<StoreFreshness> {
        let times = self.times(store).await?;
        let (oldest, waiting) = self.waiting(store).await?;
        Ok(StoreFreshness {
            store: store.id.clone(),
            name: store.name.clone(),
            times: of_times(times.iter().map(|one| one.millis).collect()),
            oldest_sale_ms: oldest.map(|since| age(since, self.clock.now())),
            waiting,
        })
    }

    async fn times(&self, store: &Store) -> Result<Vec<Propagation>> {
        match self.journal.trials() {
            Some(trials) => Ok(trials.propagations(&store.org, &store.id, TIMES).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Since when the oldest sale waits that a store does not show yet, and how many lowerings wait.
    async fn waiting(&self, store: &Store) -> Result<(Option<Timestamp>, u64)> {
        if !is_written(store) {
            return Ok((None, 0));
        }
        let ever = self.clock.now().checked_add(EVER).unwrap_or(Timestamp::MAX);
        let work = self.lanes.due(&store.org, &store.id, ever, WAITING).await?;
        let mut lowerings: Vec<(&LaneWork, &LinkId)> = work
            .iter()
            .filter(|work| work.priority == Priority::Lower)
            .filter_map(|work| match &work.verb {
                Verb::Push { link } => Some((work, link)),
                _ => None,
            })
            .collect();
        lowerings.sort_by_key(|(work, _)| work.since);
        let many = u64::try_from(lowerings.len()).unwrap_or(u64::MAX);
        // A shop's own sale stands in its lane for a moment, too: its number is right already.
        for (work, link) in lowerings.iter().take(CHECKED) {
            if self.must_be_lowered(store, link).await? {
                return Ok((Some(work.since), many));
            }
        }
        let first_unchecked = lowerings.get(CHECKED).map(|(work, _)| work.since);
        Ok((first_unchecked, many))
    }

    async fn must_be_lowered(&self, store: &Store, link: &LinkId) -> Result<bool> {
        let Some(link) = self.ledger.link(&store.org, link).await? else { return Ok(false) };
        let Some(explained) = link.explained else { return Ok(false) };
        let shelf = Shelf::read(&*self.ledger, &store.org, &link.item).await?;
        Ok(shelf.aim(&link, store, explained).by.lowers())
    }
}

/// Stores that should show each sale: those that are written to, unless their owner paused them or took them out. One
/// that is held is meant: its numbers are not lowered, and somebody must connect it again.
fn is_written(store: &Store) -> bool {
    use domain::store::{Condition, Phase};
    store.phase == Phase::Writing && matches!(store.condition, Condition::Active | Condition::Held { .. })
}

fn age(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0)
}

/// How long each sale took until every shop showed it. Times of one sale begin at one moment; they were cut to
/// milliseconds at their end, so that moment is found again up to one of them.
fn every_shop(stores: &[Vec<Propagation>]) -> Vec<u64> {
    let begin = |one: &Propagation| {
        one.at.as_millisecond().saturating_sub(i64::try_from(one.millis).unwrap_or(i64::MAX))
    };
    // A store of which only the latest times are read does not tell of earlier sales.
    let full = usize::try_from(TIMES).unwrap_or(usize::MAX);
    let known_from = stores
        .iter()
        .filter(|times| times.len() >= full)
        .filter_map(|times| times.iter().map(&begin).min())
        .max();
    let mut times: Vec<(i64, u64)> = stores
        .iter()
        .flatten()
        .map(|one| (begin(one), one.millis))
        .filter(|(begin, _)| known_from.is_none_or(|from| *begin >= from))
        .collect();
    times.sort_unstable();
    let mut longest: Vec<(i64, u64)> = Vec::new();
    for (begin, millis) in times {
        match longest.last_mut() {
            Some((last, most)) if begin - *last <= 1 => *most = millis.max(*most),
            _ => longest.push((begin, millis)),
        }
    }
    longest.into_iter().map(|(_, millis)| millis).collect()
}

fn of_times(mut millis: Vec<u64>) -> Times {
    millis.sort_unstable();
    Times {
        samples: u64::try_from(millis.len()).unwrap_or(0),
        p50_ms: quantile(&millis, 50),
        p95_ms: quantile(&millis, 95),
        p99_ms: quantile(&millis, 99),
    }
}

/// The value below which so many of a hundred sorted values lie; none of none.
fn quantile(sorted: &[u64], percent: usize) -> Option<u64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last * percent).div_ceil(100)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_few_and_many() {
        assert_eq!(quantile(&[], 50), None);
        assert_eq!(quantile(&[7], 99), Some(7));
        let many: Vec<u64> = (1..=101).collect();
        let found = [50, 95, 99].map(|percent| quantile(&many, percent));
        assert_eq!(found, [Some(51), Some(96), Some(100)]);
    }

    fn took(begin: i64, micros: i64, millis: u64) -> Propagation {
        let begin = Timestamp::from_microsecond(begin * 1000 + micros).unwrap();
        Propagation { at: begin + SignedDuration::from_millis(i64::try_from(millis).unwrap()), millis }
    }

    #[test]
    fn a_sale_has_reached_every_shop_with_the_last_of_them() {
        let north = vec![took(1_000, 100, 40), took(5_000, 900, 30)];
        let south = vec![took(1_000, 900, 90), took(9_000, 0, 10)];
        assert_eq!(every_shop(&[north.clone(), south]), [90, 30, 10]);
        assert_eq!(every_shop(&[north]), [40, 30]);
        assert!(every_shop(&[]).is_empty());
    }

    #[test]
    fn what_lies_before_a_stores_latest_times_is_not_judged() {
        let busy: Vec<Propagation> = (0..200).map(|step| took(100_000 + step * 10, 0, 5)).collect();
        let calm = vec![took(50_000, 0, 7), took(100_010, 0, 9)];
        let found = every_shop(&[busy, calm]);
        assert_eq!(found.len(), 200);
        assert_eq!(found.iter().filter(|millis| **millis == 9).count(), 1);
        assert!(!found.contains(&7));
    }
}
