//! Bugs planted on purpose: wrappers around ports and platforms that do what the bug would do. The checks must
//! catch each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::event::{DedupKey, Event};
use domain::{OnHand, RemoteVariantId, WriteId};
use hub::Outside;
use jiff::{SignedDuration, Timestamp};
use platform::*;
use ports::{Queue, Send, SendName};

use crate::mall::Street;
use crate::world::Bend;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A write compares with a value that was just read.
    ComparesWithWhatItReads,
    /// A number is lowered to its target, whatever the shop shows.
    LowersWithoutCondition,
    /// What is sent again is computed again: another name, other numbers.
    RecomputesRetries,
    /// Orders are taken to be visible at once: a difference is drift when it is first seen.
    DriftAtOnce,
    /// What a shop shows soon after our write is taken for its echo.
    EchoByTime,
    /// A number that can only be replaced is written without reading it first.
    ReplacesUnread,
    /// A doorbell is named by its lane, so that a second one is swallowed as a duplicate.
    SwallowsResends,
}

impl Bug {
    /// All bugs.
    pub const ALL: [Self; 7] = [
        Self::ComparesWithWhatItReads,
        Self::LowersWithoutCondition,
        Self::RecomputesRetries,
        Self::DriftAtOnce,
        Self::EchoByTime,
        Self::ReplacesUnread,
        Self::SwallowsResends,
    ];
}

/// How long after a write what a shop shows is taken for its echo.
const ECHO: SignedDuration = SignedDuration::from_secs(30);

impl Bend for Bug {
    fn outside(&self, outside: Outside) -> Outside {
        if *self != Self::SwallowsResends {
            return outside;
        }
        let doorbell = Arc::new(NamedByGroup(Arc::clone(&outside.doorbell)));
        Outside { doorbell, ..outside }
    }

    fn street(&self, street: Arc<Street>) -> Arc<dyn Platform> {
        Arc::new(Bent { bug: *self, street, wrote: Mutex::default(), sent: Mutex::default() })
    }
}

struct NamedByGroup(Arc<dyn Queue>);

#[async_trait]
impl Queue for NamedByGroup {
    async fn send(&self, send: Send) -> ports::Result<()> {
        let name = SendName(send.group.clone());
        self.0.send(Send { name, ..send }).await
    }
}

/// A platform as the bug has it.
struct Bent {
    bug: Bug,
    street: Arc<Street>,
    /// When each variant of each shop was written last.
    wrote: Mutex<BTreeMap<(String, RemoteVariantId), Timestamp>>,
    /// The writes that were sent.
    sent: Mutex<BTreeSet<WriteId>>,
}

impl Bent {
    fn is(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    /// The number that a shop shows now.
    async fn shown(&self, ctx: &Ctx<'_>, row: &StockWrite) -> Result<Option<OnHand>> {
        let shown = ReadStock::read_stock(&*self.street, ctx, std::slice::from_ref(&row.variant)).await?;
        Ok(shown.into_iter().next().and_then(|one| one.level))
    }
}

impl Platform for Bent {
    fn slug(&self) -> domain::PlatformSlug {
        self.street.slug()
    }
    fn limits(&self) -> Limits {
        let limits = self.street.limits();
        if self.is(Bug::DriftAtOnce) {
            let none = std::time::Duration::ZERO;
            Limits { order_visibility_lag: none, overlap: none, ..limits }
        } else if self.is(Bug::ReplacesUnread) && limits.stock_mode == StockMode::Absolute {
            Limits { stock_mode: StockMode::Delta, ..limits }
        } else {
            limits
        }
    }
    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }
    fn pull_catalog(&self) -> Option<&dyn PullCatalog> {
        Some(self)
    }
    fn pull_orders(&self) -> Option<&dyn PullOrders> {
        Platform::pull_orders(&*self.street)
    }
    fn pull_customers(&self) -> Option<&dyn PullCustomers> {
        Platform::pull_customers(&*self.street)
    }
    fn fetch(&self) -> Option<&dyn Fetch> {
        Platform::fetch(&*self.street)
    }
    fn read_stock(&self) -> Option<&dyn ReadStock> {
        Platform::read_stock(&*self.street)
    }
    fn push_stock(&self) -> Option<&dyn PushStock> {
        Some(self)
    }
}

#[async_trait]
impl PushStock for Bent {
    async fn push_stock(&self, ctx: &Ctx<'_>, writes: &[StockWrite]) -> Result<Vec<Outcome>> {
        let mut rows = writes.to_vec();
        for row in &mut rows {
            let reads = match self.bug {
                Bug::ComparesWithWhatItReads => true,
                Bug::LowersWithoutCondition => row.value < row.compare,
                _ => false,
            };
            if reads && let Some(shown) = self.shown(ctx, row).await? {
                row.compare = shown;
            }
            if self.is(Bug::RecomputesRetries)
                && !self.sent.lock().unwrap_or_else(PoisonError::into_inner).insert(row.write.clone())
                && let Some(shown) = self.shown(ctx, row).await?
            {
                row.write = WriteId::make(ctx.clock.now(), ctx.dice.ten());
                row.value = shown.moved(row.value.since(row.compare));
                row.compare = shown;
            }
        }
        if self.is(Bug::EchoByTime) {
            let mut wrote = self.wrote.lock().unwrap_or_else(PoisonError::into_inner);
            for row in &rows {
                wrote.insert((ctx.session.address.clone(), row.variant.variant.clone()), ctx.clock.now());
            }
        }
        // The checks know a write by the name under which it was noted, and the shop by the one it was sent.
        self.street.push_bent(ctx, &rows, writes).await
    }
}

#[async_trait]
impl PullCatalog for Bent {
    async fn pull_catalog(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<domain::product::Listings>> {
        let mut page = PullCatalog::pull_catalog(&*self.street, ctx, ask).await?;
        if self.is(Bug::EchoByTime) {
            self.forget_echoes(&ctx.session.address, ctx.clock.now(), &mut page.records);
        }
        Ok(page)
    }
}

impl Bent {
    /// Takes out what was written a little before.
    fn forget_echoes(&self, shop: &str, now: Timestamp, listings: &mut domain::product::Listings) {
        let wrote = self.wrote.lock().unwrap_or_else(PoisonError::into_inner);
        listings.variants.retain(|variant| {
            let at = wrote.get(&(shop.to_owned(), variant.remote.clone()));
            at.is_none_or(|at| variant.updated_at.duration_since(*at) > ECHO || now < *at)
        });
    }
}

impl Bent {
    fn event(&self, event: Event, shop: Option<&str>) -> Event {
        match (event, shop) {
            (Event::Catalog(mut listings), Some(shop)) if self.is(Bug::EchoByTime) => {
                self.forget_echoes(shop, Timestamp::MAX, &mut listings);
                Event::Catalog(listings)
            }
            (event, _) => event,
        }
    }
}

impl Webhooks for Bent {
    fn is_greeting(&self, delivery: &Delivery<'_>) -> bool {
        self.street.is_greeting(delivery)
    }
    fn verify<'a>(&self, delivery: Delivery<'a>, secrets: &Secrets<'_>) -> Result<Verified<'a>> {
        self.street.verify(delivery, secrets)
    }
    fn headers(&self) -> &'static [&'static str] {
        self.street.headers()
    }
    fn topic(&self, message: &Message<'_>) -> String {
        self.street.topic(message)
    }
    fn entity(&self, message: &Message<'_>) -> String {
        self.street.entity(message)
    }
    fn events(&self, message: &Message<'_>) -> Result<Vec<(DedupKey, Event)>> {
        let body = String::from_utf8_lossy(message.body).into_owned();
        let shop = body.split(' ').next();
        let events = self.street.events(message)?;
        Ok(events.into_iter().map(|(key, event)| (key, self.event(event, shop))).collect())
    }
}
