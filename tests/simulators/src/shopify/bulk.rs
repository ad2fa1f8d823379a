//! Bulk operations: five slots, each goes from created to its end while the clock runs.

use super::clock::{DAY, Millis};
use super::store::Store;
use super::subscription::About;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Query operations an app may run at once in a shop.
pub(crate) const SLOTS: usize = 5;
/// Files live so long.
pub(crate) const FILE_LIFE: Millis = 7 * DAY;
/// What cancelling takes.
const CANCEL: Millis = 100;

/// A bulk operation.
#[derive(Clone, Debug)]
pub(crate) struct Bulk {
    pub(crate) id: u64,
    pub(crate) query: String,
    pub(crate) grouped: bool,
    pub(crate) signature: String,
    /// `CREATED`, `RUNNING`, `COMPLETED`, `CANCELING`, `CANCELED`, `FAILED`, `EXPIRED`.
    pub(crate) status: String,
    pub(crate) created: Millis,
    pub(crate) completed: Option<Millis>,
    pub(crate) canceling: Option<Millis>,
    pub(crate) error: Option<String>,
    pub(crate) objects: u64,
    pub(crate) roots: u64,
    /// None when there is nothing in it.
    pub(crate) file: Option<Arc<Vec<u8>>>,
    pub(crate) scopes: BTreeSet<String>,
}

impl Bulk {
    pub(crate) fn new(
        id: u64,
        query: String,
        grouped: bool,
        signature: String,
        created: Millis,
        scopes: BTreeSet<String>,
    ) -> Self {
        Self {
            id,
            query,
            grouped,
            signature,
            status: "CREATED".into(),
            created,
            completed: None,
            canceling: None,
            error: None,
            objects: 0,
            roots: 0,
            file: None,
            scopes,
        }
    }

    /// Whether it takes one of the slots.
    pub(crate) fn occupies(&self) -> bool {
        matches!(self.status.as_str(), "CREATED" | "RUNNING" | "CANCELING")
    }
}

/// What is to go wrong with the next operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate {
    /// Fails with this code, after half of its lines.
    pub(crate) error: Option<String>,
    /// So many finish webhooks are dropped.
    pub(crate) silent: u32,
}

/// Brings every operation up to now.
pub(crate) fn settle(store: &mut Store) {
    let now = store.now();
    let whole = store.config.bulk_duration.as_millis() as Millis;
    let open: Vec<u64> = store.bulks.values().filter(|bulk| bulk.occupies()).map(|bulk| bulk.id).collect();
    for id in open {
        let bulk = store.bulks[&id].clone();
        if let Some(since) = bulk.canceling {
            if now >= since + CANCEL {
                finish(store, id, "CANCELED", now, true);
            }
        } else if now >= bulk.created + whole {
            let error = store.bulk_fate.error.take();
            let (lines, objects, roots) = super::graphql::bulk::lines(store, &bulk);
            let kept = if error.is_some() { lines.len() / 2 } else { lines.len() };
            let file: Vec<u8> =
                lines[..kept].iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
            if let Some(bulk) = store.bulks.get_mut(&id) {
                (bulk.objects, bulk.roots) = (objects, roots);
                bulk.file = (!file.is_empty()).then(|| Arc::new(file));
                bulk.error = error;
            }
            let status = if store.bulks[&id].error.is_some() { "FAILED" } else { "COMPLETED" };
            finish(store, id, status, now, status == "COMPLETED");
        } else if now >= bulk.created + whole / 4
            && let Some(bulk) = store.bulks.get_mut(&id)
        {
            bulk.status = "RUNNING".into();
        }
    }
    let aged: Vec<u64> = store
        .bulks
        .values()
        .filter(|bulk| bulk.file.is_some() && bulk.completed.is_some_and(|at| now >= at + FILE_LIFE))
        .map(|bulk| bulk.id)
        .collect();
    for id in aged {
        if let Some(bulk) = store.bulks.get_mut(&id) {
            bulk.file = None;
        }
    }
}

fn finish(store: &mut Store, id: u64, status: &str, now: Millis, completed: bool) {
    if let Some(bulk) = store.bulks.get_mut(&id) {
        bulk.status = status.into();
        bulk.completed = completed.then_some(now);
    }
    store.act();
    if store.bulk_fate.silent > 0 {
        store.bulk_fate.silent -= 1;
    } else {
        store.fire("BULK_OPERATIONS_FINISH", About::Bulk(id));
    }
}
