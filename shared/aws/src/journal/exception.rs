//! What a person should look at.

use domain::exception::Exception;
use domain::{ExceptionId, OrgId};
use jiff::Timestamp;
use ports::{Ask, ErrorKind, Page, PortError, Result};

use crate::Table;
use crate::table::{
    Key, Pause, Query, Row, Took, Write, count, key, moment, n, put_document, read_document, s,
};

fn row_of(exception: &Exception, rev: u64) -> Result<Row> {
    let mut row = Row::new();
    put_document(&mut row, exception)?;
    row.insert("rev".into(), n(rev));
    row.insert("g1pk".into(), s(key::exceptions(&exception.org, exception.resolved_at.is_some())));
    row.insert("g1sk".into(), s(format!("{}#{}", moment(exception.opened_at), exception.id)));
    Ok(row)
}

/// Replaces a row that was read at a revision; 0 says that there was none.
async fn replace(table: &Table, op: &'static str, own: Key, exception: &Exception, rev: u64) -> Result<bool> {
    let write = Write::put(own, row_of(exception, rev + 1)?);
    let write = if rev == 0 { write.if_new() } else { write.when("#rev = :rev").with(":rev", n(rev)) };
    Ok(matches!(table.one(op, write).await?, Took::Done(_)))
}

fn crowded(op: &'static str) -> PortError {
    PortError::new(ErrorKind::Conflict, op, "others write this exception all the time: try again")
}

pub(super) async fn open(table: &Table, exception: &Exception) -> Result<bool> {
    const OP: &str = "journal.open_exception";
    let own = key::exception(&exception.org, &exception.id);
    let mut pause = Pause::default();
    loop {
        let row = table.get(OP, &own).await?;
        let before: Option<Exception> = row.as_ref().map(read_document).transpose()?;
        let rev = row.as_ref().map_or(Ok(0), |row| count(row, "rev"))?;
        let standing = before.filter(|before| before.resolved_at.is_none());
        let mut new = Exception { resolved_at: None, ..exception.clone() };
        if let Some(standing) = &standing {
            new.opened_at = standing.opened_at;
            if new == *standing {
                return Ok(false);
            }
        }
        if replace(table, OP, own.clone(), &new, rev).await? {
            return Ok(standing.is_none());
        }
        if !pause.again().await {
            return Err(crowded(OP));
        }
    }
}

pub(super) async fn resolve(table: &Table, org: &OrgId, id: &ExceptionId, at: Timestamp) -> Result<bool> {
    const OP: &str = "journal.resolve_exception";
    let own = key::exception(org, id);
    let mut pause = Pause::default();
    loop {
        let Some(row) = table.get(OP, &own).await? else { return Ok(false) };
        let before: Exception = read_document(&row)?;
        if before.resolved_at.is_some() {
            return Ok(false);
        }
        let settled = Exception { resolved_at: Some(at), ..before };
        if replace(table, OP, own.clone(), &settled, count(&row, "rev")?).await? {
            return Ok(true);
        }
        if !pause.again().await {
            return Err(crowded(OP));
        }
    }
}

pub(super) async fn resolve_some(
    table: &Table,
    org: &OrgId,
    ids: &[ExceptionId],
    at: Timestamp,
) -> Result<()> {
    let keys = ids.iter().map(|id| key::exception(org, id)).collect();
    let rows = table.many("journal.resolve_exceptions", keys).await?;
    for row in rows.values() {
        let standing: Exception = read_document(row)?;
        if standing.resolved_at.is_none() {
            resolve(table, org, &standing.id, at).await?;
        }
    }
    Ok(())
}

pub(super) async fn read(table: &Table, org: &OrgId, id: &ExceptionId) -> Result<Option<Exception>> {
    let row = table.get("journal.exception", &key::exception(org, id)).await?;
    row.map(|row| read_document(&row)).transpose()
}

pub(super) async fn list(table: &Table, org: &OrgId, settled: bool, ask: &Ask) -> Result<Page<Exception>> {
    let query = Query::index(key::exceptions(org, settled)).backwards();
    let page = table.indexed_page("journal.exceptions", &query, ask).await?;
    Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
}
