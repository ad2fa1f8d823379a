//! Lane work: a piece of work is two rows that are always written together.
//!
//! The work itself is named by its task, `work#<priority>#<task>`; its place in the line is
//! `due#<priority>#<due>#<task>`. So the most urgent due work is found consistently and without reading
//! what waits behind it.

use domain::work::{LaneWork, Priority, Verb};
use domain::{OrgId, StoreId, TaskId};
use jiff::Timestamp;
use ports::{ErrorKind, PortError, Result, Written};
use serde::{Deserialize, Serialize};

use crate::Table;
use crate::table::{
    All, Key, Pause, Query, Row, Took, Write, corrupt, count, document, key, maybe_moment, moment, n,
    put_document, read_document, s, text,
};

/// What does not change by moving in the line.
#[derive(Serialize, Deserialize)]
struct Task {
    task: TaskId,
    priority: Priority,
    verb: Verb,
}

fn own(work: &LaneWork) -> Key {
    Key::new(key::lane(&work.org, &work.store), format!("work#{}#{}", work.priority.place(), work.task))
}

fn place(work: &LaneWork, due: Timestamp) -> Key {
    let line = format!("due#{}#{}#{}", work.priority.place(), moment(due), work.task);
    Key::new(key::lane(&work.org, &work.store), line)
}

fn task(work: &LaneWork) -> Task {
    Task { task: work.task.clone(), priority: work.priority, verb: work.verb.clone() }
}

fn row_of(work: &LaneWork) -> Result<Row> {
    let mut row = Row::new();
    put_document(&mut row, &task(work))?;
    row.insert("due".into(), s(moment(work.due)));
    row.insert("since".into(), s(moment(work.since)));
    row.insert("generation".into(), n(work.generation));
    row.insert("attempts".into(), n(work.attempts));
    Ok(row)
}

fn work_of(org: &OrgId, store: &StoreId, row: &Row) -> Result<LaneWork> {
    let task: Task = read_document(row)?;
    let time = |name: &str| -> Result<Timestamp> {
        maybe_moment(row, name)?.ok_or_else(|| corrupt(format!("attribute `{name}` is missing")))
    };
    Ok(LaneWork {
        task: task.task,
        org: org.clone(),
        store: store.clone(),
        priority: task.priority,
        verb: task.verb,
        due: time("due")?,
        generation: count(row, "generation")?,
        attempts: u32::try_from(count(row, "attempts")?).unwrap_or(u32::MAX),
        since: time("since")?,
    })
}

fn crowded(op: &'static str) -> PortError {
    PortError::new(ErrorKind::Conflict, op, "others write this work all the time: try again")
}

/// The work as it stands.
async fn standing(table: &Table, op: &'static str, work: &LaneWork) -> Result<Option<LaneWork>> {
    let row = table.get(op, &own(work)).await?;
    row.map(|row| work_of(&work.org, &work.store, &row)).transpose()
}

/// Changes the row of the work that stands, and its place in the line if its due time moves: all or nothing.
async fn change(table: &Table, op: &'static str, before: &LaneWork, new: &LaneWork) -> Result<bool> {
    let write = Write::update(
        own(before),
        "SET #doc = :doc, #due = :due, #since = :since, #generation = :generation, #attempts = :attempts",
    )
    .when("#generation = :read AND #due = :was")
    .with(":doc", s(document(&task(new))?))
    .with(":due", s(moment(new.due)))
    .with(":since", s(moment(new.since)))
    .with(":generation", n(new.generation))
    .with(":attempts", n(new.attempts))
    .with(":read", n(before.generation))
    .with(":was", s(moment(before.due)));
    if new.due == before.due {
        return Ok(matches!(table.one(op, write).await?, Took::Done(_)));
    }
    let moves =
        vec![write, Write::delete(place(before, before.due)), Write::put(place(new, new.due), Row::new())];
    Ok(table.all(op, moves).await? == All::Done)
}

pub(super) async fn put(table: &Table, work: &LaneWork) -> Result<()> {
    const OP: &str = "lanes.put";
    let mut pause = Pause::default();
    loop {
        let written = match standing(table, OP, work).await? {
            None => {
                // A generation that was never there before: work that was done, taken out and put again is
                // not the work that a late worker still holds.
                let generation = rand::random_range(1..=1_u64 << 48);
                let new = LaneWork { generation, attempts: 0, ..work.clone() };
                let writes = vec![
                    Write::put(own(&new), row_of(&new)?).if_new(),
                    Write::put(place(&new, new.due), Row::new()),
                ];
                table.all(OP, writes).await? == All::Done
            }
            Some(before) => {
                let new = LaneWork {
                    due: before.due.min(work.due),
                    since: before.since.min(work.since),
                    generation: before.generation + 1,
                    attempts: 0,
                    ..work.clone()
                };
                change(table, OP, &before, &new).await?
            }
        };
        if written {
            return Ok(());
        }
        if !pause.again().await {
            return Err(crowded(OP));
        }
    }
}

pub(super) async fn due(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<LaneWork>> {
    const OP: &str = "lanes.due";
    let lane = key::lane(org, store);
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut keys = Vec::new();
    for priority in Priority::ALL {
        let left = u32::try_from(wanted - keys.len()).unwrap_or(u32::MAX);
        if left == 0 {
            break;
        }
        let place = priority.place();
        let query = Query::rows(&lane)
            .prefix(format!("due#{place}#"))
            .up_to(format!("due#{place}#{}#~", moment(now)));
        for row in table.first(OP, &query, left).await? {
            let task = text(&row, "sk")?.rsplit('#').next().unwrap_or("").to_owned();
            keys.push(Key::new(&lane, format!("work#{place}#{task}")));
        }
    }
    let rows = table.in_order(OP, keys).await?;
    let work = rows.iter().map(|row| work_of(org, store, row)).collect::<Result<Vec<_>>>()?;
    // What was put off between the two readings is due no more.
    Ok(work.into_iter().filter(|work| work.due <= now).collect())
}

pub(super) async fn next_due(table: &Table, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>> {
    const OP: &str = "lanes.next_due";
    let firsts = Priority::ALL.map(|priority| {
        let query = Query::rows(key::lane(org, store)).prefix(format!("due#{}#", priority.place()));
        async move { table.first(OP, &query, 1).await }
    });
    let mut earliest = None;
    for rows in futures::future::join_all(firsts).await {
        for row in rows? {
            let due = text(&row, "sk")?.split('#').nth(2).unwrap_or("");
            let due: Timestamp = due.parse().map_err(|_| corrupt("a place in a lane names no time"))?;
            earliest = Some(earliest.map_or(due, |other: Timestamp| other.min(due)));
        }
    }
    Ok(earliest)
}

pub(super) async fn done(table: &Table, work: &LaneWork) -> Result<Written> {
    const OP: &str = "lanes.done";
    let mut pause = Pause::default();
    loop {
        let Some(before) = standing(table, OP, work).await? else { return Ok(Written::Done) };
        if before.generation != work.generation {
            return Ok(Written::Raced);
        }
        let writes = vec![
            Write::delete(own(&before))
                .when("#generation = :read AND #due = :was")
                .with(":read", n(before.generation))
                .with(":was", s(moment(before.due))),
            Write::delete(place(&before, before.due)),
        ];
        if table.all(OP, writes).await? == All::Done {
            return Ok(Written::Done);
        }
        if !pause.again().await {
            return Err(crowded(OP));
        }
    }
}

pub(super) async fn defer(table: &Table, work: &LaneWork) -> Result<Written> {
    const OP: &str = "lanes.defer";
    let mut pause = Pause::default();
    loop {
        let Some(before) = standing(table, OP, work).await? else { return Ok(Written::Raced) };
        if before.generation != work.generation {
            return Ok(Written::Raced);
        }
        let new = LaneWork { due: work.due, attempts: work.attempts, ..before.clone() };
        if new == before || change(table, OP, &before, &new).await? {
            return Ok(Written::Done);
        }
        if !pause.again().await {
            return Err(crowded(OP));
        }
    }
}
