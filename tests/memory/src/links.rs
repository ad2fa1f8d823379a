//! Links: kept once, opened once, written to one at a time, settled by decision.

use std::collections::BTreeSet;

use domain::allocation::Allocation;
use domain::link::Link;
use domain::stock::Balance;
use domain::{ItemId, OrgId};
use ports::{Allot, Claim, Claimed, Finish, LinkChange, Moved, Opening, Result, Settlement, Written};

use crate::Memory;
use crate::ledger::{all_belong, belongs, moved};
use crate::state::{ItemRow, LinkRow};

fn row_of(link: &Link) -> LinkRow {
    LinkRow { link: link.clone(), opened: None, settled: None, allotted: None }
}

impl Memory {
    pub(crate) fn keep_link(&self, link: &Link) -> Result<Written> {
        let mut all = self.all();
        let rows = all.of(&link.org);
        if rows.links.contains_key(&link.id) {
            return Ok(Written::Raced);
        }
        if let Some(stores) = rows.items.get_mut(&link.item).and_then(|row| row.stores.as_mut()) {
            stores.insert(link.store.clone());
        }
        rows.links.insert(link.id.clone(), row_of(link));
        Ok(Written::Done)
    }

    pub(crate) fn claim_all(&self, claims: &[Claim]) -> Result<Vec<Claimed>> {
        let mut asked: BTreeSet<(&OrgId, &ItemId)> = BTreeSet::new();
        let claimed = |claim| {
            // Of two claims to one item in one call the second is looked at more closely.
            let first = asked.insert(of(claim));
            if first && self.claim_one(claim) { Claimed::Done } else { Claimed::Contested }
        };
        Ok(claims.iter().map(claimed).collect())
    }

    fn claim_one(&self, claim: &Claim) -> bool {
        let mut all = self.all();
        let Claim { variant, item, link } = claim;
        let rows = all.of(&link.org);
        let is_first = match rows.items.get(&item.id) {
            None => true,
            Some(row) => row.stores.as_ref().is_some_and(|stores| !stores.contains(&link.store)),
        };
        if !is_first || rows.links.contains_key(&link.id) {
            return false;
        }
        let Some(listed) = rows.store(&link.store).variants.get_mut(&variant.remote) else { return false };
        if listed.record.as_ref() != Some(variant) || listed.gone_at.is_some() {
            return false;
        }
        listed.item = Some(item.id.clone());
        let row = ItemRow { item: item.clone(), stores: Some(BTreeSet::new()) };
        let row = rows.items.entry(item.id.clone()).or_insert(row);
        row.stores.get_or_insert_default().insert(link.store.clone());
        rows.links.insert(link.id.clone(), row_of(link));
        true
    }

    pub(crate) fn open_link(&self, opening: &Opening) -> Result<Moved> {
        let entries = opening.entry.as_slice();
        belongs("ledger.open", &opening.org, &opening.item, entries, Some(&opening.change))?;
        let parts: Vec<_> = opening.parts.iter().map(|part| &part.item).collect();
        all_belong("ledger.open", &opening.org, &parts, &opening.of_parts, None)?;
        let mut all = self.all();
        let rows = all.of(&opening.org);
        let is_new = rows.are_new(entries);
        let fits = match opening.parts.as_slice() {
            [] => entries.is_empty() || rows.parts_of(&opening.item).is_empty(),
            parts => rows.parts_of(&opening.item) == parts && rows.are_new(&opening.of_parts),
        };
        let Some(row) = rows.links.get_mut(&opening.link) else { return Ok(Moved::Raced) };
        let link = &mut row.link;
        if link.version != opening.read || link.item != opening.item || link.explained.is_some() {
            return Ok(moved(row.opened.as_ref() == Some(&opening.change.id)));
        }
        if !fits {
            return Ok(Moved::Raced);
        }
        link.explained = Some(opening.level.level);
        link.seen = Some(opening.level);
        link.version += 1;
        row.opened = Some(opening.change.id.clone());
        // The entry may be booked already: the same cause counts once.
        if is_new {
            rows.enter(entries);
            rows.enter(&opening.of_parts);
            if let Some(voucher) = &opening.voucher {
                rows.document(voucher);
            }
        }
        rows.tell(&opening.change);
        Ok(Moved::Done)
    }

    pub(crate) fn note_link(&self, change: &LinkChange) -> Result<Moved> {
        let mut all = self.all();
        let Some(rows) = all.orgs.get_mut(&change.org) else { return Ok(Moved::Raced) };
        let Some(LinkRow { link, .. }) = rows.links.get_mut(&change.link) else { return Ok(Moved::Raced) };
        if link.version != change.read || (change.begin.is_some() && link.inflight.is_some()) {
            return Ok(moved(stands(change, link)));
        }
        if let Some(guard) = &change.guard {
            match rows.balances.get_mut(&guard.item) {
                Some(balance) if balance.version == guard.version => balance.version += 1,
                Some(_) | None => return Ok(Moved::Raced),
            }
        }
        if change.heard {
            link.heard = change.read + 1;
        }
        if let Some(margin) = change.margin {
            link.margin = Some(margin);
        }
        if let Some(begin) = &change.begin {
            link.inflight = Some(begin.clone());
        }
        if let Some(seen) = change.seen {
            link.seen = Some(seen);
        }
        if let Some(unexplained) = change.unexplained {
            link.unexplained = unexplained;
        }
        link.version += 1;
        Ok(Moved::Done)
    }

    pub(crate) fn allot_link(&self, allot: &Allot) -> Result<Moved> {
        belongs("ledger.allot", &allot.org, &allot.item, &[], Some(&allot.change))?;
        let mut all = self.all();
        let rows = all.of(&allot.org);
        let Some(LinkRow { link, allotted, .. }) = rows.links.get_mut(&allot.link) else {
            return Ok(Moved::Raced);
        };
        if link.version != allot.read || link.item != allot.item {
            return Ok(moved(allotted.as_ref() == Some(&allot.change.id)));
        }
        let divides = matches!(allot.allocation, Some(Allocation::Quota { .. }));
        let bundled = |balance: &Balance| !balance.parts.is_empty() || balance.used_in > 0;
        if divides && rows.balances.get(&allot.item).is_some_and(bundled) {
            return Ok(Moved::Raced);
        }
        link.allocation = allot.allocation;
        link.version += 1;
        *allotted = Some(allot.change.id.clone());
        let empty = || Balance::empty(allot.item.clone());
        let balance = rows.balances.entry(allot.item.clone()).or_insert_with(empty);
        balance.divided |= divides;
        balance.version += 1;
        rows.tell(&allot.change);
        Ok(Moved::Done)
    }

    pub(crate) fn end_write(&self, finish: &Finish) -> Result<Moved> {
        let mut all = self.all();
        let row = all.orgs.get_mut(&finish.org).and_then(|rows| rows.links.get_mut(&finish.link));
        let Some(LinkRow { link, .. }) = row else { return Ok(Moved::Raced) };
        if link.inflight.as_ref().is_none_or(|inflight| inflight.write != finish.write) {
            return Ok(Moved::Raced);
        }
        match link.explained {
            Some(explained) => link.explained = Some(explained.moved(finish.explained)),
            None if finish.explained.is_zero() => {}
            None => return Ok(Moved::Raced),
        }
        link.written = finish.written.or(link.written);
        link.seen = finish.seen.or(link.seen);
        link.inflight = None;
        link.version += 1;
        Ok(Moved::Done)
    }

    pub(crate) fn settle_link(&self, settlement: &Settlement) -> Result<Moved> {
        let entries = settlement.entry.as_slice();
        let mut all = self.all();
        let rows = all.of(&settlement.org);
        let is_new = rows.are_new(entries);
        let Some(row) = rows.links.get_mut(&settlement.link) else { return Ok(Moved::Raced) };
        let item = row.link.item.clone();
        belongs("ledger.settle", &settlement.org, &item, &[], Some(&settlement.change))?;
        let link = &mut row.link;
        let fits = link.version == settlement.read
            && link.inflight.is_none()
            && is_new
            && entries.iter().all(|entry| entry.item == item);
        let (true, Some(explained)) = (fits, link.explained) else {
            let earlier = row.settled.as_ref() == Some(&settlement.change.id);
            return Ok(moved(earlier && row.link.version > settlement.read));
        };
        link.explained = Some(explained.moved(settlement.explained));
        link.unexplained = None;
        link.version += 1;
        row.settled = Some(settlement.change.id.clone());
        rows.enter(entries);
        if let Some(voucher) = &settlement.voucher {
            rows.document(voucher);
        }
        rows.tell(&settlement.change);
        Ok(Moved::Done)
    }
}

fn of(claim: &Claim) -> (&OrgId, &ItemId) {
    (&claim.link.org, &claim.item.id)
}

/// Whether the link stands as this very change left it: then an earlier call made it.
fn stands(change: &LinkChange, link: &Link) -> bool {
    link.version == change.read + 1
        && change.begin.as_ref().is_none_or(|begin| link.inflight.as_ref() == Some(begin))
        && change.seen.is_none_or(|seen| link.seen == Some(seen))
        && change.unexplained.is_none_or(|unexplained| link.unexplained == unexplained)
        && change.margin.is_none_or(|margin| link.margin == Some(margin))
        && (!change.heard || link.heard == link.version)
}
