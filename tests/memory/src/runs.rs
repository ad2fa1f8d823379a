//! Runs and the cursors of incremental reading.

use async_trait::async_trait;
use domain::run::{Run, Stream};
use domain::{OrgId, RunId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Page, Result, Runs, Written};

use crate::Memory;
use crate::pages::{page, sorts};

#[async_trait]
impl Runs for Memory {
    async fn put_run(&self, run: &Run) -> Result<Written> {
        let mut all = self.all();
        let runs = &mut all.of(&run.org).runs;
        let new = Run { version: run.version + 1, ..run.clone() };
        let raced = match runs.get(&run.id) {
            None => run.version > 0,
            // The very same run, unchanged since: an earlier call wrote it.
            Some(standing) if run.version == 0 => return Ok(same(*standing == new)),
            Some(standing) => standing.version != run.version,
        };
        if raced {
            return Ok(Written::Raced);
        }
        runs.insert(run.id.clone(), new);
        Ok(Written::Done)
    }

    async fn run(&self, org: &OrgId, run: &RunId) -> Result<Option<Run>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.runs.get(run)).cloned())
    }

    async fn runs(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Run>> {
        let all = self.all();
        let rows = all.orgs.get(org).map(|rows| &rows.runs);
        let rows = rows.into_iter().flat_map(|runs| runs.values()).filter(|run| run.store == *store);
        let rows = rows.map(|run| (format!("{}#{}", sorts(run.started_at), run.id), run.clone())).collect();
        page(&format!("runs {org} {store}"), rows, true, ask)
    }

    async fn read_until(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<Option<Timestamp>> {
        let all = self.all();
        let of = all.orgs.get(org).and_then(|rows| rows.of_store.get(store));
        Ok(of.and_then(|of| of.read_until.get(&stream).copied()))
    }

    async fn set_read_until(
        &self,
        org: &OrgId,
        store: &StoreId,
        stream: Stream,
        until: Timestamp,
    ) -> Result<()> {
        let mut all = self.all();
        let read = all.of(org).store(store).read_until.entry(stream).or_insert(until);
        *read = until.max(*read);
        Ok(())
    }
}

fn same(same: bool) -> Written {
    if same { Written::Done } else { Written::Raced }
}
