//! Rehearsals: a row for each, and a row for each part of its writes.

use domain::{OrgId, StoreId};
use ports::{Rehearsal, RehearsedWrite, Result};

use super::expires;
use crate::Table;
use crate::table::{Key, Query, Row, Write, key, n, put_document, read_document};

/// A rehearsal is kept for thirty days.
const KEPT_DAYS: i64 = 30;

fn part_of(org: &OrgId, store: &StoreId, digest: &str, part: u32) -> Key {
    Key::new(key::rehearsals(org, store), format!("part#{digest}#{part:08}"))
}

fn own(org: &OrgId, store: &StoreId, digest: &str) -> Key {
    Key::new(key::rehearsals(org, store), format!("whole#{digest}"))
}

pub(super) async fn put(table: &Table, rehearsal: &Rehearsal, parts: &[Vec<RehearsedWrite>]) -> Result<()> {
    const OP: &str = "trials.put_rehearsal";
    let Rehearsal { org, store, digest, .. } = rehearsal;
    let kept = n(expires(rehearsal.at, KEPT_DAYS));
    // The whole comes last: where it stands, its parts do.
    for (part, number) in parts.iter().zip(0_u32..) {
        let mut row = Row::new();
        put_document(&mut row, part)?;
        row.insert("expires".into(), kept.clone());
        table.one(OP, Write::put(part_of(org, store, digest, number), row)).await?;
    }
    let mut row = Row::new();
    put_document(&mut row, rehearsal)?;
    row.insert("expires".into(), kept);
    table.one(OP, Write::put(own(org, store, digest), row)).await.map(|_| ())
}

pub(super) async fn read(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    digest: &str,
) -> Result<Option<Rehearsal>> {
    table.get("trials.rehearsal", &own(org, store, digest)).await?.map(|row| read_document(&row)).transpose()
}

pub(super) async fn list(table: &Table, org: &OrgId, store: &StoreId) -> Result<Vec<Rehearsal>> {
    let query = Query::rows(key::rehearsals(org, store)).prefix("whole#");
    let rows = table.whole("trials.rehearsals", &query).await?;
    let mut found: Vec<Rehearsal> = rows.iter().map(read_document).collect::<Result<_>>()?;
    found.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(found)
}

pub(super) async fn part(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    digest: &str,
    part: u32,
) -> Result<Vec<RehearsedWrite>> {
    let row = table.get("trials.rehearsed", &part_of(org, store, digest, part)).await?;
    row.map_or_else(|| Ok(Vec::new()), |row| read_document(&row))
}
