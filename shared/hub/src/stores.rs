//! A store's life: begin and stop writing, pause, resume, disconnect.

use std::sync::Arc;

use domain::allocation::Allocation;
use domain::exception::ExceptionKind;
use domain::run::Stream;
use domain::store::{Condition, Phase, Raises, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{Delta, LinkId, OnHand, OrgId, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, Hook};
use ports::{Ask, Catalog, Directory, Journal, Ledger, Schedules, Shadowing, Vault, Written};
use serde::Serialize;

use crate::access::Access;
use crate::alerts::Alerts;
use crate::dispatch::Dispatch;
use crate::lane::hook_url;
use crate::outside::trials;
use crate::rules::RuleBook;
use crate::target::{Aim, Shelf};
use crate::{HubError, Outside, Result, Settings};

/// Links that are looked at together.
const PAGE: u32 = 200;
/// How long after a change was about to be made its work is done, if whoever made it did not come to ring.
const UNRUNG: SignedDuration = SignedDuration::from_secs(30);

/// A store's life.
#[derive(Clone)]
pub struct Stores {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    catalog: Arc<dyn Catalog>,
    vault: Arc<dyn Vault>,
    schedules: Arc<dyn Schedules>,
    clock: Arc<dyn Clock>,
    access: Access,
    dispatch: Dispatch,
    settings: Settings,
    rules: RuleBook,
    alerts: Alerts,
}

/// What beginning to write would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WouldWrite {
    /// The link.
    pub link: LinkId,
    /// The SKU that is listed.
    pub sku: String,
    /// What the variant is called.
    pub title: String,
    /// What the shop shows.
    pub shows: OnHand,
    /// What it would show.
    pub target: OnHand,
    /// The difference.
    pub difference: Delta,
}

/// What beginning to write would change, in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Links that are in the books.
    pub links: u64,
    /// Links whose number would be lowered.
    pub lowered: u64,
    /// Links whose number would be raised.
    pub raised: u64,
    /// The largest differences first, at most a hundred.
    pub largest: Vec<WouldWrite>,
}

impl Stores {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            catalog: Arc::clone(&outside.catalog),
            vault: Arc::clone(&outside.vault),
            schedules: Arc::clone(&outside.schedules),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
            dispatch: Dispatch::new(outside),
            settings: outside.settings.clone(),
            rules: RuleBook::new(outside),
            alerts: Alerts::new(outside),
        }
    }

    /// What beginning to write would change.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store.
    pub async fn preview(&self, org: &OrgId, id: &StoreId) -> Result<Preview> {
        let store = self.access.store(org, id).await?;
        let mut preview = Preview { links: 0, lowered: 0, raised: 0, largest: Vec::new() };
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(org, &store.id, &ask).await?;
            for link in page.items {
                let Some(shows) = link.explained else { continue };
                let Some(record) = self.catalog.variant(org, &store.id, &link.variant).await? else {
                    continue;
                };
                if record.gone_at.is_some()
                    || record.item.as_ref() != Some(&link.item)
                    || record.variant.level().is_none()
                {
                    continue;
                }
                let shelf = Shelf::read(&*self.ledger, org, &link.item).await?;
                let Aim { target, by: difference } = shelf.aim(&link, &store, shows);
                preview.links += 1;
                if difference.is_zero() {
                    continue;
                }
                if difference.lowers() {
                    preview.lowered += 1;
                } else {
                    preview.raised += 1;
                }
                preview.largest.push(WouldWrite {
                    link: link.id,
                    sku: link.sku.to_string(),
                    title: record.variant.title,
                    shows,
                    target,
                    difference,
                });
            }
            if page.next.is_none() {
                break;
            }
            ask = Ask::after(PAGE, page.next);
        }
        preview.largest.sort_by_key(|one| std::cmp::Reverse(one.difference.units().abs()));
        preview.largest.truncate(100);
        Ok(preview)
    }

    /// Begins to write to a store.
    ///
    /// # Errors
    /// [`HubError::Conflict`] while the store is still joining.
    pub async fn start(&self, org: &OrgId, id: &StoreId) -> Result<Store> {
        let window = self.window(org).await?;
        let mut was_held = false;
        let store = self
            .change_numbers(org, id, |store, now| {
                if store.phase == Phase::Joining {
                    return Err(HubError::Conflict(format!(
                        "{} is still joining: wait until its numbers are in the books",
                        store.name
                    )));
                }
                store.phase = Phase::Writing;
                store.writing_since = store.writing_since.or(Some(now));
                // What it raises was seen before.
                was_held = store.holds_raises();
                store.raises = Some(Raises::Let { until: now + window });
                Ok(())
            })
            .await?;
        if was_held {
            self.alerts.settle(org, ExceptionKind::RaisesHeld, Some(id), "").await?;
        }
        Ok(store)
    }

    /// Says how many of an item's units a store's links may offer; all its numbers are worked out anew.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store.
    pub async fn allocate(&self, org: &OrgId, id: &StoreId, allocation: Option<Allocation>) -> Result<Store> {
        self.change_numbers(org, id, |store, _| {
            store.allocation = allocation;
            Ok(())
        })
        .await
    }

    /// Lets raises go that were held because they were too many: all of them, until the window is over.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store.
    pub async fn let_raises(&self, org: &OrgId, id: &StoreId) -> Result<()> {
        let window = self.window(org).await?;
        self.change_numbers(org, id, |store, now| {
            store.raises = Some(Raises::Let { until: now + window });
            Ok(())
        })
        .await
        .map(|_| ())
    }

    /// The window in which a merchant's raises are counted.
    async fn window(&self, org: &OrgId) -> Result<SignedDuration> {
        let minutes = self.rules.rules(org).await?.raises.window_minutes;
        Ok(SignedDuration::from_mins(i64::from(minutes)))
    }

    /// Stops writing to a store, or shadowing it; its sales are still booked.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store.
    pub async fn stop(&self, org: &OrgId, id: &StoreId) -> Result<Store> {
        self.change(org, id, |store, _| {
            if store.is_followed() {
                store.phase = Phase::ReadOnly;
                store.writing_since = None;
            }
            Ok(())
        })
        .await
    }

    /// Stops all calls to a store; its events are still booked.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if it is not connected.
    pub async fn pause(&self, org: &OrgId, id: &StoreId) -> Result<Store> {
        self.change(org, id, |store, _| {
            is_connected(store)?;
            store.condition = Condition::Paused;
            Ok(())
        })
        .await
    }

    /// Goes on calling a store: its orders are read before anything is raised.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if it is not connected.
    pub async fn resume(&self, org: &OrgId, id: &StoreId) -> Result<Store> {
        let store = self.access.store(org, id).await?;
        is_connected(&store)?;
        // What is to be read is in the lane before anything else can be done there.
        self.catch_up(&store).await?;
        let store = self
            .change(org, id, |store, _| {
                is_connected(store)?;
                store.condition = Condition::Active;
                Ok(())
            })
            .await?;
        self.dispatch.ring(org, id).await?;
        Ok(store)
    }

    /// Takes a store out: its webhooks are taken away as far as it answers, its credentials are forgotten, its
    /// history stays.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store.
    pub async fn disconnect(&self, org: &OrgId, id: &StoreId) -> Result<Store> {
        let store = self.access.store(org, id).await?;
        if let Ok(shop) = self.access.shop(store.clone()).await
            && let Some(subscribe) = shop.platform.subscribe()
        {
            let url = hook_url(&self.settings.public_url, &store)?;
            if let Err(error) = subscribe.unsubscribe(&shop.ctx(), &Hook { url: &url }).await {
                tracing::warn!(store = %id, %error, "the webhooks could not be taken away");
            }
        }
        for stream in Stream::ALL {
            self.schedules.remove(org, id, stream).await?;
        }
        let store = self
            .change(org, id, |store, _| {
                store.condition = Condition::Disconnected;
                if store.is_followed() {
                    store.phase = Phase::ReadOnly;
                    store.writing_since = None;
                }
                Ok(())
            })
            .await?;
        self.vault.forget(org, id).await?;
        Ok(store)
    }

    /// Has the lane read a store's orders before anything else, then bring all its numbers to their targets.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn catch_up(&self, store: &Store) -> Result<()> {
        let now = self.clock.now();
        let mut work: Vec<LaneWork> =
            [(Stream::Orders, Priority::Lower), (Stream::Catalog, Priority::Incremental)]
                .map(|(stream, priority)| {
                    LaneWork::new(&store.org, &store.id, priority, Verb::Pull { stream }, now)
                })
                .into();
        if store.is_followed() {
            work.push(push_all(store, (store.version, None), now));
        }
        self.dispatch.work(&work).await
    }

    /// Changes a store in a way that all its numbers may follow: what works them out is in the lane before the change
    /// is made, and begins once it is.
    pub(crate) async fn change_numbers(
        &self,
        org: &OrgId,
        id: &StoreId,
        change: impl FnMut(&mut Store, Timestamp) -> Result<()> + Send,
    ) -> Result<Store> {
        self.change_with(org, id, change, true).await
    }

    async fn change(
        &self,
        org: &OrgId,
        id: &StoreId,
        change: impl FnMut(&mut Store, Timestamp) -> Result<()> + Send,
    ) -> Result<Store> {
        self.change_with(org, id, change, false).await
    }

    async fn change_with(
        &self,
        org: &OrgId,
        id: &StoreId,
        mut change: impl FnMut(&mut Store, Timestamp) -> Result<()> + Send,
        numbers: bool,
    ) -> Result<Store> {
        for _ in 0..8 {
            let mut store = self.access.store(org, id).await?;
            let was_shadowed = store.phase == Phase::Shadow;
            let now = self.clock.now();
            change(&mut store, now)?;
            let work =
                (numbers && store.is_followed()).then(|| push_all(&store, (store.version + 1, None), now));
            if let Some(work) = &work {
                self.dispatch.work(&[work.clone().at(now + UNRUNG)]).await?;
            }
            if self.directory.change_store(&store).await? == Written::Done {
                store.version += 1;
                if let Some(work) = work {
                    self.dispatch.work(&[work]).await?;
                }
                if was_shadowed && store.phase != Phase::Shadow {
                    self.end_shadow(&store).await?;
                }
                return Ok(store);
            }
        }
        Err(HubError::Conflict("the store is changed by others at the same time: try again".into()))
    }

    /// Notes until when a store was shadowed.
    async fn end_shadow(&self, store: &Store) -> Result<()> {
        let Some(shadowing) = trials(&self.journal)?.shadowing(&store.org, &store.id).await? else {
            return Ok(());
        };
        let ended = Shadowing { until: Some(self.clock.now()), ..shadowing };
        Ok(trials(&self.journal)?.put_shadowing(&store.org, &store.id, &ended).await?)
    }
}

/// The work that works out all of a store's numbers, once its record has a version.
pub(crate) fn push_all(store: &Store, (version, after): (u64, Option<String>), now: Timestamp) -> LaneWork {
    let verb = Verb::PushAll { version, after };
    LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)
}

fn is_connected(store: &Store) -> Result<()> {
    match store.condition {
        Condition::Active | Condition::Paused => Ok(()),
        Condition::Held { .. } | Condition::Disconnected => {
            Err(HubError::Conflict(format!("{} is not connected: connect it again", store.name)))
        }
    }
}
