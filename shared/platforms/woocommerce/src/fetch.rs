//! Reading one record afresh.

use async_trait::async_trait;
use domain::event::{About, Event};
use domain::product::Listings;
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId, customer};
use platform::{Ctx, ErrorKind, Fetch, PlatformError, Result};

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::catalog::{gather, odd};
use crate::limits::MOST_PER_PAGE;
use crate::orders::whole;
use crate::page::{Page, read_page};
use crate::wire::customer::Customer;
use crate::wire::order::{ORDER_FIELDS, Order};
use crate::wire::product::{PRODUCT_FIELDS, Product, VARIATION_FIELDS};

const OP: &str = "fetch";

#[async_trait]
impl Fetch for WooCommerce {
    async fn fetch(&self, ctx: &Ctx<'_>, about: &About) -> Result<Vec<Event>> {
        let shop = Shop::open(ctx)?;
        let event = match about {
            About::Order(id) => order(ctx, &shop, id).await,
            About::Product(id) => product(ctx, &shop, id).await,
            About::Customer(id) => person(&shop, id).await,
            About::Stock(_) => Ok(Event::Ignored("this platform counts at its variants")),
        };
        match event {
            Ok(event) => Ok(vec![event]),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(vec![gone(about)]),
            Err(error) => Err(error),
        }
    }
}

fn gone(about: &About) -> Event {
    match about {
        About::Order(id) => Event::OrderGone(id.clone()),
        About::Product(id) => Event::ProductGone(id.clone()),
        About::Customer(id) => Event::CustomerGone(id.clone()),
        About::Stock(_) => Event::Ignored("this platform counts at its variants"),
    }
}

/// An id as a step of a path: digits and nothing else.
pub(crate) fn digits<'a>(op: &'static str, id: &'a str) -> Result<&'a str> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id)
    } else {
        Err(PlatformError::new(
            ErrorKind::NotFound,
            op,
            "the shop numbers its records, and this id is no number",
        ))
    }
}

async fn order(ctx: &Ctx<'_>, shop: &Shop<'_>, id: &RemoteOrderId) -> Result<Event> {
    let call = Call::get(OP, format!("orders/{}", digits(OP, id.as_str())?)).with("_fields", ORDER_FIELDS);
    let order: Order = shop.ask(&call).await?.shaped()?;
    Ok(Event::Order(Box::new(whole(ctx, shop, OP, order).await?)))
}

/// A product with all its variations, or a variation by its own id.
async fn product(ctx: &Ctx<'_>, shop: &Shop<'_>, id: &RemoteProductId) -> Result<Event> {
    let path = format!("products/{}", digits(OP, id.as_str())?);
    let call = Call::get(OP, path.clone()).with("_fields", PRODUCT_FIELDS);
    let product: Product = shop.ask(&call).await?.shaped()?;
    if product.is_trashed() {
        return Ok(Event::ProductGone(id.clone()));
    }
    let currency = ctx.session.currency;
    let mut listings: Listings = product.listings(None, currency).map_err(|why| odd(OP, &why))?;
    if product.is_variable() {
        let call = Call::get(OP, format!("{path}/variations"))
            .with("orderby", "id")
            .with("order", "asc")
            .with("_fields", VARIATION_FIELDS);
        let mut from = Some(0);
        while let Some(offset) = from {
            let page: Page<Product> = read_page(ctx, shop, &call, offset, MOST_PER_PAGE).await?;
            let more = gather(&page.rows, Some(id.as_str()), currency).map_err(|why| odd(OP, &why))?;
            listings.variants.extend(more.variants);
            from = page.next;
        }
    }
    Ok(Event::Catalog(Box::new(listings)))
}

async fn person(shop: &Shop<'_>, id: &RemoteCustomerId) -> Result<Event> {
    let call = Call::get(OP, format!("customers/{}", digits(OP, id.as_str())?));
    let row: Customer = shop.ask(&call).await?.shaped()?;
    let customer = customer::Customer::try_from(row).map_err(|why| odd(OP, &why))?;
    Ok(Event::Customer(Box::new(customer)))
}
