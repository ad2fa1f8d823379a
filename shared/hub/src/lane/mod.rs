//! A store's lane: one worker at a time, the most urgent due work first, for a few seconds.

mod absolute;
mod back;
mod baseline;
mod breaker;
mod check;
mod compare;
mod decided;
mod examine;
mod fetch;
mod missing;
mod noted;
mod page;
mod pull;
mod push;
mod push_all;
mod renew;
mod room;
mod shadow;
mod subscribe;
mod trouble;
mod unknown;
mod unpaid;
mod write;

pub(crate) use subscribe::hook_url;

use std::sync::Arc;

use domain::store::Store;
use domain::work::{LaneWork, Verb};
use domain::{OrgId, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, Dice};
use ports::{Catalog, Directory, Journal, Lanes, Ledger, Runs, Written};

use crate::access::{Access, Shop};
use crate::alerts::Alerts;
use crate::authority::Authorities;
use crate::book::Book;
use crate::dispatch::Dispatch;
use crate::hold::Hold;
use crate::listings::Shelves;
use crate::rules::RuleBook;
use crate::settle::Settle;
use crate::sync::Sync;
use crate::{HubError, Outside, Result, Settings};

/// How long a worker keeps a lane: after this, urgent work of another doorbell may go first.
const SHIFT: SignedDuration = SignedDuration::from_secs(5);
/// How long a lease lasts: longer than the slowest call to a shop.
const LEASE: SignedDuration = SignedDuration::from_secs(150);

/// The worker of lanes.
#[derive(Clone)]
pub struct Lane {
    directory: Arc<dyn Directory>,
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    lanes: Arc<dyn Lanes>,
    runs: Arc<dyn Runs>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    settings: Settings,
    access: Access,
    book: Book,
    shelves: Shelves,
    dispatch: Dispatch,
    alerts: Alerts,
    sync: Sync,
    hold: Hold,
    settle: Settle,
    authorities: Authorities,
    rules: RuleBook,
    remembered: breaker::Remembered,
}

/// What became of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It is done.
    Done,
    /// It went well and goes on, not before this time.
    Next(Timestamp),
    /// It must be done again, not before this time.
    Later(Timestamp),
}

impl Lane {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            lanes: Arc::clone(&outside.lanes),
            runs: Arc::clone(&outside.runs),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
            settings: outside.settings.clone(),
            access: Access::new(outside),
            book: Book::new(outside),
            shelves: Shelves::new(outside),
            dispatch: Dispatch::new(outside),
            alerts: Alerts::new(outside),
            sync: Sync::new(outside),
            hold: Hold::new(outside),
            settle: Settle::new(outside),
            authorities: Authorities::new(outside),
            rules: RuleBook::new(outside),
            remembered: breaker::Remembered::default(),
        }
    }

    /// Answers a doorbell: works on what is due for a few seconds, and rings again while work is due.
    ///
    /// # Errors
    /// What the ports say: the doorbell is delivered again.
    pub async fn answer(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        let Some(record) = self.directory.store(org, store).await? else { return Ok(()) };
        if !record.is_callable() {
            return Ok(());
        }
        let now = self.clock.now();
        if self.lanes.resting(org, store).await?.is_some_and(|until| until > now) {
            return Ok(());
        }
        if self.lanes.due(org, store, now, 1).await?.is_empty() {
            // Whoever was here before did it: what is put in from now on rings again.
            return Ok(());
        }
        let Some(lease) = self.lanes.lease(org, store, now, now + LEASE).await? else { return Ok(()) };
        let ended = self.shift(record, now + SHIFT, &lease).await;
        self.lanes.release(&lease).await?;
        ended?;
        let now = self.clock.now();
        let rests = self.lanes.resting(org, store).await?.is_some_and(|until| until > now);
        if !rests && !self.lanes.due(org, store, now, 1).await?.is_empty() {
            self.dispatch.ring(org, store).await?;
        }
        Ok(())
    }

    /// Works until nothing is due, the shift ends, or the shop wants rest.
    async fn shift(&self, mut store: Store, end: Timestamp, lease: &ports::Lease) -> Result<()> {
        let mut lease = lease.clone();
        let mut shop = self.access.shop(store.clone()).await?;
        loop {
            let now = self.clock.now();
            if now >= end {
                return Ok(());
            }
            let Some(open) = self.let_in(shop).await? else { return Ok(()) };
            shop = open;
            let most = u32::try_from(shop.platform.limits().stock_batch.max(1)).unwrap_or(u32::MAX);
            let due = self.lanes.due(&store.org, &store.id, now, most).await?;
            let Some(first) = due.first() else { return Ok(()) };
            // After the work: what it was put in for is seen, such as another allocation; and what the work before it
            // changed, its phase, its condition, its credentials.
            let Some(record) = self.directory.store(&store.org, &store.id).await? else { return Ok(()) };
            if !record.is_callable() {
                return Ok(());
            }
            if record.version != store.version {
                store = record.clone();
                shop = self.access.shop(record).await?;
                continue;
            }
            lease.until = now + LEASE;
            if self.lanes.extend(&lease, lease.until).await? == Written::Raced {
                return Ok(());
            }
            let keeps = if first.verb.writes_to().is_some() {
                let pushes: Vec<LaneWork> =
                    due.into_iter().filter(|work| work.verb.writes_to().is_some()).collect();
                self.push(&shop, pushes).await?
            } else {
                let first = first.clone();
                let turn = self.one(&shop, &first).await;
                self.settle_turn(&shop, &first, turn).await?
            };
            if !keeps {
                return Ok(());
            }
        }
    }

    async fn one(&self, shop: &Shop, work: &LaneWork) -> Result<Turn> {
        match &work.verb {
            Verb::Push { .. } | Verb::SetBack { .. } => Ok(Turn::Done),
            Verb::PushAll { version, after } => self.push_all(shop, work, (*version, after.clone())).await,
            Verb::Check { link } => self.check(shop, link, work).await,
            Verb::Fetch { about } => self.fetch(shop, about).await,
            Verb::Pull { stream } => self.pull(shop, *stream).await,
            Verb::Page { run } => self.page(shop, run).await,
            Verb::Baseline => self.baseline(shop, work.attempts).await,
            Verb::Compare { after } => self.compare_all(shop, after.clone()).await,
            Verb::Subscribe => self.subscribe(shop).await,
            Verb::Measure { link } => self.measure(shop, link).await,
            Verb::Missing { after } => self.missing(shop, after.clone()).await,
            Verb::Examine => self.examine(shop).await,
            Verb::Fulfil { order, shipment } => self.fulfil(shop, order, shipment).await,
            Verb::Price { product, variant, price } => self.write_price(shop, product, variant, *price).await,
            Verb::Title { product, title } => self.write_title(shop, product, title).await,
        }
    }

    /// Takes work out of the lane or puts it off; false if the lane should stop for now.
    async fn settle_turn(&self, shop: &Shop, work: &LaneWork, turn: Result<Turn>) -> Result<bool> {
        match turn {
            Ok(Turn::Done) => {
                self.lanes.done(work).await?;
                Ok(true)
            }
            Ok(Turn::Next(due)) => {
                self.lanes.defer(&LaneWork { due, attempts: 0, ..work.clone() }).await?;
                Ok(true)
            }
            Ok(Turn::Later(due)) => {
                let later = LaneWork { due, attempts: work.attempts + 1, ..work.clone() };
                self.lanes.defer(&later).await?;
                Ok(true)
            }
            Err(HubError::Platform(error)) => self.trouble(shop, work, error).await,
            Err(error) if error.is_passing() => {
                let due = self.clock.now() + trouble::backoff(work.attempts);
                let later = LaneWork { due, attempts: work.attempts + 1, ..work.clone() };
                self.lanes.defer(&later).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::error!(store = %work.store, verb = work.verb.name(), %error, "work is given up");
                self.give_up(shop, work, &error.to_string()).await?;
                Ok(true)
            }
        }
    }
}
