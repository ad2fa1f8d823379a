//! What products, variants and customers have in common, and how their rows are read.

use domain::StoreId;
use domain::customer::Customer;
use domain::product::{Listing, Product, Variant};
use jiff::Timestamp;
use ports::{Result, Seen, VariantRecord};
use serde::Serialize;

use crate::table::{Row, corrupt, maybe_moment, maybe_text, read_document};

/// A record of a shop, kept as it was last seen.
pub(super) trait Record: Serialize + Sync {
    /// Its kind in keys.
    const KIND: &'static str;
    /// The platform's id.
    fn id(&self) -> &str;
    /// When the platform last changed it.
    fn updated_at(&self) -> Timestamp;
    /// The product that it can be found by.
    fn product(&self) -> Option<&domain::RemoteProductId> {
        None
    }
}

impl Record for Product {
    const KIND: &'static str = "products";
    fn id(&self) -> &str {
        self.remote.as_str()
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

impl Record for Variant {
    const KIND: &'static str = "variants";
    fn id(&self) -> &str {
        self.remote.as_str()
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
    fn product(&self) -> Option<&domain::RemoteProductId> {
        Some(&self.product)
    }
}

impl Record for Customer {
    const KIND: &'static str = "customers";
    fn id(&self) -> &str {
        self.remote.as_str()
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

/// A product as it is shown: one that was found gone is removed, whatever its last state said.
pub(super) fn shown_product(row: &Row) -> Result<Product> {
    let mut product: Product = read_document(row)?;
    if row.contains_key("gone_at") {
        product.listing = Listing::Removed;
    }
    Ok(product)
}

/// The mark of a row.
pub(super) fn seen_of(row: &Row) -> Result<Seen> {
    let at = maybe_moment(row, "seen_at")?.ok_or_else(|| corrupt("a record has no mark"))?;
    let run = maybe_text(row, "seen_run").map(str::parse).transpose();
    Ok(Seen { at, run: run.map_err(|_| corrupt("the mark of a record names no run"))? })
}

/// A variant's record; none if only its match is noted so far.
pub(super) fn kept_variant(store: &StoreId, row: &Row) -> Result<Option<VariantRecord>> {
    if !row.contains_key("doc") {
        return Ok(None);
    }
    let item = maybe_text(row, "item").map(str::parse).transpose();
    Ok(Some(VariantRecord {
        store: store.clone(),
        variant: read_document(row)?,
        item: item.map_err(|_| corrupt("a variant names no item"))?,
        seen: seen_of(row)?,
        gone_at: maybe_moment(row, "gone_at")?,
    }))
}
