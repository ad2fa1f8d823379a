//! Which scopes a type or a mutation asks for; the texts are the platform's, schema of 2026-10.

use super::super::app::allows;
use super::thing::Fail;
use apollo_compiler::Node;
use apollo_compiler::executable::Field;
use serde_json::json;
use std::collections::BTreeSet;

const FULFILLMENT_ORDERS: &[&str] = &[
    "read_assigned_fulfillment_orders",
    "read_merchant_managed_fulfillment_orders",
    "read_third_party_fulfillment_orders",
    "read_marketplace_fulfillment_orders",
];
const SEND: &[&str] = &[
    "write_assigned_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "write_third_party_fulfillment_orders",
];
const PLACES: &[&str] = &["read_locations", "read_inventory", "read_markets_home"];
const ORDERS: &[&str] = &["read_orders", "read_marketplace_orders", "read_quick_sale"];
const LINES: &[&str] = &["read_orders", "read_marketplace_orders"];

/// Any one of these lets a type be read.
fn of_type(name: &str) -> &'static [&'static str] {
    match name {
        "Product" | "ProductVariant" | "Collection" | "ProductOperation" => &["read_products"],
        "InventoryItem" => &["read_inventory", "read_products"],
        "InventoryLevel" | "InventoryAdjustmentGroup" => &["read_inventory"],
        "Location" => PLACES,
        "Order" => ORDERS,
        "LineItem" | "Refund" | "RefundLineItem" => LINES,
        "Fulfillment" => &[
            "read_orders",
            "read_marketplace_orders",
            "read_assigned_fulfillment_orders",
            "read_merchant_managed_fulfillment_orders",
            "read_third_party_fulfillment_orders",
            "read_marketplace_fulfillment_orders",
        ],
        "FulfillmentOrder" => FULFILLMENT_ORDERS,
        "Customer" => &["read_customers"],
        "CalculatedOrder" => &["read_order_edits"],
        _ => &[],
    }
}

/// What single fields ask for beyond their type.
fn of_field(parent: &str, field: &str) -> &'static [&'static str] {
    match (parent, field) {
        ("InventoryItem", "inventoryLevel" | "inventoryLevels" | "locationsCount" | "duplicateSkuCount") => {
            &["read_inventory"]
        }
        ("Location", "id" | "legacyResourceId") => PLACES,
        ("Location", "name") => &["read_locations", "read_markets_home"],
        ("Location", _) => &["read_locations"],
        ("QueryRoot", "fulfillmentOrders") => FULFILLMENT_ORDERS,
        ("QueryRoot", "productsCount" | "productVariantsCount") => &["read_products"],
        ("QueryRoot", "ordersCount") => &["read_orders"],
        ("QueryRoot", "customersCount") => &["read_customers"],
        ("QueryRoot", "locationsCount") => &["read_locations"],
        ("Mutation", field) => of_mutation(field),
        _ => &[],
    }
}

fn of_mutation(name: &str) -> &'static [&'static str] {
    match name {
        name if name.starts_with("inventory") => &["write_inventory"],
        name if name.starts_with("product") => &["write_products"],
        "locationAdd" => &["write_locations"],
        "fulfillmentCreate" | "fulfillmentTrackingInfoUpdate" => SEND,
        "orderCancel" | "refundCreate" => &["write_orders", "write_marketplace_orders"],
        "orderClose" => &["write_orders"],
        name if name.starts_with("orderEdit") => &["write_order_edits"],
        _ => &[],
    }
}

/// Why a token may not have a field, if it may not.
pub(crate) fn refused(parent: &str, field: &Node<Field>, granted: &BTreeSet<String>) -> Option<Fail> {
    let ty = field.ty().inner_named_type().as_str();
    let ty = ty.strip_suffix("Connection").unwrap_or(ty);
    let wanted = [of_field(parent, &field.name), of_type(ty)];
    let wanted =
        wanted.into_iter().find(|any| !any.is_empty() && !any.iter().any(|one| allows(granted, one)))?;
    let mut names: Vec<String> = wanted.iter().map(|scope| format!("`{scope}` access scope")).collect();
    let access = match names.pop() {
        Some(last) if names.is_empty() => format!("{last}."),
        Some(last) => format!("{} or {last}.", names.join(", ")),
        None => String::new(),
    };
    Some(Fail {
        message: format!("Access denied for {} field. Required access: {access}", field.name),
        extensions: json!({
            "code": "ACCESS_DENIED", "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": access,
        }),
    })
}
