//! Finding out what became of a write whose answer was lost, where the shop does not know writes by their names.

use domain::link::{Inflight, Link, Reading, Unexplained};
use domain::work::{LaneWork, Priority, Verb};
use domain::{Delta, OnHand};
use jiff::{SignedDuration, Timestamp};
use platform::VariantName;
use ports::{Counter, Finish, LinkChange, Moved};

use super::Lane;
use super::push::PENDING;
use crate::access::Shop;
use crate::{HubError, Result};

/// How long a number that fits neither outcome of a write is looked at again before the safer one is taken.
const AMBIGUOUS: SignedDuration = SignedDuration::from_secs(8);
/// How long a write of unknown outcome waits for a moment in which nothing is sold.
const BUSY: SignedDuration = SignedDuration::from_secs(40);
/// How long a write of unknown outcome waits for an order whose newest state must be fetched.
const UNCLEAR: SignedDuration = SignedDuration::from_mins(15);

impl Lane {
    /// Finds out what became of a write whose outcome is unknown: pulls orders, reads the number, accepts what
    /// explains it. What stays ambiguous is taken as the case that leaves fewer units on sale. Returns when to
    /// look again if it is too early to say.
    pub(super) async fn settle_unknown(
        &self,
        shop: &Shop,
        link: &Link,
        inflight: &Inflight,
    ) -> Result<Option<Timestamp>> {
        let store = &shop.store;
        let mut clear = self.pull_orders_now(shop).await?;
        let known = self.ledger.link(&store.org, &link.id).await?.and_then(|link| link.explained);
        let shown = self.read_one(shop, link).await?;
        // A sale between the two would look like our write, or hide it: the orders are read on both sides of the
        // number, and it counts only if nothing was booked between.
        let asked = self.clock.now();
        clear &= self.pull_orders_now(shop).await?;
        if !clear && self.clock.now() < inflight.at + UNCLEAR {
            // Units of an order whose newest state is not known yet would look like our write.
            return Ok(Some(self.clock.now() + PENDING));
        }
        let Some(fresh) = self.ledger.link(&store.org, &link.id).await? else { return Ok(None) };
        if fresh.explained != known && self.clock.now() < inflight.at + BUSY {
            return Ok(Some(self.clock.now() + PENDING));
        }
        let Some(explained) = fresh.explained else { return Ok(None) };
        if fresh.inflight.as_ref().is_none_or(|standing| standing.write != inflight.write) {
            return Ok(None);
        }
        let by = inflight.value.since(inflight.compare);
        // A sale that the shop's lists do not show yet looks like a lowering, and hides a raise: a number decides
        // only when it stood still for as long as an order may stay invisible.
        let now = self.clock.now();
        let lag = shop.platform.limits().order_visibility_lag;
        let lag = SignedDuration::try_from(lag).unwrap_or(SignedDuration::from_mins(30));
        let difference = shown.map_or(Delta::ZERO, |level| level.since(explained));
        let noted = fresh.stands_still(difference).is_some();
        let before = fresh.seen.filter(|seen| Some(seen.level) == shown && seen.at >= inflight.at && noted);
        let stood_still = before.is_some_and(|seen| asked >= seen.at + lag);
        // A number that keeps moving is decided in the end, but not by a single look after a long silence or by two in
        // a moment, nor because the books moved under it.
        let apart =
            |seen: Reading| now >= seen.at + lag || now >= inflight.at + UNCLEAR && Some(seen.level) != shown;
        let recent =
            |seen: Reading| seen.at >= inflight.at && now < seen.at + lag * 2 + AMBIGUOUS && apart(seen);
        let moved = |seen: Reading| Some(seen.level) != shown || now >= inflight.at + UNCLEAR;
        let late = now >= inflight.at + BUSY.max(lag * 4);
        let moves = shown.is_none() || fresh.seen.is_some_and(|seen| recent(seen) && moved(seen));
        if shown.is_none() && late && now < inflight.at + UNCLEAR {
            // What the shop does not show says nothing: it may list it no more.
            self.read_afresh(shop, &link.product).await?;
            return Ok(Some(now + lag.max(PENDING)));
        }
        if !(stood_still || moves && late) {
            if let (None, Some(level)) = (before, shown) {
                let look = LinkChange {
                    org: store.org.clone(),
                    link: link.id.clone(),
                    read: fresh.version,
                    begin: None,
                    seen: Some(Reading { level, at: now }),
                    // The number may come back to what it was by a sale and a return: the books may not move. No
                    // difference is noted, too: a sale may hide what the write did.
                    unexplained: Some(Some(Unexplained {
                        difference,
                        since: now,
                        explained: Some(explained),
                        version: Some(fresh.version + 1),
                    })),
                    margin: None,
                    heard: false,
                    guard: None,
                };
                // Raced: it moved meanwhile, and is looked at again.
                self.ledger.change_link(&look).await?;
            }
            return Ok(Some(before.map_or(now, |seen| seen.at) + lag.max(PENDING)));
        }
        let took_effect = match shown {
            _ if !stood_still => !by.lowers(),
            Some(shown) if shown == explained.moved(by) => true,
            Some(shown) if shown == explained => {
                // A shop may still be working on a call that we gave up waiting for. Raising again too early
                // could raise twice.
                let early = inflight.at + SignedDuration::from_secs(90);
                if !by.lowers() && self.clock.now() < early {
                    return Ok(Some(early));
                }
                false
            }
            _ if self.clock.now() < inflight.at + AMBIGUOUS => {
                // A sale between our reading of the orders and of the number: look once more.
                return Ok(Some(self.clock.now() + PENDING));
            }
            _ => !by.lowers(),
        };
        let at = self.clock.now();
        let finish = Finish {
            org: store.org.clone(),
            link: link.id.clone(),
            write: inflight.write.clone(),
            explained: if took_effect { by } else { Delta::ZERO },
            written: took_effect.then_some(Reading { level: inflight.value, at }),
            seen: shown.map(|level| Reading { level, at }),
        };
        let expected = if took_effect { explained.moved(by) } else { explained };
        if shown != Some(expected) || fresh.unexplained.is_some() {
            // Before the write ends: whoever dies after its end would leave a difference that nobody looks at.
            let verb = Verb::Check { link: link.id.clone() };
            let check = LaneWork::new(&store.org, &store.id, Priority::Raise, verb, at);
            self.dispatch.work(&[check]).await?;
        }
        if self.ledger.finish(&finish).await? == Moved::Done {
            self.note_write(shop, &finish, inflight.compare, inflight.value).await;
            if took_effect {
                self.journal.count(&store.org, &store.id, Counter::Writes, 1).await?;
            }
        }
        Ok(None)
    }

    /// The number that the shop shows for a link now.
    pub(super) async fn read_one(&self, shop: &Shop, link: &Link) -> Result<Option<OnHand>> {
        let name = VariantName { product: link.product.clone(), variant: link.variant.clone() };
        self.shown_of(shop, &name).await
    }

    pub(super) async fn shown_of(&self, shop: &Shop, name: &VariantName) -> Result<Option<OnHand>> {
        let read = shop.platform.read_stock().ok_or_else(|| HubError::Invalid("no stock reads".into()))?;
        let shown = read.read_stock(&shop.ctx(), std::slice::from_ref(name)).await?;
        Ok(shown.into_iter().next().and_then(|shown| shown.level))
    }
}
