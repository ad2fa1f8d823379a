//! Reading orders.

use super::super::args::Check;
use super::super::call::{Call, Dates, Paging, Reply};
use super::super::error::RestError;
use super::super::order::{Order, STATUS_NAMES};
use super::super::store::Store;
use serde_json::{Value, json};

const ORDERBY: [&str; 6] = ["date", "id", "include", "title", "slug", "modified"];
const STATUS: [&str; 11] = [
    "any",
    "trash",
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
];

pub(crate) fn list(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let clock = &store.clock;
    let mut check = Check::new(&call.args);
    let paging = Paging::read(&mut check);
    let dates = Dates::read(&mut check, clock);
    let exclude = check.ids("exclude");
    let include = check.ids("include");
    let ascending = check.one_of("order", &["asc", "desc"]).as_deref() == Some("asc");
    let orderby = check.one_of("orderby", &ORDERBY);
    let status = check.many_of("status", &STATUS).unwrap_or_else(|| vec!["any".into()]);
    let customer = check.int("customer", None, None);
    let product = check.int("product", None, None);
    check.done()?;
    let search = call.text("search").map(|text| text.to_lowercase()).filter(|text| !text.is_empty());
    let any = status.iter().any(|status| status == "any");
    let wanted = |order: &&Order| {
        let hidden = matches!(order.status.as_str(), "trash" | "auto-draft" | "checkout-draft");
        ((any && !hidden) || status.contains(&order.status))
            && (include.is_empty() || include.contains(&order.id))
            && !exclude.contains(&order.id)
            && customer.is_none_or(|customer| order.customer == customer as u64)
            && product.is_none_or(|product| {
                order
                    .lines
                    .iter()
                    .any(|line| line.product == product as u64 || line.variation == product as u64)
            })
            && search.as_deref().is_none_or(|text| found(order, text))
            && dates.allow(clock, order.created, order.modified)
    };
    let mut rows: Vec<&Order> = store.orders.values().filter(wanted).collect();
    match orderby.as_deref().unwrap_or("date") {
        "id" => {}
        "modified" => rows.sort_by_key(|order| (order.modified, order.id)),
        "include" => {
            rows.sort_by_key(|order| include.iter().position(|id| *id == order.id));
            rows.reverse();
        }
        _ => rows.sort_by_key(|order| (order.created, order.id)),
    }
    if !ascending {
        rows.reverse();
    }
    let page = paging.cut(&rows).iter().map(|order| store.order_value(order)).collect();
    paging.reply(store, call, rows.len(), page)
}

fn found(order: &Order, text: &str) -> bool {
    order.id.to_string() == text
        || order.billing.values().any(|value| super::super::json::text(value).to_lowercase().contains(text))
        || order.lines.iter().any(|line| line.name.to_lowercase().contains(text))
}

pub(crate) fn get(store: &Store, id: u64) -> Result<Reply, RestError> {
    match store.orders.get(&id) {
        Some(order) => Reply::one(store.order_value(order)),
        None => Err(RestError::invalid_id("shop_order", 404)),
    }
}

pub(crate) fn statuses() -> Result<Reply, RestError> {
    Reply::list(STATUS_NAMES.iter().map(|(slug, name)| json!({"slug": slug, "name": name})).collect())
}

pub(crate) fn notes(store: &Store, id: u64) -> Result<Reply, RestError> {
    let Some(order) = store.orders.get(&id) else {
        return Err(RestError::new(404, "woocommerce_rest_order_invalid_id", "Invalid order ID."));
    };
    let rows: Vec<Value> = order.notes.iter().rev().map(|note| store.note_value(id, note)).collect();
    Reply::list(rows)
}
