//! Orders as last seen: their fence decides what is booked.

use domain::order::{Buyer, Fence, Order};
use domain::{ItemId, OrderId, OrgId, StoreId};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use ports::{Ask, ErrorKind, Fenced, Moved, OrderRecord, Page, PortError, Result};
use serde::{Deserialize, Serialize};

use super::order_lines::{self, Lines};
use super::unapplied::{self, Wait};
use crate::Table;
use crate::table::{
    All, Pause, Query, Row, Took, Write, corrupt, count, flag, key, maybe_text, moment, n, put_document,
    read_document, s, yes,
};

/// A fence as text of fixed width, so that texts compare as fences do.
pub(super) fn fence_text(fence: &Fence) -> String {
    format!("{}#{:020}", moment(fence.updated_at), fence.revision)
}

/// An order without its lines, which stand apart.
#[derive(Serialize, Deserialize)]
struct Head {
    id: OrderId,
    store: StoreId,
    order: Order,
    digest: String,
    seen_at: Timestamp,
}

fn wait_of(head: &Row) -> Result<Option<Wait>> {
    let Some(place) = maybe_text(head, "waits_at") else { return Ok(None) };
    Ok(Some(Wait { place: place.to_owned(), rows: count(head, "waits_in")? }))
}

fn row_of(record: &OrderRecord, lines: &Lines, wait: &Wait, rev: u64) -> Result<Row> {
    let mut row = Row::new();
    let head = Head {
        id: record.id.clone(),
        store: record.store.clone(),
        order: Order { lines: Vec::new(), ..record.order.clone() },
        digest: record.digest.clone(),
        seen_at: record.seen_at,
    };
    put_document(&mut row, &head)?;
    lines.note(&mut row);
    row.insert("fence".into(), s(fence_text(&record.order.fence)));
    row.insert("digest".into(), s(&record.digest));
    row.insert("rev".into(), n(rev));
    row.insert("waits_at".into(), s(&wait.place));
    row.insert("waits_in".into(), n(wait.rows));
    row.insert("g1pk".into(), s(key::orders(&record.org, &record.store)));
    row.insert("g1sk".into(), s(format!("{}#{}", moment(record.order.placed_at), record.id)));
    Ok(row)
}

/// What the state that stands says about the one that came; nothing if it is to be stored.
fn compare(standing: &Row, record: &OrderRecord, fetched: bool) -> Result<Option<Fenced>> {
    let head: Head = read_document(standing)?;
    Ok(match record.order.fence.cmp(&head.order.fence) {
        std::cmp::Ordering::Greater => None,
        std::cmp::Ordering::Less => Some(Fenced::Older),
        std::cmp::Ordering::Equal if head.digest == record.digest => {
            Some(Fenced::Same { applied: flag(standing, "applied") })
        }
        std::cmp::Ordering::Equal if fetched => None,
        std::cmp::Ordering::Equal => Some(Fenced::Clash),
    })
}

pub(super) async fn fence(
    table: &Table,
    record: &OrderRecord,
    items: &[ItemId],
    fetched: bool,
) -> Result<Fenced> {
    const OP: &str = "ledger.fence";
    let own = key::head(&record.org, &record.id);
    let mut lines: Option<Lines> = None;
    let mut pause = Pause::default();
    loop {
        let standing = table.get(OP, &own).await?;
        if let Some(answer) = standing.as_ref().map_or(Ok(None), |row| compare(row, record, fetched))? {
            if let Some(lines) = lines {
                lines.forget(table, &record.org, &record.id).await;
            }
            return Ok(answer);
        }
        let before = standing.unwrap_or_default();
        let new_lines = match lines.take() {
            Some(lines) => lines,
            None => order_lines::write(table, &record.org, &record.id, &record.order.lines).await?,
        };
        let rev = count(&before, "rev")?;
        let (wait, mut writes) = unapplied::begin(record, items, wait_of(&before)?.as_ref())?;
        let head = Write::put(own.clone(), row_of(record, &new_lines, &wait, rev + 1)?);
        writes.push(if rev == 0 { head.if_new() } else { head.when("#rev = :rev").with(":rev", n(rev)) });
        if table.all(OP, writes).await? == All::Done {
            if rev > 0 {
                Lines::of(&before)?.forget(table, &record.org, &record.id).await;
            }
            return Ok(Fenced::Newer);
        }
        lines = Some(new_lines);
        if !pause.again().await {
            if let Some(lines) = lines {
                lines.forget(table, &record.org, &record.id).await;
            }
            return Err(PortError::new(
                ErrorKind::Conflict,
                OP,
                "others write this order all the time: try again",
            ));
        }
    }
}

pub(super) async fn are_booked(table: &Table, records: &[OrderRecord]) -> Result<Vec<bool>> {
    let keys = records.iter().map(|record| key::head(&record.org, &record.id)).collect();
    let standing = table.many("ledger.are_booked", keys).await?;
    records
        .iter()
        .map(|record| {
            let Some(row) = standing.get(&key::head(&record.org, &record.id)) else { return Ok(false) };
            let answer = compare(row, record, false)?;
            Ok(matches!(answer, Some(Fenced::Older | Fenced::Same { applied: true })))
        })
        .collect()
}

/// The record of a head; nothing if its lines were replaced while they were read.
async fn record_of(table: &Table, org: &OrgId, row: &Row) -> Result<Option<OrderRecord>> {
    let head: Head = read_document(row)?;
    let Some(lines) = Lines::of(row)?.read(table, org, &head.id).await? else { return Ok(None) };
    Ok(Some(OrderRecord {
        id: head.id,
        org: org.clone(),
        store: head.store,
        order: Order { lines, ..head.order },
        digest: head.digest,
        applied: flag(row, "applied"),
        seen_at: head.seen_at,
    }))
}

pub(super) async fn read(table: &Table, org: &OrgId, order: &OrderId) -> Result<Option<OrderRecord>> {
    const OP: &str = "ledger.order";
    let own = key::head(org, order);
    let mut pause = Pause::default();
    loop {
        let Some(row) = table.get(OP, &own).await? else { return Ok(None) };
        if let Some(record) = record_of(table, org, &row).await? {
            return Ok(Some(record));
        }
        if !pause.again().await {
            return Err(corrupt("the lines of an order are not there"));
        }
    }
}

/// Takes out of an order's record who bought; its fence, its digest and its lines stay.
pub(super) async fn erase_buyer(table: &Table, org: &OrgId, order: &OrderId) -> Result<()> {
    const OP: &str = "ledger.erase_buyer";
    let own = key::head(org, order);
    let mut pause = Pause::default();
    loop {
        let Some(row) = table.get(OP, &own).await? else { return Ok(()) };
        let mut head: Head = read_document(&row)?;
        head.order.buyer = Buyer { customer: None, name: String::new(), email: None, country: None };
        let mut nameless = Row::new();
        put_document(&mut nameless, &head)?;
        let document = nameless.remove("doc").ok_or_else(|| corrupt("an order has no document"))?;
        let write = Write::update(own.clone(), "SET #doc = :doc, #rev = #rev + :one")
            .when("#rev = :rev")
            .with(":doc", document)
            .with(":one", n(1_u64))
            .with(":rev", n(count(&row, "rev")?));
        if matches!(table.one(OP, write).await?, Took::Done(_)) {
            return Ok(());
        }
        if !pause.again().await {
            return Err(PortError::new(
                ErrorKind::Conflict,
                OP,
                "others write this order all the time: try again",
            ));
        }
    }
}

pub(super) async fn list(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    ask: &Ask,
) -> Result<Page<OrderRecord>> {
    // An order is up to a hundred kilobytes here and more elsewhere: a page of a hundred is large enough.
    let ask = Ask { limit: ask.limit.min(100), after: ask.after.clone() };
    let query = Query::index(key::orders(org, store)).backwards();
    let page = table.indexed_page("ledger.orders", &query, &ask).await?;
    let records: Vec<Option<OrderRecord>> = futures::stream::iter(page.items)
        .map(|row| async move {
            match record_of(table, org, &row).await? {
                Some(record) => Ok(Some(record)),
                None => read(table, org, &read_document::<Head>(&row)?.id).await,
            }
        })
        .buffered(4)
        .try_collect::<Vec<_>>()
        .await?;
    Ok(Page { items: records.into_iter().flatten().collect(), next: page.next })
}

pub(super) async fn applied(
    table: &Table,
    org: &OrgId,
    order: &OrderId,
    fence: &Fence,
    digest: &str,
) -> Result<Moved> {
    const OP: &str = "ledger.applied";
    let own = key::head(org, order);
    let wanted = fence_text(fence);
    let mut pause = Pause::default();
    loop {
        let Some(row) = table.get(OP, &own).await? else { return Ok(Moved::Raced) };
        // A state that was read afresh may have replaced other content of an equal fence.
        if maybe_text(&row, "fence") != Some(&wanted) || read_document::<Head>(&row)?.digest != digest {
            return Ok(Moved::Raced);
        }
        if flag(&row, "applied") {
            return Ok(Moved::Done);
        }
        let head =
            Write::update(own.clone(), "SET #applied = :yes, #rev = #rev + :one REMOVE #waits_at, #waits_in")
                .when("#rev = :rev")
                .with(":yes", yes())
                .with(":one", n(1_u64))
                .with(":rev", n(count(&row, "rev")?));
        let mut writes = vec![head];
        if let Some(wait) = wait_of(&row)? {
            writes.extend(wait.end(org));
        }
        if table.all(OP, writes).await? == All::Done {
            return Ok(Moved::Done);
        }
        if !pause.again().await {
            return Err(PortError::new(
                ErrorKind::Conflict,
                OP,
                "others write this order all the time: try again",
            ));
        }
    }
}
