//! What came of writes that were sent.

use domain::{LinkId, OrgId};
use ports::{Ask, Page, Result, WriteNote};

use super::expires;
use crate::Table;
use crate::table::{Key, Query, Row, Write, key, n, put_document, read_document};

/// What came of a write is kept for ninety days.
const KEPT_DAYS: i64 = 90;

pub(super) async fn note(table: &Table, note: &WriteNote) -> Result<()> {
    // Ids of writes sort as they were made.
    let own = Key::new(key::writes(&note.org, &note.link), note.write.as_str());
    let mut row = Row::new();
    put_document(&mut row, note)?;
    row.insert("expires".into(), n(expires(note.at, KEPT_DAYS)));
    table.one("trials.note_write", Write::put(own, row)).await.map(|_| ())
}

pub(super) async fn list(table: &Table, org: &OrgId, link: &LinkId, ask: &Ask) -> Result<Page<WriteNote>> {
    let query = Query::rows(key::writes(org, link)).backwards();
    let page = table.page("trials.writes", &query, ask).await?;
    Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
}
