//! Names for answers of the REST API.

use domain::customer;
use domain::order::{self, OrderState};
use domain::product::{Listing, Listings, Stock};
use http::Method;
use platform::Outcome;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Endpoint;
use crate::catalog::gather;
use crate::read::{Answer, Complaint};
use crate::stock::outcome_of;
use crate::wire::currency;
use crate::wire::customer::Customer;
use crate::wire::loose::{List, Maybe};
use crate::wire::order::{Order, Refund, Refunded};
use crate::wire::product::Product;
use crate::wire::site::{CurrentCurrency, Index, Setting};
use crate::wire::webhook::Webhook;

const PRODUCT_NEEDS: [&str; 3] = ["id", "type", "date_modified_gmt"];
const ORDER_NEEDS: [&str; 5] = ["id", "status", "currency", "total", "line_items"];
const PERSON_NEEDS: [&str; 2] = ["id", "date_created_gmt"];
const HOOK_NEEDS: [&str; 4] = ["id", "status", "topic", "delivery_url"];

type Name = Result<String, String>;

/// The name of an answer to a call.
pub(super) fn name(method: &Method, endpoint: &Endpoint, answer: &Answer) -> Name {
    let steps: Vec<&str> = endpoint.steps.iter().map(String::as_str).collect();
    let list = *method == Method::GET;
    match steps.as_slice() {
        [] if endpoint.lacks(&["namespaces"]) => not_used(answer, "index (trimmed)"),
        [] => index(answer),
        [other] if endpoint.elsewhere => not_used(answer, other),
        ["products"] if list => {
            rows(endpoint, answer, "products", &PRODUCT_NEEDS, |answer| products(answer, None))
        }
        ["variations"] if list => {
            rows(endpoint, answer, "variations", &PRODUCT_NEEDS, |answer| products(answer, None))
        }
        ["products", parent, "variations"] if list => {
            rows(endpoint, answer, "variations", &["id", "date_modified_gmt"], |answer| {
                products(answer, Some(parent))
            })
        }
        ["products", "batch"] => batch(answer, "products", |row| product(row, None)),
        ["products", parent, "variations", "batch"] => {
            batch(answer, "variations", |row| product(row, Some(parent)))
        }
        ["products"] => product(answer.json(), None),
        ["products", id] if is_id(id) => {
            one(endpoint, answer, "product", &PRODUCT_NEEDS, |json| product(json, None))
        }
        ["products", parent, "variations"] => product(answer.json(), Some(parent)),
        ["products", parent, "variations", id] if is_id(id) => {
            one(endpoint, answer, "variation", &["id", "date_modified_gmt"], |json| {
                product(json, Some(parent))
            })
        }
        ["orders"] if list => rows(endpoint, answer, "orders", &ORDER_NEEDS, orders),
        ["orders", "batch"] => batch(answer, "orders", order),
        ["orders"] => order(answer.json()),
        ["orders", id] if is_id(id) => one(endpoint, answer, "order", &ORDER_NEEDS, order),
        ["orders", _, "refunds"] if list => rows(endpoint, answer, "refunds", &["id", "line_items"], refunds),
        ["orders", _, "refunds"] | ["orders", _, "refunds", _] => {
            let refund: Refund = shaped(answer.json())?;
            refund.id.0.as_deref().ok_or("a refund without an id")?;
            Ok(format!("refund of {} units", Refunded::of(&[refund]).units()))
        }
        ["customers"] if list => rows(endpoint, answer, "customers", &PERSON_NEEDS, people),
        ["customers", "batch"] => batch(answer, "customers", person),
        ["customers"] => person(answer.json()),
        ["customers", id] if is_id(id) => one(endpoint, answer, "customer", &PERSON_NEEDS, person),
        ["webhooks"] if list => rows(endpoint, answer, "webhooks", &HOOK_NEEDS, hooks),
        ["webhooks", "batch"] => batch(answer, "webhooks", hook),
        ["webhooks"] => hook(answer.json()),
        ["webhooks", id] if is_id(id) => one(endpoint, answer, "webhook", &HOOK_NEEDS, hook),
        ["data", "currencies", "current"] => {
            let current: CurrentCurrency = shaped(answer.json())?;
            let code = currency(&current.code.0).ok_or("no currency")?;
            Ok(format!("currency {code}"))
        }
        ["settings", ..] if endpoint.lacks(&["id"]) => not_used(answer, &steps.join("/")),
        ["settings", _] => settings(answer),
        ["settings", _, id] => setting(answer, id),
        _ if is_known(&steps) => not_used(answer, &steps.join("/")),
        _ => Err("the crate does not know this call".to_owned()),
    }
}

/// What the shop can do and the crate does not use.
fn is_known(steps: &[&str]) -> bool {
    match steps {
        ["products", below, ..] => {
            matches!(
                *below,
                "categories"
                    | "tags"
                    | "attributes"
                    | "reviews"
                    | "shipping_classes"
                    | "brands"
                    | "custom-fields"
            )
        }
        ["orders", "statuses"] | ["orders", _, "notes", ..] | ["orders", _, "actions", ..] => true,
        ["customers", _, "downloads"] => true,
        [first, ..] => matches!(
            *first,
            "system_status"
                | "payment_gateways"
                | "shipping"
                | "shipping_methods"
                | "reports"
                | "data"
                | "taxes"
                | "coupons"
                | "settings"
                | "refunds"
        ),
        [] => false,
    }
}

fn is_id(step: &str) -> bool {
    step.bytes().all(|byte| byte.is_ascii_digit())
}

/// An answer that nothing reads: it must be an object or a list all the same.
pub(super) fn not_used(answer: &Answer, what: &str) -> Name {
    if answer.json().starts_with(['{', '[']) {
        Ok(format!("not used: {what}"))
    } else {
        Err("neither an object nor a list".to_owned())
    }
}

fn shaped<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json)
        .map_err(|cause| format!("another shape (line {} column {})", cause.line(), cause.column()))
}

/// A list: named by what it holds, or only counted where it was trimmed.
fn rows(
    endpoint: &Endpoint,
    answer: &Answer,
    noun: &str,
    needs: &[&str],
    whole: impl Fn(&Answer) -> Name,
) -> Name {
    let of = answer.total.map(|total| format!(" of {total}")).unwrap_or_default();
    if !endpoint.lacks(needs) {
        return Ok(format!("{}{of}", whole(answer)?));
    }
    let rows: Vec<serde_json::Map<String, Value>> = shaped(answer.json())?;
    Ok(format!("{noun} {} (trimmed){of}", rows.len()))
}

fn one(
    endpoint: &Endpoint,
    answer: &Answer,
    noun: &str,
    needs: &[&str],
    whole: impl Fn(&str) -> Name,
) -> Name {
    if !endpoint.lacks(needs) {
        return whole(answer.json());
    }
    let row: Value = shaped(answer.json())?;
    let id = row.get("id").map(ToString::to_string).ok_or("a record without an id")?;
    Ok(format!("{noun} {id} (trimmed)"))
}

fn index(answer: &Answer) -> Name {
    let index: Index = shaped(answer.json())?;
    match (index.is_one(), index.has_woocommerce()) {
        (false, _) => Err("an index without namespaces".to_owned()),
        (true, false) => Ok("index without WooCommerce".to_owned()),
        (true, true) => Ok(format!("index with WooCommerce, zone {}", index.zone().unwrap_or_default())),
    }
}

fn products(answer: &Answer, parent: Option<&str>) -> Name {
    let rows: Vec<Product> = shaped(answer.json())?;
    let all = gather(&rows, parent, currency("XXX")).map_err(|why| why.to_string())?;
    let tracked = all.variants.iter().filter(|variant| variant.level().is_some()).count();
    Ok(format!("products {} (variants {}, counted {tracked})", all.products.len(), all.variants.len()))
}

fn product(json: &str, parent: Option<&str>) -> Name {
    let row: Product = shaped(json)?;
    let listings = row.listings(parent, currency("XXX")).map_err(|why| why.to_string())?;
    Ok(name_listings(&listings))
}

/// Products and variants in one line.
pub(super) fn name_listings(listings: &Listings) -> String {
    let mut parts = Vec::new();
    for product in &listings.products {
        let listing = match product.listing {
            Listing::Published => "published",
            Listing::Hidden => "hidden",
            Listing::Removed => "removed",
        };
        parts.push(format!("product {} {listing}", product.remote));
    }
    for variant in &listings.variants {
        let stock = match &variant.stock {
            Stock::Tracked { level } => format!("level {level}"),
            Stock::Pooled { holder } => format!("counted at {holder}"),
            Stock::Untracked { in_stock: true } => "uncounted".to_owned(),
            Stock::Untracked { in_stock: false } => "uncounted, sold out".to_owned(),
        };
        let holds = if variant.sellable { "variant" } else { "holder" };
        parts.push(format!("{holds} {} {stock}", variant.remote));
    }
    parts.join(", ")
}

fn orders(answer: &Answer) -> Name {
    let rows: Vec<Order> = shaped(answer.json())?;
    let (mut lines, mut taken, many) = (0, Decimal::ZERO, rows.len());
    for row in rows {
        let order = row.with(&Refunded::default()).map_err(|why| why.to_string())?;
        lines += order.lines.len();
        taken += order.lines.iter().map(|line| line.taken).sum::<Decimal>();
    }
    Ok(format!("orders {many} (lines {lines}, taken {taken})"))
}

fn order(json: &str) -> Name {
    let row: Order = shaped(json)?;
    let refunds = if row.has_refunds() { ", refunds to read" } else { "" };
    let order = row.with(&Refunded::default()).map_err(|why| why.to_string())?;
    Ok(format!("{}{refunds}", name_order(&order)))
}

/// An order in one line, without a person in it.
pub(super) fn name_order(order: &order::Order) -> String {
    let state = match order.state {
        OrderState::Draft => "draft",
        OrderState::Pending => "pending",
        OrderState::Open => "open",
        OrderState::Fulfilled => "fulfilled",
        OrderState::Refunded => "refunded",
        OrderState::Cancelled => "cancelled",
        OrderState::Failed => "failed",
        OrderState::Removed => "removed",
    };
    let taken: Decimal = order.lines.iter().map(|line| line.taken).sum();
    let restocked: Decimal = order.lines.iter().map(|line| line.restocked).sum();
    let back = if restocked.is_zero() { String::new() } else { format!(", restocked {restocked}") };
    format!(
        "order {} {state}, {}, lines {}, taken {taken}{back}",
        order.remote,
        order.total,
        order.lines.len()
    )
}

fn refunds(answer: &Answer) -> Name {
    let refunds: Vec<Refund> = shaped(answer.json())?;
    Ok(format!("refunds {} ({} units)", refunds.len(), Refunded::of(&refunds).units()))
}

fn people(answer: &Answer) -> Name {
    let rows: Vec<Customer> = shaped(answer.json())?;
    let many = rows.len();
    for row in rows {
        customer::Customer::try_from(row).map_err(|why| why.to_string())?;
    }
    Ok(format!("customers {many}"))
}

fn person(json: &str) -> Name {
    let row: Customer = shaped(json)?;
    let customer = customer::Customer::try_from(row).map_err(|why| why.to_string())?;
    Ok(format!("customer {}", customer.remote))
}

fn hooks(answer: &Answer) -> Name {
    let rows: Vec<Webhook> = shaped(answer.json())?;
    for row in &rows {
        name_hook(row)?;
    }
    let active = rows.iter().filter(|row| row.status.0 == "active").count();
    Ok(format!("webhooks {} ({active} active)", rows.len()))
}

fn hook(json: &str) -> Name {
    name_hook(&shaped(json)?)
}

fn name_hook(webhook: &Webhook) -> Name {
    let id = webhook.id.0.as_deref().ok_or("a webhook without an id")?;
    if webhook.topic.0.is_empty() || webhook.delivery_url.0.is_empty() {
        return Err("a webhook without topic or address".to_owned());
    }
    Ok(format!("webhook {id} {} {}", webhook.status.0, webhook.topic.0))
}

fn settings(answer: &Answer) -> Name {
    let rows: Vec<Setting> = shaped(answer.json())?;
    if rows.iter().any(|row| row.id.0.is_empty()) {
        return Err("a setting without an id".to_owned());
    }
    let found =
        rows.iter().find(|row| row.id.0 == "woocommerce_currency").and_then(|row| currency(&row.value.0));
    let found = found.map(|code| format!(", currency {code}")).unwrap_or_default();
    Ok(format!("settings {}{found}", rows.len()))
}

fn setting(answer: &Answer, id: &str) -> Name {
    let row: Setting = shaped(answer.json())?;
    if row.id.0.is_empty() {
        return Err("a setting without an id".to_owned());
    }
    Ok(match id {
        "woocommerce_currency" | "woocommerce_manage_stock" => {
            format!("setting {} {}", row.id.0, row.value.0)
        }
        _ => format!("not used: setting {}", row.id.0),
    })
}

/// The answer of a batch, row by row.
#[derive(Deserialize)]
struct Batch {
    #[serde(default)]
    create: List<Box<serde_json::value::RawValue>>,
    #[serde(default)]
    update: List<Box<serde_json::value::RawValue>>,
    #[serde(default)]
    delete: List<Box<serde_json::value::RawValue>>,
}

/// A row that was refused.
#[derive(Deserialize)]
struct Refused {
    #[serde(default)]
    error: Maybe<Complaint>,
}

fn batch(answer: &Answer, noun: &str, whole: impl Fn(&str) -> Name) -> Name {
    let batch: Batch = shaped(answer.json())?;
    let mut parts = Vec::new();
    for (verb, rows) in [("created", batch.create), ("updated", batch.update), ("deleted", batch.delete)] {
        if rows.0.is_empty() {
            continue;
        }
        let mut refused = 0;
        for row in &rows.0 {
            let complaint: Refused = shaped(row.get())?;
            if complaint.error.0.is_some() {
                refused += 1;
            } else {
                whole(row.get())?;
            }
        }
        let done = rows.0.len().saturating_sub(refused);
        let refused = if refused == 0 { String::new() } else { format!(" (refused {refused})") };
        parts.push(format!("{verb} {done}{refused}"));
    }
    Ok(if parts.is_empty() {
        format!("batch of {noun}: nothing")
    } else {
        format!("batch of {noun}: {}", parts.join(", "))
    })
}

/// A row of a stock batch as its outcome.
pub(super) fn batch_row(json: &str) -> Name {
    let row: Product = shaped(json)?;
    if row.error.0.is_none() && row.id.0.is_none() {
        return Err("a row without id and error".to_owned());
    }
    let code = row.error.0.as_ref().map(|complaint| format!(" ({})", complaint.code.0)).unwrap_or_default();
    Ok(match outcome_of(&row) {
        Outcome::Applied { now } => {
            format!("row applied, shows {}", now.map(|it| it.to_string()).unwrap_or_default())
        }
        Outcome::Refused { .. } => format!("row refused{code}"),
        Outcome::Unknown => format!("row unknown{code}"),
        Outcome::Stale { .. } => "row stale".to_owned(),
    })
}
