//! Refunds.

use super::super::args::Check;
use super::super::call::{Call, Dates, Paging, Reply};
use super::super::error::RestError;
use super::super::json::{text, whole};
use super::super::order::Refund;
use super::super::store::Store;
use rust_decimal::Decimal;
use serde_json::Value;

fn no_order() -> RestError {
    RestError::new(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.")
}

pub(crate) fn list(store: &Store, call: &Call, order: u64) -> Result<Reply, RestError> {
    if !store.orders.contains_key(&order) {
        return Err(no_order());
    }
    rows(store, call, Some(order))
}

pub(crate) fn list_all(store: &Store, call: &Call) -> Result<Reply, RestError> {
    rows(store, call, None)
}

fn rows(store: &Store, call: &Call, order: Option<u64>) -> Result<Reply, RestError> {
    let mut check = Check::new(&call.args);
    let paging = Paging::read(&mut check);
    let dates = Dates::read(&mut check, &store.clock);
    let ascending = check.one_of("order", &["asc", "desc"]).as_deref() == Some("asc");
    check.one_of("orderby", &["date", "id", "include", "title", "slug", "modified"]);
    check.done()?;
    let mut found: Vec<&Refund> = store
        .refunds
        .values()
        .filter(|refund| order.is_none_or(|order| refund.order == order))
        .filter(|refund| dates.allow(&store.clock, refund.created, refund.created))
        .collect();
    if !ascending {
        found.reverse();
    }
    let page = paging.cut(&found).iter().map(|refund| store.refund_value(refund, order.is_none())).collect();
    paging.reply(store, call, found.len(), page)
}

fn own(store: &Store, order: u64, id: u64) -> Result<&Refund, RestError> {
    if !store.orders.contains_key(&order) {
        return Err(no_order());
    }
    let found = store.refunds.get(&id).filter(|refund| refund.order == order);
    found.ok_or_else(|| {
        RestError::new(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
    })
}

pub(crate) fn get(store: &Store, order: u64, id: u64) -> Result<Reply, RestError> {
    Reply::one(store.refund_value(own(store, order, id)?, false))
}

pub(crate) fn delete(store: &mut Store, call: &Call, order: u64, id: u64) -> Result<Reply, RestError> {
    let value = store.refund_value(own(store, order, id)?, false);
    if !call.flag("force") {
        return Err(RestError::no_trash("Webhooks"));
    }
    store.refunds.remove(&id);
    if let Some(order) = store.orders.get_mut(&order) {
        order.refunds.retain(|refund| *refund != id);
    }
    store.touch_order(order);
    Reply::one(value)
}

pub(crate) fn create(store: &mut Store, call: &Call, order: u64) -> Result<Reply, RestError> {
    let Some(found) = store.orders.get(&order) else { return Err(no_order()) };
    let decimal = |value: Option<&Value>| value.and_then(|value| text(value).parse::<Decimal>().ok());
    let mut lines = Vec::new();
    for row in call.args.get("line_items").and_then(Value::as_array).into_iter().flatten() {
        let id = row.get("id").and_then(whole).unwrap_or(0) as u64;
        if !found.lines.iter().any(|line| line.id == id) {
            return Err(RestError::new(
                400,
                "woocommerce_rest_invalid_item_id",
                "Order item ID provided is not associated with order.",
            ));
        }
        let quantity = row.get("quantity").and_then(whole).unwrap_or(0);
        lines.push((id, quantity, decimal(row.get("refund_total")).unwrap_or_default()));
    }
    let summed: Decimal = lines.iter().map(|line| line.2).sum();
    let amount = decimal(call.args.get("amount")).unwrap_or(summed);
    if amount < Decimal::ZERO || (amount.is_zero() && lines.is_empty()) {
        return Err(RestError::new(
            400,
            "woocommerce_rest_invalid_order_refund",
            "Refund amount must be greater than zero.",
        ));
    }
    let before: Decimal =
        found.refunds.iter().filter_map(|id| store.refunds.get(id)).map(|refund| refund.amount).sum();
    if before + amount > found.total() {
        return Err(RestError::new(
            500,
            "woocommerce_rest_cannot_create_order_refund",
            "Invalid refund amount.",
        ));
    }
    let restock = call.args.get("api_restock").and_then(super::super::json::truth).unwrap_or(true);
    let reason = call.text("reason").unwrap_or_default();
    let id = store.refund_order(order, amount, &reason, &lines, restock).ok_or_else(no_order)?;
    let value = store.refund_value(&store.refunds[&id], false);
    // The store forgets to fill the order's id into its own route here; recorded from 10.7.0.
    let place = store.link(&format!("orders/(?P<order_id>[\\d]+)/refunds/{id}"));
    Reply::created(value, place)
}
