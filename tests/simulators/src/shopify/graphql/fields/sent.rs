//! Fulfilment orders and fulfilments.

use super::super::super::clock::z;
use super::super::super::gid::gid;
use super::super::super::money::spell;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Row, Thing};
use rust_decimal::Decimal;
use serde_json::json;

pub(super) fn fulfillment_order(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.fulfillment_orders.get(&id) else { return Out::Null };
    let order = store.orders.get(&row.order);
    match call.field {
        "id" => Out::leaf(gid("FulfillmentOrder", id)),
        "status" => Out::leaf(row.status()),
        "requestStatus" => Out::leaf("UNSUBMITTED"),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed)),
        "order" => Out::One(Thing::Order(row.order)),
        "orderId" => Out::leaf(gid("Order", row.order)),
        "orderName" => Out::leaf(order.map_or(String::new(), super::super::super::order::Order::name)),
        "orderProcessedAt" => Out::leaf(order.map_or(String::new(), |order| z(order.created))),
        "assignedLocation" => {
            let name = store.locations.get(&row.location).map_or(String::new(), |place| place.name.clone());
            let country = store.locations.get(&row.location).map(|place| place.country.clone());
            Out::made(
                "FulfillmentOrderAssignedLocation",
                vec![
                    ("name", Out::leaf(name)),
                    ("countryCode", Out::leaf(json!(country))),
                    ("location", Out::One(Thing::Location(row.location))),
                ],
            )
        }
        "supportedActions" => match row.status() {
            "OPEN" | "IN_PROGRESS" => Out::plain(
                "FulfillmentOrderSupportedAction",
                json!([{"action": "CREATE_FULFILLMENT", "externalUrl": null}]),
            ),
            _ => Out::Many(Vec::new()),
        },
        "lineItems" => Out::Rows(
            row.lines
                .iter()
                .map(|line| Row::new(line.id, Thing::FulfillmentOrderLine(id, line.id)))
                .collect(),
        ),
        "fulfillments" => {
            let rows = order
                .into_iter()
                .flat_map(|order| &order.fulfillments)
                .filter(|one| one.fulfillment_order == id);
            Out::Rows(rows.map(|one| Row::new(one.id, Thing::Fulfillment(row.order, one.id))).collect())
        }
        _ => Out::Unknown,
    }
}

pub(super) fn fulfillment_order_line(context: &Context<'_>, id: u64, line: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(of) = store.fulfillment_orders.get(&id) else { return Out::Null };
    let Some(row) = of.lines.iter().find(|row| row.id == line) else { return Out::Null };
    let Some(item) = store.orders.get(&of.order).and_then(|order| order.line(row.line)) else {
        return Out::Null;
    };
    match call.field {
        "id" => Out::leaf(gid("FulfillmentOrderLineItem", line)),
        "totalQuantity" => Out::leaf(row.total),
        "remainingQuantity" => Out::leaf(row.remaining),
        "lineItem" => Out::One(Thing::Line(of.order, row.line)),
        "sku" => Out::leaf(json!(item.sku)),
        "productTitle" => Out::leaf(item.title.clone()),
        "variantTitle" => Out::leaf(item.variant_title.clone()),
        "requiresShipping" => Out::leaf(item.ships),
        "variant" => {
            Out::maybe(item.variant.filter(|id| store.variants.contains_key(id)).map(Thing::Variant))
        }
        "inventoryItemId" => Out::leaf(json!(store.item_of(item).map(|id| gid("InventoryItem", id)))),
        _ => Out::Unknown,
    }
}

pub(super) fn fulfillment(context: &Context<'_>, order: u64, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(of) = store.orders.get(&order) else { return Out::Null };
    let Some(at) = of.fulfillments.iter().position(|row| row.id == id) else { return Out::Null };
    let row = &of.fulfillments[at];
    match call.field {
        "id" => Out::leaf(gid("Fulfillment", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "name" => Out::leaf(format!("{}-F{}", of.name(), at + 1)),
        "status" => Out::leaf(row.status.clone()),
        "displayStatus" => Out::leaf("FULFILLED"),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed)),
        "order" => Out::One(Thing::Order(order)),
        "location" => {
            Out::maybe(store.locations.contains_key(&row.location).then_some(Thing::Location(row.location)))
        }
        "totalQuantity" => Out::leaf(row.lines.iter().map(|line| line.2).sum::<i64>()),
        "requiresShipping" => Out::leaf(true),
        "trackingInfo" => {
            let rows = row.numbers.iter().enumerate().map(
                |(at, number)| json!({"company": row.company, "number": number, "url": row.urls.get(at)}),
            );
            Out::plain("FulfillmentTrackingInfo", rows.collect())
        }
        "fulfillmentLineItems" => {
            let rows =
                row.lines.iter().map(|line| Row::new(line.0, Thing::FulfillmentLine(order, id, line.0)));
            Out::Rows(rows.collect())
        }
        "fulfillmentOrders" => {
            Out::Rows(vec![Row::new(row.fulfillment_order, Thing::FulfillmentOrder(row.fulfillment_order))])
        }
        "service" => Out::plain(
            "FulfillmentService",
            json!({
                "id": gid("FulfillmentService", 1), "handle": "manual", "serviceName": "Manual", "type": "MANUAL",
            }),
        ),
        "events" => Out::Rows(Vec::new()),
        _ => Out::Unknown,
    }
}

pub(super) fn fulfillment_line(
    context: &Context<'_>,
    (order, id, row): (u64, u64, u64),
    call: &Call<'_>,
) -> Out {
    let store = &context.store;
    let Some(of) = store.orders.get(&order) else { return Out::Null };
    let rows = of.fulfillments.iter().filter(|one| one.id == id).flat_map(|one| &one.lines);
    let Some((_, line, units)) = rows.into_iter().find(|one| one.0 == row) else { return Out::Null };
    let worth = of.line(*line).map_or(Decimal::ZERO, |line| line.price) * Decimal::from(*units);
    match call.field {
        "id" => Out::leaf(gid("FulfillmentLineItem", row)),
        "quantity" => Out::leaf(*units),
        "lineItem" => Out::One(Thing::Line(order, *line)),
        "originalTotalSet" | "discountedTotalSet" => Out::plain("MoneyBag", store.bag(worth, Some(of))),
        "originalTotal" | "discountedTotal" => Out::leaf(spell(worth)),
        _ => Out::Unknown,
    }
}
