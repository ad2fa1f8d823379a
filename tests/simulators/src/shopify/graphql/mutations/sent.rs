//! Fulfilments are made and tracked.

use super::super::super::gid::number;
use super::super::super::subscription::About;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use serde_json::Value as Json;

/// Company, numbers and addresses of a tracking input.
fn tracking(input: &Json) -> (Option<String>, Vec<String>, Vec<String>) {
    let words = |one: &str, many: &str| -> Vec<String> {
        let many = input[many].as_array().cloned().unwrap_or_default();
        let many: Vec<String> = many.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        if many.is_empty() { input[one].as_str().map(str::to_owned).into_iter().collect() } else { many }
    };
    (input["company"].as_str().map(str::to_owned), words("number", "numbers"), words("url", "urls"))
}

pub(super) fn create(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let input = call.get("fulfillment").cloned().unwrap_or_default();
    let mut asked = Vec::new();
    for row in input["lineItemsByFulfillmentOrder"].as_array().into_iter().flatten() {
        let id =
            row["fulfillmentOrderId"].as_str().and_then(|id| number(id, "FulfillmentOrder")).unwrap_or(0);
        let lines = row["fulfillmentOrderLineItems"].as_array().filter(|rows| !rows.is_empty()).map(|rows| {
            let line = |row: &Json| {
                let id =
                    row["id"].as_str().and_then(|id| number(id, "FulfillmentOrderLineItem")).unwrap_or(0);
                (id, row["quantity"].as_i64().unwrap_or(0))
            };
            rows.iter().map(line).collect()
        });
        asked.push((id, lines));
    }
    match context.store.fulfil(&asked, tracking(&input["trackingInfo"])) {
        Ok((order, id)) => {
            payload(vec![("fulfillment", Out::One(Thing::Fulfillment(order, id)))], Vec::new())
        }
        Err(text) => {
            payload(vec![("fulfillment", Out::Null)], vec![user_error(&["fulfillment"], text, None)])
        }
    }
}

pub(super) fn track(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let wanted = call.id("fulfillmentId", "Fulfillment");
    let found = context.store.orders.values().find_map(|order| {
        let row = order.fulfillments.iter().find(|row| Some(row.id) == wanted)?;
        Some((order.id, row.id))
    });
    let Some((order, id)) = found else {
        let error = user_error(&["fulfillmentId"], "Fulfillment does not exist.", None);
        return payload(vec![("fulfillment", Out::Null)], vec![error]);
    };
    let (company, numbers, urls) = tracking(&call.get("trackingInfoInput").cloned().unwrap_or_default());
    let store = &mut context.store;
    let now = store.now();
    let rows = store.orders.get_mut(&order).into_iter().flat_map(|order| &mut order.fulfillments);
    for row in rows.filter(|row| row.id == id) {
        row.company = company.clone();
        row.numbers = numbers.clone();
        row.urls = urls.clone();
        row.changed = now;
    }
    store.touch_order(order);
    store.fire("FULFILLMENTS_UPDATE", About::Fulfillment(order, id));
    store.fire("ORDERS_UPDATED", About::Order(order));
    payload(vec![("fulfillment", Out::One(Thing::Fulfillment(order, id)))], Vec::new())
}
