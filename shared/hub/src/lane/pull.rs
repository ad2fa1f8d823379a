//! Reading what changed since the last reading, with an overlap.

use std::time::Duration;

use domain::event::About;
use domain::order::Order;
use domain::run::{Extent as RunExtent, Stream};
use domain::work::{LaneWork, Priority, Verb};
use jiff::{SignedDuration, Timestamp};
use platform::{Ask, ErrorKind, Extent, PlatformError, Pulled, Retry};
use ports::Seen;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::{HubError, Result};

/// A reading of changes with more pages than this goes on as a run, which keeps its place.
const PAGES: u32 = 20;

/// Names the error of a reading of changes that a run goes on with.
const GOES_ON: &str = "goes_on";

/// What reading one page of changes came to.
pub(super) struct Read {
    /// Records that came.
    pub(super) count: u64,
    /// Where to go on.
    pub(super) next: Option<String>,
    size: u32,
    shop_time: Option<Timestamp>,
    /// How long the shop wants to be left alone before the next page.
    pub(super) wait: Duration,
    /// Whether all of it could be booked without fetching something first.
    clear: bool,
}

impl Lane {
    /// Reads what changed in a stream.
    pub(super) async fn pull(&self, shop: &Shop, stream: Stream) -> Result<Turn> {
        match self.pull_since(shop, stream, shop.platform.limits().overlap).await {
            // A run goes on where this stopped.
            Err(HubError::Platform(error)) if error.op == GOES_ON => {}
            Err(HubError::Platform(error)) if error.kind == ErrorKind::Unsupported => {
                // The shop cannot say what changed in this stream: it is read whole.
                self.sync.start(&shop.store, stream, RunExtent::Full).await?;
            }
            read => {
                read?;
            }
        }
        let kind = domain::exception::ExceptionKind::SyncFailed;
        let store = &shop.store;
        self.alerts.settle(&store.org, kind, Some(&store.id), stream.as_str()).await?;
        Ok(Turn::Done)
    }

    /// Reads the orders that changed since the last reading, with no more overlap than an order needs to show.
    /// False if the books cannot tell which state of an order is newer: it is fetched first, then they know.
    pub(super) async fn pull_orders_now(&self, shop: &Shop) -> Result<bool> {
        let lag = shop.platform.limits().order_visibility_lag;
        self.pull_since(shop, Stream::Orders, lag).await
    }

    /// Reads what changed in a stream until now; false if some of it must be fetched before it can be booked. Where the
    /// shop wants to be left alone between two pages, or there are very many, a run goes on from there, and the error
    /// says when to look again.
    async fn pull_since(&self, shop: &Shop, stream: Stream, overlap: Duration) -> Result<bool> {
        let store = &shop.store;
        let limits = shop.platform.limits();
        let from = match self.runs.read_until(&store.org, &store.id, stream).await? {
            Some(until) => until,
            None => store.created_at,
        };
        let overlap = SignedDuration::try_from(overlap).unwrap_or(SignedDuration::from_mins(5));
        let since = from.checked_sub(overlap).unwrap_or(from);
        let mut ask = Ask { extent: Extent::Since(since), cursor: None, size: limits.page };
        let mut reached: Option<Timestamp> = None;
        let mut told = true;
        for page in 1..=PAGES {
            let read = self.pull_page(shop, stream, &ask).await?;
            told &= read.clear;
            // What changes after the first page was asked for is read the next time.
            reached = reached.or(read.shop_time);
            ask.size = read.size;
            let Some(next) = read.next else {
                // What could not be told is met again until it was fetched: who asks meanwhile may not take the
                // books for all that the shop knows.
                if let Some(reached) = reached.filter(|_| told) {
                    self.runs.set_read_until(&store.org, &store.id, stream, reached).await?;
                }
                return Ok(told);
            };
            if page == PAGES || !read.wait.is_zero() {
                self.sync.go_on(store, stream, (since, reached), (next, read.wait)).await?;
                let message = format!("what changed in {} is still being read", stream.as_str());
                let wait = read.wait.max(Duration::from_secs(1));
                return Err(PlatformError::new(ErrorKind::Stale, GOES_ON, message)
                    .retry(Retry::After(wait))
                    .into());
            }
            ask.cursor = Some(next);
        }
        Ok(told)
    }

    /// Books the orders of a page; those whose books cannot tell what is newer are fetched afresh. False if there
    /// were such.
    pub(super) async fn take_orders(&self, shop: &Shop, orders: Vec<Order>) -> Result<bool> {
        let store = &shop.store;
        let now = self.clock.now();
        let work: Vec<LaneWork> = self
            .book
            .page(store, orders)
            .await?
            .into_iter()
            .map(|order| {
                let verb = Verb::Fetch { about: About::Order(order) };
                LaneWork::new(&store.org, &store.id, Priority::Lower, verb, now)
            })
            .collect();
        self.dispatch.work(&work).await?;
        Ok(work.is_empty())
    }

    /// Reads a page of what changed, and keeps it.
    pub(super) async fn pull_page(&self, shop: &Shop, stream: Stream, ask: &Ask) -> Result<Read> {
        let seen = Seen { at: self.clock.now(), run: None };
        let store = &shop.store;
        match stream {
            Stream::Catalog => {
                let pull = shop.platform.pull_catalog().ok_or_else(|| lacks("catalogue"))?;
                let page = pull.pull_catalog(&shop.ctx(), ask).await?;
                self.shelves.put(store, &page.records, &seen).await?;
                Ok(Read::of(page, true))
            }
            Stream::Orders => {
                let pull = shop.platform.pull_orders().ok_or_else(|| lacks("orders"))?;
                let mut page = pull.pull_orders(&shop.ctx(), ask).await?;
                let clear = self.take_orders(shop, std::mem::take(&mut page.records)).await?;
                Ok(Read::of(page, clear))
            }
            Stream::Customers => {
                let pull = shop.platform.pull_customers().ok_or_else(|| lacks("customers"))?;
                let page = pull.pull_customers(&shop.ctx(), ask).await?;
                self.catalog.put_customers(&store.org, &store.id, &page.records, &seen).await?;
                Ok(Read::of(page, true))
            }
        }
    }
}

impl Read {
    fn of<T>(page: Pulled<T>, clear: bool) -> Self {
        Self {
            count: page.count,
            next: page.next,
            size: page.size,
            shop_time: page.shop_time,
            wait: page.wait.unwrap_or_default(),
            clear,
        }
    }
}

/// The platform has no such stream.
pub(super) fn lacks(what: &str) -> HubError {
    HubError::Invalid(format!("this platform cannot read {what}"))
}
