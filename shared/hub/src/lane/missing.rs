//! Looking whether a shop still has the orders that we know of: the message that one was deleted may be lost.

use domain::event::About;
use domain::order::OrderState;
use domain::work::{LaneWork, Priority, Verb};
use platform::ErrorKind;
use ports::Ask;

use super::pull::lacks;
use super::{Lane, Turn};
use crate::Result;
use crate::access::Shop;

impl Lane {
    /// Asks about a page of our orders; what became of those that the shop does not list is read one by one.
    pub(super) async fn missing(&self, shop: &Shop, after: Option<String>) -> Result<Turn> {
        let store = &shop.store;
        let begins = after.is_none();
        let most = u32::try_from(shop.platform.limits().read_batch).unwrap_or(100).clamp(1, 100);
        let page = self.ledger.orders(&store.org, &store.id, &Ask::after(most, after)).await?;
        self.look_at_unpaid(shop, &page.items, begins).await?;
        let known: Vec<_> = page
            .items
            .into_iter()
            .map(|record| record.order)
            .filter(|order| order.state != OrderState::Removed)
            .map(|order| order.remote)
            .collect();
        if !known.is_empty() {
            let pull = shop.platform.pull_orders().ok_or_else(|| lacks("orders"))?;
            let unlisted = match pull.unlisted(&shop.ctx(), &known).await {
                Err(error) if error.kind == ErrorKind::Unsupported => return Ok(Turn::Done),
                unlisted => unlisted?,
            };
            let now = self.clock.now();
            let fetch = |order| {
                let verb = Verb::Fetch { about: About::Order(order) };
                LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)
            };
            self.dispatch.work(&unlisted.into_iter().map(fetch).collect::<Vec<_>>()).await?;
        }
        if let Some(next) = page.next {
            let verb = Verb::Missing { after: Some(next) };
            let work = LaneWork::new(&store.org, &store.id, Priority::Full, verb, self.clock.now());
            self.dispatch.work(&[work]).await?;
        }
        Ok(Turn::Done)
    }
}
