//! Lists of a store's records.

use domain::{OrgId, RunId, StoreId};
use ports::{Ask, Page, Result};

use super::record::Record;
use crate::Table;
use crate::table::{Query, Row, key, s, text};

/// All records of a kind in the order of their ids.
pub(super) async fn all<R: Record>(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    ask: &Ask,
) -> Result<Page<Row>> {
    table.page("catalog.list", &Query::rows(key::records(org, R::KIND, store)), ask).await
}

/// The ids of records that a full run has not met and that are not gone.
pub(super) async fn not_met<R: Record>(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    run: &RunId,
    ask: &Ask,
) -> Result<Page<String>> {
    let query = Query::rows(key::records(org, R::KIND, store))
        .keys_only()
        .filter("attribute_exists(#doc) AND attribute_not_exists(#gone_at) AND (attribute_not_exists(#seen_run) OR #seen_run <> :run)")
        .with(":run", s(run.as_str()));
    let page = table.page("catalog.not_met", &query, ask).await?;
    let ids = page.items.iter().map(|row| Ok(text(row, "sk")?.to_owned())).collect::<Result<_>>()?;
    Ok(Page { items: ids, next: page.next })
}
