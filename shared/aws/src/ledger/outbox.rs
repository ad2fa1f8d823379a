//! Changes that wait to be dispatched, spread over a few partitions.

use domain::OrgId;
use domain::work::Change;
use ports::Result;

use crate::Table;
use crate::table::{Key, Query, Row, Write, key, moment, put_document, read_document, refused};

/// The partition of a change: by its id, so that the same change always has the same place.
fn shard(change: &Change) -> u32 {
    let sum: u32 = change.id.as_str().bytes().map(u32::from).sum();
    sum % key::OUTBOX_SHARDS
}

fn own(org: &OrgId, change: &Change) -> Key {
    Key::new(key::outbox(org, shard(change)), format!("{}#{}", moment(change.at), change.id))
}

/// The write that puts a change into the outbox; part of the transaction that it comes from.
pub(super) fn keep(op: &'static str, org: &OrgId, change: &Change) -> Result<Write> {
    if change.org != *org {
        return Err(refused(op, "the change belongs to another merchant than its movement"));
    }
    let mut row = Row::new();
    put_document(&mut row, change)?;
    Ok(Write::put(own(org, change), row))
}

pub(super) async fn list(table: &Table, org: &OrgId, limit: u32) -> Result<Vec<Change>> {
    let shards = (0..key::OUTBOX_SHARDS).map(|shard| async move {
        table.first("ledger.outbox", &Query::rows(key::outbox(org, shard)), limit).await
    });
    let mut changes: Vec<Change> = Vec::new();
    for rows in futures::future::join_all(shards).await {
        for row in rows? {
            changes.push(read_document(&row)?);
        }
    }
    changes.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    changes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(changes)
}

pub(super) async fn dispatched(table: &Table, org: &OrgId, change: &Change) -> Result<()> {
    table.one("ledger.dispatched", Write::delete(own(org, change))).await.map(|_| ())
}
