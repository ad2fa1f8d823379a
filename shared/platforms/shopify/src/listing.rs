//! Writing prices and titles.

use async_trait::async_trait;
use domain::RemoteProductId;
use domain::money::Money;
use domain::product::Listings;
use platform::{Ctx, ErrorKind, PlatformError, Result, VariantName, WriteListing};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Shopify;
use crate::call::Shop;
use crate::documents::Document;
use crate::read::Asked;
use crate::refusal::{UserError, accepted};
use crate::wire::loose::{gid, is_digits};
use crate::wire::product_graph::{Product, Variant};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneVariant {
    product_variant: Option<Variant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceWritten {
    product_variants_bulk_update: Option<Prices>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prices {
    product_variants: Option<Vec<Variant>>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TitleWritten {
    product_update: Option<Titled>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Titled {
    product: Option<Product>,
    user_errors: Vec<UserError>,
}

fn gone(op: &'static str) -> PlatformError {
    PlatformError::new(ErrorKind::NotFound, op, "the shop does not have this record any more; it was deleted")
}

fn global(op: &'static str, kind: &str, id: &str) -> Result<String> {
    if is_digits(id) { Ok(gid(kind, id)) } else { Err(gone(op)) }
}

#[async_trait]
impl WriteListing for Shopify {
    async fn write_price(&self, ctx: &Ctx<'_>, variant: &VariantName, price: Money) -> Result<Listings> {
        const OP: &str = "write_price";
        if let Some(currency) = ctx.session.currency.filter(|currency| *currency != price.currency()) {
            let message =
                format!("the shop's prices are in {currency}, not in {}; convert first", price.currency());
            return Err(PlatformError::new(ErrorKind::Rejected, OP, message));
        }
        let shop = Shop::open(ctx)?;
        let id = global(OP, "ProductVariant", variant.variant.as_str())?;
        let product = global(OP, "Product", variant.product.as_str())?;
        let answer = shop.ask(OP, Document::Variant, json!({ "id": id })).await?;
        let now = answer.shaped::<OneVariant>()?.product_variant.ok_or_else(|| gone(OP))?;
        let change = change(&id, now.price.0, now.compare_at_price.0, price.amount());
        let variables = json!({ "product": product, "variants": [change] });
        let answer = shop.change(OP, Document::WritePrice, variables).await?;
        let asked = Asked { op: OP, writes: true };
        let written = answer
            .shaped::<PriceWritten>()?
            .product_variants_bulk_update
            .ok_or_else(|| asked.unreadable("no answer to the price"))?;
        accepted(OP, &written.user_errors)?;
        let currency = ctx.session.currency.or(Some(price.currency()));
        let shown = written
            .product_variants
            .unwrap_or_default()
            .iter()
            .map(|row| row.variant(Some(variant.product.as_str()), currency))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|why| why.error(OP).unsure())?;
        Ok(Listings { products: Vec::new(), variants: shown })
    }

    async fn write_title(&self, ctx: &Ctx<'_>, product: &RemoteProductId, title: &str) -> Result<Listings> {
        const OP: &str = "write_title";
        if title.trim().is_empty() {
            return Err(PlatformError::new(ErrorKind::Rejected, OP, "a title must not be empty"));
        }
        let shop = Shop::open(ctx)?;
        let id = global(OP, "Product", product.as_str())?;
        let variables = json!({ "product": { "id": id, "title": title } });
        let answer = shop.change(OP, Document::WriteTitle, variables).await?;
        let asked = Asked { op: OP, writes: true };
        let written = answer
            .shaped::<TitleWritten>()?
            .product_update
            .ok_or_else(|| asked.unreadable("no answer to the title"))?;
        if written.product.is_none() && written.user_errors.iter().any(|it| it.message.contains("not exist"))
        {
            return Err(gone(OP));
        }
        accepted(OP, &written.user_errors)?;
        let shown = written.product.ok_or_else(|| asked.unreadable("no product"))?;
        let shown = shown.product().map_err(|why| why.error(OP).unsure())?;
        Ok(Listings { products: vec![shown], variants: Vec::new() })
    }
}

/// What is written so that the price without a sale becomes `regular`: a sale that stays a sale is kept.
fn change(id: &str, price: Option<Decimal>, before: Option<Decimal>, regular: Decimal) -> Value {
    let on_sale = before.zip(price).filter(|(before, price)| before > price);
    match on_sale {
        Some((_, price)) if regular > price => json!({ "id": id, "compareAtPrice": regular.to_string() }),
        _ => json!({ "id": id, "price": regular.to_string(), "compareAtPrice": null }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_is_kept_while_it_is_one() {
        let changed = |price: &str, before: Option<&str>, regular: &str| {
            let before = before.map(|before| before.parse().unwrap());
            change("v", price.parse().ok(), before, regular.parse().unwrap()).to_string()
        };
        assert_eq!(changed("8.00", None, "9.50"), r#"{"id":"v","price":"9.50","compareAtPrice":null}"#);
        assert_eq!(changed("8.00", Some("10.00"), "12.00"), r#"{"id":"v","compareAtPrice":"12.00"}"#);
        assert_eq!(
            changed("8.00", Some("10.00"), "8.00"),
            r#"{"id":"v","price":"8.00","compareAtPrice":null}"#
        );
        assert_eq!(
            changed("8.00", Some("5.00"), "9.00"),
            r#"{"id":"v","price":"9.00","compareAtPrice":null}"#
        );
    }
}
