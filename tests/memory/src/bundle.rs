//! Bundles: the parts stand on the bundle's balance, and each part's balance counts the bundles it is used in.

use domain::bundle::Part;
use domain::link::Link;
use domain::stock::Balance;
use domain::{ItemId, OrgId};
use ports::{Compose, Moved, Result};

use crate::Memory;
use crate::ledger::belongs;
use crate::state::Rows;

impl Rows {
    pub(crate) fn balance_of(&mut self, item: &ItemId) -> &mut Balance {
        self.balances.entry(item.clone()).or_insert_with(|| Balance::empty(item.clone()))
    }

    fn version_of(&self, item: &ItemId) -> u64 {
        self.balances.get(item).map_or(0, |balance| balance.version)
    }

    /// The parts of an item as they stand; none of an ordinary one.
    pub(crate) fn parts_of(&self, item: &ItemId) -> &[Part] {
        self.balances.get(item).map_or(&[], |balance| &balance.parts)
    }

    fn bundles_of(&self, item: &ItemId) -> Vec<ItemId> {
        let has = |balance: &&Balance| balance.parts.iter().any(|part| part.item == *item);
        self.balances.values().filter(has).map(|balance| balance.item.clone()).collect()
    }
}

impl Memory {
    pub(crate) fn compose_bundle(&self, compose: &Compose) -> Result<Moved> {
        let Compose { org, item, read, parts, added, removed, change } = compose;
        belongs("ledger.compose", org, item, &[], Some(change))?;
        let mut all = self.all();
        let rows = all.of(org);
        let fits = rows.version_of(item) == *read
            && added.iter().all(|part| rows.version_of(&part.item) == part.version);
        if !fits {
            return Ok(Moved::Raced);
        }
        let bundle = rows.balance_of(item);
        bundle.parts.clone_from(parts);
        bundle.version += 1;
        for part in added {
            let part = rows.balance_of(&part.item);
            part.used_in += 1;
            part.version += 1;
        }
        for part in removed {
            let part = rows.balance_of(part);
            part.used_in -= 1;
            part.version += 1;
        }
        rows.tell(change);
        Ok(Moved::Done)
    }

    pub(crate) fn bundles_with(&self, org: &OrgId, item: &ItemId) -> Vec<ItemId> {
        let all = self.all();
        all.orgs.get(org).map(|rows| rows.bundles_of(item)).unwrap_or_default()
    }

    pub(crate) fn all_followers(&self, org: &OrgId, item: &ItemId) -> Vec<Link> {
        let all = self.all();
        let Some(rows) = all.orgs.get(org) else { return Vec::new() };
        let mut items = vec![item.clone()];
        if rows.balances.get(item).is_some_and(|balance| balance.used_in > 0) {
            items.extend(rows.bundles_of(item));
        }
        let links = |item: &ItemId| {
            let links = rows.links.values().filter(|row| row.link.item == *item);
            links.map(|row| row.link.clone()).collect::<Vec<_>>()
        };
        items.iter().flat_map(links).collect()
    }
}
