//! Writes beside the books: what came of those that were sent, and those that were only worked out.

use async_trait::async_trait;
use domain::{LinkId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{
    Ask, Page, Propagation, Rehearsal, RehearsedWrite, Result, Shadow, Shadowing, Trials, WriteNote, Written,
};

use crate::Memory;
use crate::pages::page;

#[async_trait]
impl Trials for Memory {
    async fn note_write(&self, note: &WriteNote) -> Result<()> {
        let mut all = self.all();
        let writes = all.of(&note.org).writes.entry(note.link.clone()).or_default();
        writes.insert(note.write.clone(), note.clone());
        Ok(())
    }

    async fn writes(&self, org: &OrgId, link: &LinkId, ask: &Ask) -> Result<Page<WriteNote>> {
        let all = self.all();
        let rows = all.orgs.get(org).and_then(|rows| rows.writes.get(link));
        let rows = rows.into_iter().flatten().map(|(write, note)| (write.to_string(), note.clone()));
        page(&format!("writes {org} {link}"), rows.collect(), true, ask)
    }

    async fn propagations(&self, org: &OrgId, store: &StoreId, limit: u32) -> Result<Vec<Propagation>> {
        let all = self.all();
        let of = all.orgs.get(org).and_then(|rows| rows.of_store.get(store));
        let mut latest: Vec<(Timestamp, u64)> = of.map(|of| of.latencies.clone()).unwrap_or_default();
        latest.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(latest.into_iter().take(limit).map(|(at, millis)| Propagation { at, millis }).collect())
    }

    async fn put_rehearsal(&self, rehearsal: &Rehearsal, parts: &[Vec<RehearsedWrite>]) -> Result<()> {
        let mut all = self.all();
        let place = (rehearsal.store.clone(), rehearsal.digest.clone());
        all.of(&rehearsal.org).rehearsals.insert(place, (rehearsal.clone(), parts.to_vec()));
        Ok(())
    }

    async fn rehearsal(&self, org: &OrgId, store: &StoreId, digest: &str) -> Result<Option<Rehearsal>> {
        let all = self.all();
        let place = (store.clone(), digest.to_owned());
        let found = all.orgs.get(org).and_then(|rows| rows.rehearsals.get(&place));
        Ok(found.map(|(rehearsal, _)| rehearsal.clone()))
    }

    async fn rehearsals(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Rehearsal>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.rehearsals.values());
        let mut found: Vec<Rehearsal> =
            rows.filter(|(one, _)| one.store == *store).map(|(one, _)| one.clone()).collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.at));
        Ok(found)
    }

    async fn rehearsed(
        &self,
        org: &OrgId,
        store: &StoreId,
        digest: &str,
        part: u32,
    ) -> Result<Vec<RehearsedWrite>> {
        let all = self.all();
        let place = (store.clone(), digest.to_owned());
        let found = all.orgs.get(org).and_then(|rows| rows.rehearsals.get(&place));
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        Ok(found.and_then(|(_, parts)| parts.get(part)).cloned().unwrap_or_default())
    }

    async fn put_shadowing(&self, org: &OrgId, store: &StoreId, shadowing: &Shadowing) -> Result<()> {
        self.all().of(org).shadowing.insert(store.clone(), shadowing.clone());
        Ok(())
    }

    async fn shadowing(&self, org: &OrgId, store: &StoreId) -> Result<Option<Shadowing>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.shadowing.get(store)).cloned())
    }

    async fn put_shadow(&self, shadow: &Shadow) -> Result<Written> {
        let mut all = self.all();
        let shadows = &mut all.of(&shadow.org).shadows;
        let place = (shadow.store.clone(), shadow.link.clone());
        if shadows.get(&place).map_or(0, |standing| standing.version) != shadow.version {
            return Ok(Written::Raced);
        }
        shadows.insert(place, Shadow { version: shadow.version + 1, ..shadow.clone() });
        Ok(Written::Done)
    }

    async fn shadow(&self, org: &OrgId, store: &StoreId, link: &LinkId) -> Result<Option<Shadow>> {
        let all = self.all();
        Ok(all.orgs.get(org).and_then(|rows| rows.shadows.get(&(store.clone(), link.clone()))).cloned())
    }

    async fn shadows(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Shadow>> {
        let all = self.all();
        let rows = all.orgs.get(org).into_iter().flat_map(|rows| rows.shadows.values());
        let rows = rows.filter(|shadow| shadow.store == *store);
        let rows = rows.map(|shadow| (shadow.link.to_string(), shadow.clone())).collect();
        page(&format!("shadows {org} {store}"), rows, false, ask)
    }
}
