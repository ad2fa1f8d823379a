//! What shops list, as last seen: products, variants, customers.

mod list;
mod record;
mod removal;
mod store;

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::customer::Customer;
use domain::product::{Product, Variant};
use domain::{ItemId, OrgId, RemoteCustomerId, RemoteProductId, RemoteVariantId, RunId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Catalog, Page, Put, Result, Seen, VariantRecord};

use crate::Table;
use crate::table::{Key, MOST_ACTIONS, Write, document, key, n, s};
use record::{Record, kept_variant, shown_product};

#[async_trait]
impl Catalog for Table {
    async fn put_products(
        &self,
        org: &OrgId,
        store: &StoreId,
        products: &[Product],
        seen: &Seen,
    ) -> Result<Vec<Put>> {
        store::put(self, org, store, products, seen).await
    }

    async fn put_variants(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[Variant],
        seen: &Seen,
    ) -> Result<Vec<Put>> {
        store::put(self, org, store, variants, seen).await
    }

    async fn remove_product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<VariantRecord>> {
        removal::product(self, org, store, product, (at, before)).await
    }

    async fn remove_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Option<VariantRecord>> {
        removal::variant(self, org, store, variant, (at, before)).await
    }

    async fn match_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        item: Option<&ItemId>,
    ) -> Result<()> {
        // Without a condition: a match that comes before its variant waits in the row for it.
        let own = row::<Variant>(org, store, variant.as_str());
        let write = match item {
            Some(item) => Write::update(own, "SET #item = :item").with(":item", s(item.as_str())),
            None => unmatching(org, store, variant),
        };
        self.one("catalog.match_variant", write).await.map(|_| ())
    }

    async fn unmatch_variants(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[RemoteVariantId],
    ) -> Result<()> {
        let distinct: BTreeSet<&RemoteVariantId> = variants.iter().collect();
        let distinct: Vec<&RemoteVariantId> = distinct.into_iter().collect();
        for some in distinct.chunks(MOST_ACTIONS) {
            let writes = some.iter().map(|variant| unmatching(org, store, variant)).collect();
            self.all("catalog.unmatch_variants", writes).await?;
        }
        Ok(())
    }

    async fn product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
    ) -> Result<Option<Product>> {
        let own = row::<Product>(org, store, product.as_str());
        let row = self.get("catalog.product", &own).await?;
        row.map(|row| shown_product(&row)).transpose()
    }

    async fn variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
    ) -> Result<Option<VariantRecord>> {
        let own = row::<Variant>(org, store, variant.as_str());
        let row = self.get("catalog.variant", &own).await?;
        row.map_or(Ok(None), |row| kept_variant(store, &row))
    }

    async fn variants_by_id(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[RemoteVariantId],
    ) -> Result<Vec<VariantRecord>> {
        let keys = variants.iter().map(|variant| row::<Variant>(org, store, variant.as_str())).collect();
        let rows = self.in_order("catalog.variants_by_id", keys).await?;
        rows.iter().filter_map(|row| kept_variant(store, row).transpose()).collect()
    }

    async fn variants_of(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
    ) -> Result<Vec<VariantRecord>> {
        removal::variants_of(self, "catalog.variants_of", (org, store), product).await
    }

    async fn products(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Product>> {
        let page = list::all::<Product>(self, org, store, ask).await?;
        Ok(Page { items: page.items.iter().map(shown_product).collect::<Result<_>>()?, next: page.next })
    }

    async fn variants(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<VariantRecord>> {
        let page = list::all::<Variant>(self, org, store, ask).await?;
        let items = page.items.iter().filter_map(|row| kept_variant(store, row).transpose());
        Ok(Page { items: items.collect::<Result<_>>()?, next: page.next })
    }

    async fn products_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteProductId>> {
        let page = list::not_met::<Product>(self, org, store, run, ask).await?;
        Ok(page.map(RemoteProductId::new))
    }

    async fn variants_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteVariantId>> {
        let page = list::not_met::<Variant>(self, org, store, run, ask).await?;
        Ok(page.map(RemoteVariantId::new))
    }

    async fn put_customers(
        &self,
        org: &OrgId,
        store: &StoreId,
        customers: &[Customer],
        seen: &Seen,
    ) -> Result<Vec<Put>> {
        store::put(self, org, store, customers, seen).await
    }

    async fn remove_customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> Result<()> {
        let own = row::<Customer>(org, store, customer.as_str());
        self.one("catalog.remove_customer", Write::delete(own)).await.map(|_| ())
    }

    async fn customer(
        &self,
        org: &OrgId,
        store: &StoreId,
        customer: &RemoteCustomerId,
    ) -> Result<Option<Customer>> {
        let own = row::<Customer>(org, store, customer.as_str());
        let row = self.get("catalog.customer", &own).await?;
        row.map(|row| crate::table::read_document(&row)).transpose()
    }

    async fn customers(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Customer>> {
        let page = list::all::<Customer>(self, org, store, ask).await?;
        let items = page.items.iter().map(crate::table::read_document).collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    }

    async fn customers_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteCustomerId>> {
        let page = list::not_met::<Customer>(self, org, store, run, ask).await?;
        Ok(page.map(RemoteCustomerId::new))
    }
}

/// The row of a shop's record.
fn row<R: Record>(org: &OrgId, store: &StoreId, id: &str) -> Key {
    Key::new(key::records(org, R::KIND, store), id)
}

/// Notes that a variant matches no item, whether or not it is there yet.
fn unmatching(org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> Write {
    let own = row::<Variant>(org, store, variant.as_str());
    Write::update(own, "SET #unmatched = :yes REMOVE #item").with(":yes", n(1_u64))
}

/// Notes the item of a variant, if this very state of it stands and it is not gone.
pub(crate) fn matching(org: &OrgId, store: &StoreId, variant: &Variant, item: &ItemId) -> Result<Write> {
    let own = row::<Variant>(org, store, variant.remote.as_str());
    Ok(Write::update(own, "SET #item = :item")
        .when("#doc = :doc AND attribute_not_exists(#gone_at)")
        .with(":item", s(item.as_str()))
        .with(":doc", s(document(variant)?)))
}
