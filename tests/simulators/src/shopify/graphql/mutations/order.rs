//! Orders are cancelled, closed and refunded.

use super::super::super::gid::number;
use super::super::super::refunds::Given;
use super::super::super::subscription::About;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

pub(super) fn cancel(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("orderId", "Order").filter(|id| context.store.orders.contains_key(id));
    let refuse = |text: &str, code: &str| {
        let errors = vec![user_error(&["orderId"], text, Some(code))];
        payload(vec![("job", Out::Null), ("orderCancelUserErrors", Out::plain("", json!(errors)))], errors)
    };
    let Some(id) = found else { return refuse("Order does not exist", "NOT_FOUND") };
    let refund = call.flag("refund")
        || call.get("refundMethod").is_some_and(|given| given["originalPaymentMethodsRefund"] == true);
    let reason = call.text("reason").unwrap_or("OTHER").to_owned();
    match context.store.cancel(id, &reason, call.flag("restock"), refund) {
        Err(text) => refuse(&text, "INVALID"),
        Ok(()) => {
            let job = format!("gid://shopify/Job/{}", context.store.random.uuid());
            let job = Out::plain("Job", json!({"id": job, "done": true}));
            payload(vec![("job", job), ("orderCancelUserErrors", Out::Many(Vec::new()))], Vec::new())
        }
    }
}

pub(super) fn close(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let id = call.get("input").and_then(|input| number(input["id"].as_str()?, "Order"));
    let Some(id) = id.filter(|id| context.store.orders.contains_key(id)) else {
        return payload(vec![("order", Out::Null)], vec![user_error(&["id"], "Order does not exist", None)]);
    };
    let now = context.store.now();
    if let Some(order) = context.store.orders.get_mut(&id) {
        order.closed.get_or_insert(now);
    }
    context.store.touch_order(id);
    context.store.fire("ORDERS_UPDATED", About::Order(id));
    payload(vec![("order", Out::One(Thing::Order(id)))], Vec::new())
}

pub(super) fn refund(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let input = call.get("input").cloned().unwrap_or_default();
    let id = input["orderId"]
        .as_str()
        .and_then(|id| number(id, "Order"))
        .filter(|id| context.store.orders.contains_key(id));
    let nothing = |errors| payload(vec![("refund", Out::Null), ("order", Out::Null)], errors);
    let Some(id) = id else { return nothing(vec![user_error(&["orderId"], "Order does not exist", None)]) };
    let mut lines = Vec::new();
    for row in input["refundLineItems"].as_array().into_iter().flatten() {
        let kind = row["restockType"].as_str().unwrap_or("NO_RESTOCK");
        lines.push(Given {
            line: row["lineItemId"].as_str().and_then(|id| number(id, "LineItem")).unwrap_or(0),
            units: row["quantity"].as_i64().unwrap_or(0),
            restock: kind.into(),
            location: row["locationId"].as_str().and_then(|id| number(id, "Location")),
        });
    }
    let paid: Decimal = input["transactions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row: &Json| row["amount"].as_str()?.parse::<Decimal>().ok())
        .sum();
    if paid > context.store.orders[&id].received() - context.store.orders[&id].refunded() {
        let text = "Refund amount is greater than the refundable amount";
        return nothing(vec![user_error(&["transactions"], text, None)]);
    }
    let note = input["note"].as_str().map(str::to_owned);
    match context.store.refund(id, &lines, Some(paid), note) {
        Ok(refund) => {
            let gives =
                vec![("refund", Out::One(Thing::Refund(id, refund))), ("order", Out::One(Thing::Order(id)))];
            payload(gives, Vec::new())
        }
        Err((at, text)) => {
            let at = at.map(|at| at.to_string());
            let mut path = vec!["refundLineItems"];
            path.extend(at.as_deref());
            nothing(vec![user_error(&path, text, None)])
        }
    }
}
