//! Orders are edited: begun, changed on the side, committed.

use super::super::super::gid::number;
use super::super::super::orders::Edit;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use serde_json::json;
use std::collections::BTreeMap;

fn refuse(field: &str, text: &str) -> Out {
    payload(
        vec![("calculatedOrder", Out::Null), ("order", Out::Null)],
        vec![user_error(&[field], text, None)],
    )
}

pub(super) fn begin(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call
        .id("id", "Order")
        .filter(|id| context.store.orders.get(id).is_some_and(|row| row.cancelled.is_none()));
    let Some(order) = found else { return refuse("id", "The order cannot be edited.") };
    let id = context.store.numbers.next("CalculatedOrder");
    let edit = Edit { order, quantities: BTreeMap::new(), added: Vec::new(), committed: false };
    context.store.edits.insert(id, edit);
    payload(vec![("calculatedOrder", Out::One(Thing::Edit(id)))], Vec::new())
}

/// The edit a call is about.
fn open(context: &Context<'_>, call: &Call<'_>) -> Option<u64> {
    let id = call.id("id", "CalculatedOrder")?;
    context.store.edits.get(&id).filter(|edit| !edit.committed).map(|_| id)
}

pub(super) fn set_quantity(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let Some(id) = open(context, call) else { return refuse("id", "The calculated order does not exist.") };
    let text = call.text("lineItemId").unwrap_or_default();
    let line = number(text, "CalculatedLineItem").or_else(|| number(text, "LineItem")).unwrap_or(0);
    let units = call.whole("quantity").unwrap_or(0);
    let store = &mut context.store;
    let order = store.edits[&id].order;
    let known = store.orders.get(&order).and_then(|order| order.line(line)).cloned();
    let Some(edit) = store.edits.get_mut(&id) else {
        return refuse("id", "The calculated order does not exist.");
    };
    if let Some(row) = edit.added.iter_mut().find(|row| row.0 == line) {
        row.2 = units;
    } else if let Some(row) = known {
        if units < row.fulfilled || units < 0 {
            return refuse("quantity", "Quantity cannot be less than what has been fulfilled.");
        }
        edit.quantities.insert(line, (units, call.flag("restock")));
    } else {
        return refuse("lineItemId", "The line item does not exist.");
    }
    let shown = Out::plain(
        "CalculatedLineItem",
        json!({"id": format!("gid://shopify/CalculatedLineItem/{line}"), "quantity": units}),
    );
    payload(vec![("calculatedOrder", Out::One(Thing::Edit(id))), ("calculatedLineItem", shown)], Vec::new())
}

pub(super) fn add_variant(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let Some(id) = open(context, call) else { return refuse("id", "The calculated order does not exist.") };
    let variant = call.id("variantId", "ProductVariant").filter(|id| context.store.variants.contains_key(id));
    let Some(variant) = variant else { return refuse("variantId", "The variant does not exist.") };
    let units = call.whole("quantity").unwrap_or(0);
    if units < 1 {
        return refuse("quantity", "Quantity must be greater than 0.");
    }
    let line = context.store.numbers.next("LineItem");
    if let Some(edit) = context.store.edits.get_mut(&id) {
        edit.added.push((line, variant, units));
    }
    let shown = Out::plain(
        "CalculatedLineItem",
        json!({"id": format!("gid://shopify/CalculatedLineItem/{line}"), "quantity": units}),
    );
    payload(vec![("calculatedOrder", Out::One(Thing::Edit(id))), ("calculatedLineItem", shown)], Vec::new())
}

pub(super) fn commit(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let Some(id) = open(context, call) else { return refuse("id", "The calculated order does not exist.") };
    let edit = context.store.edits[&id].clone();
    context.store.commit_edit(&edit);
    if let Some(row) = context.store.edits.get_mut(&id) {
        row.committed = true;
    }
    payload(vec![("order", Out::One(Thing::Order(edit.order)))], Vec::new())
}
