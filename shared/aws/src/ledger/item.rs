//! Items.

use domain::{ItemId, OrgId};
use ports::{Ask, ItemRecord, Page, Result};

use crate::Table;
use crate::table::{Key, Query, Row, Write, key, put_document, read_document, s};

/// Sort keys hold at most 1024 bytes: a longer SKU is sorted by its beginning.
const MOST_SORTED: usize = 1000;

fn sorted_by(sku: &str) -> &str {
    let end = (0..=MOST_SORTED.min(sku.len())).rev().find(|end| sku.is_char_boundary(*end)).unwrap_or(0);
    sku.get(..end).unwrap_or("")
}

fn own(org: &OrgId, item: &ItemId) -> Key {
    Key::new(key::item(org, item), "item")
}

pub(super) async fn put(table: &Table, org: &OrgId, item: &ItemRecord) -> Result<()> {
    let mut row = Row::new();
    put_document(&mut row, item)?;
    row.insert("g1pk".into(), s(key::items(org)));
    row.insert("g1sk".into(), s(sorted_by(item.sku.as_str())));
    // A refusal says that it is there already: then it stays as it is.
    table.one("ledger.put_item", Write::put(own(org, &item.id), row).if_new()).await.map(|_| ())
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
