//! Whether two JSON values have the same keys and types.

use serde_json::{Map, Value};

/// Values under these keys are the shop's own business.
const FREE: [&str; 4] = ["value", "display_value", "options", "schema"];

/// Every place where ours does not have the recorded shape; null fits anything.
pub fn differences(at: &str, recorded: &Value, ours: &Value, out: &mut Vec<String>) {
    match (recorded, ours) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(recorded), Value::Object(ours)) => objects(at, &[recorded], ours, out),
        (Value::Array(recorded), Value::Array(ours)) => {
            let rows: Vec<&Map<String, Value>> = recorded.iter().filter_map(Value::as_object).collect();
            for (number, row) in ours.iter().enumerate() {
                match (row, recorded.first()) {
                    (Value::Object(row), Some(_)) if !rows.is_empty() => {
                        objects(&format!("{at}[{number}]"), &rows, row, out);
                    }
                    (row, Some(first)) => differences(&format!("{at}[{number}]"), first, row, out),
                    (_, None) => {}
                }
            }
        }
        _ if kind(recorded) != kind(ours) => {
            out.push(format!("{at}: recorded {}, ours {}", kind(recorded), kind(ours)));
        }
        _ => {}
    }
}

/// A key is due when every recorded row has it, and known when any has.
fn objects(at: &str, recorded: &[&Map<String, Value>], ours: &Map<String, Value>, out: &mut Vec<String>) {
    let Some(first) = recorded.first() else { return };
    for key in first.keys() {
        if recorded.iter().all(|row| row.contains_key(key)) && !ours.contains_key(key) {
            out.push(format!("{at}.{key}: missing"));
        }
    }
    for (key, value) in ours {
        let mut known = recorded.iter().filter_map(|row| row.get(key)).peekable();
        if known.peek().is_none() {
            out.push(format!("{at}.{key}: not recorded"));
            continue;
        }
        if FREE.contains(&key.as_str()) {
            continue;
        }
        // The row whose type fits best speaks for the others.
        let mut least: Option<Vec<String>> = None;
        for candidate in known {
            let mut found = Vec::new();
            differences(&format!("{at}.{key}"), candidate, value, &mut found);
            if least.as_ref().is_none_or(|least| found.len() < least.len()) {
                least = Some(found);
            }
        }
        out.extend(least.unwrap_or_default());
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
