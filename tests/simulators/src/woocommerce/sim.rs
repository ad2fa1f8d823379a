//! The windows and handles over HTTP, under `{base}/_sim/`, for a shop in its own process.

use super::admin::Admin;
use super::config::Item;
use super::faults::{DeliveryFaults, Faults, HostFaults, Rule};
use super::front::{Answer, Visit, put};
use super::house::House;
use super::json::{text, truth, whole};
use super::till::{Basket, Refusal, buy};
use super::window::Window;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

type Told = Result<Value, (u16, String)>;

/// Answers a request for a window or a handle.
pub(crate) async fn serve(house: &Arc<House>, visit: &Visit) -> Answer {
    let path = visit.path.trim_start_matches("/_sim").trim_matches('/').to_owned();
    let told = match visit.method.as_str() {
        "GET" => look(house, &path),
        "POST" => turn(house, &path, visit).await,
        "DELETE" if path == "faults" => {
            Faults { house: Arc::clone(house) }.clear();
            Ok(json!({"cleared": true}))
        }
        _ => Err((405, "only GET, POST and DELETE faults".into())),
    };
    let (status, body) = match told {
        Ok(body) => (200, body),
        Err((status, why)) => (status, json!({"error": why})),
    };
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    put(answer.headers_mut(), vec![("content-type", "application/json".into())]);
    answer
}

fn look(house: &Arc<House>, path: &str) -> Told {
    let window = Window { house: Arc::clone(house) };
    Ok(match path {
        "stock" => json!(window.stock()),
        "orders" => json!(window.orders()),
        "webhooks" => json!(window.webhooks()),
        "deliveries" => json!(window.deliveries()),
        "requests" => json!(window.requests()),
        "stock_log" => json!(window.stock_log()),
        "summary" | "" => window.summary(),
        "faults" => json!({
            "rules": house.faults.rules(), "deliveries": house.faults.delivery(), "host": house.faults.host(),
        }),
        "keys" => json!(house.store().keys.values().collect::<Vec<_>>()),
        _ => return Err((404, format!("no window {path}"))),
    })
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, (u16, String)> {
    serde_json::from_value(body.clone()).map_err(|error| (400, error.to_string()))
}

async fn turn(house: &Arc<House>, path: &str, visit: &Visit) -> Told {
    let body: Value = match visit.body.is_empty() {
        true => json!({}),
        false => serde_json::from_slice(&visit.body).map_err(|error| (400, error.to_string()))?,
    };
    let faults = Faults { house: Arc::clone(house) };
    let number = |name: &str| body.get(name).and_then(whole);
    match path {
        "drain" => Ok(json!({"delivered": super::queue::drain(house).await})),
        "buy" => {
            let items = match body.get("items").and_then(Value::as_array) {
                Some(rows) => rows
                    .iter()
                    .map(|row| (row["id"].as_u64().unwrap_or(0), row["quantity"].as_i64().unwrap_or(1)))
                    .collect(),
                None => vec![(number("id").unwrap_or(0) as u64, number("quantity").unwrap_or(1))],
            };
            let customer = number("customer").map(|id| id as u64);
            let email = body.get("email").map(text).unwrap_or_default();
            match buy(house, &Basket { items, customer, email, pays_later: false }) {
                Ok(order) => Ok(json!(order)),
                Err(refusal @ Refusal::OutOfStock { .. }) => Err((409, refusal.to_string())),
                Err(refusal) => Err((404, refusal.to_string())),
            }
        }
        "faults" => {
            for rule in body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]) {
                faults.add(read::<Rule>(&rule)?);
            }
            Ok(json!({"rules": faults.rules()}))
        }
        "faults/deliveries" => {
            faults.deliveries(read::<DeliveryFaults>(&body)?);
            Ok(json!(house.faults.delivery()))
        }
        "faults/host" => {
            faults.host(read::<HostFaults>(&body)?);
            Ok(json!(house.faults.host()))
        }
        "faults/delivery_delay" => {
            faults.delivery_delay(Duration::from_millis(number("ms").unwrap_or(50) as u64));
            Ok(body)
        }
        "faults/revoke_key" => {
            faults.revoke_key(&body.get("consumer_key").map(text).unwrap_or_default());
            Ok(json!({"revoked": true}))
        }
        "faults/demote_owner" => {
            faults.demote_owner(body.get("demoted").and_then(truth).unwrap_or(true));
            Ok(body)
        }
        "faults/forget_webhooks" => Ok(json!({"forgotten": faults.forget_webhooks()})),
        "faults/manage_stock" => {
            faults.manage_stock(body.get("on").and_then(truth).unwrap_or(true));
            Ok(body)
        }
        "clock" => {
            faults.clock_offset(number("offset_seconds").unwrap_or(0));
            Ok(body)
        }
        "keys" => {
            Ok(json!(house.store().make_key(&body.get("permissions").map_or("read_write".into(), text))))
        }
        "clear_logs" => {
            Window { house: Arc::clone(house) }.clear_logs();
            Ok(json!({"cleared": true}))
        }
        _ => match path.strip_prefix("admin/") {
            Some(what) => administer(house, what, &body),
            None => Err((404, format!("no handle {path}"))),
        },
    }
}

fn administer(house: &Arc<House>, what: &str, body: &Value) -> Told {
    let admin = Admin { house: Arc::clone(house) };
    let number = |name: &str| body.get(name).and_then(whole).unwrap_or(0);
    let id = |name: &str| number(name) as u64;
    let word = |name: &str| body.get(name).map(text).unwrap_or_default();
    let item = || Item {
        sku: word("sku"),
        name: word("name"),
        price: body.get("price").map_or("10.00".into(), text),
        stock: body.get("stock").and_then(whole),
    };
    let done = match what {
        "set_stock" => admin.set_stock(id("id"), number("quantity")),
        "set_backorders" => admin.set_backorders(id("id"), &word("backorders")),
        "unmanage_stock" => admin.unmanage_stock(id("id"), &word("stock_status")),
        "rename" => admin.rename(id("id"), &word("name")),
        "set_price" => admin.set_price(id("id"), &word("price")),
        "change_sku" => admin.change_sku(id("id"), &word("sku")),
        "add_product" => return Ok(json!({"id": admin.add_product(&item())})),
        "add_variation" => {
            return Ok(json!({"id": admin.add_variation(id("parent"), &word("option"), &item())}));
        }
        "trash_product" => admin.trash_product(id("id")),
        "restore_product" => admin.restore_product(id("id")),
        "delete_product" => admin.delete_product(id("id")),
        "set_order_status" => admin.set_order_status(id("id"), &word("status")),
        "cancel_order" => admin.cancel_order(id("id")),
        "complete_order" => admin.complete_order(id("id")),
        "refund" => {
            let restock = body.get("restock").and_then(truth).unwrap_or(true);
            return match admin.refund(id("order"), id("line"), number("units"), restock) {
                Some(refund) => Ok(json!({"id": refund})),
                None => Err((404, "no such order or line".into())),
            };
        }
        "edit_line" => admin.edit_line(id("order"), id("line"), number("units")),
        "restore_order" => admin.restore_order(id("id")),
        "trash_order" => admin.trash_order(id("id")),
        "set_webhook_status" => admin.set_webhook_status(id("id"), &word("status")),
        _ => return Err((404, format!("no handle admin/{what}"))),
    };
    if done { Ok(json!({"done": true})) } else { Err((404, "no such thing".into())) }
}
