//! Looking at one number: what the shop shows, against what the books explain.

use domain::exception::ExceptionKind;
use domain::link::{Link, Reading, Unexplained};
use domain::work::{LaneWork, Priority, Verb};
use domain::{LinkId, OnHand};
use jiff::{SignedDuration, Timestamp};
use ports::{LinkChange, Moved};

use super::absolute::replaces;
use super::{Lane, Turn};
use crate::Result;
use crate::access::Shop;
use crate::alerts::Alert;

/// The same difference must stand for so long after the shop's orders must all have become visible, before a
/// person is told.
const AGAIN: SignedDuration = SignedDuration::from_secs(3);
/// Until then it is looked at again and again, at least this often.
const AGAIN_AT_MOST: SignedDuration = SignedDuration::from_secs(60);

impl Lane {
    /// Compares the number that a shop shows with the one that its orders and our writes explain. A difference
    /// holds raises at once; it is told to a person when it stands at a second look.
    pub(super) async fn check(&self, shop: &Shop, id: &LinkId, work: &LaneWork) -> Result<Turn> {
        let store = &shop.store;
        let Some(link) = self.ledger.link(&store.org, id).await? else { return Ok(Turn::Done) };
        let Some(explained) = link.explained else { return Ok(Turn::Done) };
        if link.inflight.is_some() && !self.is_shown(shop, &link).await? {
            return self.shows_none(shop, &link, self.clock.now()).await;
        }
        if link.inflight.is_some() {
            // The write's end comes first.
            let now = self.clock.now();
            let verb = Verb::Push { link: id.clone() };
            self.dispatch.work(&[LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)]).await?;
            return Ok(Turn::Next(now + AGAIN));
        }
        if link.unexplained.is_none()
            && !replaces(shop)
            && !link.is_below()
            && self.shop_last_told(shop, &link).await? == Some(explained)
        {
            self.explained(shop, &link).await?;
            return Ok(Turn::Done);
        }
        // What was visible counts from before the orders were asked for: the answer may be long on its way.
        let asked = self.clock.now();
        let clear = self.pull_orders_now(shop).await?;
        let shown = self.read_one(shop, &link).await?;
        let Some(link) = self.ledger.link(&store.org, id).await? else { return Ok(Turn::Done) };
        let now = self.clock.now();
        let (Some(explained), Some(shown)) = (link.explained, shown) else {
            return self.shows_none(shop, &link, now).await;
        };
        let lag = shop.platform.limits().order_visibility_lag;
        let lag = SignedDuration::try_from(lag).unwrap_or(SignedDuration::from_mins(30));
        let difference = shown.since(explained);
        let stands = link.stands_still(difference);
        let version = Some(link.version + 1);
        let new = Unexplained { difference, since: now, explained: Some(explained), version };
        let unexplained = (!difference.is_zero()).then(|| stands.unwrap_or(new));
        let change = LinkChange {
            org: store.org.clone(),
            link: id.clone(),
            read: link.version,
            begin: None,
            seen: Some(Reading { level: shown, at: now }),
            unexplained: Some(unexplained),
            margin: None,
            heard: false,
            guard: None,
        };
        if self.ledger.change_link(&change).await? == Moved::Raced {
            return Ok(Turn::Later(now));
        }
        match unexplained {
            None => {
                self.explained(shop, &link).await?;
                Ok(self.looks_again(shop, &link).map_or(Turn::Done, Turn::Next))
            }
            Some(known)
                if !clear || stands.is_none() || work.attempts == 0 || asked < known.since + lag + AGAIN =>
            {
                // Soon at first, then more rarely: never later than a quarter of the time it has stood.
                let stood = now.duration_since(known.since).checked_div(4).unwrap_or(AGAIN);
                Ok(Turn::Later(now + stood.max(AGAIN).min(AGAIN_AT_MOST)))
            }
            Some(known) if !known.difference.lowers() && replaces(shop) && link.written.is_some() => {
                self.undo_own(shop, &link, &known).await
            }
            Some(_) => self.decide(shop, &link, explained, shown).await,
        }
    }

    /// The shop shows no number: it does not count it, or lists it no more. What was asked about it is over.
    async fn shows_none(&self, shop: &Shop, link: &Link, now: Timestamp) -> Result<Turn> {
        if link.unexplained.is_none() {
            return Ok(Turn::Done);
        }
        let change = LinkChange {
            org: link.org.clone(),
            link: link.id.clone(),
            read: link.version,
            begin: None,
            seen: None,
            unexplained: Some(None),
            margin: None,
            heard: false,
            guard: None,
        };
        if self.ledger.change_link(&change).await? == Moved::Raced {
            return Ok(Turn::Later(now));
        }
        self.explained(shop, link).await?;
        Ok(Turn::Done)
    }

    /// The number that the shop showed last: in a message, on a page, or in answer to a write.
    async fn shop_last_told(&self, shop: &Shop, link: &Link) -> Result<Option<OnHand>> {
        let store = &shop.store;
        let told = self
            .catalog
            .variant(&store.org, &store.id, &link.variant)
            .await?
            .and_then(|record| Some(Reading { level: record.variant.level()?, at: record.seen.at }));
        Ok([told, link.seen].into_iter().flatten().max_by_key(|reading| reading.at).map(|last| last.level))
    }

    /// Nothing is unexplained: what waited for it goes on, such as a lowering that found nothing left to lower. If
    /// the number is right, that ends without a call.
    async fn explained(&self, shop: &Shop, link: &Link) -> Result<()> {
        let store = &shop.store;
        let kind = ExceptionKind::Unexplained;
        self.alerts.settle(&store.org, kind, Some(&store.id), link.variant.as_str()).await?;
        let verb = Verb::Push { link: link.id.clone() };
        let push = LaneWork::new(&store.org, &store.id, Priority::Raise, verb, self.clock.now());
        self.dispatch.work(&[push]).await?;
        self.wake_others(link).await
    }

    pub(super) async fn tell(
        &self,
        shop: &Shop,
        link: &Link,
        explained: OnHand,
        shown: OnHand,
    ) -> Result<()> {
        let store = &shop.store;
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::Unexplained,
                subject: link.variant.as_str(),
                message: format!(
                    "{} shows {shown} of {} where its orders and our writes explain {explained}",
                    store.name, link.sku
                ),
                advice: "Its number is not raised until this is settled. Resolve with `shop` to take the \
                         shop's number into the books, or with `books` to have the shop follow the books.",
                facts: vec![
                    ("link", link.id.to_string()),
                    ("item", link.item.to_string()),
                    ("sku", link.sku.to_string()),
                    ("shows", shown.to_string()),
                    ("explained", explained.to_string()),
                ],
            })
            .await
    }
}
