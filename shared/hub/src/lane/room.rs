//! Before a number is raised: who else may still sell these units, and how many are held back.

use std::collections::BTreeSet;

use domain::allocation::{Allocation, Buffer};
use domain::link::Link;
use domain::store::{Condition, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{LinkId, OnHand};
use jiff::SignedDuration;
use ports::{LinkChange, Moved};
use rust_decimal::Decimal;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::target::Shelf;
use crate::{Result, margin};

/// How long a measured buffer is good for while its item sells.
const MEASURED: SignedDuration = SignedDuration::from_hours(1);
/// When a buffer is measured again though nothing is sold.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// The latest measurements of how far a store is behind.
const TIMES: u32 = 200;
/// Fewer measurements say nothing.
const ENOUGH: usize = 5;

impl Lane {
    /// The most that a link may be raised to, where units belong to links; none where they do not. Listings that
    /// are gone and stores that were taken out sell nothing of ours.
    pub(super) async fn room(&self, shelf: &Shelf, link: &Link, target: OnHand) -> Result<Option<OnHand>> {
        let Some(room) = shelf.room(link, |_| true).filter(|room| *room < target) else {
            return Ok(shelf.room(link, |_| true));
        };
        let stores = self.directory.stores(&link.org).await?;
        let out = |other: &Link| {
            let store = stores.iter().find(|store| store.id == other.store);
            store.is_none_or(|store| store.condition == Condition::Disconnected)
        };
        let mut gone: BTreeSet<LinkId> = BTreeSet::new();
        for other in shelf.links().iter().filter(|other| other.id != link.id) {
            let record = self.catalog.variant(&link.org, &other.store, &other.variant).await?;
            let listed = record
                .is_some_and(|record| record.gone_at.is_none() && record.item.as_ref() == Some(&other.item));
            if !listed || out(other) {
                gone.insert(other.id.clone());
            }
        }
        let without = shelf.room(link, |other| !gone.contains(&other.id));
        Ok(Some(without.map_or(room, |without| without.max(room))))
    }

    /// Others that showed less than nothing when they were lowered are looked at again: what was sold there may have
    /// come back since.
    pub(super) async fn look_below(&self, shelf: &Shelf, link: &Link) -> Result<()> {
        let now = self.clock.now();
        let below = shelf.links().iter().filter(|other| other.id != link.id && other.is_below());
        let checks: Vec<LaneWork> = below
            .map(|other| {
                let verb = Verb::Check { link: other.id.clone() };
                LaneWork::new(&other.org, &other.store, Priority::Raise, verb, now)
            })
            .collect();
        if checks.is_empty() { Ok(()) } else { self.dispatch.work(&checks).await }
    }

    /// A number was lowered: where units belong to links, others may have waited for it.
    pub(super) async fn wake_others(&self, link: &Link) -> Result<()> {
        if !self.ledger.balance(&link.org, &link.item).await?.divided {
            return Ok(());
        }
        let now = self.clock.now();
        let others = self.ledger.links_of(&link.org, &link.item).await?;
        let work: Vec<LaneWork> = others
            .iter()
            .filter(|other| other.id != link.id && other.explained.is_some())
            .map(|other| {
                let verb = Verb::Push { link: other.id.clone() };
                LaneWork::new(&other.org, &other.store, Priority::Raise, verb, now)
            })
            .collect();
        self.dispatch.work(&work).await
    }

    /// The link with an adaptive buffer that was measured lately; none if the link moved meanwhile.
    pub(super) async fn measured(&self, store: &Store, link: Link) -> Result<Option<Link>> {
        let Some(risk) = adaptive(store, &link) else { return Ok(Some(link)) };
        let now = self.clock.now();
        if link.margin.is_some_and(|margin| now < margin.at + MEASURED) {
            return Ok(Some(link));
        }
        let Some(link) = self.measure_now(store, link, risk).await? else { return Ok(None) };
        if !held_back(&link).is_zero() {
            // When nothing is sold any more, nobody else would come to give the units back.
            let verb = Verb::Measure { link: link.id.clone() };
            let due = now + AGAIN;
            let later = LaneWork::new(&link.org, &link.store, Priority::Incremental, verb, due).at(due);
            self.dispatch.work(&[later]).await?;
        }
        Ok(Some(link))
    }

    async fn measure_now(&self, store: &Store, link: Link, risk: Decimal) -> Result<Option<Link>> {
        let now = self.clock.now();
        let per_day = margin::sold_per_day(&*self.ledger, &link.org, &link.item, now).await?;
        let measured = margin::margin(per_day, self.lag_of(store).await?, risk, now);
        let change = LinkChange {
            org: link.org.clone(),
            link: link.id.clone(),
            read: link.version,
            begin: None,
            seen: None,
            unexplained: None,
            margin: Some(measured),
            heard: false,
            guard: None,
        };
        if self.ledger.change_link(&change).await? == Moved::Raced {
            return Ok(None);
        }
        Ok(Some(Link { margin: Some(measured), version: link.version + 1, ..link }))
    }

    /// Measures a buffer again; if it holds back another number of units, the link is looked at.
    pub(super) async fn measure(&self, shop: &Shop, id: &LinkId) -> Result<Turn> {
        let store = &shop.store;
        let Some(link) = self.ledger.link(&store.org, id).await? else { return Ok(Turn::Done) };
        let Some(risk) = adaptive(store, &link) else { return Ok(Turn::Done) };
        let before = held_back(&link);
        let now = self.clock.now();
        let Some(link) = self.measure_now(store, link, risk).await? else {
            return Ok(Turn::Later(now));
        };
        let held = held_back(&link);
        if held != before {
            let verb = Verb::Push { link: link.id };
            self.dispatch.work(&[LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)]).await?;
        }
        Ok(if held.is_zero() { Turn::Done } else { Turn::Next(now + AGAIN) })
    }

    /// How far a store is behind, in milliseconds: nineteen of twenty sales elsewhere were shown sooner. Where that
    /// was not measured yet, as far as a lost message may leave it behind.
    async fn lag_of(&self, store: &Store) -> Result<u64> {
        let mut times = self.journal.latencies(&store.org, &store.id, TIMES).await?;
        if times.len() < ENOUGH {
            return Ok(self.settings.interval_seconds.saturating_mul(1000));
        }
        times.sort_unstable();
        let place = (times.len() * 19).div_ceil(20).saturating_sub(1);
        Ok(times.get(place).copied().unwrap_or_default())
    }
}

/// The units that a link's adaptive buffer holds back.
fn held_back(link: &Link) -> Decimal {
    link.margin.map(|margin| margin.units).unwrap_or_default()
}

/// The risk of a link's adaptive buffer, if it has one.
fn adaptive(store: &Store, link: &Link) -> Option<Decimal> {
    let allocation = link.allocation.or(store.allocation).unwrap_or(Allocation::ALL);
    match allocation.buffer() {
        Some(Buffer::Adaptive { risk }) => Some(risk),
        Some(_) | None => None,
    }
}
