//! Shadow mode: a store's writes are worked out as if they were made, noted, and none is sent.
//!
//! It may last for weeks. What is kept is bounded: one record per link, sixty days, a few examples of each day.

pub(crate) mod shade;

use std::sync::Arc;

use domain::product::Sku;
use domain::store::{Phase, Store};
use domain::{Delta, OrgId, StoreId};
use jiff::civil::Date;
use platform::Clock;
use ports::{Ask, Journal, PreventedSale, Shadow, ShadowWrite, Shadowing};
use serde::Serialize;

use crate::access::Access;
use crate::outside::trials;
use crate::stores::Stores;
use crate::{HubError, Outside, Result};

/// Records that are read at a time.
const PAGE: u32 = 200;
/// Writes and sales that a report tells.
const TOLD: usize = 50;

/// Shadowing stores.
#[derive(Clone)]
pub struct Shadows {
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    access: Access,
    stores: Stores,
}

/// What would have been written to a store.
#[derive(Debug, Clone, Serialize)]
pub struct ShadowReport {
    /// The store.
    pub store: StoreId,
    /// Since when, and until when; none if it was never shadowed.
    pub shadowing: Option<Shadowing>,
    /// Links whose number would have moved.
    pub links: u64,
    /// In all.
    pub total: ShadowTotal,
    /// By day, the latest first.
    pub days: Vec<DayTotal>,
    /// The latest sales that would have been prevented, at most fifty.
    pub prevented: Vec<OfSku<PreventedSale>>,
    /// The latest writes that would have been made, at most fifty.
    pub writes: Vec<OfSku<ShadowWrite>>,
}

/// What would have been written in some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ShadowTotal {
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
}

/// What would have been written on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayTotal {
    /// The day (UTC).
    pub day: Date,
    /// What would have been written.
    #[serde(flatten)]
    pub total: ShadowTotal,
}

/// Something about one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfSku<T> {
    /// The SKU.
    pub sku: Sku,
    /// What it is.
    #[serde(flatten)]
    pub what: T,
}

/// Only a store that has joined and is not written to can be shadowed.
fn may_begin(store: &Store) -> Result<()> {
    match store.phase {
        Phase::ReadOnly | Phase::Shadow => Ok(()),
        Phase::Joining => Err(HubError::Conflict(format!(
            "{} is still joining: wait until its numbers are in the books",
            store.name
        ))),
        Phase::Writing => Err(HubError::Conflict(format!(
            "{} is written to: stop that first with `storeloom stop`",
            store.name
        ))),
    }
}

impl Shadows {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            journal: Arc::clone(&outside.journal),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
            stores: Stores::new(outside),
        }
    }

    /// Begins to shadow a store.
    ///
    /// # Errors
    /// [`HubError::Conflict`] while the store is still joining, or if it is written to.
    pub async fn begin(&self, org: &OrgId, id: &StoreId) -> Result<Store> {
        let store = self.access.store(org, id).await?;
        if store.phase == Phase::Shadow {
            return Ok(store);
        }
        may_begin(&store)?;
        // Noted first: whoever meets the phase finds since when.
        let shadowing = Shadowing { since: self.clock.now(), until: None };
        trials(&self.journal)?.put_shadowing(org, id, &shadowing).await?;
        self.stores
            .change_numbers(org, id, |store, _| {
                may_begin(store)?;
                store.phase = Phase::Shadow;
                Ok(())
            })
            .await
    }

    /// What would have been written while a store was shadowed.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store.
    pub async fn report(&self, org: &OrgId, id: &StoreId) -> Result<ShadowReport> {
        let store = self.access.store(org, id).await?;
        let shadowing = trials(&self.journal)?.shadowing(org, id).await?;
        let mut report = ShadowReport {
            store: store.id.clone(),
            shadowing: shadowing.clone(),
            links: 0,
            total: ShadowTotal::default(),
            days: Vec::new(),
            prevented: Vec::new(),
            writes: Vec::new(),
        };
        let Some(shadowing) = shadowing else { return Ok(report) };
        let mut ask = Ask::first(PAGE);
        loop {
            let page = trials(&self.journal)?.shadows(org, id, &ask).await?;
            for shadow in page.items.iter().filter(|shadow| shadow.since == shadowing.since) {
                report.take(shadow);
            }
            report.keep_latest();
            if page.next.is_none() {
                return Ok(report);
            }
            ask = Ask::after(PAGE, page.next);
        }
    }
}

impl ShadowReport {
    fn take(&mut self, shadow: &Shadow) {
        self.links += 1;
        for day in &shadow.days {
            let total = ShadowTotal {
                lowered: day.lowered,
                units_lowered: day.units_lowered,
                raised: day.raised,
                units_raised: day.units_raised,
                units_prevented: day.units_prevented,
            };
            self.total = self.total.plus(total);
            match self.days.iter_mut().find(|known| known.day == day.day) {
                Some(known) => known.total = known.total.plus(total),
                None => self.days.push(DayTotal { day: day.day, total }),
            }
            let sku = || shadow.sku.clone();
            self.prevented.extend(day.prevented.iter().map(|one| OfSku { sku: sku(), what: one.clone() }));
            self.writes.extend(day.writes.iter().map(|one| OfSku { sku: sku(), what: one.clone() }));
        }
    }

    fn keep_latest(&mut self) {
        self.days.sort_by_key(|day| std::cmp::Reverse(day.day));
        self.prevented.sort_by_key(|one| std::cmp::Reverse(one.what.at));
        self.prevented.truncate(TOLD);
        self.writes.sort_by_key(|one| std::cmp::Reverse(one.what.at));
        self.writes.truncate(TOLD);
    }
}

impl ShadowTotal {
    fn plus(self, other: Self) -> Self {
        Self {
            lowered: self.lowered + other.lowered,
            units_lowered: self.units_lowered + other.units_lowered,
            raised: self.raised + other.raised,
            units_raised: self.units_raised + other.units_raised,
            units_prevented: self.units_prevented + other.units_prevented,
        }
    }
}
