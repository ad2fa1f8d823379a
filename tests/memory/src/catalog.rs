//! What shops list: a newer state replaces, the same only moves its mark, an older one stays out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::customer::Customer;
use domain::product::{Listing, Product, Variant};
use domain::{ItemId, OrgId, RemoteCustomerId, RemoteProductId, RemoteVariantId, RunId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Catalog, Page, Put, Result, Seen, Stored, VariantRecord};

use crate::Memory;
use crate::pages::page;
use crate::state::{OfStore, Row};

/// What products, variants and customers have in common.
trait Record: Clone + PartialEq {
    type Id: Ord + Clone;
    fn id(&self) -> &Self::Id;
    fn updated_at(&self) -> Timestamp;
}

impl Record for Product {
    type Id = RemoteProductId;
    fn id(&self) -> &RemoteProductId {
        &self.remote
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

impl Record for Variant {
    type Id = RemoteVariantId;
    fn id(&self) -> &RemoteVariantId {
        &self.remote
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

impl Record for Customer {
    type Id = RemoteCustomerId;
    fn id(&self) -> &RemoteCustomerId {
        &self.remote
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

fn put<R: Record>(rows: &mut BTreeMap<R::Id, Row<R>>, record: &R, seen: &Seen) -> Put {
    let row = rows.entry(record.id().clone()).or_default();
    let stored = match &row.record {
        Some(known) if known.updated_at() > record.updated_at() => Stored::Older,
        Some(known) if known == record => Stored::Same,
        _ => Stored::Newer,
    };
    let run = row.seen.as_ref().and_then(|seen| seen.run.clone());
    let met_before = seen.run.is_some() && run == seen.run;
    // A full run's meeting brings a record back that was found gone before it, and so does a newer state, whenever it
    // was seen: workers' clocks differ.
    let back = match row.gone_at {
        Some(gone) => stored == Stored::Newer || seen.run.is_some() && seen.at > gone,
        None => false,
    };
    let at = row.seen.as_ref().map_or(seen.at, |before| before.at.max(seen.at));
    row.seen = Some(Seen { at, run: seen.run.clone().or(run) });
    if stored == Stored::Newer {
        row.record = Some(record.clone());
    }
    if back {
        row.gone_at = None;
    }
    Put { stored: if back && stored == Stored::Same { Stored::Newer } else { stored }, met_before }
}

fn shown(store: &StoreId, row: &Row<Variant>) -> Option<VariantRecord> {
    Some(VariantRecord {
        store: store.clone(),
        variant: row.record.clone()?,
        item: row.item.clone(),
        seen: row.seen.clone()?,
        gone_at: row.gone_at,
    })
}

fn shown_product(row: &Row<Product>) -> Option<Product> {
    let mut product = row.record.clone()?;
    if row.gone_at.is_some() {
        product.listing = Listing::Removed;
    }
    Some(product)
}

fn is_not_met<R>(row: &Row<R>, run: &RunId) -> bool {
    let met = row.seen.as_ref().is_some_and(|seen| seen.run.as_ref() == Some(run));
    row.record.is_some() && row.gone_at.is_none() && !met
}

/// Marks a row gone, unless it is or was never there, or was seen since.
fn gone<R>(row: &mut Row<R>, at: Timestamp, before: Timestamp) -> bool {
    let unseen = row.seen.as_ref().is_some_and(|seen| seen.at < before);
    let marks = row.record.is_some() && row.gone_at.is_none() && unseen;
    if marks {
        row.gone_at = Some(at);
    }
    marks
}

impl Memory {
    /// The records of one kind of a store, by their ids.
    fn listed<T>(
        &self,
        (what, org, store): (&str, &OrgId, &StoreId),
        ask: &Ask,
        of: impl FnOnce(&OfStore) -> Vec<(String, T)>,
    ) -> Result<Page<T>> {
        let all = self.all();
        let rows = all.orgs.get(org).and_then(|rows| rows.of_store.get(store)).map(of);
        page(&format!("{what} {org} {store}"), rows.unwrap_or_default(), false, ask)
    }

    fn of_store<T>(&self, org: &OrgId, store: &StoreId, of: impl FnOnce(&OfStore) -> Option<T>) -> Option<T> {
        self.all().orgs.get(org).and_then(|rows| rows.of_store.get(store)).and_then(of)
    }
}

#[async_trait]
impl Catalog for Memory {
    async fn put_products(
        &self,
        org: &OrgId,
        store: &StoreId,
        products: &[Product],
        seen: &Seen,
    ) -> Result<Vec<Put>> {
        let mut all = self.all();
        let of = all.of(org).store(store);
        Ok(products.iter().map(|record| put(&mut of.products, record, seen)).collect())
    }

    async fn put_variants(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[Variant],
        seen: &Seen,
    ) -> Result<Vec<Put>> {
        let mut all = self.all();
        let of = all.of(org).store(store);
        Ok(variants.iter().map(|record| put(&mut of.variants, record, seen)).collect())
    }

    async fn remove_product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<VariantRecord>> {
        let mut all = self.all();
        let of = all.of(org).store(store);
        let mut marked = Vec::new();
        for row in of.variants.values_mut() {
            if row.record.as_ref().is_some_and(|variant| variant.product == *product) && gone(row, at, before)
            {
                marked.extend(shown(store, row));
            }
        }
        if let Some(row) = of.products.get_mut(product) {
            gone(row, at, before);
        }
        Ok(marked)
    }

    async fn remove_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Option<VariantRecord>> {
        let mut all = self.all();
        let Some(row) = all.of(org).store(store).variants.get_mut(variant) else { return Ok(None) };
        Ok(if gone(row, at, before) { shown(store, row) } else { None })
    }

    async fn match_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        item: Option<&ItemId>,
    ) -> Result<()> {
        self.all().of(org).store(store).variants.entry(variant.clone()).or_default().item = item.cloned();
        Ok(())
    }

    async fn unmatch_variants(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[RemoteVariantId],
    ) -> Result<()> {
        for variant in variants {
            self.match_variant(org, store, variant, None).await?;
        }
        Ok(())
    }

    async fn product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
    ) -> Result<Option<Product>> {
        Ok(self.of_store(org, store, |of| of.products.get(product).and_then(shown_product)))
    }

    async fn variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
    ) -> Result<Option<VariantRecord>> {
        Ok(self.of_store(org, store, |of| of.variants.get(variant).and_then(|row| shown(store, row))))
    }

    async fn variants_by_id(
        &self,
        org: &OrgId,
        store: &StoreId,
        variants: &[RemoteVariantId],
    ) -> Result<Vec<VariantRecord>> {
        let found = self.of_store(org, store, |of| {
            let rows = variants.iter().filter_map(|id| of.variants.get(id));
            Some(rows.filter_map(|row| shown(store, row)).collect())
        });
        Ok(found.unwrap_or_default())
    }

    async fn variants_of(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
    ) -> Result<Vec<VariantRecord>> {
        let all = self.all();
        let of = all.orgs.get(org).and_then(|rows| rows.of_store.get(store));
        let records = of.into_iter().flat_map(|of| of.variants.values()).filter_map(|row| shown(store, row));
        Ok(records.filter(|record| record.variant.product == *product).collect())
    }
    async fn products(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Product>> {
        self.listed(("products", org, store), ask, |of| {
            of.products.iter().filter_map(|(id, row)| Some((id.to_string(), shown_product(row)?))).collect()
        })
    }

    async fn variants(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<VariantRecord>> {
        self.listed(("variants", org, store), ask, |of| {
            of.variants.iter().filter_map(|(id, row)| Some((id.to_string(), shown(store, row)?))).collect()
        })
    }

    async fn products_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteProductId>> {
        self.listed(("products not met", org, store), ask, |of| {
            let left = of.products.iter().filter(|(_, row)| is_not_met(row, run));
            left.map(|(id, _)| (id.to_string(), id.clone())).collect()
        })
    }

    async fn variants_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteVariantId>> {
        self.listed(("variants not met", org, store), ask, |of| {
            let left = of.variants.iter().filter(|(_, row)| is_not_met(row, run));
            left.map(|(id, _)| (id.to_string(), id.clone())).collect()
        })
    }

    async fn put_customers(
        &self,
        org: &OrgId,
        store: &StoreId,
        customers: &[Customer],
        seen: &Seen,
    ) -> Result<Vec<Put>> {
        let mut all = self.all();
        let of = all.of(org).store(store);
        Ok(customers.iter().map(|record| put(&mut of.customers, record, seen)).collect())
    }

    async fn remove_customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> Result<()> {
        self.all().of(org).store(store).customers.remove(customer);
        Ok(())
    }

    async fn customer(
        &self,
        org: &OrgId,
        store: &StoreId,
        customer: &RemoteCustomerId,
    ) -> Result<Option<Customer>> {
        Ok(self.of_store(org, store, |of| of.customers.get(customer)?.record.clone()))
    }

    async fn customers(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Customer>> {
        self.listed(("customers", org, store), ask, |of| {
            let kept = of.customers.iter();
            kept.filter_map(|(id, row)| Some((id.to_string(), row.record.clone()?))).collect()
        })
    }

    async fn customers_not_met(
        &self,
        org: &OrgId,
        store: &StoreId,
        run: &RunId,
        ask: &Ask,
    ) -> Result<Page<RemoteCustomerId>> {
        self.listed(("customers not met", org, store), ask, |of| {
            let left = of.customers.iter().filter(|(_, row)| is_not_met(row, run));
            left.map(|(id, _)| (id.to_string(), id.clone())).collect()
        })
    }
}
