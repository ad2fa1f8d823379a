//! Reads fields: one file per noun.

mod goods;
mod hooks;
mod house;
mod order;
mod people;
mod root;
mod sent;
pub(crate) mod stock;

pub(crate) use stock::level_with;

use super::execute::Context;
use super::thing::{Call, Out, Thing};
use serde_json::Value as Json;
use std::sync::Arc;

/// What a field of a thing gives.
pub(crate) fn resolve(context: &mut Context<'_>, thing: &Thing, call: &Call<'_>) -> Out {
    match thing {
        Thing::Query => root::resolve(context, call),
        Thing::Mutation => Out::Null,
        Thing::Shop => house::shop(context, call),
        Thing::App => house::app(context, call),
        Thing::Installation => house::installation(context, call),
        Thing::Product(id) => goods::product(context, *id, call),
        Thing::Variant(id) => goods::variant(context, *id, call),
        Thing::Item(id) => stock::item(context, *id, call),
        Thing::Level(item, location) => stock::level(context, *item, *location, call),
        Thing::Location(id) => stock::location(context, *id, call),
        Thing::Order(id) => order::order(context, *id, call),
        Thing::Line(order, id) => order::line(context, *order, *id, call),
        Thing::Refund(order, id) => order::refund(context, *order, *id, call),
        Thing::RefundLine(order, refund, id) => order::refund_line(context, (*order, *refund, *id), call),
        Thing::Transaction(order, id) => order::transaction(context, *order, *id, call),
        Thing::Fulfillment(order, id) => sent::fulfillment(context, *order, *id, call),
        Thing::FulfillmentLine(order, fulfillment, id) => {
            sent::fulfillment_line(context, (*order, *fulfillment, *id), call)
        }
        Thing::FulfillmentOrder(id) => sent::fulfillment_order(context, *id, call),
        Thing::FulfillmentOrderLine(id, line) => sent::fulfillment_order_line(context, *id, *line, call),
        Thing::Customer(id) => people::customer(context, *id, call),
        Thing::Subscription(id) => hooks::subscription(context, *id, call),
        Thing::Bulk(id) => hooks::bulk(context, *id, call),
        Thing::Operation(id) => hooks::operation(context, *id, call),
        Thing::Group(id) => stock::group(context, *id, call),
        Thing::Edit(id) => order::edit(context, *id, call),
        Thing::Plain(_, json) => plain(json, call),
        Thing::Made(_, fields) => {
            fields.iter().find(|(name, _)| *name == call.field).map_or(Out::Unknown, |(_, out)| out.clone())
        }
        Thing::Page(page) => match call.field {
            "nodes" => Out::things(page.rows.iter().map(|row| row.thing.clone())),
            "edges" => Out::things((0..page.rows.len()).map(|at| Thing::Edge(Arc::clone(page), at))),
            "pageInfo" => {
                let cursor = |row: Option<&super::thing::Row>| row.map(super::page::cursor);
                let info = serde_json::json!({
                    "hasNextPage": page.next, "hasPreviousPage": page.previous,
                    "startCursor": cursor(page.rows.first()), "endCursor": cursor(page.rows.last()),
                });
                Out::plain("PageInfo", info)
            }
            _ => Out::Unknown,
        },
        Thing::Edge(page, at) => match call.field {
            "node" => Out::One(page.rows[*at].thing.clone()),
            "cursor" => Out::leaf(super::page::cursor(&page.rows[*at])),
            _ => Out::Unknown,
        },
    }
}

/// A field of plain values: what is not there is not known.
fn plain(json: &Json, call: &Call<'_>) -> Out {
    match json.get(call.field) {
        None => Out::Unknown,
        Some(Json::Null) => Out::Null,
        Some(Json::Array(rows)) if !rows.iter().any(Json::is_object) => Out::Leaf(Json::Array(rows.clone())),
        Some(value) => Out::plain("", value.clone()),
    }
}

/// Nodes by global id.
pub(crate) fn node(context: &Context<'_>, gid: &str) -> Option<Thing> {
    let store = &context.store;
    let (kind, id) = super::super::gid::split(gid)?;
    let there = |there: bool, thing: Thing| there.then_some(thing);
    match kind {
        "Shop" => there(id == store.shop_id, Thing::Shop),
        "Product" => there(store.products.contains_key(&id), Thing::Product(id)),
        "ProductVariant" => there(store.variants.contains_key(&id), Thing::Variant(id)),
        "InventoryItem" => there(store.items.contains_key(&id), Thing::Item(id)),
        "InventoryLevel" => {
            stock::level_with(store, gid).map(|(item, location)| Thing::Level(item, location))
        }
        "Location" => there(store.locations.contains_key(&id), Thing::Location(id)),
        "Order" => there(order::visible(context, id), Thing::Order(id)),
        "LineItem" => {
            let order = store.orders.values().find(|order| order.line(id).is_some())?;
            Some(Thing::Line(order.id, id))
        }
        "Refund" => {
            let order = store.orders.values().find(|order| order.refunds.iter().any(|row| row.id == id))?;
            Some(Thing::Refund(order.id, id))
        }
        "Fulfillment" => {
            let order =
                store.orders.values().find(|order| order.fulfillments.iter().any(|row| row.id == id))?;
            Some(Thing::Fulfillment(order.id, id))
        }
        "FulfillmentOrder" => there(store.fulfillment_orders.contains_key(&id), Thing::FulfillmentOrder(id)),
        "Customer" => there(store.customers.contains_key(&id), Thing::Customer(id)),
        "WebhookSubscription" => there(store.subscriptions.contains_key(&id), Thing::Subscription(id)),
        "BulkOperation" => there(store.bulks.contains_key(&id), Thing::Bulk(id)),
        "ProductSetOperation" => there(store.operations.contains_key(&id), Thing::Operation(id)),
        "InventoryAdjustmentGroup" => there(store.groups.contains_key(&id), Thing::Group(id)),
        "CalculatedOrder" => there(store.edits.contains_key(&id), Thing::Edit(id)),
        "App" => there(id == store.grants.app.api_client_id, Thing::App),
        "AppInstallation" => there(id == store.grants.app.api_client_id + 1, Thing::Installation),
        _ => None,
    }
}
