//! Reading one record afresh.

use async_trait::async_trait;
use domain::event::{About, Event};
use domain::product::Listings;
use domain::{RemoteStockId, customer};
use platform::{Ctx, Fetch, Result};
use serde::Deserialize;
use serde_json::json;

use crate::Shopify;
use crate::call::Shop;
use crate::catalog::listings;
use crate::documents::Document;
use crate::missing;
use crate::orders;
use crate::wire::connection::Connection;
use crate::wire::customer::Graph;
use crate::wire::loose::{gid, is_digits};
use crate::wire::product_graph::{Product, Variant};

const OP: &str = "fetch";

#[async_trait]
impl Fetch for Shopify {
    async fn fetch(&self, ctx: &Ctx<'_>, about: &About) -> Result<Vec<Event>> {
        let shop = Shop::open(ctx)?;
        let event = match about {
            About::Order(id) => match known(id.as_str(), orders::one(&shop, OP, id.as_str())).await? {
                Some(order) => Event::Order(Box::new(order)),
                None if !is_digits(id.as_str()) => Event::OrderGone(id.clone()),
                None if missing::readable(&shop, OP).await?.holds(id.as_str()) => {
                    Event::OrderGone(id.clone())
                }
                None => Event::Ignored("the order is older than this app may read"),
            },
            About::Product(id) => known(id.as_str(), product(&shop, id.as_str())).await?.map_or_else(
                || Event::ProductGone(id.clone()),
                |listings| Event::Catalog(Box::new(listings)),
            ),
            About::Customer(id) => known(id.as_str(), person(&shop, id.as_str())).await?.map_or_else(
                || Event::CustomerGone(id.clone()),
                |customer| Event::Customer(Box::new(customer)),
            ),
            About::Stock(id) => match known(id.as_str(), stock(&shop, id)).await? {
                Some(listings) => Event::Catalog(Box::new(listings)),
                None => Event::Ignored("nothing sells the units of this inventory item any more"),
            },
        };
        Ok(vec![event])
    }
}

/// A record, where its id can be one: an id that is no number is no record's.
async fn known<T>(id: &str, reading: impl Future<Output = Result<Option<T>>>) -> Result<Option<T>> {
    if is_digits(id) { reading.await } else { Ok(None) }
}

#[derive(Deserialize)]
struct OneProduct {
    product: Option<Product>,
}

/// A product with all its variants.
async fn product(shop: &Shop<'_>, id: &str) -> Result<Option<Listings>> {
    let answer = shop.ask(OP, Document::Product, json!({ "id": gid("Product", id) })).await?;
    match answer.shaped::<OneProduct>()?.product {
        Some(product) => Ok(Some(listings(shop, OP, &product).await?)),
        None => Ok(None),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneItem {
    inventory_item: Option<Item>,
}

#[derive(Deserialize)]
struct Item {
    variants: Option<Connection<Variant>>,
}

/// The variants that sell the units of an inventory item.
async fn stock(shop: &Shop<'_>, id: &RemoteStockId) -> Result<Option<Listings>> {
    let variables = json!({ "id": gid("InventoryItem", id.as_str()) });
    let answer = shop.ask(OP, Document::StockItem, variables).await?;
    let variants = answer.shaped::<OneItem>()?.inventory_item.and_then(|item| item.variants);
    let Some(variants) = variants.filter(|variants| !variants.nodes.is_empty()) else { return Ok(None) };
    let currency = shop.ctx.session.currency;
    let variants = variants
        .nodes
        .iter()
        .map(|variant| variant.variant(None, currency).map_err(|why| why.error(OP)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Some(Listings { products: Vec::new(), variants }))
}

#[derive(Deserialize)]
struct OneCustomer {
    customer: Option<Graph>,
}

async fn person(shop: &Shop<'_>, id: &str) -> Result<Option<customer::Customer>> {
    let answer = shop.ask(OP, Document::Customer, json!({ "id": gid("Customer", id) })).await?;
    match answer.shaped::<OneCustomer>()?.customer {
        Some(customer) => {
            Ok(Some(customer.try_into().map_err(|why: crate::wire::Unreadable| why.error(OP))?))
        }
        None => Ok(None),
    }
}
