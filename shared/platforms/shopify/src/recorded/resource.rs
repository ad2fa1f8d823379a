//! Names for records as deliveries carry them, from examples of the older API whose records have the same shape.

use domain::money::Currency;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::delivery::name_event;
use super::{Judged, text};
use crate::events::events_of;
use crate::wire::loose::Id;
use crate::wire::order_rest::Refund;
use crate::wire::product_rest::Variant;

/// Every record of every example, under its path.
pub(super) fn examples(file: &Map<String, Value>) -> Vec<Judged> {
    let examples = file.get("examples").and_then(Value::as_array);
    examples
        .into_iter()
        .flatten()
        .enumerate()
        .flat_map(|(at, example)| match example.as_object() {
            Some(example) => records(at, example),
            None => vec![(at.to_string(), Err("no object".to_owned()))],
        })
        .collect()
}

fn records(at: usize, example: &Map<String, Value>) -> Vec<Judged> {
    let (method, path) = (text(example, "method").unwrap_or("?"), text(example, "path").unwrap_or("?"));
    let which = format!("{at} {method} {}", path.rsplit('/').next().unwrap_or_default());
    match example.get("response") {
        Some(Value::Object(response)) if !response.is_empty() => response
            .iter()
            .flat_map(|(key, value)| {
                let rows = match value {
                    Value::Array(rows) => rows.clone(),
                    one => vec![one.clone()],
                };
                let which = format!("{which} {key}");
                let judged = move |row: &Value| (which.clone(), name(key, row));
                rows.iter().map(judged).collect::<Vec<Judged>>()
            })
            .collect(),
        // A DELETE answers with nothing.
        Some(_) | None => vec![(which, Ok("nothing".to_owned()))],
    }
}

/// The name of one record.
fn name(key: &str, row: &Value) -> Result<String, String> {
    let body = row.to_string();
    let by_topic = |topic: &str| {
        let currency: Option<Currency> = "XXX".parse().ok();
        let events = events_of(topic, body.as_bytes(), currency).map_err(|error| error.message)?;
        Ok(events.iter().map(name_event).collect::<Vec<_>>().join(" and "))
    };
    match key {
        "product" | "products" => by_topic("products/update"),
        "inventory_level" | "inventory_levels" => by_topic("inventory_levels/update"),
        "fulfillment" | "fulfillments" => by_topic("fulfillments/update"),
        "refund" | "refunds" => {
            let refund: Refund = shaped(&body)?;
            let order = refund.order_id.0.clone().ok_or("a refund without its order")?;
            let mut refunded = crate::wire::order::Refunded::default();
            refund.add_to(&mut refunded);
            let (back, shelved) = refunded.units();
            Ok(format!("refund of order {order}, units {back}, put back {shelved}"))
        }
        "variant" | "variants" => {
            let variant: Variant = shaped(&body)?;
            Ok(format!("variant {}", variant.name().ok_or("a variant without an id")?))
        }
        "location" | "locations" => by_topic("locations/update"),
        "transaction" | "transactions" => by_topic("order_transactions/create"),
        "access_scopes" => {
            Ok(format!("scope {}", row.get("handle").and_then(Value::as_str).ok_or("no handle")?))
        }
        "image" | "images" => {
            let id: Id = shaped(&row.get("id").cloned().unwrap_or_default().to_string())?;
            Ok(format!("picture {}", id.0.ok_or("a picture without an id")?))
        }
        "count" => Ok(format!("count {row}")),
        _ => Err(format!("`{key}` is no known record")),
    }
}

fn shaped<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json)
        .map_err(|cause| format!("another shape (line {} column {})", cause.line(), cause.column()))
}
