//! Starting runs, what follows them, and how far they are.

use std::sync::Arc;
use std::time::Duration;

use domain::run::{Extent, Run, RunState, Stream};
use domain::store::{Phase, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{OrgId, RunId, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, Dice};
use ports::{Ask, Runs, Written};
use serde::Serialize;

use crate::dispatch::Dispatch;
use crate::{HubError, Outside, Result};

/// How often a store is read whole.
const DAILY: SignedDuration = SignedDuration::from_hours(24);

/// Starting runs.
#[derive(Clone)]
pub struct Sync {
    runs: Arc<dyn Runs>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    dispatch: Dispatch,
}

/// How far a run is, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Progress {
    /// Records seen per second since it began, in tenths.
    pub per_second_tenths: u64,
    /// Seconds it will still take at this rate.
    pub eta_seconds: Option<u64>,
    /// How much is seen, of 100; never 100 before it is complete.
    pub percent: Option<u64>,
}

impl Sync {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            runs: Arc::clone(&outside.runs),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Starts a run, or returns the one of the same kind that is under way.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn start(&self, store: &Store, stream: Stream, extent: Extent) -> Result<Run> {
        let run = match self.under_way(store, stream, extent).await? {
            Some(run) => run,
            None => {
                let run = self.run(store, stream, extent);
                self.runs.put_run(&run).await?;
                run
            }
        };
        let verb = Verb::Page { run: run.id.clone() };
        let work = LaneWork::new(&store.org, &store.id, Priority::Full, verb, self.clock.now());
        self.dispatch.work(&[work]).await?;
        Ok(run)
    }

    /// Goes on with a reading of changes as a run, which keeps its place: from a cursor, after a wait. Its beginning is
    /// the time up to which all changes are read once it has ended. One that is under way already goes on alone.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn go_on(
        &self,
        store: &Store,
        stream: Stream,
        (since, reached): (Timestamp, Option<Timestamp>),
        (cursor, wait): (String, Duration),
    ) -> Result<()> {
        let now = self.clock.now();
        let run = match self.under_way(store, stream, Extent::Incremental).await? {
            Some(run) => run,
            None => {
                let mut run = self.run(store, stream, Extent::Incremental);
                run.since = Some(since);
                run.cursor = Some(cursor);
                run.started_at = reached.unwrap_or(now);
                self.runs.put_run(&run).await?;
                run
            }
        };
        let due = now + SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_secs(60));
        let verb = Verb::Page { run: run.id };
        let work = LaneWork::new(&store.org, &store.id, Priority::Incremental, verb, now).at(due);
        self.dispatch.work(&[work]).await
    }

    async fn under_way(&self, store: &Store, stream: Stream, extent: Extent) -> Result<Option<Run>> {
        let page = self.runs.runs(&store.org, &store.id, &Ask::first(50)).await?;
        let is_it =
            |run: &Run| run.state == RunState::Running && run.stream == stream && run.extent == extent;
        Ok(page.items.into_iter().find(is_it))
    }

    /// A run that begins now.
    fn run(&self, store: &Store, stream: Stream, extent: Extent) -> Run {
        let now = self.clock.now();
        Run {
            id: RunId::make(now, self.dice.ten()),
            org: store.org.clone(),
            store: store.id.clone(),
            stream,
            extent,
            state: RunState::Running,
            done: 0,
            expected: None,
            pages: 0,
            cursor: None,
            since: None,
            passes: 0,
            message: None,
            started_at: now,
            updated_at: now,
            finished_at: None,
            version: 0,
        }
    }

    /// What follows a completed run of a store: a store that joins reads its orders after its catalogue, then
    /// its customers, and then takes its numbers into the books.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn after(&self, store: &Store, stream: Stream) -> Result<()> {
        match stream {
            Stream::Catalog if store.phase == Phase::Joining => {
                self.start(store, Stream::Orders, Extent::Full).await?;
            }
            Stream::Orders => {
                if store.phase == Phase::Joining {
                    self.start(store, Stream::Customers, Extent::Full).await?;
                }
                let now = self.clock.now();
                let baseline =
                    LaneWork::new(&store.org, &store.id, Priority::Incremental, Verb::Baseline, now);
                let verb = Verb::Missing { after: None };
                let missing = LaneWork::new(&store.org, &store.id, Priority::Full, verb, now);
                self.dispatch.work(&[baseline, missing]).await?;
            }
            Stream::Catalog | Stream::Customers => {}
        }
        Ok(())
    }

    /// Reads a store whole again if that was not begun for a day: what no message told and no reading of changes
    /// shows, such as what was deleted, is found so.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn reconcile(&self, store: &Store) -> Result<()> {
        if store.phase == Phase::Joining {
            return Ok(());
        }
        let runs = self.runs.runs(&store.org, &store.id, &Ask::first(50)).await?.items;
        let since = self.clock.now() - DAILY;
        for stream in [Stream::Catalog, Stream::Orders] {
            let fresh = runs
                .iter()
                .any(|run| run.stream == stream && run.extent == Extent::Full && run.started_at > since);
            if !fresh {
                self.start(store, stream, Extent::Full).await?;
            }
        }
        Ok(())
    }

    /// Reads what changed in a stream, now.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn tick(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<()> {
        let work = LaneWork::new(org, store, Priority::Incremental, Verb::Pull { stream }, self.clock.now());
        self.dispatch.work(&[work]).await
    }

    /// Stops a run where it is.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such run, [`HubError::Conflict`] if it has ended.
    pub async fn cancel(&self, org: &OrgId, id: &RunId) -> Result<Run> {
        for _ in 0..5 {
            let mut run = self.runs.run(org, id).await?.ok_or_else(|| HubError::not_found("run", id))?;
            if run.state != RunState::Running {
                return Err(HubError::Conflict(format!("the run has ended already: {:?}", run.state)));
            }
            run.state = RunState::Cancelled;
            run.updated_at = self.clock.now();
            run.finished_at = Some(run.updated_at);
            if self.runs.put_run(&run).await? == Written::Done {
                return Ok(run);
            }
        }
        Err(HubError::Conflict("the run moves too fast to be stopped just now: try again".into()))
    }

    /// How far a run is.
    #[must_use]
    pub fn progress(&self, run: &Run) -> Progress {
        let until = run.finished_at.unwrap_or_else(|| self.clock.now());
        progress(run, until.duration_since(run.started_at))
    }
}

fn progress(run: &Run, took: SignedDuration) -> Progress {
    let millis = u64::try_from(took.as_millis()).unwrap_or(0).max(1);
    let per_second_tenths = run.done.saturating_mul(10_000) / millis;
    let left = run.expected.map(|expected| expected.saturating_sub(run.done));
    let running = run.state == RunState::Running;
    let eta_seconds = left
        .filter(|_| running && per_second_tenths > 0)
        .map(|left| left.saturating_mul(10).div_ceil(per_second_tenths));
    let percent = run.expected.map(|expected| {
        let seen = run.done.saturating_mul(100).checked_div(expected).unwrap_or(100);
        if run.state == RunState::Completed { 100 } else { seen.min(99) }
    });
    Progress { per_second_tenths, eta_seconds, percent }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(done: u64, expected: Option<u64>, state: RunState) -> Run {
        Run {
            id: RunId::derive(&["r"]),
            org: OrgId::derive(&["o"]),
            store: StoreId::derive(&["s"]),
            stream: Stream::Catalog,
            extent: Extent::Full,
            state,
            done,
            expected,
            pages: 1,
            cursor: None,
            since: None,
            passes: 0,
            message: None,
            started_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            finished_at: None,
            version: 1,
        }
    }

    #[test]
    fn progress_says_how_long_it_still_takes() {
        let half = progress(&run(100, Some(200), RunState::Running), SignedDuration::from_secs(10));
        assert_eq!(half, Progress { per_second_tenths: 100, eta_seconds: Some(10), percent: Some(50) });
        let all = progress(&run(200, Some(200), RunState::Running), SignedDuration::from_secs(10));
        assert_eq!(all.percent, Some(99));
        let done = progress(&run(200, Some(200), RunState::Completed), SignedDuration::from_secs(10));
        assert_eq!((done.percent, done.eta_seconds), (Some(100), None));
        let start = progress(&run(0, None, RunState::Running), SignedDuration::ZERO);
        assert_eq!((start.percent, start.eta_seconds), (None, None));
    }
}
