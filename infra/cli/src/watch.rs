//! Waiting: for runs to end, and for a store to join.

use std::time::Duration;

use serde_json::Value;

use crate::hub::{Hub, read};
use crate::progress::{Board, Step};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::{RunState, RunView, StoreView};
use crate::words::quoted;

/// How often the hub is asked.
const EVERY: Duration = Duration::from_secs(1);
/// How many times in a row nobody may answer: a hub that is started anew goes on where it was.
const SILENCES: u32 = 30;

/// A run that is waited for.
pub(crate) struct Watched {
    /// The store's name.
    pub(crate) store: String,
    pub(crate) run: RunView,
    /// The run as answered.
    pub(crate) value: Value,
}

/// Keeps asking while nobody answers, for a while.
struct Asking<'h, 'a> {
    hub: &'h Hub<'a>,
    silences: u32,
}

impl Asking<'_, '_> {
    /// What the hub answers; nothing if it did not answer just now.
    async fn get(&mut self, path: &[&str]) -> Result<Option<Value>> {
        match self.hub.get(path).await {
            Ok(value) => {
                self.silences = 0;
                Ok(Some(value))
            }
            Err(trouble) if trouble.is_passing() && self.silences < SILENCES => {
                self.silences += 1;
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }
}

/// Waits until all runs have ended, showing how far they are.
///
/// # Errors
/// If one of them failed or was cancelled; the others are waited for all the same.
pub(crate) async fn runs(hub: &Hub<'_>, page: &mut Page<'_, '_>, watched: &mut [Watched]) -> Result<()> {
    let mut board = Board::new(page);
    let mut asking = Asking { hub, silences: 0 };
    loop {
        for one in watched.iter() {
            let label = format!("{} {}", one.store, one.run.stream);
            board.show(page, &one.run.id, &Step::of_run(&label, &one.run))?;
        }
        if watched.iter().all(|one| one.run.state != RunState::Running) {
            break;
        }
        tokio::time::sleep(EVERY).await;
        for one in watched.iter_mut().filter(|one| one.run.state == RunState::Running) {
            if let Some(value) = asking.get(&["runs", &one.run.id]).await? {
                one.run = read(&value)?;
                one.value = value;
            }
        }
    }
    let mut failures = watched.iter().filter_map(|one| failure(&one.store, &one.run));
    let Some(first) = failures.next() else { return Ok(()) };
    for trouble in failures {
        for line in trouble.lines() {
            page.complain(line)?;
        }
    }
    Err(first)
}

/// What is wrong with a run that did not complete.
fn failure(store: &str, run: &RunView) -> Option<Trouble> {
    let how = match run.state {
        RunState::Running | RunState::Completed => return None,
        RunState::Failed => "failed",
        RunState::Cancelled => "was cancelled",
    };
    let why = run.message.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let next = format!("storeloom sync {} --stream {} --wait", quoted(store), run.stream);
    Some(Trouble::new(format!("the {} run of {store} {how}{why}", run.stream)).next(next))
}

/// Waits until a store has joined, showing how far its reading is.
///
/// # Errors
/// If a reading failed, or the store is not called any more.
pub(crate) async fn joined(hub: &Hub<'_>, page: &mut Page<'_, '_>, id: &str) -> Result<StoreView> {
    let mut board = Board::new(page);
    let mut asking = Asking { hub, silences: 0 };
    loop {
        if let Some(value) = asking.get(&["stores", id]).await? {
            let view: StoreView = read(&value)?;
            show(page, &mut board, &view)?;
            if !view.store.is_joining() {
                return Ok(view);
            }
            stopped(&view)?;
        }
        tokio::time::sleep(EVERY).await;
    }
}

fn show(page: &mut Page<'_, '_>, board: &mut Board, view: &StoreView) -> Result<()> {
    let name = &view.store.name;
    for run in &view.runs {
        board.show(page, &run.id, &Step::of_run(&format!("{name} {}", run.stream), run))?;
    }
    let read = !view.runs.is_empty() && view.runs.iter().all(|run| run.state == RunState::Completed);
    let links = view.agreement.links + view.agreement.joining;
    let joined = !view.store.is_joining();
    if joined || read && links > 0 {
        let label = format!("{name} numbers in the books");
        let note = if joined { "joined".to_owned() } else { String::new() };
        let done = view.agreement.links;
        board.show(page, "books", &Step { label, done, expected: Some(links), note, ended: joined })?;
    }
    Ok(())
}

/// A store that joins and does not get on by itself.
fn stopped(view: &StoreView) -> Result<()> {
    let store = &view.store;
    if let Some(trouble) = view.runs.iter().find_map(|run| failure(&store.name, run)) {
        return Err(trouble);
    }
    match store.condition.is.as_str() {
        "active" => Ok(()),
        "paused" => Err(Trouble::new(format!("{} is paused and does not go on joining", store.name))
            .next(format!("storeloom resume {}", quoted(&store.name)))),
        _ => {
            let why = store.condition.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            Err(Trouble::new(format!("{} is {}{why}", store.name, store.condition.is))
                .next(format!("connect it again: {}", store.connect_command())))
        }
    }
}
