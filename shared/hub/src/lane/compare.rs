//! Comparing all numbers of a store with the books, some time after they were taken in: an order that its shop's
//! lists did not show yet may have been in the number already, and would be taken off once more.

use domain::link::Link;
use domain::work::{LaneWork, Priority, Verb};
use jiff::{SignedDuration, Timestamp};
use platform::VariantName;
use ports::Ask;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::{HubError, Result};

/// Links that are looked at in a turn.
const PAGE: u32 = 200;
/// How long after the last order must have become visible the numbers are compared.
const AFTER: SignedDuration = SignedDuration::from_secs(3);

impl Lane {
    /// Puts a comparison of all numbers into the lane, for when all orders of until now must be visible.
    pub(super) async fn compare_later(&self, shop: &Shop) -> Result<()> {
        let now = self.clock.now();
        self.dispatch.work(&[compare(shop, None, visible(shop, now))]).await
    }

    /// Compares a page of a store's numbers; each that differs is looked into by itself.
    pub(super) async fn compare_all(&self, shop: &Shop, after: Option<String>) -> Result<Turn> {
        let store = &shop.store;
        // What lists show by now is booked first: it may be what a number already holds.
        if !self.pull_orders_now(shop).await? {
            return Ok(Turn::Later(self.clock.now() + AFTER));
        }
        let now = self.clock.now();
        let begins = after.is_none();
        let page = self.ledger.links_of_store(&store.org, &store.id, &Ask::after(PAGE, after)).await?;
        let links: Vec<&Link> =
            page.items.iter().filter(|link| link.explained.is_some() && link.unexplained.is_none()).collect();
        let read = shop.platform.read_stock().ok_or_else(|| HubError::Invalid("no stock reads".into()))?;
        let mut work = Vec::new();
        for some in links.chunks(shop.platform.limits().read_batch.max(1)) {
            let names: Vec<VariantName> = some
                .iter()
                .map(|link| VariantName { product: link.product.clone(), variant: link.variant.clone() })
                .collect();
            let shown = read.read_stock(&shop.ctx(), &names).await?;
            for link in some {
                let level = shown.iter().find(|one| one.variant == link.variant).and_then(|one| one.level);
                if level.is_some() && level != link.explained && link.inflight.is_none() {
                    let verb = Verb::Check { link: link.id.clone() };
                    work.push(LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now));
                }
            }
        }
        work.extend(page.next.map(|next| compare(shop, Some(next), now)));
        // Those that came into the books a moment ago have their own time; those that differ look after themselves.
        let fresh = links
            .iter()
            .filter(|link| link.written.is_none())
            .filter_map(|link| Some(visible(shop, link.seen?.at)))
            .filter(|due| *due > now)
            .max();
        let turn = match fresh {
            Some(due) if begins => Turn::Next(due),
            Some(due) => {
                work.push(compare(shop, None, due));
                Turn::Done
            }
            None => Turn::Done,
        };
        self.dispatch.work(&work).await?;
        Ok(turn)
    }
}

fn compare(shop: &Shop, after: Option<String>, due: Timestamp) -> LaneWork {
    let verb = Verb::Compare { after };
    LaneWork::new(&shop.store.org, &shop.store.id, Priority::Incremental, verb, due).at(due)
}

/// When orders that were placed at a time must be visible, and a moment more.
pub(super) fn visible(shop: &Shop, at: Timestamp) -> Timestamp {
    let lag = SignedDuration::try_from(shop.platform.limits().order_visibility_lag);
    at + lag.unwrap_or(SignedDuration::from_mins(30)) + AFTER
}
