//! What shops list, as last seen: products, variants, customers.

use async_trait::async_trait;
use domain::customer::Customer;
use domain::product::{Product, Variant};
use domain::{ItemId, OrgId, RemoteCustomerId, RemoteProductId, RemoteVariantId, RunId, StoreId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Ask, Page, Result};

/// When and by what a record was seen. A full run marks what it meets; what keeps an older mark is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When it was seen, by our clock.
    pub at: Timestamp,
    /// The full run that met it, if one did.
    pub run: Option<RunId>,
}

/// What a conditional put of a shop's record did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It was new, or newer than what was there.
    Newer,
    /// The same update time with the same content: only the mark moved.
    Same,
    /// What was there is newer, and stays.
    Older,
}

/// The answer to a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put {
    /// What it did.
    pub stored: Stored,
    /// Whether the run of the mark had met the record before: a page that shifted shows records twice.
    pub met_before: bool,
}

/// A variant with the item it was matched to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantRecord {
    /// The store that lists it.
    pub store: StoreId,
    /// The variant as last seen.
    pub variant: Variant,
    /// The item it was matched to, if it was.
    pub item: Option<ItemId>,
    /// When it was seen last.
    pub seen: Seen,
    /// When it was found gone.
    pub gone_at: Option<Timestamp>,
}

/// What shops list, as last seen. An older state never replaces a newer one; an equal update time with
/// other content does (a shop's clock may have a grain of a second, and what is read last is right).
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Stores products; one answer per product, in the order given. Any number may be given.
    async fn put_products(
        &self,
        org: &OrgId,
        store: &StoreId,
        products: &[Product],
        seen: &Seen,
    ) -> Result<Vec<Put>>;
    /// Stores variants; one answer per variant, in the order given. The matched item of each stays.
    async fn put_variants(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[Variant],
        seen: &Seen,
    ) -> Result<Vec<Put>>;
    /// Marks a product and its variants gone, each only if it was seen last before `before`; returns the variants that
    /// were not gone before.
    async fn remove_product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<VariantRecord>>;
    /// Marks one variant gone if it was seen last before `before`; returns it if it was not gone before.
    async fn remove_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Option<VariantRecord>>;
    /// Notes the item that a variant was matched to.
    async fn match_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        item: Option<&ItemId>,
    ) -> Result<()>;
    /// Notes that variants match no item.
    async fn unmatch_variants(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[RemoteVariantId],
    ) -> Result<()>;
    /// Reads a product.
    async fn product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
    ) -> Result<Option<Product>>;
    /// Reads a variant.
    async fn variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
    ) -> Result<Option<VariantRecord>>;
    /// Reads many variants at once; those that are not there are left out.
    async fn variants_by_id(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[RemoteVariantId],
    ) -> Result<Vec<VariantRecord>>;
    /// The variants of a product, with those that are gone.
    async fn variants_of(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
    ) -> Result<Vec<VariantRecord>>;
    /// Products of a store, in the order of their ids; with those that are gone.
    async fn products(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Product>>;
    /// Variants of a store, in the order of their ids; with those that are gone.
    async fn variants(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<VariantRecord>>;
    /// Products of a store that this full run has not met and that are not gone.
    async fn products_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteProductId>>;
    /// Variants of a store that this full run has not met and that are not gone.
    async fn variants_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteVariantId>>;

    /// Stores customers; one answer per customer, in the order given.
    async fn put_customers(
        &self,
        org: &OrgId,
        store: &StoreId,
        customers: &[Customer],
        seen: &Seen,
    ) -> Result<Vec<Put>>;
    /// Removes a customer.
    async fn remove_customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> Result<()>;
    /// Reads a customer.
    async fn customer(
        &self,
        org: &OrgId,
        store: &StoreId,
        customer: &RemoteCustomerId,
    ) -> Result<Option<Customer>>;
    /// Customers of a store, in the order of their ids.
    async fn customers(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Customer>>;
    /// Customers of a store that this full run has not met.
    async fn customers_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteCustomerId>>;
}
