//! Reading what changed since the last reading, with an overlap.

use domain::event::About;
use domain::order::Order;
use domain::run::{Extent as RunExtent, Stream};
use domain::work::{LaneWork, Priority, Verb};
use jiff::{SignedDuration, Timestamp};
use platform::{Ask, ErrorKind, Extent};
use ports::Seen;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::book::Booked;
use crate::{HubError, Result};

/// An incremental reading of more pages than this goes on in the next turn.
const PAGES: u32 = 20;

impl Lane {
    /// Reads what changed in a stream.
    pub(super) async fn pull(&self, shop: &Shop, stream: Stream) -> Result<Turn> {
        let turn = match self.pull_now(shop, stream).await {
            Err(HubError::Platform(error)) if error.kind == ErrorKind::Unsupported => {
                // The shop cannot say what changed in this stream: it is read whole.
                self.sync.start(&shop.store, stream, RunExtent::Full).await?;
                Ok(Turn::Done)
            }
            Ok(true) => Ok(Turn::Done),
            Ok(false) => Ok(Turn::Later(self.clock.now())),
            Err(error) => Err(error),
        };
        if matches!(turn, Ok(Turn::Done)) {
            let kind = domain::exception::ExceptionKind::SyncFailed;
            let store = &shop.store;
            self.alerts.settle(&store.org, kind, Some(&store.id), stream.as_str()).await?;
        }
        turn
    }

    /// Reads what changed in a stream until now; false if there is more than one turn's worth.
    pub(super) async fn pull_now(&self, shop: &Shop, stream: Stream) -> Result<bool> {
        let store = &shop.store;
        let limits = shop.platform.limits();
        let from = match self.runs.read_until(&store.org, &store.id, stream).await? {
            Some(until) => until,
            None => store.created_at,
        };
        let overlap = SignedDuration::try_from(limits.overlap).unwrap_or(SignedDuration::from_mins(5));
        let extent = Extent::Since(from.checked_sub(overlap).unwrap_or(from));
        let mut ask = Ask { extent, cursor: None, size: limits.page };
        let mut reached: Option<Timestamp> = None;
        for _ in 0..PAGES {
            let (next, size, shop_time) = self.pull_page(shop, stream, &ask).await?;
            // What changes after the first page was asked for is read the next time.
            reached = reached.or(shop_time);
            ask.size = size;
            match next {
                Some(next) => ask.cursor = Some(next),
                None => {
                    if let Some(reached) = reached {
                        self.runs.set_read_until(&store.org, &store.id, stream, reached).await?;
                    }
                    return Ok(true);
                }
            }
        }
        // Too much for one turn: a whole reading keeps its place, this one does not.
        self.sync.start(store, stream, RunExtent::Full).await?;
        if let Some(reached) = reached {
            self.runs.set_read_until(&store.org, &store.id, stream, reached).await?;
        }
        Ok(true)
    }

    /// Books an order that a page showed; if its books cannot tell what is newer, it is fetched afresh.
    pub(super) async fn take_order(&self, shop: &Shop, order: Order) -> Result<()> {
        let store = &shop.store;
        let remote = order.remote.clone();
        if self.book.order(store, order, false).await? == Booked::Clash {
            let verb = Verb::Fetch { about: About::Order(remote) };
            let work = LaneWork::new(&store.org, &store.id, Priority::Lower, verb, self.clock.now());
            self.dispatch.work(&[work]).await?;
        }
        Ok(())
    }

    async fn pull_page(
        &self,
        shop: &Shop,
        stream: Stream,
        ask: &Ask,
    ) -> Result<(Option<String>, u32, Option<Timestamp>)> {
        let seen = Seen { at: self.clock.now(), run: None };
        let store = &shop.store;
        match stream {
            Stream::Catalog => {
                let pull = shop.platform.pull_catalog().ok_or_else(|| lacks("catalogue"))?;
                let page = pull.pull_catalog(&shop.ctx(), ask).await?;
                self.shelves.put(store, &page.records, &seen).await?;
                Ok((page.next, page.size, page.shop_time))
            }
            Stream::Orders => {
                let pull = shop.platform.pull_orders().ok_or_else(|| lacks("orders"))?;
                let page = pull.pull_orders(&shop.ctx(), ask).await?;
                for order in page.records {
                    self.take_order(shop, order).await?;
                }
                Ok((page.next, page.size, page.shop_time))
            }
            Stream::Customers => {
                let pull = shop.platform.pull_customers().ok_or_else(|| lacks("customers"))?;
                let page = pull.pull_customers(&shop.ctx(), ask).await?;
                self.catalog.put_customers(&store.org, &store.id, &page.records, &seen).await?;
                Ok((page.next, page.size, page.shop_time))
            }
        }
    }
}

/// The platform has no such stream.
pub(super) fn lacks(what: &str) -> HubError {
    HubError::Invalid(format!("this platform cannot read {what}"))
}
