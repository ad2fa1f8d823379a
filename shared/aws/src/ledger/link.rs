//! Links: reading them, and keeping new ones.

use domain::link::Link;
use domain::product::Sku;
use domain::{Delta, ItemId, LinkId, OnHand, OrgId, RemoteProductId, RemoteVariantId, StoreId};
use ports::{Ask, ErrorKind, Page, PortError, Result, Written};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::item;
use crate::Table;
use crate::table::{
    All, Key, Pause, Query, Row, Write, corrupt, count, decimal, document, key, maybe_text, n, parsed,
    put_document, read_document, s, text, units,
};

/// What never changes of a link.
#[derive(Serialize, Deserialize)]
struct Listing {
    id: LinkId,
    store: StoreId,
    item: ItemId,
    variant: RemoteVariantId,
    product: RemoteProductId,
    sku: Sku,
}

fn row_of(link: &Link) -> Result<Row> {
    let mut row = Row::new();
    let listing = Listing {
        id: link.id.clone(),
        store: link.store.clone(),
        item: link.item.clone(),
        variant: link.variant.clone(),
        product: link.product.clone(),
        sku: link.sku.clone(),
    };
    put_document(&mut row, &listing)?;
    row.insert("item".into(), s(link.item.as_str()));
    row.insert("version".into(), n(link.version));
    if let Some(explained) = link.explained {
        row.insert("explained".into(), units(explained.units()));
    }
    if let Some(inflight) = &link.inflight {
        row.insert("inflight".into(), s(document(inflight)?));
        row.insert("write".into(), s(inflight.write.as_str()));
    }
    for (name, reading) in [("seen", link.seen), ("written", link.written)] {
        if let Some(reading) = reading {
            row.insert(name.into(), s(document(&reading)?));
        }
    }
    if let Some(unexplained) = link.unexplained {
        row.insert("unexplained".into(), s(document(&unexplained)?));
    }
    if !link.sold.is_zero() {
        row.insert("sold".into(), units(link.sold.units()));
    }
    if let Some(allocation) = link.allocation {
        row.insert("allocation".into(), s(document(&allocation)?));
    }
    if let Some(margin) = link.margin {
        row.insert("margin".into(), s(document(&margin)?));
    }
    if link.heard > 0 {
        row.insert("heard".into(), n(link.heard));
    }
    Ok(row)
}

/// A link as its row says.
pub(super) fn link_of(org: &OrgId, row: &Row) -> Result<Link> {
    let listing: Listing = read_document(row)?;
    Ok(Link {
        id: listing.id,
        org: org.clone(),
        store: listing.store,
        item: listing.item,
        variant: listing.variant,
        product: listing.product,
        sku: listing.sku,
        explained: decimal(row, "explained")?.map(OnHand::new),
        inflight: maybe_text(row, "inflight").map(parsed).transpose()?,
        seen: maybe_text(row, "seen").map(parsed).transpose()?,
        written: maybe_text(row, "written").map(parsed).transpose()?,
        unexplained: maybe_text(row, "unexplained").map(parsed).transpose()?,
        sold: Delta::new(decimal(row, "sold")?.unwrap_or(Decimal::ZERO)),
        allocation: maybe_text(row, "allocation").map(parsed).transpose()?,
        margin: maybe_text(row, "margin").map(parsed).transpose()?,
        heard: count(row, "heard")?,
        version: count(row, "version")?,
    })
}

const NAME: &str = "link#";

/// The writes that keep a new link: the first of them is refused if it is there.
pub(super) fn keep(link: &Link) -> Result<[Write; 3]> {
    let name = format!("{NAME}{}", link.id);
    Ok([
        Write::put(key::link(&link.org, &link.id), row_of(link)?).if_new(),
        Write::put(Key::new(key::item(&link.org, &link.item), &name), Row::new()),
        Write::put(Key::new(key::store(&link.org, &link.store), &name), Row::new()),
    ])
}

pub(super) async fn put(table: &Table, link: &Link) -> Result<Written> {
    const OP: &str = "ledger.put_link";
    let item = item::own(&link.org, &link.item);
    let mut pause = Pause::default();
    loop {
        let standing = table.get(OP, &item).await?.unwrap_or_default();
        let mut writes = keep(link)?.to_vec();
        writes.push(item::joined_by(&link.org, &link.item, &link.store, item::tells_stores(&standing)));
        match table.all(OP, writes).await? {
            All::Done => return Ok(Written::Done),
            All::Refused(places) if places.contains(&0) => return Ok(Written::Raced),
            // The item came between our look and our write.
            All::Refused(_) => {
                if !pause.again().await {
                    return Err(PortError::new(
                        ErrorKind::Conflict,
                        OP,
                        "others write this item all the time: try again",
                    ));
                }
            }
        }
    }
}

pub(super) async fn some(table: &Table, org: &OrgId, links: &[LinkId]) -> Result<Vec<Link>> {
    let keys = links.iter().map(|link| key::link(org, link)).collect();
    let rows = table.in_order("ledger.links", keys).await?;
    rows.iter().map(|row| link_of(org, row)).collect()
}

pub(super) async fn read(table: &Table, org: &OrgId, link: &LinkId) -> Result<Option<Link>> {
    table.get("ledger.link", &key::link(org, link)).await?.map(|row| link_of(org, &row)).transpose()
}

/// The links whose names these rows are.
pub(super) async fn named(table: &Table, op: &'static str, org: &OrgId, names: &[Row]) -> Result<Vec<Link>> {
    let keys = names
        .iter()
        .map(|row| {
            let id = text(row, "sk")?.strip_prefix(NAME).unwrap_or("");
            let id: LinkId = id.parse().map_err(|_| corrupt("the name of a link holds no id"))?;
            Ok(key::link(org, &id))
        })
        .collect::<Result<Vec<_>>>()?;
    let rows = table.in_order(op, keys).await?;
    rows.iter().map(|row| link_of(org, row)).collect()
}

pub(super) async fn of_item(table: &Table, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
    const OP: &str = "ledger.links_of";
    let names = table.whole(OP, &Query::rows(key::item(org, item)).prefix(NAME)).await?;
    named(table, OP, org, &names).await
}

pub(super) async fn of_store(table: &Table, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Link>> {
    const OP: &str = "ledger.links_of_store";
    let names = table.page(OP, &Query::rows(key::store(org, store)).prefix(NAME), ask).await?;
    Ok(Page { items: named(table, OP, org, &names.items).await?, next: names.next })
}

pub(super) async fn owed(table: &Table, org: &OrgId, link: &LinkId) -> Result<Delta> {
    let row = table.get("ledger.owed", &key::owed(org, link)).await?.unwrap_or_default();
    Ok(Delta::new(decimal(&row, "owed")?.unwrap_or(Decimal::ZERO)))
}
