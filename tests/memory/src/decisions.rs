//! What merchants decided about their numbers, and which numbers are being raised.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::rules::{Authority, Rules};
use domain::{ItemId, LinkId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Decisions, OwnAuthority, Page, RAISES_TOGETHER, Result, Written};

use crate::Memory;
use crate::pages::page;

#[async_trait]
impl Decisions for Memory {
    async fn rules(&self, org: &OrgId) -> Result<Option<Rules>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.rules.clone()))
    }

    async fn put_rules(&self, rules: &Rules) -> Result<Written> {
        let mut all = self.all();
        let rows = all.of(&rules.org);
        if rows.rules.as_ref().map_or(0, |standing| standing.version) != rules.version {
            return Ok(Written::Raced);
        }
        rows.rules = Some(Rules { version: rules.version + 1, ..rules.clone() });
        Ok(Written::Done)
    }

    async fn own_authority(&self, org: &OrgId, item: &ItemId) -> Result<Option<Authority>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.authorities.get(item)).cloned())
    }

    async fn set_own_authority(
        &self,
        org: &OrgId,
        item: &ItemId,
        authority: Option<&Authority>,
    ) -> Result<()> {
        let mut all = self.all();
        let authorities = &mut all.of(org).authorities;
        match authority {
            None => authorities.remove(item),
            Some(authority) => authorities.insert(item.clone(), authority.clone()),
        };
        Ok(())
    }

    async fn own_authorities(&self, org: &OrgId, ask: &Ask) -> Result<Page<OwnAuthority>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| &rows.authorities);
        let rows = rows.map(|(item, authority)| {
            (item.to_string(), OwnAuthority { item: item.clone(), authority: authority.clone() })
        });
        page(&format!("authorities {org}"), rows.collect(), false, ask)
    }

    async fn note_raises(
        &self,
        org: &OrgId,
        store: &StoreId,
        links: &[LinkId],
        now: Timestamp,
        since: Timestamp,
    ) -> Result<u64> {
        if links.is_empty() {
            return Ok(0);
        }
        let slice = |at: Timestamp| at.as_second().div_euclid(RAISES_TOGETHER);
        let mut all = self.all();
        let raises = all.of(org).raises.entry(store.clone()).or_default();
        raises.extend(links.iter().map(|link| (slice(now), link.clone())));
        raises.retain(|(at, _)| *at >= slice(since));
        let different: BTreeSet<&LinkId> = raises.iter().map(|(_, link)| link).collect();
        Ok(different.len() as u64)
    }
}
