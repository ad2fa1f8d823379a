//! Items.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ItemId, OrgId, StoreId};
use ports::{Ask, ItemRecord, Page, Result};

use crate::Table;
use crate::table::{Key, Query, Row, Write, key, put_document, read_document, s};

/// Sort keys hold at most 1024 bytes: a longer SKU is sorted by its beginning.
const MOST_SORTED: usize = 1000;
/// The stores that were ever linked to an item.
const STORES: &str = "stores";

fn sorted_by(sku: &str) -> &str {
    let end = (0..=MOST_SORTED.min(sku.len())).rev().find(|end| sku.is_char_boundary(*end)).unwrap_or(0);
    sku.get(..end).unwrap_or("")
}

pub(super) fn own(org: &OrgId, item: &ItemId) -> Key {
    Key::new(key::item(org, item), "item")
}

fn row_of(org: &OrgId, item: &ItemRecord) -> Result<Row> {
    let mut row = Row::new();
    put_document(&mut row, item)?;
    row.insert("g1pk".into(), s(key::items(org)));
    row.insert("g1sk".into(), s(sorted_by(item.sku.as_str())));
    Ok(row)
}

pub(super) async fn put(table: &Table, org: &OrgId, item: &ItemRecord) -> Result<()> {
    // A refusal says that it is there already: then it stays as it is.
    let write = Write::put(own(org, &item.id), row_of(org, item)?).if_new();
    table.one("ledger.put_item", write).await.map(|_| ())
}

/// Whether the row of an item tells which stores were ever linked to it. It does from its beginning, or never.
pub(super) fn tells_stores(row: &Row) -> bool {
    row.contains_key(STORES)
}

fn one_store(store: &StoreId) -> AttributeValue {
    AttributeValue::Ss(vec![store.as_str().to_owned()])
}

/// The write by which a store's first link meets an item, given the item's row; none if the row does not tell
/// that it is the first one.
pub(super) fn first_of(
    org: &OrgId,
    item: &ItemRecord,
    store: &StoreId,
    standing: Option<&Row>,
) -> Result<Option<Write>> {
    let Some(standing) = standing else {
        let mut row = row_of(org, item)?;
        row.insert(STORES.to_owned(), one_store(store));
        return Ok(Some(Write::put(own(org, &item.id), row).if_new()));
    };
    let known = standing.get(STORES).and_then(|stores| stores.as_ss().ok());
    let is_first = known.is_some_and(|stores| !stores.iter().any(|one| one == store.as_str()));
    Ok(is_first.then(|| {
        Write::update(own(org, &item.id), "ADD #stores :stores")
            .when("attribute_exists(#stores) AND NOT contains(#stores, :store)")
            .with(":stores", one_store(store))
            .with(":store", s(store.as_str()))
    }))
}

/// The write by which any link of a store meets an item: refused if its row began, or did not begin, to tell.
pub(super) fn joined_by(org: &OrgId, item: &ItemId, store: &StoreId, tells: bool) -> Write {
    if tells {
        Write::update(own(org, item), "ADD #stores :stores")
            .when("attribute_exists(#stores)")
            .with(":stores", one_store(store))
    } else {
        Write::check(own(org, item)).when("attribute_not_exists(#stores)")
    }
}

pub(super) async fn read(table: &Table, org: &OrgId, item: &ItemId) -> Result<Option<ItemRecord>> {
    table.get("ledger.item", &own(org, item)).await?.map(|row| read_document(&row)).transpose()
}

pub(super) async fn list(table: &Table, org: &OrgId, ask: &Ask) -> Result<Page<ItemRecord>> {
    let page = table.indexed_page("ledger.items", &Query::index(key::items(org)), ask).await?;
    Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sku_is_sorted_by_its_beginning() {
        assert_eq!(sorted_by("A-1"), "A-1");
        assert_eq!(sorted_by(&"x".repeat(2000)).len(), 1000);
        assert_eq!(sorted_by(&format!("{}é", "x".repeat(999))).len(), 999);
    }
}
