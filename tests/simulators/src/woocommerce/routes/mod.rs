//! The routes of `wc/v3` and what each allows.

mod batch;
mod catalogue;
mod catalogue_write;
mod customers;
mod orders;
mod orders_write;
mod refunds;
mod settings;
mod system;
mod terms;
mod webhooks;

use super::call::{Call, Reply};
use super::error::RestError;
use super::store::Store;

const ALL: &str = "GET, POST, PUT, PATCH, DELETE";
const LIST: &str = "GET, POST";
const BATCH: &str = "POST, PUT, PATCH";
const READ: &str = "GET";

/// The methods a route allows, or none if there is no such route.
pub(crate) fn allowed(store: &Store, route: &str) -> Option<&'static str> {
    let parts: Vec<&str> = route.split('/').collect();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shape: Vec<&str> = parts.iter().map(|part| if number(part) { "#" } else { *part }).collect();
    Some(match shape.as_slice() {
        ["products" | "orders" | "customers" | "webhooks"] => LIST,
        ["products" | "orders" | "customers" | "webhooks", "#"] => ALL,
        ["products" | "orders" | "customers" | "webhooks", "batch"] => BATCH,
        ["products", "#", "variations"] => LIST,
        ["products", "#", "variations", "batch"] => BATCH,
        ["products", "#", "variations", "#"] => ALL,
        ["variations"] if store.config.global_variations => READ,
        ["orders", "#", "refunds" | "notes"] => LIST,
        ["orders", "#", "refunds" | "notes", "#"] => "GET, DELETE",
        ["orders", "statuses"] | ["refunds"] => READ,
        ["products", "categories" | "attributes"] => LIST,
        ["products", "categories" | "attributes", "#"] => ALL,
        ["data", "currencies", "current"] | ["settings"] | ["settings", "general" | "products"] => READ,
        ["settings", "general" | "products", _] => "GET, POST, PUT, PATCH",
        ["system_status"] | ["reports", "orders" | "products" | "customers", "totals"] => READ,
        ["payment_gateways"] => READ,
        ["shipping", "zones"] => LIST,
        _ => return None,
    })
}

/// Answers a call of a caller with a key.
pub(crate) fn answer(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    let parts: Vec<&str> = call.route.split('/').collect();
    let id = |text: &str| text.parse::<u64>().unwrap_or(0);
    let method = match call.method.as_str() {
        "PUT" | "PATCH" => "PUT",
        other => other,
    };
    match (method, parts.as_slice()) {
        (_, [.., "batch"]) if method != "GET" && method != "DELETE" => batch::run(store, call),
        ("GET", ["products"]) => catalogue::list(store, call),
        ("POST", ["products"]) => catalogue_write::create(store, call),
        ("GET", ["products", "categories"]) => terms::categories(store, call),
        ("POST", ["products", "categories"]) => terms::create_category(store, call),
        ("GET", ["products", "attributes"]) => terms::attributes(store, call),
        (_, ["products", "categories", row]) => terms::category(store, id(row)),
        (_, ["products", "attributes", row]) => terms::attribute(store, id(row)),
        ("GET", ["products", row]) => catalogue::get(store, id(row)),
        ("DELETE", ["products", row]) => catalogue_write::delete(store, call, id(row)),
        (_, ["products", row]) => catalogue_write::update(store, call, id(row)),
        ("GET", ["products", row, "variations"]) => catalogue::list_variations(store, call, id(row)),
        ("POST", ["products", row, "variations"]) => catalogue_write::create_variation(store, call, id(row)),
        ("GET", ["products", parent, "variations", row]) => {
            catalogue::get_variation(store, id(parent), id(row))
        }
        ("DELETE", ["products", parent, "variations", row]) => {
            catalogue_write::delete_variation(store, call, id(parent), id(row))
        }
        (_, ["products", parent, "variations", row]) => {
            catalogue_write::update_variation(store, call, id(parent), id(row))
        }
        ("GET", ["variations"]) => catalogue::list_all_variations(store, call),
        ("GET", ["orders"]) => orders::list(store, call),
        ("POST", ["orders"]) => orders_write::create(store, call),
        ("GET", ["orders", "statuses"]) => orders::statuses(),
        ("GET", ["orders", row]) => orders::get(store, id(row)),
        ("DELETE", ["orders", row]) => orders_write::delete(store, call, id(row)),
        (_, ["orders", row]) => orders_write::update(store, call, id(row)),
        ("GET", ["orders", row, "refunds"]) => refunds::list(store, call, id(row)),
        ("POST", ["orders", row, "refunds"]) => refunds::create(store, call, id(row)),
        ("GET", ["orders", order, "refunds", row]) => refunds::get(store, id(order), id(row)),
        ("DELETE", ["orders", order, "refunds", row]) => refunds::delete(store, call, id(order), id(row)),
        ("GET", ["refunds"]) => refunds::list_all(store, call),
        ("GET", ["orders", row, "notes"]) => orders::notes(store, id(row)),
        ("POST", ["orders", row, "notes"]) => orders_write::create_note(store, call, id(row)),
        (_, ["orders", order, "notes", row]) => orders_write::note(store, call, id(order), id(row)),
        ("GET", ["customers"]) => customers::list(store, call),
        ("POST", ["customers"]) => customers::create(store, call),
        ("GET", ["customers", row]) => customers::get(store, id(row)),
        ("DELETE", ["customers", row]) => customers::delete(store, call, id(row)),
        (_, ["customers", row]) => customers::update(store, call, id(row)),
        ("GET", ["webhooks"]) => webhooks::list(store, call),
        ("POST", ["webhooks"]) => webhooks::create(store, call),
        ("GET", ["webhooks", row]) => webhooks::get(store, id(row)),
        ("DELETE", ["webhooks", row]) => webhooks::delete(store, call, id(row)),
        (_, ["webhooks", row]) => webhooks::update(store, call, id(row)),
        ("GET", ["settings"]) => settings::groups(store),
        ("GET", ["settings", group]) => settings::group(store, group),
        (_, ["settings", group, name]) => settings::option(store, call, group, name),
        ("GET", ["data", "currencies", "current"]) => settings::currency(store),
        ("GET", ["system_status"]) => system::status(store),
        ("GET", ["reports", what, "totals"]) => system::totals(store, what),
        ("GET", ["payment_gateways"]) => system::gateways(store, call),
        ("GET", ["shipping", "zones"]) => system::zones(store, call),
        _ => Err(RestError::no_route()),
    }
}
