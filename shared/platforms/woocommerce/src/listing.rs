//! Writing prices and titles.

use async_trait::async_trait;
use domain::RemoteProductId;
use domain::money::Money;
use domain::product::Listings;
use http::Method;
use platform::{Ctx, ErrorKind, PlatformError, Result, VariantName, WriteListing};
use serde_json::json;

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::catalog::odd;
use crate::fetch::digits;
use crate::wire::product::Product;

#[async_trait]
impl WriteListing for WooCommerce {
    async fn write_price(&self, ctx: &Ctx<'_>, variant: &VariantName, price: Money) -> Result<Listings> {
        const OP: &str = "write_price";
        if let Some(currency) = ctx.session.currency.filter(|currency| *currency != price.currency()) {
            let message =
                format!("the shop's prices are in {currency}, not in {}; convert first", price.currency());
            return Err(PlatformError::new(ErrorKind::Rejected, OP, message));
        }
        let path = path_of(OP, variant)?;
        let body = json!({ "regular_price": price.amount().to_string() });
        write(ctx, OP, path, &body, Some(variant.product.as_str())).await
    }

    async fn write_title(&self, ctx: &Ctx<'_>, product: &RemoteProductId, title: &str) -> Result<Listings> {
        const OP: &str = "write_title";
        if title.trim().is_empty() {
            return Err(PlatformError::new(ErrorKind::Rejected, OP, "a title must not be empty"));
        }
        let path = format!("products/{}", digits(OP, product.as_str())?);
        write(ctx, OP, path, &json!({ "name": title }), None).await
    }
}

/// The path of a variant: its own, or below its product.
pub(crate) fn path_of(op: &'static str, name: &VariantName) -> Result<String> {
    let (product, variant) = (digits(op, name.product.as_str())?, digits(op, name.variant.as_str())?);
    Ok(if product == variant {
        format!("products/{product}")
    } else {
        format!("products/{product}/variations/{variant}")
    })
}

async fn write(
    ctx: &Ctx<'_>,
    op: &'static str,
    path: String,
    body: &serde_json::Value,
    parent: Option<&str>,
) -> Result<Listings> {
    let shop = Shop::open(ctx)?;
    let answer = shop.ask(&Call::send(op, Method::PUT, path, body)).await?;
    let product: Product = answer.shaped()?;
    product.listings(parent, ctx.session.currency).map_err(|why| odd(op, &why).unsure())
}
