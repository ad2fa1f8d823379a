//! Marking products and variants gone.

use domain::product::{Product, Variant};
use domain::{OrgId, RemoteProductId, RemoteVariantId, StoreId};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use ports::{Result, VariantRecord};

use super::record::kept_variant;
use super::row;
use crate::Table;
use crate::table::{Key, Query, Took, Write, key, moment, n, s, text};

const AT_ONCE: usize = 16;

/// Marks one row gone, unless it is or was not there, or was seen since.
fn mark(own: Key, (at, before): (Timestamp, Timestamp)) -> Write {
    Write::update(own, "SET #gone_at = :at, #rev = #rev + :one")
        .when("attribute_exists(#doc) AND attribute_not_exists(#gone_at) AND #seen_at < :before")
        .with(":before", s(moment(before)))
        .with(":at", s(moment(at)))
        .with(":one", n(1_u64))
}

pub(super) async fn variant(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    variant: &RemoteVariantId,
    times: (Timestamp, Timestamp),
) -> Result<Option<VariantRecord>> {
    let own = row::<Variant>(org, store, variant.as_str());
    match table.one("catalog.remove_variant", mark(own, times)).await? {
        Took::Done(row) => kept_variant(store, &row),
        Took::Refused(_) => Ok(None),
    }
}

/// The variants of a product, with those that are gone.
pub(super) async fn variants_of(
    table: &Table,
    op: &'static str,
    (org, store): (&OrgId, &StoreId),
    product: &RemoteProductId,
) -> Result<Vec<VariantRecord>> {
    let names = table.whole(op, &Query::rows(key::variants_of(org, store, product))).await?;
    let mut keys = names
        .iter()
        .map(|name| Ok(row::<Variant>(org, store, text(name, "sk")?)))
        .collect::<Result<Vec<_>>>()?;
    // A variant that is its product has no name: the product's own id leads to it.
    keys.push(row::<Variant>(org, store, product.as_str()));
    // A name may be left of a variant that belongs to another product by now: its own row decides.
    let standing = table.in_order(op, keys).await?;
    let mut records = Vec::with_capacity(standing.len());
    for row in &standing {
        records.extend(kept_variant(store, row)?.filter(|kept| kept.variant.product == *product));
    }
    Ok(records)
}

pub(super) async fn product(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    product: &RemoteProductId,
    times: (Timestamp, Timestamp),
) -> Result<Vec<VariantRecord>> {
    const OP: &str = "catalog.remove_product";
    let ids: Vec<RemoteVariantId> = variants_of(table, OP, (org, store), product)
        .await?
        .into_iter()
        .filter(|kept| kept.gone_at.is_none())
        .map(|kept| kept.variant.remote)
        .collect();
    let marked: Vec<Option<VariantRecord>> = futures::stream::iter(ids)
        .map(|id| async move { variant(table, org, store, &id, times).await })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    table.one(OP, mark(row::<Product>(org, store, product.as_str()), times)).await?;
    Ok(marked.into_iter().flatten().collect())
}
