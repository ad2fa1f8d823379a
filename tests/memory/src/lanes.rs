//! Lanes: work by urgency and due time, the lease, the rest.

use async_trait::async_trait;
use domain::work::LaneWork;
use domain::{OrgId, StoreId};
use jiff::Timestamp;
use ports::{Lanes, Lease, Result, Written};

use crate::Memory;

#[async_trait]
impl Lanes for Memory {
    async fn put(&self, work: &LaneWork) -> Result<()> {
        let mut all = self.all();
        all.generations += 1 << 20;
        let generation = all.generations;
        let lane = all.of(&work.org).store(&work.store);
        let new = match lane.work.get(&work.task) {
            None => LaneWork { generation, attempts: 0, ..work.clone() },
            Some(before) => {
                lane.line.remove(&(before.priority, before.due, before.task.clone()));
                LaneWork {
                    due: before.due.min(work.due),
                    since: before.since.min(work.since),
                    generation: before.generation + 1,
                    attempts: 0,
                    ..work.clone()
                }
            }
        };
        lane.line.insert((new.priority, new.due, new.task.clone()));
        lane.work.insert(new.task.clone(), new);
        Ok(())
    }

    async fn due(&self, org: &OrgId, store: &StoreId, now: Timestamp, limit: u32) -> Result<Vec<LaneWork>> {
        let all = self.all();
        let Some(lane) = all.orgs.get(org).and_then(|rows| rows.of_store.get(store)) else {
            return Ok(Vec::new());
        };
        let due = lane.line.iter().filter(|(_, due, _)| *due <= now);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(due.take(limit).filter_map(|(_, _, task)| lane.work.get(task).cloned()).collect())
    }

    async fn next_due(&self, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>> {
        let all = self.all();
        let lane = all.orgs.get(org).and_then(|rows| rows.of_store.get(store));
        Ok(lane.and_then(|lane| lane.line.iter().map(|(_, due, _)| *due).min()))
    }

    async fn done(&self, work: &LaneWork) -> Result<Written> {
        let mut all = self.all();
        let lane = all.of(&work.org).store(&work.store);
        let Some(standing) = lane.work.get(&work.task) else { return Ok(Written::Done) };
        if standing.generation != work.generation {
            return Ok(Written::Raced);
        }
        lane.line.remove(&(standing.priority, standing.due, standing.task.clone()));
        lane.work.remove(&work.task);
        Ok(Written::Done)
    }

    async fn defer(&self, work: &LaneWork) -> Result<Written> {
        let mut all = self.all();
        let lane = all.of(&work.org).store(&work.store);
        let standing = lane.work.get_mut(&work.task).filter(|one| one.generation == work.generation);
        let Some(standing) = standing else { return Ok(Written::Raced) };
        lane.line.remove(&(standing.priority, standing.due, standing.task.clone()));
        standing.due = work.due;
        standing.attempts = work.attempts;
        lane.line.insert((standing.priority, standing.due, standing.task.clone()));
        Ok(Written::Done)
    }

    async fn lease(
        &self,
        org: &OrgId,
        store: &StoreId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        let mut all = self.all();
        let (token, held) = &mut all.of(org).store(store).lease;
        if held.is_some_and(|held| held > now) {
            return Ok(None);
        }
        *token += 1;
        *held = Some(until);
        Ok(Some(Lease { org: org.clone(), store: store.clone(), token: *token, until }))
    }

    async fn extend(&self, lease: &Lease, until: Timestamp) -> Result<Written> {
        let mut all = self.all();
        let (token, held) = &mut all.of(&lease.org).store(&lease.store).lease;
        if *token != lease.token {
            return Ok(Written::Raced);
        }
        *held = Some(until);
        Ok(Written::Done)
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        let mut all = self.all();
        let (token, held) = &mut all.of(&lease.org).store(&lease.store).lease;
        if *token == lease.token {
            *held = None;
        }
        Ok(())
    }

    async fn break_lease(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        let mut all = self.all();
        let (token, held) = &mut all.of(org).store(store).lease;
        *token += 1;
        *held = None;
        Ok(())
    }

    async fn rest(&self, org: &OrgId, store: &StoreId, until: Timestamp) -> Result<()> {
        let mut all = self.all();
        let rest = &mut all.of(org).store(store).rest;
        *rest = (*rest).max(Some(until));
        Ok(())
    }

    async fn resting(&self, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.of_store.get(store)).and_then(|lane| lane.rest))
    }
}
