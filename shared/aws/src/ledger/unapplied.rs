//! Orders whose effects are not all booked, in the order in which they came.
//!
//! An order's rows here are written and taken out in the transactions that change its head. An order with
//! very many items has several rows.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ItemId, OrderId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{OrderRecord, Result, Unapplied};
use serde::{Deserialize, Serialize};

use crate::Table;
use crate::table::{
    Key, Query, Row, Write, corrupt, count, key, moment, n, put_document, read_document, s, text,
};

/// One row names so many items: well under the size of a row.
const MOST_ITEMS: usize = 5_000;

#[derive(Serialize, Deserialize)]
struct Waiting {
    order: OrderId,
    store: StoreId,
    since: Timestamp,
}

/// Where an order waits: the place of its rows, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) place: String,
    pub(super) rows: u64,
}

impl Wait {
    fn row(&self, org: &OrgId, number: u64) -> Key {
        Key::new(key::unapplied(org), format!("{}#{number:04}", self.place))
    }

    /// The writes that end the waiting.
    pub(super) fn end(&self, org: &OrgId) -> Vec<Write> {
        (0..self.rows).map(|number| Write::delete(self.row(org, number))).collect()
    }
}

/// The writes by which an order waits. One that waits already keeps its place.
pub(super) fn begin(
    record: &OrderRecord,
    items: &[ItemId],
    before: Option<&Wait>,
) -> Result<(Wait, Vec<Write>)> {
    let distinct: Vec<&str> = items.iter().map(ItemId::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let chunks: Vec<&[&str]> =
        if distinct.is_empty() { vec![&[]] } else { distinct.chunks(MOST_ITEMS).collect() };
    let rows = u64::try_from(chunks.len()).unwrap_or(0);
    let place = before
        .map_or_else(|| format!("{}#{}", moment(record.seen_at), record.id), |before| before.place.clone());
    let since = place.split('#').next().and_then(|since| since.parse().ok()).unwrap_or(record.seen_at);
    let wait = Wait { place, rows };
    let mut writes = Vec::with_capacity(chunks.len());
    for (number, chunk) in (0_u64..).zip(chunks) {
        let waiting = Waiting { order: record.id.clone(), store: record.store.clone(), since };
        let mut row = Row::new();
        put_document(&mut row, &waiting)?;
        row.insert("rows".into(), n(rows));
        row.insert("place".into(), s(&wait.place));
        if !chunk.is_empty() {
            let names = chunk.iter().map(|item| (*item).to_owned()).collect();
            row.insert("items".into(), AttributeValue::Ss(names));
        }
        writes.push(Write::put(wait.row(&record.org, number), row));
    }
    let left_over = before.map_or(0, |before| before.rows);
    writes.extend((rows..left_over).map(|number| Write::delete(wait.row(&record.org, number))));
    Ok((wait, writes))
}

fn items_of(row: &Row) -> Result<Vec<ItemId>> {
    let Some(names) = row.get("items").and_then(|names| names.as_ss().ok()) else { return Ok(Vec::new()) };
    names.iter().map(|name| name.parse().map_err(|_| corrupt("an order that waits names no item"))).collect()
}

pub(super) async fn list(table: &Table, org: &OrgId, limit: u32) -> Result<Vec<Unapplied>> {
    const OP: &str = "ledger.unapplied";
    let mut found: Vec<Unapplied> = Vec::new();
    for row in table.first(OP, &Query::rows(key::unapplied(org)), limit).await? {
        let waiting: Waiting = read_document(&row)?;
        if found.last().is_some_and(|last| last.order == waiting.order) {
            continue;
        }
        let mut items = items_of(&row)?;
        if count(&row, "rows")? > 1 {
            let all = Query::rows(key::unapplied(org)).prefix(format!("{}#", text(&row, "place")?));
            items.clear();
            for part in table.whole(OP, &all).await? {
                items.extend(items_of(&part)?);
            }
        }
        items.sort();
        found.push(Unapplied { order: waiting.order, store: waiting.store, items, since: waiting.since });
    }
    Ok(found)
}

pub(super) async fn is_pending(table: &Table, org: &OrgId, item: &ItemId) -> Result<bool> {
    let query = Query::rows(key::unapplied(org))
        .keys_only()
        .filter("contains(#items, :item)")
        .with(":item", s(item.as_str()));
    Ok(!table.first("ledger.is_pending", &query, 1).await?.is_empty())
}
