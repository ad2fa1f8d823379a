//! Mutations: one file per noun, all behind the idempotency check.

mod bulk;
mod edit;
mod hooks;
mod inventory;
mod order;
pub(crate) mod product;
mod product_set;
mod sent;
pub(crate) mod stock_calls;
pub(crate) mod variants;

pub(crate) use product_set::apply as apply_product_set;

use super::execute::Context;
use super::idempotent::{self, Kept, refusal};
use super::thing::{Call, Fail, Out};
use apollo_compiler::Node;
use apollo_compiler::executable::Field;
use serde_json::{Value as Json, json};

/// Lists in arguments may be so long.
const LONGEST_LIST: usize = 250;

/// Carries out one mutation.
pub(crate) fn carry_out(context: &mut Context<'_>, field: &Node<Field>, call: &Call<'_>) -> Out {
    let key = idempotent::key(field, context.variables);
    if let Some(fail) = unfit(call, key.as_deref()) {
        return Out::Fail(fail);
    }
    let asked = format!("{}{}", call.field, json!(call.args));
    if let Some(key) = &key {
        if context.contested.contains(key) {
            return refusal(
                "IDEMPOTENCY_CONCURRENT_REQUEST",
                "This request is currently in progress, please try again.",
            );
        }
        if let Some(kept) = context.store.kept.get(key) {
            if kept.asked != asked {
                return refusal(
                    "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
                    "The same idempotency key cannot be used with different operation parameters.",
                );
            }
            if kept.failed && call.field == "inventorySetQuantities" {
                return refusal(
                    "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
                    "A previous request with this idempotency key failed. Retry with a new idempotency key.",
                );
            }
            return kept.out.clone();
        }
    }
    let out = dispatch(context, call, key.as_deref());
    if let Some(key) = key
        && !matches!(out, Out::Fail(_))
    {
        let failed = failed(&out);
        context.store.kept.insert(key, Kept { asked, out: out.clone(), failed });
    }
    out
}

fn failed(out: &Out) -> bool {
    let Out::One(super::thing::Thing::Made(_, fields)) = out else { return false };
    fields
        .iter()
        .any(|(name, out)| *name == "userErrors" && matches!(out, Out::Many(rows) if !rows.is_empty()))
}

/// What is refused before anything is looked at.
fn unfit(call: &Call<'_>, key: Option<&str>) -> Option<Fail> {
    if idempotent::required(call.field) && key.is_none() {
        let text = "The @idempotent directive is required for this mutation but was not provided.";
        return Some(Fail::new("BAD_REQUEST", text));
    }
    if key.is_some_and(|key| key.trim().is_empty()) {
        return Some(Fail::new(
            "BAD_REQUEST",
            "The idempotency key cannot be an empty string or whitespace only.",
        ));
    }
    let (list, input) = match call.field {
        "inventorySetQuantities" => ("quantities", "InventoryQuantityInput"),
        "inventoryAdjustQuantities" => ("changes", "InventoryChangeInput"),
        _ => ("", ""),
    };
    let rows = call.get("input").and_then(|given| given.get(list)).and_then(Json::as_array);
    if rows.is_some_and(|rows| rows.iter().any(|row| row.get("changeFromQuantity").is_none())) {
        let text = format!("{input} must include the following argument: changeFromQuantity.");
        return Some(Fail::new("INVALID_FIELD_ARGUMENTS", text));
    }
    longest(call).filter(|length| *length > LONGEST_LIST).map(|length| {
        let text = format!(
            "The input array size of {length} is greater than the maximum allowed of {LONGEST_LIST}."
        );
        Fail::new("MAX_INPUT_SIZE_EXCEEDED", text)
    })
}

/// The longest list at the top of the arguments or one level below; a product may have more variants than that.
fn longest(call: &Call<'_>) -> Option<usize> {
    if call.field == "productSet" {
        return None;
    }
    let below = call.args.values().flat_map(|value| match value {
        Json::Object(rows) => rows.values().collect::<Vec<_>>(),
        value => vec![value],
    });
    below.filter_map(|value| value.as_array().map(Vec::len)).max()
}

fn dispatch(context: &mut Context<'_>, call: &Call<'_>, key: Option<&str>) -> Out {
    context.store.act();
    match call.field {
        "inventorySetQuantities" => inventory::set(context, call, key),
        "inventoryAdjustQuantities" => inventory::adjust(context, call, key),
        "inventoryActivate" => stock_calls::activate(context, call, key),
        "inventoryDeactivate" => stock_calls::deactivate(context, call),
        "inventoryItemUpdate" => stock_calls::update(context, call),
        "locationAdd" => stock_calls::add_location(context, call),
        "productCreate" => product::create(context, call),
        "productUpdate" => product::update(context, call),
        "productDelete" => product::delete(context, call),
        "productOptionsCreate" => product::options_create(context, call),
        "productSet" => product_set::set(context, call),
        "productVariantsBulkCreate" => variants::create(context, call),
        "productVariantsBulkUpdate" => variants::update(context, call),
        "productVariantsBulkDelete" => variants::delete(context, call),
        "fulfillmentCreate" => sent::create(context, call),
        "fulfillmentTrackingInfoUpdate" => sent::track(context, call),
        "orderCancel" => order::cancel(context, call),
        "orderClose" => order::close(context, call),
        "refundCreate" => order::refund(context, call),
        "orderEditBegin" => edit::begin(context, call),
        "orderEditSetQuantity" => edit::set_quantity(context, call),
        "orderEditAddVariant" => edit::add_variant(context, call),
        "orderEditCommit" => edit::commit(context, call),
        "webhookSubscriptionCreate" | "eventBridgeWebhookSubscriptionCreate" => hooks::create(context, call),
        "webhookSubscriptionUpdate" | "eventBridgeWebhookSubscriptionUpdate" => hooks::update(context, call),
        "webhookSubscriptionDelete" => hooks::delete(context, call),
        "bulkOperationRunQuery" => bulk::run(context, call),
        "bulkOperationCancel" => bulk::cancel(context, call),
        _ => Out::Null,
    }
}

/// A payload: what it gives, and its errors.
fn payload(mut fields: Vec<(&'static str, Out)>, errors: Vec<Json>) -> Out {
    fields.push(("userErrors", Out::plain("", Json::Array(errors))));
    fields.push(("shop", Out::One(super::thing::Thing::Shop)));
    Out::made("", fields)
}
