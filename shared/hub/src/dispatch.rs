//! From the outbox to the lanes: which shops must be looked at, and their doorbells.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::event::About;
use domain::link::Link;
use domain::message::{Message, MessageV1};
use domain::store::Store;
use domain::work::{Change, LaneWork, Priority, Verb};
use domain::{OrgId, RemoteProductId, StoreId};
use futures::future::try_join_all;
use platform::{Clock, Dice};
use ports::{Directory, Lanes, Ledger, Queue, Send, SendName};

use crate::fan_out::fan_out;
use crate::{Outside, Result};

/// Rows that are read or written at the same time.
const AT_ONCE: usize = 16;

/// From the outbox to the lanes.
#[derive(Clone)]
pub struct Dispatch {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    lanes: Arc<dyn Lanes>,
    doorbell: Arc<dyn Queue>,
    dice: Arc<dyn Dice>,
    clock: Arc<dyn Clock>,
}

impl Dispatch {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            lanes: Arc::clone(&outside.lanes),
            doorbell: Arc::clone(&outside.doorbell),
            dice: Arc::clone(&outside.dice),
            clock: Arc::clone(&outside.clock),
        }
    }

    /// Puts what changes cause into the lanes, rings, and takes the changes out of the outbox. A crash
    /// anywhere leaves the change there, and the sweep does it again: the rows coalesce.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn changes(&self, org: &OrgId, changes: &[Change]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let stores = self.directory.stores(org).await?;
        for some in changes.chunks(AT_ONCE) {
            let links = try_join_all(some.iter().map(|change| self.followers(change))).await?;
            let work: Vec<LaneWork> =
                some.iter().zip(&links).flat_map(|(change, links)| fan_out(change, links, &stores)).collect();
            self.work(&work).await?;
            try_join_all(some.iter().map(|change| self.ledger.dispatched(org, change))).await?;
        }
        Ok(())
    }

    /// All links whose numbers follow what a change moved, each once.
    async fn followers(&self, change: &Change) -> Result<Vec<Link>> {
        let mut links = self.ledger.followers(&change.org, &change.item).await?;
        for item in &change.also {
            for link in self.ledger.followers(&change.org, item).await? {
                if !links.iter().any(|known| known.id == link.id) {
                    links.push(link);
                }
            }
        }
        Ok(links)
    }

    /// Puts work into the lanes and rings each lane once.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn work(&self, work: &[LaneWork]) -> Result<()> {
        self.lanes.put_all(work).await?;
        let now = self.clock.now();
        let due: BTreeSet<(&OrgId, &StoreId)> =
            work.iter().filter(|work| work.due <= now).map(|work| (&work.org, &work.store)).collect();
        let rings: Vec<Send> = due.into_iter().map(|(org, store)| self.doorbell_of(org, store)).collect();
        self.doorbell.send_all(&rings).await.into_iter().collect::<ports::Result<()>>()?;
        Ok(())
    }

    /// Has products of a store read afresh: what they list, and whether they are listed at all.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn read_afresh(&self, store: &Store, products: &BTreeSet<&RemoteProductId>) -> Result<()> {
        let now = self.clock.now();
        let fetch = |product: &&RemoteProductId| {
            let verb = Verb::Fetch { about: About::Product((*product).clone()) };
            LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)
        };
        let work: Vec<LaneWork> = products.iter().map(fetch).collect();
        self.work(&work).await
    }

    /// Rings a store's lane.
    ///
    /// # Errors
    /// What the queue says.
    pub async fn ring(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        Ok(self.doorbell.send(self.doorbell_of(org, store)).await?)
    }

    fn doorbell_of(&self, org: &OrgId, store: &StoreId) -> Send {
        let message = Message::V1(MessageV1::Doorbell { org: org.clone(), store: store.clone() });
        let name = SendName(data_encoding::HEXLOWER.encode(&self.dice.ten()));
        Send { message, group: store.to_string(), name }
    }
}
