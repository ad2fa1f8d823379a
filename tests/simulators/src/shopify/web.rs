//! Requests and answers as bytes: queries, forms, headers.

use crate::ground::{encode, pairs};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::Value;

/// An answer on its way out.
pub(crate) type Answer = Response<Full<Bytes>>;

/// A request as the shop sees it, body read.
pub(crate) struct Visit {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Visit {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Fields of a form or of a flat JSON object, values as text.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let form = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if form {
            return pairs(&String::from_utf8_lossy(&self.body));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => object
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// The value of a key.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|pair| pair.0 == key).map(|pair| pair.1.as_str())
}

/// Pairs as a query string.
pub(crate) fn joined(pairs: &[(String, String)]) -> String {
    let rows: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    rows.join("&")
}

fn answer(status: u16, kind: &str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    with(answer, "content-type", kind)
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: &Value) -> Answer {
    answer(status, "application/json; charset=utf-8", body.to_string())
}

/// A page.
pub(crate) fn page(status: u16, title: &str, body: &str) -> Answer {
    let html = format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>");
    answer(status, "text/html; charset=utf-8", html)
}

/// A redirect.
pub(crate) fn redirect(to: &str) -> Answer {
    with(answer(302, "text/html; charset=utf-8", ""), "location", to)
}

/// Bytes of a file.
pub(crate) fn file(status: u16, bytes: Bytes) -> Answer {
    answer(status, "application/jsonl", bytes)
}

/// The answer with one more header; a value that cannot be sent is left out.
pub(crate) fn with(mut answer: Answer, name: &str, value: &str) -> Answer {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        answer.headers_mut().insert(name, value);
    }
    answer
}
