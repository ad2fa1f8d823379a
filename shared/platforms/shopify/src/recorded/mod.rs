//! Saying what recorded answers, deliveries and vectors become, in a short stable text: by the very code that reads live
//! ones. For fixtures and for judging recordings of real shops.

mod answer;
mod delivery;
mod resource;
mod vector;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use platform::{PlatformError, Response, Retry};
use serde_json::{Map, Value};

/// What one recording in a file becomes, or why it cannot be given a name.
type Judged = (String, Result<String, String>);

/// Says what every recording in a file becomes.
///
/// A file may hold exchanges with the API (at any depth: whatever has `data` or `errors`), answers to requests for tokens,
/// deliveries, an event of an event bus, records as deliveries carry them, lines of a bulk operation's file, and vectors
/// of signatures and shop names.
#[must_use]
pub fn judge_file(name: &str, text: &str) -> Vec<Judged> {
    let Ok(Value::Object(file)) = serde_json::from_str::<Value>(text) else {
        return vec![(name.to_owned(), Err("not a JSON object".to_owned()))];
    };
    let judged = if file.contains_key("oauth_and_proxy") || file.contains_key("webhook") {
        vector::signatures(&file)
    } else if file.contains_key("valid") {
        vector::shops(&file)
    } else if file.contains_key("code_exchange") {
        vector::tokens(&file)
    } else if file.contains_key("lines") {
        vector::lines(&file)
    } else if file.contains_key("webhooks_required") {
        vector::headers(&file)
    } else if file.contains_key("examples") {
        resource::examples(&file)
    } else {
        let deliveries = delivery::deliveries(name, &file);
        if deliveries.is_empty() { answer::answers(&file) } else { deliveries }
    };
    if judged.is_empty() {
        return vec![(name.to_owned(), Err("a file of no known shape".to_owned()))];
    }
    judged
}

/// Signs the vectors of a file of signatures as we would: for others to check. The signatures that stand in it are
/// replaced.
///
/// # Errors
/// If the file has another shape.
pub fn sign_vectors(text: &str) -> Result<String, String> {
    let Ok(Value::Object(mut file)) = serde_json::from_str::<Value>(text) else {
        return Err("not a JSON object".to_owned());
    };
    let rows = file.get_mut("oauth_and_proxy").and_then(Value::as_array_mut);
    for row in rows.ok_or("`oauth_and_proxy` is no list")? {
        let row = row.as_object_mut().ok_or("a vector is no object")?;
        let signature = vector::sign(row)?;
        row.insert("hmac_hex".to_owned(), Value::String(signature));
    }
    Ok(Value::Object(file).to_string())
}

/// An error in one stable line: kind, retry, code, and whether it may have taken effect.
fn name_error(error: &PlatformError) -> String {
    let retry = match error.retry {
        Retry::Never => "never".to_owned(),
        Retry::Backoff => "later".to_owned(),
        Retry::After(wait) => format!("after {} s", wait.as_secs()),
    };
    let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    let unsure = if error.may_have_taken_effect { ", may have taken effect" } else { "" };
    format!("error {:?}, retry {retry}{code}{unsure}", error.kind)
}

fn response_of(status: u16, body: &Value) -> Result<Response, String> {
    let status = StatusCode::from_u16(status).map_err(|_| format!("{status} is no status"))?;
    Ok(Response { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) })
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    map.get(key).and_then(Value::as_str).ok_or_else(|| format!("`{key}` is no text"))
}

/// The rows of a list, each judged.
fn each(
    file: &Map<String, Value>,
    key: &str,
    judge: impl Fn(&Map<String, Value>) -> Result<String, String>,
) -> Vec<Judged> {
    let rows = file.get(key).and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .enumerate()
        .map(|(at, row)| match row.as_object() {
            Some(row) => {
                let name = row.get("name").and_then(Value::as_str).map(str::to_owned);
                (format!("{key} {}", name.unwrap_or_else(|| at.to_string())), judge(row))
            }
            None => (format!("{key} {at}"), Err("no object".to_owned())),
        })
        .collect()
}
