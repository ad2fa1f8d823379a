//! The root of all queries.

use super::super::execute::Context;
use super::super::search::{Attribute, filter};
use super::super::thing::{Call, Fail, Key, Out, Row, Thing};
use super::{goods, hooks, node, order, people, stock};
use serde_json::json;

pub(super) fn resolve(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    rows_or(context, call).unwrap_or_else(Out::Fail)
}

fn rows_or(context: &mut Context<'_>, call: &Call<'_>) -> Result<Out, Fail> {
    let at = |context: &Context<'_>| call.text("id").and_then(|id| node(context, id));
    Ok(match call.field {
        "shop" => Out::One(Thing::Shop),
        "app" | "appInstallation" | "currentAppInstallation" => match call.field {
            "app" => Out::One(Thing::App),
            _ => Out::One(Thing::Installation),
        },
        "node"
        | "product"
        | "productVariant"
        | "inventoryItem"
        | "inventoryLevel"
        | "order"
        | "customer"
        | "fulfillment"
        | "fulfillmentOrder"
        | "webhookSubscription"
        | "bulkOperation"
        | "productOperation" => {
            let thing = at(context);
            Out::maybe(thing.filter(|thing| call.field == "node" || suits(call.field, thing)))
        }
        "nodes" => {
            let ids = call.get("ids").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
            let found = ids.iter().map(|id| Out::maybe(id.as_str().and_then(|id| node(context, id))));
            Out::Many(found.collect())
        }
        "location" => match call.text("id") {
            Some(_) => Out::maybe(at(context).filter(|thing| matches!(thing, Thing::Location(_)))),
            None => Out::maybe(context.store.active_locations().first().copied().map(Thing::Location)),
        },
        "job" => match call.text("id") {
            Some(id) => Out::plain("Job", json!({"id": id, "done": true})),
            None => Out::Null,
        },
        "productByIdentifier" => {
            let identifier = call.get("identifier").cloned().unwrap_or_default();
            let by_handle =
                identifier["handle"].as_str().and_then(|handle| context.store.product_with_handle(handle));
            let by_id = identifier["id"].as_str().and_then(|id| node(context, id));
            Out::maybe(
                by_id.filter(|thing| matches!(thing, Thing::Product(_))).or(by_handle.map(Thing::Product)),
            )
        }
        "productVariantByIdentifier" => {
            let identifier = call.get("identifier").cloned().unwrap_or_default();
            let by_id = identifier["id"].as_str().and_then(|id| node(context, id));
            Out::maybe(by_id.filter(|thing| matches!(thing, Thing::Variant(_))))
        }
        "products" => Out::Rows(goods::products(context, call)?),
        "productVariants" => Out::Rows(goods::variants(context, call)?),
        "inventoryItems" => Out::Rows(stock::items(context, call)?),
        "locations" => Out::Rows(stock::locations(context, call)?),
        "orders" => Out::Rows(order::orders(context, call)?),
        "customers" => Out::Rows(people::customers(context, call)?),
        "fulfillmentOrders" => Out::Rows(fulfillment_orders(context, call)?),
        "collections" => Out::Rows(Vec::new()),
        "webhookSubscriptions" => Out::Rows(hooks::subscriptions(context, call)?),
        "bulkOperations" => Out::Rows(hooks::bulks(context, call)?),
        "currentBulkOperation" => {
            Out::maybe(context.store.bulks.keys().next_back().copied().map(Thing::Bulk))
        }
        "productsCount" => count(call, goods::products(context, call)?.len()),
        "productVariantsCount" => count(call, goods::variants(context, call)?.len()),
        "ordersCount" => count(call, order::orders(context, call)?.len()),
        "customersCount" => count(call, people::customers(context, call)?.len()),
        "locationsCount" => count(call, stock::locations(context, call)?.len()),
        "webhookSubscriptionsCount" => count(call, hooks::subscriptions(context, call)?.len()),
        _ => Out::Unknown,
    })
}

/// Whether a root field may give this kind of node.
fn suits(field: &str, thing: &Thing) -> bool {
    match field {
        "product" => matches!(thing, Thing::Product(_)),
        "productVariant" => matches!(thing, Thing::Variant(_)),
        "inventoryItem" => matches!(thing, Thing::Item(_)),
        "inventoryLevel" => matches!(thing, Thing::Level(..)),
        "order" => matches!(thing, Thing::Order(_)),
        "customer" => matches!(thing, Thing::Customer(_)),
        "fulfillment" => matches!(thing, Thing::Fulfillment(..)),
        "fulfillmentOrder" => matches!(thing, Thing::FulfillmentOrder(_)),
        "webhookSubscription" => matches!(thing, Thing::Subscription(_)),
        "bulkOperation" => matches!(thing, Thing::Bulk(_)),
        _ => matches!(thing, Thing::Operation(_)),
    }
}

/// A count up to its limit.
fn count(call: &Call<'_>, found: usize) -> Out {
    let limit = match call.args.get("limit") {
        Some(value) => value.as_u64(),
        None => Some(10_000),
    };
    match limit.filter(|limit| found as u64 > *limit) {
        Some(limit) => Out::plain("Count", json!({"count": limit, "precision": "AT_LEAST"})),
        None => Out::plain("Count", json!({"count": found, "precision": "EXACT"})),
    }
}

fn fulfillment_orders(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let all = call.flag("includeClosed");
    let open = |status: &str| all || !matches!(status, "CLOSED" | "CANCELLED");
    let rows = context.store.fulfillment_orders.values().filter(|row| open(row.status()));
    let rows = rows
        .map(|row| Row {
            id: row.id,
            key: Key::Number(i128::from(row.id)),
            thing: Thing::FulfillmentOrder(row.id),
        })
        .collect();
    filter(context, call, &["id", "status", "updated_at", "created_at"], tell, rows)
}

fn tell(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let Thing::FulfillmentOrder(id) = thing else { return Attribute::Nothing };
    let Some(row) = context.store.fulfillment_orders.get(id) else { return Attribute::Nothing };
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "status" => Attribute::Word(row.status().into()),
        "updated_at" => Attribute::Time(row.changed),
        _ => Attribute::Time(row.created),
    }
}
