//! JSON as `wp_json_encode` writes it: slashes and everything outside ASCII escaped.

use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{Result, Write};

/// A JSON object in insertion order.
pub(crate) type Object = Map<String, Value>;

struct WordPress;

impl serde_json::ser::Formatter for WordPress {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> Result<()> {
        let mut plain_from = 0;
        for (at, sign) in text.char_indices() {
            if sign.is_ascii() && sign != '/' {
                continue;
            }
            out.write_all(&text.as_bytes()[plain_from..at])?;
            plain_from = at + sign.len_utf8();
            if sign == '/' {
                out.write_all(b"\\/")?;
                continue;
            }
            for unit in sign.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        out.write_all(&text.as_bytes()[plain_from..])
    }
}

/// Writes a value the way the store's PHP would.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut writer = serde_json::Serializer::with_formatter(&mut out, WordPress);
    value.serialize(&mut writer).unwrap();
    out
}

/// Keeps only the fields asked for with `_fields`; `a.b` reaches into an object.
pub(crate) fn keep_fields(value: &mut Value, fields: &[String]) {
    let Value::Object(object) = value else { return };
    let mut kept = Object::new();
    for (key, inner) in std::mem::take(object) {
        if fields.contains(&key) {
            kept.insert(key, inner);
            continue;
        }
        let below: Vec<String> = fields
            .iter()
            .filter_map(|field| field.strip_prefix(&format!("{key}.")).map(str::to_owned))
            .collect();
        if !below.is_empty() {
            let mut inner = inner;
            keep_fields(&mut inner, &below);
            kept.insert(key, inner);
        }
    }
    *object = kept;
}

/// A value as PHP would print it into a string property.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "1".into(),
        Value::Bool(false) => String::new(),
        other => other.to_string(),
    }
}

/// A value as `rest_is_boolean` and `rest_sanitize_boolean` understand it.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) if number.as_i64() == Some(1) => Some(true),
        Value::Number(number) if number.as_i64() == Some(0) => Some(false),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number given as a number, a whole float or digits in a string.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            (float.fract() == 0.0).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
