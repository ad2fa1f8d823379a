//! Shadows: since when a store is shadowed, and a row for each of its links.

use domain::{LinkId, OrgId, StoreId};
use ports::{Ask, Page, Result, Shadow, Shadowing, Written};

use crate::Table;
use crate::table::{Key, Query, Row, Took, Write, key, n, put_document, read_document};

fn own(org: &OrgId, store: &StoreId, link: &LinkId) -> Key {
    Key::new(key::shadows(org, store), format!("link#{link}"))
}

fn spanned(org: &OrgId, store: &StoreId) -> Key {
    Key::new(key::shadows(org, store), "span")
}

pub(super) async fn put_span(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    shadowing: &Shadowing,
) -> Result<()> {
    let mut row = Row::new();
    put_document(&mut row, shadowing)?;
    table.one("trials.put_shadowing", Write::put(spanned(org, store), row)).await.map(|_| ())
}

pub(super) async fn span(table: &Table, org: &OrgId, store: &StoreId) -> Result<Option<Shadowing>> {
    table.get("trials.shadowing", &spanned(org, store)).await?.map(|row| read_document(&row)).transpose()
}

pub(super) async fn put(table: &Table, shadow: &Shadow) -> Result<Written> {
    const OP: &str = "trials.put_shadow";
    let stored = Shadow { version: shadow.version + 1, ..shadow.clone() };
    let key = own(&shadow.org, &shadow.store, &shadow.link);
    let mut row = Row::new();
    put_document(&mut row, &stored)?;
    row.insert("version".into(), n(stored.version));
    let write = Write::put(key, row);
    let write = match shadow.version {
        0 => write.if_new(),
        read => write.when("#version = :read").with(":read", n(read)),
    };
    Ok(match table.one(OP, write).await? {
        Took::Done(_) => Written::Done,
        Took::Refused(_) => Written::Raced,
    })
}

pub(super) async fn read(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    link: &LinkId,
) -> Result<Option<Shadow>> {
    table.get("trials.shadow", &own(org, store, link)).await?.map(|row| read_document(&row)).transpose()
}

pub(super) async fn list(table: &Table, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Shadow>> {
    let query = Query::rows(key::shadows(org, store)).prefix("link#");
    let page = table.page("trials.shadows", &query, ask).await?;
    Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
}
