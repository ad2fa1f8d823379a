//! The breaker: where too many numbers of a store would be raised within a while, raises are held and a person is
//! asked. Lowering goes on.
//!
//! Raises are counted before they are sent: one call to the table for all that go together. What holds them stands in
//! the store's own record, so whoever works in its lane next sees it without a call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::exception::ExceptionKind;
use domain::rules::RaiseLimit;
use domain::store::{Raises, Store};
use domain::work::LaneWork;
use domain::{Delta, LinkId, OrgId, StoreId};
use jiff::{SignedDuration, Timestamp};
use ports::{Ask, Written};

use super::push::Begun;
use super::{Lane, Turn};
use crate::Result;
use crate::access::Shop;
use crate::alerts::Alert;
use crate::raises::ADVICE;

/// How long a merchant's limit is taken to be what it was.
const LIMIT: SignedDuration = SignedDuration::from_secs(60);
/// How long a store is taken to have as many numbers as it had.
const SIZE: SignedDuration = SignedDuration::from_mins(10);
/// When raises that were neither sent nor held are computed again.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// Links that are counted together.
const PAGE: u32 = 200;
/// Numbers that would be raised and are named.
const NAMED: usize = 5;

/// What this process remembers of limits and of how many numbers stores have, and since when.
#[derive(Clone, Default)]
pub(super) struct Remembered(Arc<Mutex<Figures>>);

#[derive(Default)]
struct Figures {
    limits: BTreeMap<OrgId, (Timestamp, RaiseLimit)>,
    sizes: BTreeMap<StoreId, (Timestamp, u64)>,
}

impl Remembered {
    fn figures<T>(&self, look: impl FnOnce(&mut Figures) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lane {
    /// Takes the raises out of what is about to be sent if they would be too many; they were begun and are ended
    /// without a call. What was sent before and is repeated stays: it may have been done.
    pub(super) async fn not_too_many(
        &self,
        shop: &Shop,
        writes: Vec<(LaneWork, Begun)>,
    ) -> Result<Vec<(LaneWork, Begun)>> {
        let Some(decisions) = self.directory.decisions() else { return Ok(writes) };
        let store = &shop.store;
        let now = self.clock.now();
        let raised: Vec<LinkId> =
            writes.iter().filter(|(_, write)| is_raise(write)).map(|(_, write)| write.link.clone()).collect();
        if raised.is_empty() || store.lets_raises(now) {
            return Ok(writes);
        }
        let limit = self.limit(&store.org).await?;
        let since = now - SignedDuration::from_mins(i64::from(limit.window_minutes));
        let count = decisions.note_raises(&store.org, &store.id, &raised, now, since).await?;
        if count < u64::from(limit.links) {
            return Ok(writes);
        }
        let of = self.size(store).await?;
        if !limit.is_passed(count, of) {
            return Ok(writes);
        }
        let (held, sent): (Vec<_>, Vec<_>) = writes.into_iter().partition(|(_, write)| is_raise(write));
        self.ask_about_raises(shop, &held, (count, of, limit)).await?;
        // Letting raises go puts work for every number of the store into the lane.
        let turn = if self.hold_raises(store).await? { Turn::Done } else { Turn::Later(now + AGAIN) };
        for (work, write) in &held {
            self.end(shop, write, Delta::ZERO, None).await?;
            self.settle_turn(shop, work, Ok(turn)).await?;
        }
        Ok(sent)
    }

    async fn ask_about_raises(
        &self,
        shop: &Shop,
        held: &[(LaneWork, Begun)],
        (count, of, limit): (u64, u64, RaiseLimit),
    ) -> Result<()> {
        let store = &shop.store;
        let ids: Vec<LinkId> = held.iter().take(NAMED).map(|(_, write)| write.link.clone()).collect();
        let links = self.ledger.links(&store.org, &ids).await?;
        let named: Vec<String> = held
            .iter()
            .filter_map(|(_, write)| {
                let link = links.iter().find(|link| link.id == write.link)?;
                Some(format!("{} from {} to {}", link.sku, write.row.compare, write.row.value))
            })
            .collect();
        let RaiseLimit { window_minutes, share_percent, links } = limit;
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::RaisesHeld,
                subject: "",
                message: format!(
                    "{count} of the {of} numbers of {} would be raised within {window_minutes} minutes, more than \
                     {share_percent} of a hundred: raises are held, such as {}",
                    store.name,
                    named.join(", ")
                ),
                advice: ADVICE,
                facts: vec![
                    ("raised", count.to_string()),
                    ("numbers", of.to_string()),
                    ("such_as", named.join(", ")),
                    ("window_minutes", window_minutes.to_string()),
                    ("share_percent", share_percent.to_string()),
                    ("at_least", links.to_string()),
                ],
            })
            .await
    }

    /// Notes in the store's record that its raises are held; false if somebody let them go meanwhile, or if others
    /// change the record all the time.
    async fn hold_raises(&self, store: &Store) -> Result<bool> {
        let mut store = store.clone();
        for _ in 0..8 {
            if store.holds_raises() {
                return Ok(true);
            }
            if store.lets_raises(self.clock.now()) {
                let kind = ExceptionKind::RaisesHeld;
                self.alerts.settle(&store.org, kind, Some(&store.id), "").await?;
                return Ok(false);
            }
            store.raises = Some(Raises::Held { since: self.clock.now() });
            if self.directory.change_store(&store).await? == Written::Done {
                return Ok(true);
            }
            let Some(fresh) = self.directory.store(&store.org, &store.id).await? else { return Ok(true) };
            store = fresh;
        }
        Ok(false)
    }

    /// A merchant's limit.
    async fn limit(&self, org: &OrgId) -> Result<RaiseLimit> {
        let now = self.clock.now();
        let known = self.remembered.figures(|figures| figures.limits.get(org).copied());
        if let Some((at, limit)) = known
            && now.duration_since(at) < LIMIT
        {
            return Ok(limit);
        }
        let limit = self.rules.rules(org).await?.raises;
        self.remembered.figures(|figures| figures.limits.insert(org.clone(), (now, limit)));
        Ok(limit)
    }

    /// How many numbers a store has in the books.
    async fn size(&self, store: &Store) -> Result<u64> {
        let now = self.clock.now();
        let known = self.remembered.figures(|figures| figures.sizes.get(&store.id).copied());
        if let Some((at, size)) = known
            && now.duration_since(at) < SIZE
        {
            return Ok(size);
        }
        let mut size = 0;
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            let in_books = page.items.iter().filter(|link| link.explained.is_some()).count();
            size += u64::try_from(in_books).unwrap_or(0);
            if page.next.is_none() {
                break;
            }
            ask = Ask::after(PAGE, page.next);
        }
        self.remembered.figures(|figures| figures.sizes.insert(store.id.clone(), (now, size)));
        Ok(size)
    }
}

/// Whether a write is for a raise, though it may close the number first, and is not one that is only repeated.
fn is_raise(write: &Begun) -> bool {
    !write.repeated && write.raises
}
