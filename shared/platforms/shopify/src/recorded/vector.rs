//! Names for vectors: signatures, shop names, tokens, lines of a file, headers.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Judged, each, name_error, response_of, text};
use crate::credentials::Grant;
use crate::query_signature::{check, encode, hmac_sha256, signed_text};
use crate::read::Asked;
use crate::shop_domain::{shop_of, strict};
use crate::token::{Asking, given};
use crate::webhooks::{CHECKED, KEPT, signature};
use crate::wire::loose::parts;

fn verdict(what: &str, right: bool) -> Result<String, String> {
    if right { Ok(format!("{what} right")) } else { Err(format!("{what} wrong")) }
}

/// `{oauth_and_proxy: [...], webhook: [...], negative: [...]}`
pub(super) fn signatures(file: &Map<String, Value>) -> Vec<Judged> {
    let mut judged = each(file, "oauth_and_proxy", |row| {
        if text(row, "scheme")? != "oauth_query_hex" {
            // Another place of the platform signs in another way: nothing here comes from there.
            return Ok(format!("not used: {}", text(row, "scheme")?));
        }
        let (query, secret) = (query_of(row)?, text(row, "secret")?);
        let signed = format!("{query}&hmac={}", text(row, "hmac_hex")?);
        let changed = format!("{signed}&one_more=1");
        let right = check("recorded", &signed, &[secret]).is_ok()
            && check("recorded", &signed, &["another secret"]).is_err()
            && check("recorded", &changed, &[secret]).is_err();
        let by_text = hmac_sha256(text(row, "secret")?.as_bytes(), text(row, "canonical_string")?.as_bytes());
        let own = HEXLOWER.encode(&by_text) == text(row, "hmac_hex")?;
        Ok(format!("{}, {}", verdict("query signature", right)?, verdict("its text", own)?))
    });
    judged.extend(each(file, "webhook", |row| {
        let found = signature(text(row, "secret")?, text(row, "raw_body")?.as_bytes());
        verdict("delivery signature", found == text(row, "header_value_base64")?)
    }));
    judged.extend(each(file, "negative", |row| Ok(format!("noted: {}", text(row, "expect")?))));
    judged
}

/// The parameters of a vector as a query string; a list's name stands once for each of its texts.
fn query_of(row: &Map<String, Value>) -> Result<String, String> {
    let params = row.get("params").and_then(Value::as_object).ok_or("`params` is no object")?;
    let mut query = Vec::new();
    for (name, value) in params {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            let value = value.as_str().ok_or("a value is no text")?.to_owned();
            query.push(format!("{}={}", encode(name), encode(&value)));
        }
    }
    Ok(query.join("&"))
}

/// The signature that a vector's parameters should carry, as we make it.
pub(super) fn sign(row: &Map<String, Value>) -> Result<String, String> {
    let message = signed_text(&query_of(row)?).ok_or("a parameter stands there twice")?;
    Ok(HEXLOWER.encode(&hmac_sha256(text(row, "secret")?.as_bytes(), message.as_bytes())))
}

/// `{valid: [...], invalid: [...], valid_lib_only: [...], normalise: [{in, out}]}`
pub(super) fn shops(file: &Map<String, Value>) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (key, wanted) in [("valid", true), ("valid_lib_only", false), ("invalid", false)] {
        for row in file.get(key).and_then(Value::as_array).into_iter().flatten() {
            let Some(row) = row.as_str() else { continue };
            let word = if strict(row).is_some() { "a shop" } else { "no shop" };
            let became = if strict(row).is_some() == wanted {
                Ok(word.to_owned())
            } else {
                Err(format!("taken for {word}"))
            };
            judged.push((format!("{key} {row:?}"), became));
        }
    }
    judged.extend(each(file, "normalise", |row| {
        let shop = shop_of(text(row, "in")?).map_err(|error| error.message)?.shop;
        if shop.as_str() == text(row, "out")? {
            Ok(format!("shop {shop}"))
        } else {
            Err(format!("became {shop}"))
        }
    }));
    judged
}

/// Answers to requests for tokens, under what was asked for.
pub(super) fn tokens(file: &Map<String, Value>) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (key, asking) in [
        ("code_exchange", Asking::Code),
        ("refresh", Asking::Refresh),
        ("client_credentials", Asking::Client),
    ] {
        let Some(exchange) = file.get(key).and_then(Value::as_object) else { continue };
        for (name, answer) in exchange.iter().filter(|(name, _)| *name != "request") {
            let status = answer.get("status").and_then(Value::as_u64).unwrap_or(200);
            let body = answer.get("body").unwrap_or(answer);
            let status = u16::try_from(status).unwrap_or(0);
            judged.push((format!("{key} {name}"), token(asking, status, body)));
        }
    }
    for key in ["authorize", "callback", "migrate_to_expiring"] {
        if let Some(row) = file.get(key) {
            judged.push((key.to_owned(), request(key, row)));
        }
    }
    judged
}

fn token(asking: Asking, status: u16, body: &Value) -> Result<String, String> {
    let asked = Asked { op: "recorded", writes: false };
    let answer = match given(asked, asking, &response_of(status, body)?) {
        Ok(answer) => answer,
        Err(error) if error.code.as_deref() == Some("shape") => return Err(error.message),
        Err(error) => return Ok(name_error(&error)),
    };
    let now = Timestamp::UNIX_EPOCH;
    let lasts = |at: Option<Timestamp>| at.map_or("ever".to_owned(), |at| format!("{} s", at.as_second()));
    if asking == Asking::Client {
        return Ok(format!("token for {}", lasts(answer.client(now).expires_at)));
    }
    let Grant::Code { token, refresh_token, .. } = answer.code(now) else {
        return Err("no grant of an app".to_owned());
    };
    let again = if refresh_token.is_some() { ", can be renewed" } else { "" };
    Ok(format!("token for {}{again}", lasts(token.expires_at)))
}

/// What is sent rather than read: it must name what we send, or be something that we do not do.
fn request(key: &str, row: &Value) -> Result<String, String> {
    let whole = row.to_string();
    let names = |wanted: &[&str]| wanted.iter().all(|name| whole.contains(name));
    match key {
        "authorize" if names(&["client_id", "scope", "redirect_uri", "state"]) => {
            Ok("authorize address".to_owned())
        }
        "callback" if names(&["code", "hmac", "shop", "state", "timestamp"]) => Ok("callback".to_owned()),
        "migrate_to_expiring" => Ok("not used: exchanging a token that does not run out".to_owned()),
        _ => Err("other parameters than ours".to_owned()),
    }
}

/// `{lines: [...]}`: lines of a bulk operation's file.
pub(super) fn lines(file: &Map<String, Value>) -> Vec<Judged> {
    let rows = file.get("lines").and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .enumerate()
        .map(|(at, row)| (format!("line {at}"), row.as_str().ok_or("no text".to_owned()).and_then(line)))
        .collect()
}

fn line(json: &str) -> Result<String, String> {
    let row: Value = serde_json::from_str(json).map_err(|_| "no JSON")?;
    let id = |key: &str| {
        row.get(key).and_then(Value::as_str).and_then(parts).map(|(kind, id)| format!("{kind} {id}"))
    };
    let own = id("id").ok_or("no id")?;
    Ok(id("__parentId").map_or_else(|| own.clone(), |parent| format!("{own} below {parent}")))
}

/// `{webhooks_required: [...], ...}`: each header is kept, or checked, or not needed.
pub(super) fn headers(file: &Map<String, Value>) -> Vec<Judged> {
    let lists = file.iter().filter_map(|(key, value)| Some((key, value.as_array()?)));
    let mut judged = Vec::new();
    for (key, names) in lists {
        for name in names.iter().filter_map(Value::as_str) {
            let low = name.to_ascii_lowercase();
            let word = if KEPT.contains(&low.as_str()) {
                Ok("kept".to_owned())
            } else if low.ends_with(CHECKED) {
                Ok("checked".to_owned())
            } else if key.ends_with("optional") {
                Ok("not needed".to_owned())
            } else {
                Err("a required header that nothing reads".to_owned())
            };
            judged.push((format!("{key} {name}"), word));
        }
    }
    judged
}
