//! Orders: their fence decides what is booked, and each effect is booked once.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use domain::order::{Buyer, Fence};
use domain::{ItemId, LinkId, OrderId, OrgId};
use ports::{BookedEffect, Contain, Fenced, Moved, Movement, OrderRecord, Result};

use crate::Memory;
use crate::ledger::{all_belong, moved};
use crate::state::{OrderRow, Rows, Waits};

/// What the state that stands says about the one that came; nothing if it is to be stored.
fn compare(standing: &OrderRecord, record: &OrderRecord, fetched: bool) -> Option<Fenced> {
    match record.order.fence.cmp(&standing.order.fence) {
        Ordering::Greater => None,
        Ordering::Less => Some(Fenced::Older),
        Ordering::Equal if standing.digest == record.digest => {
            Some(Fenced::Same { applied: standing.applied })
        }
        Ordering::Equal if fetched => None,
        Ordering::Equal => Some(Fenced::Clash),
    }
}

/// Whether an effect may follow: its state stands, and the effect that was read is the one that stands.
fn follows(rows: &Rows, order: &OrderId, state: (&Fence, &str), link: &LinkId, read: u64) -> bool {
    rows.orders.get(order).is_some_and(|row| {
        let stands = row.stands(state.0) && row.record.digest == state.1;
        stands && row.effects.get(link).map_or(0, |effect| effect.version) == read
    })
}

fn stands(rows: &Rows, order: &OrderId, effect: &BookedEffect) -> Moved {
    let standing = rows.orders.get(order).and_then(|row| row.effects.get(&effect.link));
    moved(standing == Some(effect))
}

impl Memory {
    pub(crate) fn fence_order(
        &self,
        record: &OrderRecord,
        items: &[ItemId],
        fetched: bool,
    ) -> Result<Fenced> {
        let mut all = self.all();
        let rows = all.of(&record.org);
        let standing = rows.orders.get(&record.id);
        if let Some(answer) = standing.and_then(|row| compare(&row.record, record, fetched)) {
            return Ok(answer);
        }
        let since = standing.and_then(|row| row.waits_since).unwrap_or(record.seen_at);
        let items: BTreeSet<&ItemId> = items.iter().collect();
        let items = items.into_iter().cloned().collect();
        rows.waiting.insert((since, record.id.clone()), Waits { store: record.store.clone(), items });
        let record = OrderRecord { applied: false, ..record.clone() };
        match rows.orders.get_mut(&record.id) {
            Some(row) => {
                row.record = record;
                row.waits_since = Some(since);
            }
            None => {
                let id = record.id.clone();
                let row = OrderRow { record, waits_since: Some(since), effects: BTreeMap::new() };
                rows.orders.insert(id, row);
            }
        }
        Ok(Fenced::Newer)
    }

    pub(crate) fn which_are_booked(&self, records: &[OrderRecord]) -> Result<Vec<bool>> {
        let all = self.all();
        let is_booked = |record: &OrderRecord| {
            let row = all.orgs.get(&record.org).and_then(|rows| rows.orders.get(&record.id));
            let answer = row.and_then(|row| compare(&row.record, record, false));
            matches!(answer, Some(Fenced::Older | Fenced::Same { applied: true }))
        };
        Ok(records.iter().map(is_booked).collect())
    }

    pub(crate) fn forget_buyer(&self, org: &OrgId, order: &OrderId) {
        let mut all = self.all();
        if let Some(row) = all.orgs.get_mut(org).and_then(|rows| rows.orders.get_mut(order)) {
            row.record.order.buyer =
                Buyer { customer: None, name: String::new(), email: None, country: None };
        }
    }

    pub(crate) fn order_applied(
        &self,
        org: &OrgId,
        order: &OrderId,
        fence: &Fence,
        digest: &str,
    ) -> Result<Moved> {
        let mut all = self.all();
        let Some(rows) = all.orgs.get_mut(org) else { return Ok(Moved::Raced) };
        // A state that was read afresh may have replaced other content of an equal fence.
        let stands = |row: &&mut OrderRow| row.stands(fence) && row.record.digest == digest;
        let Some(row) = rows.orders.get_mut(order).filter(stands) else { return Ok(Moved::Raced) };
        row.record.applied = true;
        if let Some(since) = row.waits_since.take() {
            rows.waiting.remove(&(since, order.clone()));
        }
        Ok(Moved::Done)
    }

    pub(crate) fn book_movement(&self, movement: &Movement) -> Result<Moved> {
        let Movement { org, order, fence, digest, link, item, read, .. } = movement;
        let parts: Vec<&ItemId> = movement.parts.iter().map(|part| &part.item).collect();
        let items = if parts.is_empty() { vec![item] } else { parts };
        all_belong("ledger.book", org, &items, &movement.entries, movement.change.as_ref())?;
        let effect = BookedEffect {
            link: link.clone(),
            item: item.clone(),
            effect: movement.effect,
            location: movement.location.clone(),
            parts: movement.parts.clone(),
            version: read + 1,
        };
        let mut all = self.all();
        let rows = all.of(org);
        let explained = rows
            .links
            .get(link)
            .filter(|row| row.link.item == *item)
            .and_then(|row| row.link.explained)
            .filter(|_| {
                let moves_none = movement.parts.is_empty() && movement.entries.is_empty();
                let fits = !movement.chosen || moves_none || rows.parts_of(item) == movement.parts;
                fits && follows(rows, order, (fence, digest), link, *read) && rows.are_new(&movement.entries)
            });
        let Some(explained) = explained else { return Ok(stands(rows, order, &effect)) };
        let moves = !movement.explained.is_zero() || !movement.sold.is_zero();
        if let Some(row) = rows.links.get_mut(link).filter(|_| moves) {
            row.link.explained = Some(explained.moved(movement.explained));
            row.link.sold = row.link.sold + movement.sold;
            row.link.version += 1;
        }
        if let Some(row) = rows.orders.get_mut(order) {
            row.effects.insert(link.clone(), effect);
        }
        rows.enter(&movement.entries);
        rows.document(&movement.voucher);
        if let Some(change) = &movement.change {
            rows.tell(change);
        }
        Ok(Moved::Done)
    }

    pub(crate) fn contain_effect(&self, contain: &Contain) -> Result<Moved> {
        let Contain { org, order, fence, digest, link, item, read, .. } = contain;
        let effect = BookedEffect {
            link: link.clone(),
            item: item.clone(),
            effect: contain.effect,
            location: contain.location.clone(),
            parts: contain.parts.clone(),
            version: read + 1,
        };
        let mut all = self.all();
        let rows = all.of(org);
        let fits = follows(rows, order, (fence, digest), link, *read)
            && (!contain.chosen || rows.parts_of(item) == contain.parts);
        let waits = |row: &&mut crate::state::LinkRow| row.link.item == *item && row.link.explained.is_none();
        match rows.links.get_mut(link).filter(waits) {
            // The link's version moves, so that an opening that was computed without these units is refused.
            Some(row) if fits => row.link.version += 1,
            _ => return Ok(stands(rows, order, &effect)),
        }
        if let Some(row) = rows.orders.get_mut(order) {
            row.effects.insert(link.clone(), effect);
        }
        rows.balance_of(item).version += 1;
        rows.document(&contain.voucher);
        let owed = rows.owed.entry(link.clone()).or_default();
        *owed = *owed + contain.owed;
        Ok(Moved::Done)
    }
}
