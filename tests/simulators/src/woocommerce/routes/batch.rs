//! Batches: up to a hundred rows, each with its own outcome, run one after the other.

use super::super::call::{Call, Reply};
use super::super::error::RestError;
use super::super::json::{Object, whole};
use super::super::store::Store;
use serde_json::{Value, json};

pub(crate) fn run(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    let collection = call.route.trim_end_matches("/batch").to_owned();
    let rows = |name: &str| call.args.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let (create, update, delete) = (rows("create"), rows("update"), rows("delete"));
    if create.len() + update.len() + delete.len() > 100 {
        return Err(RestError::new(
            413,
            "woocommerce_rest_request_entity_too_large",
            "Unable to accept more than 100 items for this request.",
        ));
    }
    let mut out = Object::new();
    let mut ping = None;
    let mut put = |name: &str, rows: Vec<Value>| {
        if !rows.is_empty() {
            out.insert(name.into(), rows.into());
        }
    };
    let created: Vec<Value> =
        create.iter().map(|row| one(store, call, "POST", &collection, 0, row, &mut ping)).collect();
    put("create", created);
    let updated: Vec<Value> = update
        .iter()
        .map(|row| {
            let id = row.get("id").and_then(whole).unwrap_or(0) as u64;
            one(store, call, "PUT", &format!("{collection}/{id}"), id, row, &mut ping)
        })
        .collect();
    put("update", updated);
    let deleted: Vec<Value> = delete
        .iter()
        .map(|row| {
            let id = whole(row).or_else(|| row.get("id").and_then(whole)).unwrap_or(0) as u64;
            one(store, call, "DELETE", &format!("{collection}/{id}"), id, &json!({"force": true}), &mut ping)
        })
        .collect();
    put("delete", deleted);
    Ok(Reply { status: 200, body: out.into(), ping, ..Reply::default() })
}

fn one(
    store: &mut Store,
    call: &Call,
    method: &str,
    route: &str,
    id: u64,
    row: &Value,
    ping: &mut Option<u64>,
) -> Value {
    let inner = Call {
        method: method.into(),
        route: route.into(),
        args: row.as_object().cloned().unwrap_or_default(),
        key: call.key.clone(),
        batched: true,
        ..Call::default()
    };
    let doomed = call.doomed.iter().find(|(ids, ..)| ids.contains(&id));
    let outcome = match doomed {
        Some((_, code, status)) => Err(RestError::new(*status, code, "The row could not be saved.")),
        None => super::answer(store, &inner),
    };
    match outcome {
        Ok(reply) => {
            *ping = ping.take().or(reply.ping);
            reply.body
        }
        Err(error) => json!({"id": id, "error": error.body()}),
    }
}
