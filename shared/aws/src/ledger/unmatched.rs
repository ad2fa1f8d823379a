//! Orders that sell a variant that matches no item yet.

use domain::{OrderId, OrgId, RemoteVariantId, StoreId};
use ports::Result;

use crate::Table;
use crate::table::{Key, Query, Row, Write, corrupt, key, text};

fn own(org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> Key {
    Key::new(key::unmatched(org, store, variant), order.as_str())
}

pub(super) async fn note(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    variant: &RemoteVariantId,
    order: &OrderId,
) -> Result<()> {
    let write = Write::put(own(org, store, variant, order), Row::new());
    table.one("ledger.note_unmatched", write).await.map(|_| ())
}

pub(super) async fn list(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    variant: &RemoteVariantId,
) -> Result<Vec<OrderId>> {
    let rows = table.whole("ledger.unmatched", &Query::rows(key::unmatched(org, store, variant))).await?;
    rows.iter()
        .map(|row| text(row, "sk")?.parse().map_err(|_| corrupt("an unmatched order has no id")))
        .collect()
}

pub(super) async fn forget(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    variant: &RemoteVariantId,
    order: &OrderId,
) -> Result<()> {
    let write = Write::delete(own(org, store, variant, order));
    table.one("ledger.forget_unmatched", write).await.map(|_| ())
}
