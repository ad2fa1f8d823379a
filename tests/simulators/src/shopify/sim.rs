//! The windows and handles over HTTP, under `/_sim/`, for a shop in its own process.

use super::admin::Admin;
use super::breaker::Faults;
use super::config::Item;
use super::faults::{DeliveryFaults, Rule};
use super::house::House;
use super::till::{Basket, Refusal, buy};
use super::web::{Answer, Visit, json};
use super::window::Window;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as made};
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
            Ok(made!({"cleared": true}))
        }
        _ => Err((405, "only GET, POST and DELETE faults".into())),
    };
    match told {
        Ok(body) => json(200, &body),
        Err((status, why)) => json(status, &made!({"error": why})),
    }
}

fn look(house: &Arc<House>, path: &str) -> Told {
    let window = Window { house: Arc::clone(house) };
    Ok(match path {
        "stock" => made!(window.stock()),
        "orders" => made!(window.orders()),
        "subscriptions" => made!(window.subscriptions()),
        "deliveries" => made!(window.deliveries()),
        "requests" => made!(window.requests()),
        "stock_log" => made!(window.stock_log()),
        "locations" => made!(window.locations()),
        "customers" => made!(window.customers()),
        "tokens" => made!(window.tokens()),
        "summary" | "" => window.summary(),
        "faults" => super::breaker::shown(house),
        "app" => {
            let store = house.store();
            let app = &store.grants.app;
            made!({
                "client_id": app.client_id, "client_secret": app.client_secret, "api_client_id": app.api_client_id,
                "old_client_secret": app.old_client_secret, "scopes": store.grants.scopes,
            })
        }
        _ => return Err((404, format!("no window {path}"))),
    })
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, (u16, String)> {
    serde_json::from_value(body.clone()).map_err(|error| (400, error.to_string()))
}

/// The body of a handle's request.
struct Body(Value);

impl Body {
    fn number(&self, name: &str) -> Option<i64> {
        self.0[name].as_i64().or_else(|| self.0[name].as_str()?.parse().ok())
    }

    fn id(&self, name: &str) -> u64 {
        self.0[name].as_u64().or_else(|| self.0[name].as_str()?.parse().ok()).unwrap_or(0)
    }

    fn word(&self, name: &str) -> String {
        self.0[name].as_str().map_or_else(
            || if self.0[name].is_null() { String::new() } else { self.0[name].to_string() },
            str::to_owned,
        )
    }

    fn flag(&self, name: &str, otherwise: bool) -> bool {
        self.0[name].as_bool().unwrap_or(otherwise)
    }

    fn words(&self, name: &str) -> Vec<String> {
        self.0[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect()
    }

    fn ms(&self) -> Duration {
        Duration::from_millis(self.number("ms").unwrap_or(0).max(0) as u64)
    }
}

async fn turn(house: &Arc<House>, path: &str, visit: &Visit) -> Told {
    let body = match visit.body.is_empty() {
        true => made!({}),
        false => serde_json::from_slice(&visit.body).map_err(|error| (400, error.to_string()))?,
    };
    if let Some(what) = path.strip_prefix("admin/") {
        return administer(house, what, &Body(body));
    }
    if let Some(what) = path.strip_prefix("faults/") {
        return take_away(house, what, &Body(body));
    }
    match path {
        "drain" => Ok(made!({"delivered": super::queue::drain(house).await})),
        "buy" => sell(house, &Body(body)),
        "faults" => {
            let faults = Faults { house: Arc::clone(house) };
            for rule in body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]) {
                faults.add(read::<Rule>(&rule)?);
            }
            Ok(made!({"rules": faults.rules()}))
        }
        "clock" => {
            house.clock.advance(Body(body.clone()).number("advance_seconds").unwrap_or(0) * 1000);
            house.settle();
            house.stirred.notify_one();
            Ok(body)
        }
        "tokens" => {
            let mut guard = house.store();
            let store = &mut *guard;
            let asked = Body(body).words("scopes");
            let scopes =
                if asked.is_empty() { store.grants.scopes.clone() } else { asked.into_iter().collect() };
            Ok(made!({"access_token": store.grants.issue(&mut store.random, &scopes, None)}))
        }
        "install_link" => {
            let store = house.store();
            let url = Body(body).word("app_url");
            let url = if url.is_empty() { store.grants.app.url.clone() } else { url };
            Ok(made!({"url": super::oauth::install_link(&store, &url)}))
        }
        "clear_logs" => {
            Window { house: Arc::clone(house) }.clear_logs();
            Ok(made!({"cleared": true}))
        }
        _ => Err((404, format!("no handle {path}"))),
    }
}

fn sell(house: &Arc<House>, body: &Body) -> Told {
    let items = match body.0.get("items").and_then(Value::as_array) {
        Some(rows) => rows
            .iter()
            .map(|row| (row["id"].as_u64().unwrap_or(0), row["quantity"].as_i64().unwrap_or(1)))
            .collect(),
        None => vec![(body.id("id"), body.number("quantity").unwrap_or(1))],
    };
    let basket = Basket {
        items,
        customer: Some(body.id("customer")).filter(|id| *id > 0),
        email: body.word("email"),
        source: body.word("source"),
        test: body.flag("test", false),
        unpaid: body.flag("unpaid", false),
        presentment: body.flag("presentment", false),
    };
    match buy(house, &basket) {
        Ok(order) => Ok(made!(order)),
        Err(refusal @ Refusal::OutOfStock { .. }) => Err((409, refusal.to_string())),
        Err(refusal) => Err((404, refusal.to_string())),
    }
}

fn take_away(house: &Arc<House>, what: &str, body: &Body) -> Told {
    let faults = Faults { house: Arc::clone(house) };
    let scopes = body.words("scopes");
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    match what {
        "deliveries" => {
            faults.deliveries(read::<DeliveryFaults>(&body.0)?);
            return Ok(made!(house.faults.delivery()));
        }
        "delivery_delay" => faults.delivery_delay(body.ms()),
        "index_lag" => faults.index_lag(body.ms()),
        "bulk_duration" => faults.bulk_duration(body.ms()),
        "fail_next_bulk" => faults.fail_next_bulk(&body.word("code")),
        "silence_bulk" => faults.silence_bulk(body.number("times").unwrap_or(1) as u32),
        "drain_bucket" => faults.drain_bucket(body.number("points").unwrap_or(0) as u32),
        "revoke_token" => faults.revoke_token(&body.word("access_token")),
        "expire_tokens" => faults.expire_tokens(),
        "kill_refresh_tokens" => faults.kill_refresh_tokens(),
        "lose_refreshes" => faults.lose_refreshes(body.number("times").unwrap_or(1) as u32),
        "uninstall" => faults.uninstall(),
        "withhold_scopes" => faults.withhold_scopes(&scopes),
        "reduce_scopes" => faults.reduce_scopes(&scopes),
        "rotate_secret" => return Ok(made!({"client_secret": faults.rotate_secret()})),
        "revoke_old_secret" => faults.revoke_old_secret(),
        "protected_data" => faults.protected_data(body.flag("shown", true)),
        "forget_subscriptions" => return Ok(made!({"forgotten": faults.forget_subscriptions()})),
        "resend" => return Ok(made!({"resent": faults.resend()})),
        "compliance" => {
            let customer = Some(body.id("customer")).filter(|id| *id > 0);
            return Ok(made!({"queued": faults.compliance(&body.word("topic"), customer)}));
        }
        _ => return Err((404, format!("no handle faults/{what}"))),
    }
    Ok(made!({"done": true}))
}

fn administer(house: &Arc<House>, what: &str, body: &Body) -> Told {
    let admin = Admin { house: Arc::clone(house) };
    let (id, number) = (|name: &str| body.id(name), |name: &str| body.number(name).unwrap_or(0));
    let item = || Item {
        sku: body.word("sku"),
        name: body.word("name"),
        price: if body.word("price").is_empty() { "10.00".into() } else { body.word("price") },
        stock: body.number("stock"),
    };
    let done = match what {
        "set_stock" if body.id("location") > 0 => {
            admin.set_stock_at(id("id"), id("location"), number("quantity"))
        }
        "set_stock" => admin.set_stock(id("id"), number("quantity")),
        "set_policy" => admin.set_policy(id("id"), body.flag("sells_on", true)),
        "set_tracked" => admin.set_tracked(id("id"), body.flag("tracked", true)),
        "set_price" => admin.set_price(id("id"), &body.word("price")),
        "change_sku" => admin.change_sku(id("id"), &body.word("sku")),
        "rename" => admin.rename(id("id"), &body.word("name")),
        "set_status" => admin.set_status(id("id"), &body.word("status")),
        "add_product" => return Ok(made!({"id": admin.add_product(&item())})),
        "add_variant" => {
            return Ok(made!({"id": admin.add_variant(id("product"), &body.word("option"), &item())}));
        }
        "delete_product" => admin.delete_product(id("id")),
        "delete_variant" => admin.delete_variant(id("id")),
        "refund" => {
            return match admin.refund(id("order"), id("line"), number("units"), body.flag("restock", true)) {
                Some(refund) => Ok(made!({"id": refund})),
                None => Err((404, "no such order or line, or not so many units".into())),
            };
        }
        "cancel_order" => admin.cancel_order(id("id"), body.flag("restock", true)),
        "edit_line" => admin.edit_line(id("order"), id("line"), number("units")),
        "add_line" => admin.add_line(id("order"), id("variant"), number("units")),
        "fulfil_order" => return Ok(made!({"ids": admin.fulfil_order(id("id"))})),
        "close_order" => admin.close_order(id("id")),
        "note_order" => admin.note_order(id("id"), &body.word("note")),
        "delete_order" => admin.delete_order(id("id")),
        "add_location" => return Ok(made!({"id": admin.add_location(&body.word("name"))})),
        "set_location_active" => admin.set_location_active(id("id"), body.flag("active", false)),
        "add_customer" => {
            let id = admin.add_customer(&body.word("first"), &body.word("last"), &body.word("email"));
            return Ok(made!({"id": id}));
        }
        "delete_customer" => admin.delete_customer(id("id")),
        "rename_customer" => admin.rename_customer(id("id"), &body.word("name")),
        "rename_shop" => {
            admin.rename_shop(&body.word("name"));
            true
        }
        _ => return Err((404, format!("no handle admin/{what}"))),
    };
    if done { Ok(made!({"done": true})) } else { Err((404, "no such thing".into())) }
}
