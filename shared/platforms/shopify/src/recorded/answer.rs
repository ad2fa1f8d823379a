//! Names for answers of the API.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Judged, name_error, response_of};
use crate::bulk::Operation;
use crate::moves::complaint;
use crate::read::{Asked, read};
use crate::refusal::{UserError, accepted};
use crate::wire::product_graph::Product;

/// Every answer in a file, at whatever depth, under the keys that lead to it.
pub(super) fn answers(file: &Map<String, Value>) -> Vec<Judged> {
    let mut found = Vec::new();
    walk(&Value::Object(file.clone()), 200, false, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, status: u16, writes: bool, path: &mut Vec<String>, found: &mut Vec<Judged>) {
    match value {
        Value::Object(map) => {
            let status = map
                .get("status")
                .and_then(Value::as_u64)
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or(status);
            let query = map.get("query").and_then(Value::as_str);
            let writes = query
                .map_or(writes, |query| query.trim_start_matches("#graphql").trim().starts_with("mutation"));
            if is_answer(map) {
                found.push((path.join("/"), name(status, writes, value)));
                return;
            }
            for (key, below) in map {
                // What was asked is no answer, whatever its shape.
                if matches!(key.as_str(), "request" | "variables") {
                    continue;
                }
                path.push(key.clone());
                walk(below, status, writes, path, found);
                path.pop();
            }
        }
        Value::Array(rows) => {
            for (at, below) in rows.iter().enumerate() {
                path.push(at.to_string());
                walk(below, status, writes, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn is_answer(map: &Map<String, Value>) -> bool {
    let known = |key: &String| matches!(key.as_str(), "data" | "errors" | "extensions");
    let says =
        map.get("data").is_some_and(|data| data.is_object() || data.is_null()) || map.contains_key("errors");
    says && map.keys().all(known)
}

/// The name of one answer.
fn name(status: u16, writes: bool, body: &Value) -> Result<String, String> {
    let answer = match read(Asked { op: "recorded", writes }, &response_of(status, body)?) {
        Ok(answer) => answer,
        Err(error) if error.code.as_deref() == Some("shape") => return Err(error.message),
        Err(error) => return Ok(name_error(&error)),
    };
    if let Err(error) = answer.shaped_but::<serde::de::IgnoredAny>(|_| false) {
        return Ok(name_error(&error));
    }
    let data: Map<String, Value> = shaped(answer.json())?;
    let mut names = Vec::with_capacity(data.len());
    for (field, value) in &data {
        names.push(name_field(field, value)?);
    }
    let cost = answer.cost.map(|cost| format!(", cost {}", cost.requested())).unwrap_or_default();
    Ok(format!("{}{cost}", names.join("; ")))
}

fn shaped<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json)
        .map_err(|cause| format!("another shape (line {} column {})", cause.line(), cause.column()))
}

fn of<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    shaped(&value.to_string())
}

/// What one field of an answer says.
fn name_field(field: &str, value: &Value) -> Result<String, String> {
    let Some(map) = value.as_object() else {
        return match value {
            Value::Null => Ok(format!("{field}: not there")),
            Value::Array(rows) => Ok(format!("{field}: {} rows", rows.len())),
            _ => Err(format!("`{field}` is neither a record nor a list")),
        };
    };
    if let Some(errors) = map.get("userErrors") {
        return name_change(field, map, &of::<Vec<UserError>>(errors)?);
    }
    if field == "bulkOperation" {
        return Ok(name_operation(&of(value)?));
    }
    if let Some(rows) = rows_of(map) {
        return name_rows(field, &rows);
    }
    if field == "product" {
        return name_product(value);
    }
    Ok(format!("{field}: a record"))
}

/// What became of a change.
fn name_change(field: &str, map: &Map<String, Value>, errors: &[UserError]) -> Result<String, String> {
    if field == "inventorySetQuantities" || field == "inventoryAdjustQuantities" {
        return Ok(format!("{field}: {}", complaint(errors)));
    }
    if let Err(error) = accepted("recorded", errors) {
        let code = error.code.unwrap_or_default();
        return Ok(format!("{field}: refused {} times, first ({code})", errors.len()));
    }
    if let Some(operation) = map.get("bulkOperation") {
        return Ok(format!("{field}: {}", name_operation(&of(operation)?)));
    }
    Ok(format!("{field}: done"))
}

fn name_operation(operation: &Operation) -> String {
    let code = operation.error_code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    let many = operation.object_count.whole().map(|many| format!(", {many} objects")).unwrap_or_default();
    let file = match (&operation.url, &operation.partial_data_url) {
        (Some(_), _) => ", with its file",
        (None, Some(_)) => ", with a part of its file",
        (None, None) => "",
    };
    format!("operation {}{code}{many}{file}", operation.status)
}

/// The records of a list, whether it comes as nodes or as edges.
fn rows_of(map: &Map<String, Value>) -> Option<Vec<Value>> {
    if let Some(nodes) = map.get("nodes").and_then(Value::as_array) {
        return Some(nodes.clone());
    }
    let edges = map.get("edges")?.as_array()?;
    edges.iter().map(|edge| edge.get("node").cloned()).collect()
}

fn name_rows(field: &str, rows: &[Value]) -> Result<String, String> {
    for row in rows {
        row.get("id")
            .and_then(Value::as_str)
            .ok_or_else(|| format!("a record of `{field}` without an id"))?;
        if field == "products" {
            name_product(row)?;
        }
    }
    Ok(format!("{field}: {} rows", rows.len()))
}

fn name_product(value: &Value) -> Result<String, String> {
    let mut record = value.clone();
    // Recordings list variants as edges; we ask for nodes.
    if let Some(map) = record.as_object_mut() {
        map.remove("variants");
    }
    if record.get("id").is_none() {
        return Ok("product (trimmed)".to_owned());
    }
    let product: Product = of(&record)?;
    match product.product() {
        Ok(product) => Ok(format!("product {} {:?}", product.remote, product.listing).to_lowercase()),
        // A recording may have asked for less than we do.
        Err(_) if product.updated_at.0.is_none() && product.id.0.is_some() => {
            Ok("product (trimmed)".to_owned())
        }
        Err(why) => Err(why.to_string()),
    }
}
