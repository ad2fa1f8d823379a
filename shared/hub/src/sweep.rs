//! The sweep: rings lanes with due work and finishes what a crash left.

use std::sync::Arc;

use domain::OrgId;
use jiff::SignedDuration;
use platform::Clock;
use ports::{Directory, Journal, Lanes, Ledger};

use crate::access::Access;
use crate::alerts::Alerts;
use crate::book::Book;
use crate::dispatch::Dispatch;
use crate::{Outside, Result, raises};

/// What is younger than this is still being worked on by whoever began it.
const YOUNG: SignedDuration = SignedDuration::from_secs(5);
/// At most so many of a merchant's left-overs in one sweep.
const MOST: u32 = 200;

/// The sweep.
#[derive(Clone)]
pub struct Sweep {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    lanes: Arc<dyn Lanes>,
    clock: Arc<dyn Clock>,
    access: Access,
    book: Book,
    dispatch: Dispatch,
    alerts: Alerts,
}

impl Sweep {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            lanes: Arc::clone(&outside.lanes),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
            book: Book::new(outside),
            dispatch: Dispatch::new(outside),
            alerts: Alerts::new(outside),
        }
    }

    /// Sweeps all merchants.
    ///
    /// # Errors
    /// What the ports say; the next sweep does what this one did not.
    pub async fn sweep(&self) -> Result<()> {
        for org in self.directory.orgs().await? {
            self.finish_orders(&org).await?;
            self.finish_changes(&org).await?;
            self.ring_lanes(&org).await?;
        }
        Ok(())
    }

    /// Orders that were fenced and not booked whole.
    async fn finish_orders(&self, org: &OrgId) -> Result<()> {
        let now = self.clock.now();
        for left in self.ledger.unapplied(org, MOST).await? {
            if now.duration_since(left.since) < YOUNG {
                continue;
            }
            let store = self.access.store(org, &left.store).await?;
            self.book.again(&store, &left.order).await?;
        }
        Ok(())
    }

    /// Changes that were booked and not dispatched.
    async fn finish_changes(&self, org: &OrgId) -> Result<()> {
        let now = self.clock.now();
        let left: Vec<_> = self
            .ledger
            .outbox(org, MOST)
            .await?
            .into_iter()
            .filter(|change| now.duration_since(change.at) >= YOUNG)
            .collect();
        self.dispatch.changes(org, &left).await
    }

    /// Rings lanes whose work came due.
    async fn ring_lanes(&self, org: &OrgId) -> Result<()> {
        let now = self.clock.now();
        for store in self.directory.stores(org).await? {
            raises::stay_asked(&*self.directory, &*self.journal, &self.alerts, &store).await?;
            if !store.is_callable() {
                continue;
            }
            if self.lanes.resting(org, &store.id).await?.is_some_and(|until| until > now) {
                continue;
            }
            if self.lanes.next_due(org, &store.id).await?.is_some_and(|due| due <= now) {
                self.dispatch.ring(org, &store.id).await?;
            }
        }
        Ok(())
    }
}
