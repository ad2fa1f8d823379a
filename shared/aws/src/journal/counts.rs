//! Counts and propagation times of a store.

use domain::{OrgId, StoreId};
use jiff::Timestamp;
use ports::{Counter, Propagation, Result};

use crate::Table;
use crate::table::{Key, Query, Row, Write, corrupt, count, key, moment, n, nonce, text};

/// Propagation times are kept for thirty days.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// Adds to a count. Where an answer is lost and another count comes in between, it may count twice: these are
/// figures for people, nothing is decided by them.
pub(super) async fn add(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    counter: Counter,
    by: u64,
) -> Result<()> {
    let name = counter.as_str();
    let write = Write::update(key::counts(org, store), format!("ADD #{name} :more")).with(":more", n(by));
    table.one("journal.count", write).await.map(|_| ())
}

pub(super) async fn read(table: &Table, org: &OrgId, store: &StoreId) -> Result<[u64; 3]> {
    let row = table.get("journal.counts", &key::counts(org, store)).await?.unwrap_or_default();
    let mut counts = [0; 3];
    for (slot, counter) in counts.iter_mut().zip(Counter::ALL) {
        *slot = count(&row, counter.as_str())?;
    }
    Ok(counts)
}

pub(super) async fn note_latency(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    millis: u64,
    at: Timestamp,
) -> Result<()> {
    let own = Key::new(key::latencies(org, store), format!("{}#{}", moment(at), nonce()));
    let expires = u64::try_from(at.as_second() + KEPT_SECONDS).unwrap_or(0);
    let row = Row::from([("millis".to_owned(), n(millis)), ("expires".to_owned(), n(expires))]);
    table.one("journal.note_latency", Write::put(own, row)).await.map(|_| ())
}

pub(crate) async fn propagations(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    limit: u32,
) -> Result<Vec<Propagation>> {
    let query = Query::rows(key::latencies(org, store)).backwards();
    let rows = table.first("journal.propagations", &query, limit).await?;
    rows.iter()
        .map(|row| {
            let at = text(row, "sk")?.split('#').next().and_then(|at| at.parse::<Timestamp>().ok());
            let at = at.ok_or_else(|| corrupt("the name of a propagation time holds no time"))?;
            Ok(Propagation { at, millis: count(row, "millis")? })
        })
        .collect()
}
