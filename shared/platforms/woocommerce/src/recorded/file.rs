//! Reading files of recordings: every shape in which they are kept.

use bytes::Bytes;
use http::HeaderMap;
use platform::{Authorize as _, Delivery};
use serde_json::{Map, Value};
use url::Url;

use super::answer::batch_row;
use super::delivery::{Signature, look};
use super::{Recorded, understand};
use crate::WooCommerce;
use crate::oauth1::{Hash, base_string, sign, sorted};
use crate::webhooks::signature;

/// One judged thing: which it is, and its name or why it has none.
type Judged = (String, Result<String, String>);

/// Judges every recording of a file: which one, and what it becomes or why that cannot be said.
///
/// A signature that is wrong is named as wrong; a shape that is not known is an error.
#[must_use]
pub fn judge_file(name: &str, text: &str) -> Vec<Judged> {
    let file: Value = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(_) => return vec![(name.to_owned(), Err("the file is not JSON".to_owned()))],
    };
    let Some(file) = file.as_object() else {
        return vec![(name.to_owned(), Err("the file is no object".to_owned()))];
    };
    let has = |key: &str| file.contains_key(key);
    if has("request") && has("response") {
        vec![(name.to_owned(), exchange(file))]
    } else if has("delivery") {
        vec![(name.to_owned(), delivery(file))]
    } else if has("steps") && has("callback") {
        key_flow(file)
    } else if has("calls") {
        each(file, "calls", call)
    } else if has("examples") {
        each(file, "examples", example)
    } else if has("cases") {
        each(file, "cases", error_case)
    } else if has("webhook") && has("oauth1") {
        vectors(file)
    } else if has("authorize_url") {
        key_words(file)
    } else if file.values().any(is_bare_delivery) {
        let rows = file.iter().filter(|(key, _)| key.as_str() != "source");
        rows.map(|(key, row)| (key.clone(), bare_delivery(row))).collect()
    } else {
        vec![(name.to_owned(), Err("a file of no known shape".to_owned()))]
    }
}

fn each(file: &Map<String, Value>, list: &str, judge: fn(&Value) -> Result<String, String>) -> Vec<Judged> {
    let rows = file.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return vec![(list.to_owned(), Err("an empty list".to_owned()))];
    }
    rows.iter().enumerate().map(|(at, row)| (format!("{list} {at}"), judge(row))).collect()
}

fn text(value: &Value, key: &str) -> Result<String, String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("`{key}` is missing"))
}

fn status(value: &Value) -> Result<u16, String> {
    let status = value.get("status").and_then(Value::as_u64).ok_or("`status` is missing")?;
    u16::try_from(status).map_err(|_| "`status` is none".to_owned())
}

/// Headers as an object, or as a list of pairs.
fn headers(value: Option<&Value>) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.clone(), word(value))).collect(),
        Some(Value::Array(pairs)) => {
            pairs.iter().filter_map(|pair| Some((word(pair.get(0)?), word(pair.get(1)?)))).collect()
        }
        _ => Vec::new(),
    }
}

/// A body: as it came, or as JSON that was read into the file.
fn body(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(json) => json.to_string(),
    }
}

fn named(recorded: &Recorded) -> Result<String, String> {
    understand(recorded).map(|it| it.to_string()).map_err(|why| why.to_string())
}

/// `{request: {method, url}, response: {status, headers, body_text}}`
fn exchange(file: &Map<String, Value>) -> Result<String, String> {
    let request = file.get("request").ok_or("`request` is missing")?;
    let response = file.get("response").ok_or("`response` is missing")?;
    if text(request, "url")?.contains("/wc-auth/v1/") {
        return key_page(request, response);
    }
    let recorded = Recorded {
        method: text(request, "method")?,
        url: text(request, "url")?,
        status: status(response)?,
        headers: headers(response.get("headers")),
        body: text(response, "body_text")?,
    };
    let note = file.get("note").and_then(Value::as_str).unwrap_or_default();
    let base =
        note.split_once("signature base string: ").and_then(|(_, rest)| rest.split_whitespace().next());
    match base {
        Some(base) => {
            Ok(format!("{}, {}", named(&recorded)?, verdict("base string", base == signed_text(&recorded)?)))
        }
        None => named(&recorded),
    }
}

/// The text that a recorded request should have signed.
fn signed_text(recorded: &Recorded) -> Result<String, String> {
    let mut url = Url::parse(&recorded.url).map_err(|_| "`url` is none")?;
    let params: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .filter(|(name, _)| name != "oauth_signature")
        .collect();
    url.set_query(None);
    Ok(base_string(&recorded.method, url.as_str(), &params))
}

/// `{webhook_secret, delivery: {headers, body, signature_ok}}`; where the recording says otherwise, the name does too.
fn delivery(file: &Map<String, Value>) -> Result<String, String> {
    let row = file.get("delivery").ok_or("`delivery` is missing")?;
    let secret = file.get("webhook_secret").and_then(Value::as_str);
    let body = text(row, "body")?;
    let (understood, found) =
        look(&headers(row.get("headers")), &body, secret).map_err(|why| why.to_string())?;
    let said = row.get("signature_ok").and_then(Value::as_bool);
    Ok(match (said, found) {
        (Some(true), Signature::Wrong) => format!("{understood} (the recording says right)"),
        (Some(false), Signature::Right) => format!("{understood} (the recording says wrong)"),
        _ => understood.to_string(),
    })
}

/// `{path: "get /wp-json/...", status, headers, request: {params}, response}`
fn call(row: &Value) -> Result<String, String> {
    let path = text(row, "path")?;
    let (method, path) = path.split_once(' ').ok_or("`path` names no method")?;
    let params = row.get("request").and_then(|request| request.get("params"));
    let query: Vec<String> = headers(params)
        .iter()
        .map(|(name, value)| format!("{}={}", crate::oauth1::encode(name), crate::oauth1::encode(value)))
        .collect();
    let url = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
    named(&Recorded {
        method: method.to_owned(),
        url,
        status: status(row)?,
        headers: headers(row.get("headers")),
        body: body(row.get("response")),
    })
}

/// `{section, endpoint: [method, path], response}`, all of them successes.
fn example(row: &Value) -> Result<String, String> {
    let endpoint = row.get("endpoint").ok_or("`endpoint` is missing")?;
    let step = |at: usize| endpoint.get(at).and_then(Value::as_str).ok_or("`endpoint` is no pair");
    // The vendor's page spells one path in the singular.
    let url = step(1)?.replace("/v3/webhook/", "/v3/webhooks/");
    let response = row.get("response").ok_or("`response` is missing")?;
    named(&Recorded {
        method: step(0)?.to_owned(),
        url,
        status: 200,
        headers: Vec::new(),
        body: body(Some(response)),
    })
}

/// `{status, body, when}`, or `{batch_item}`.
fn error_case(row: &Value) -> Result<String, String> {
    if let Some(item) = row.get("batch_item") {
        return batch_row(&item.to_string());
    }
    let response = row.get("body").ok_or("`body` is missing")?;
    let when = row.get("when").and_then(Value::as_str).unwrap_or_default();
    let method =
        ["PUT", "POST", "DELETE"].into_iter().find(|method| when.starts_with(method)).unwrap_or("GET");
    let named = named(&Recorded {
        method: method.to_owned(),
        url: "/wp-json/wc/v3/products".to_owned(),
        status: status(row)?,
        headers: Vec::new(),
        body: body(Some(response)),
    })?;
    if named.starts_with("error ") { Ok(named) } else { Err(format!("a case of an error became: {named}")) }
}

fn is_bare_delivery(row: &Value) -> bool {
    row.get("headers").is_some() && row.get("body").is_some()
}

/// `{headers, body}` without a secret.
fn bare_delivery(row: &Value) -> Result<String, String> {
    let (understood, _) =
        look(&headers(row.get("headers")), &text(row, "body")?, None).map_err(|why| why.to_string())?;
    Ok(understood.to_string())
}

/// `{webhook: [...], oauth1: [...], oauth1_param_sort: {cases}}`
fn vectors(file: &Map<String, Value>) -> Vec<Judged> {
    let mut judged = each(file, "webhook", |row| {
        let found = signature(&text(row, "secret")?, text(row, "raw_body")?.as_bytes());
        Ok(verdict("webhook signature", found == text(row, "header_value_base64")?))
    });
    judged.extend(each(file, "oauth1", oauth_vector));
    if let Some(sorting) = file.get("oauth1_param_sort").and_then(Value::as_object) {
        judged.extend(each(sorting, "cases", |row| {
            let names = |at: usize| -> Option<Vec<String>> {
                row.get(at)?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
            };
            let (given, wanted) = names(0).zip(names(1)).ok_or("no pair of lists")?;
            let params: Vec<_> = given.into_iter().map(|name| (name, String::new())).collect();
            let found: Vec<String> = sorted(&params).into_iter().map(|(name, _)| name).collect();
            Ok(verdict("oauth1 order", found == wanted))
        }));
    }
    judged
}

fn verdict(what: &str, right: bool) -> String {
    format!("{what} {}", if right { "right" } else { "wrong" })
}

fn oauth_vector(row: &Value) -> Result<String, String> {
    let params = headers(row.get("params"));
    let hash = params
        .iter()
        .find(|(name, _)| name == "oauth_signature_method")
        .and_then(|(_, value)| Hash::named(value))
        .ok_or("no known hash")?;
    let base = base_string(&text(row, "method")?, &text(row, "url")?, &params);
    let base_right = base == text(row, "base_string")?;
    let found = sign(hash, &text(row, "consumer_secret")?, &base);
    let right = found == text(row, "oauth_signature")?;
    Ok(format!(
        "{}, {}",
        verdict("base string", base_right),
        verdict(&format!("{} signature", hash.name()), right)
    ))
}

/// `{steps: [{request, response}], callback: [{headers, body}]}`: the pages of the key flow and the keys it ends with.
fn key_flow(file: &Map<String, Value>) -> Vec<Judged> {
    let mut judged = each(file, "steps", |step| {
        let request = step.get("request").ok_or("`request` is missing")?;
        key_page(request, step.get("response").ok_or("`response` is missing")?)
    });
    judged.extend(each(file, "callback", |row| keys(&text(row, "body")?)));
    judged
}

/// A page of the key flow: shown, refused, or leading on.
fn key_page(request: &Value, response: &Value) -> Result<String, String> {
    let url = Url::parse(&text(request, "url")?).map_err(|_| "`url` is none")?;
    let page = url.path().split_once("/wc-auth/v1/").map(|(_, page)| page.trim_matches('/').to_owned());
    let page = page.ok_or("not a page of wc-auth")?;
    let to =
        headers(response.get("headers")).into_iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
    match (status(response)?, to) {
        (401 | 403, None) => Ok(format!("key flow: {page} refused")),
        (200, None) => Ok(format!("key flow: {page} page")),
        (302, Some((_, to))) => return_of(&to, &url).map(|to| format!("key flow: {page} to {to}")),
        (status, _) => Err(format!("a step of status {status}")),
    }
}

/// Where a step leads: to another page of the flow, or back with an answer.
fn return_of(to: &str, from: &Url) -> Result<String, String> {
    let to = from.join(to).map_err(|_| "`Location` is none")?;
    if let Some((_, page)) = to.path().split_once("/wc-auth/v1/") {
        return Ok(page.trim_matches('/').to_owned());
    }
    match to.query_pairs().find(|(name, _)| name == "success").map(|(_, value)| value.into_owned()).as_deref()
    {
        Some("1") => Ok("the return address: granted".to_owned()),
        Some("0") => Ok("the return address: denied".to_owned()),
        _ => Err("leads nowhere known".to_owned()),
    }
}

fn keys(body: &str) -> Result<String, String> {
    let (headers, bytes) = (HeaderMap::new(), Bytes::from(body.to_owned()));
    let answer = Delivery { headers: &headers, query: "", body: &bytes };
    WooCommerce.state_of(&answer).map_err(|error| error.message)?;
    let permissions = crate::authorize::keys_in(&answer).map_err(|error| error.message)?;
    Ok(format!("keys, {permissions}"))
}

/// `{authorize_url, callback: {body}, return_ok, return_denied}`
fn key_words(file: &Map<String, Value>) -> Vec<Judged> {
    let whole = Value::Object(file.clone());
    let begin = text(&whole, "authorize_url").and_then(|address| {
        let url = Url::parse(&address).map_err(|_| "`authorize_url` is none")?;
        let has = |wanted: &str| url.query_pairs().any(|(name, value)| name == wanted && !value.is_empty());
        let all = ["app_name", "scope", "user_id", "return_url", "callback_url"].into_iter().all(has);
        if all && url.path().ends_with("/wc-auth/v1/authorize") {
            Ok("key flow: authorize address".to_owned())
        } else {
            Err("not the address of the key flow".to_owned())
        }
    });
    let answer = file.get("callback").and_then(|callback| callback.get("body"));
    let callback = answer.ok_or("`callback` is missing".to_owned()).and_then(|body| keys(&body.to_string()));
    let back = |key: &str| {
        text(&whole, key).and_then(|to| {
            let from = Url::parse("https://shop.invalid/").map_err(|_| "no address")?;
            return_of(&to, &from).map(|to| format!("key flow: to {to}"))
        })
    };
    vec![
        ("authorize_url".to_owned(), begin),
        ("callback".to_owned(), callback),
        ("return_ok".to_owned(), back("return_ok")),
        ("return_denied".to_owned(), back("return_denied")),
    ]
}
