//! `price` and `title`: writing to a shop's listing.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::hub::{Ask, Hub, read};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::Store;
use crate::which::Stores;

/// A new price.
pub(crate) struct Price<'a> {
    pub(crate) store: &'a str,
    pub(crate) variant: &'a str,
    pub(crate) amount: &'a str,
    pub(crate) currency: Option<&'a str>,
}

/// A variant of a shop, as far as it is needed to find it.
#[derive(Deserialize)]
struct VariantRecord {
    variant: Variant,
    #[serde(default)]
    gone_at: Option<Value>,
}

#[derive(Deserialize)]
struct Variant {
    remote: String,
    #[serde(default)]
    sku: Option<String>,
}

pub(crate) async fn price(hub: &Hub<'_>, page: &mut Page<'_, '_>, new: &Price<'_>) -> Result<()> {
    if !is_amount(new.amount) {
        return Err(Trouble::usage(format!("`{}` is not an amount", new.amount))
            .next("write it like 12.50, with a point and without a currency"));
    }
    let stores = Stores::of(hub).await?;
    let store = &stores.which(new.store)?.store;
    let currency = new.currency.or(store.currency.as_deref()).ok_or_else(|| {
        Trouble::usage(format!("{} has not said in which currency its prices are", store.name))
            .next("give it with --currency, such as --currency EUR")
    })?;
    let variant = variant(hub, store, new.variant).await?;
    let body = json!({"price": {"amount": new.amount, "currency": currency}});
    let answer = hub.patch(&["stores", &store.id, "variants", &variant], &body).await?;
    page.say(format!("{}: the price of variant {variant} becomes {} {currency}.", store.name, new.amount))?;
    page.document(&answer)
}

/// The shop's id of a variant that was named by it or by its SKU.
async fn variant(hub: &Hub<'_>, store: &Store, typed: &str) -> Result<String> {
    match hub.get(&["stores", &store.id, "variants", typed]).await {
        Ok(answer) => return Ok(read::<VariantRecord>(&answer)?.variant.remote),
        Err(trouble) if !trouble.is_not_found() => return Err(trouble),
        Err(_) => {}
    }
    let all = hub.list(&["stores", &store.id, "variants"], &Ask { filter: None, limit: None }).await?;
    let mut found = Vec::new();
    for value in &all.items {
        let record: VariantRecord = read(value)?;
        if record.gone_at.is_none() && record.variant.sku.as_deref() == Some(typed.trim()) {
            found.push(record.variant.remote);
        }
    }
    if found.len() > 1 {
        let what = format!("the SKU `{typed}` is that of several variants: {}", found.join(", "));
        return Err(Trouble::usage(what).next("give one of these ids"));
    }
    found.pop().ok_or_else(|| {
        Trouble::new(format!("{} has no variant with the id or SKU `{typed}`", store.name))
            .next("`storeloom stock SKU` shows the ids")
    })
}

pub(crate) async fn title(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    store: &str,
    product: &str,
    title: &str,
) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(store)?.store;
    let answer = hub.patch(&["stores", &store.id, "products", product], &json!({"title": title})).await?;
    page.say(format!("{}: the title of product {product} becomes `{}`.", store.name, title.trim()))?;
    page.document(&answer)
}

/// Digits, and digits behind a point.
fn is_amount(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(part) && text.len() <= 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for good in ["0", "12", "12.50", "0.001"] {
            assert!(is_amount(good), "{good}");
        }
        for bad in ["", "-1", "12,50", "1.", ".5", "1.2.3", "12 EUR", "1e3", "999999999999999999999"] {
            assert!(!is_amount(bad), "{bad}");
        }
    }
}
