//! A turn of a shadowed store's lane: the write that would be made now is noted, and none is sent.

use domain::link::Link;
use domain::work::LaneWork;
use domain::{Delta, LinkId, OnHand};
use jiff::Timestamp;
use ports::{Ask, PreventedSale, Shadow, Written};
use rust_decimal::Decimal;

use super::Lane;
use super::push::{HELD, PENDING};
use crate::Result;
use crate::access::Shop;
use crate::shadow::shade::{self, Cause};
use crate::target::Shelf;
use crate::trail::order_of;

/// Entries that are looked through for the sales that were oversold.
const ENTRIES: u32 = 30;

impl Lane {
    /// Notes what a push would write through a link now. Returns when to look again, where a push would wait.
    pub(super) async fn shade(&self, shop: &Shop, id: &LinkId, work: &LaneWork) -> Result<Option<Timestamp>> {
        let store = &shop.store;
        let Some(link) = self.ledger.link(&store.org, id).await? else { return Ok(None) };
        let Some(explained) = link.explained else { return Ok(None) };
        if !self.is_listed(shop, &link).await? {
            return Ok(None);
        }
        let Some(trials) = self.journal.trials() else { return Ok(None) };
        let Some(span) = trials.shadowing(&store.org, &store.id).await? else { return Ok(None) };
        let known = trials.shadow(&store.org, &store.id, id).await?;
        let mut shadow = fresh(&link, known, span.since);
        let now = self.clock.now();
        let oversold = shade::oversold(&shadow, explained);
        if !oversold.is_zero() {
            let sales = self.prevented(&link, &shadow, oversold).await?;
            shade::note_oversold(&mut shadow, oversold, sales, now);
        }
        let shelf = Shelf::read(&*self.ledger, &store.org, &link.item).await?;
        let aim = shelf.aim(&link, store, explained.moved(shadow.offset));
        let held = if aim.by.is_zero() || aim.by.lowers() {
            None
        } else if link.unexplained.is_some() {
            Some(None)
        } else if shelf.is_pending(&*self.ledger, &store.org).await? {
            Some(Some(now + PENDING))
        } else if self.journal.has_parked(&store.org, &store.id).await? {
            Some(Some(now + HELD))
        } else {
            None
        };
        let wrote = held.is_none() && self.note_shadow(&mut shadow, explained, aim.target, work, now).await?;
        if (wrote || !oversold.is_zero()) && trials.put_shadow(&shadow).await? == Written::Raced {
            return Ok(Some(now));
        }
        Ok(held.flatten())
    }

    async fn note_shadow(
        &self,
        shadow: &mut Shadow,
        explained: OnHand,
        to: OnHand,
        work: &LaneWork,
        now: Timestamp,
    ) -> Result<bool> {
        if explained.moved(shadow.offset) == to {
            return Ok(false);
        }
        let latest = self.ledger.entries(&shadow.org, &shadow.item, &Ask::first(1)).await?.items;
        let cause = latest.into_iter().next().map_or_else(String::new, |entry| entry.cause);
        Ok(shade::note_write(shadow, explained, to, Cause { at: now, since: work.since, cause }))
    }

    /// The sales of this shop that were placed after the latest write would have been made: it would have prevented
    /// them.
    async fn prevented(&self, link: &Link, shadow: &Shadow, oversold: Delta) -> Result<Vec<PreventedSale>> {
        let Some(lowered) = shade::last_write(shadow) else { return Ok(Vec::new()) };
        let entries = self.ledger.entries(&link.org, &link.item, &Ask::first(ENTRIES)).await?.items;
        let mut left = oversold.units();
        let mut sales: Vec<PreventedSale> = Vec::new();
        for entry in entries.iter().filter(|entry| entry.at >= lowered) {
            let Some(order) = order_of(entry) else { continue };
            if sales.iter().any(|sale| sale.order.as_ref() == Some(&order)) {
                continue;
            }
            let Some(record) = self.ledger.order(&link.org, &order).await? else { continue };
            if record.store != link.store || record.order.placed_at < lowered {
                continue;
            }
            let effects = self.ledger.effects(&link.org, &order).await?;
            let taken: Decimal =
                effects.iter().filter(|one| one.link == link.id).map(|one| one.effect.taken).sum();
            if let Some(units) = shade::counted(taken, &mut left) {
                let number = record.order.number;
                sales.push(PreventedSale { order: Some(order), number, units, at: entry.at });
            }
        }
        Ok(sales)
    }
}

/// The shadow of a link, begun anew if it belongs to an earlier shadowing.
fn fresh(link: &Link, known: Option<Shadow>, since: Timestamp) -> Shadow {
    let version = match known {
        Some(known) if known.since == since => return known,
        Some(known) => known.version,
        None => 0,
    };
    Shadow {
        org: link.org.clone(),
        store: link.store.clone(),
        link: link.id.clone(),
        item: link.item.clone(),
        sku: link.sku.clone(),
        since,
        offset: Delta::ZERO,
        days: Vec::new(),
        version,
    }
}
