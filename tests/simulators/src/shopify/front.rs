//! The front door: finds out what a request is for, breaks it where told, and answers.

use super::faults::Fault;
use super::graphql::{self, Caller, Request as Prepared, Spent};
use super::house::House;
use super::rows::RequestRow;
use super::web::{Answer, Visit, file, json, page, value, with};
use crate::ground::pairs;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use serde_json::{Value, json as made};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is told to a token that is dead, expired or unknown.
pub(crate) fn unauthorized() -> Answer {
    let text = "[API] Invalid API key or access token (unrecognized login or wrong password)";
    json(401, &made!({"errors": text}))
}

/// What the windows are told of a request.
#[derive(Default)]
struct Notes {
    token: String,
    operations: String,
    keys: Vec<String>,
    spent: Spent,
}

/// Serves one request; an error drops the connection.
pub(crate) async fn serve(house: Arc<House>, request: Request<Incoming>) -> Result<Answer, std::io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let visit = Visit {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    if visit.path.starts_with("/_sim") {
        return Ok(super::sim::serve(&house, &visit).await);
    }
    house.settle();
    let inside = house.gate.enter();
    let (at, began) = (house.clock.now(), Instant::now());
    let mut notes = Notes::default();
    let outcome = broken_or_served(&house, &visit, &mut notes).await;
    house.settle();
    house.stirred.notify_one();
    house.gate.leave(RequestRow {
        at: super::clock::stamp(at),
        method: visit.method.clone(),
        path: visit.path.clone(),
        query: visit.query.clone(),
        status: outcome.as_ref().map_or(0, |answer| answer.status().as_u16()),
        ms: began.elapsed().as_millis() as u64,
        concurrency: inside.concurrency,
        token: notes.token,
        operations: notes.operations,
        keys: notes.keys,
        requested_cost: notes.spent.requested,
        actual_cost: notes.spent.actual,
        throttled: notes.spent.throttled,
    });
    outcome.map(|answer| with(answer, "date", &super::clock::http_date(house.clock.now())))
}

/// Idempotency keys a call holds while it is under way.
struct Claim<'a> {
    house: &'a House,
    keys: Vec<String>,
}

impl<'a> Claim<'a> {
    /// Holds the keys that are free; tells the ones that are not.
    fn new(house: &'a House, wanted: &[String]) -> (Self, Vec<String>) {
        let mut held = house.under_way_keys.lock().unwrap();
        let (contested, keys): (Vec<String>, Vec<String>) =
            wanted.iter().cloned().partition(|key| held.contains(key));
        held.extend(keys.iter().cloned());
        (Self { house, keys }, contested)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if let Ok(mut held) = self.house.under_way_keys.lock() {
            held.retain(|key| !self.keys.contains(key));
        }
    }
}

async fn broken_or_served(
    house: &Arc<House>,
    visit: &Visit,
    notes: &mut Notes,
) -> Result<Answer, std::io::Error> {
    let dropped = || std::io::Error::new(std::io::ErrorKind::ConnectionReset, "dropped by a fault");
    let door = graphql_version(visit);
    let prepared = door.as_ref().map(|_| prepare(visit));
    if let Some(Ok(prepared)) = &prepared {
        notes.operations = prepared.name.clone();
        notes.keys = prepared.keys();
    }
    let (_claim, contested) = Claim::new(house, &notes.keys);
    let faults = house.faults.strike(&visit.path, &notes.operations);
    for fault in &faults {
        match fault {
            Fault::DropBefore => return Err(dropped()),
            Fault::Latency { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
            other => {
                if let Some(answer) = instead(house, other) {
                    return Ok(answer);
                }
            }
        }
    }
    let mut answer = match (door, prepared) {
        (Some(version), Some(prepared)) => {
            let answer = admin(house, visit, prepared, &version, contested, notes);
            let answer = with(answer, "x-shopify-api-version", super::VERSION);
            let id = house.store().random.uuid();
            with(answer, "x-request-id", &format!("{id}-{}", house.clock.now() / 1000))
        }
        _ => other(house, visit).ok_or_else(dropped)?,
    };
    for fault in faults {
        match fault {
            Fault::DropAfter => return Err(dropped()),
            Fault::HangAfter { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Fault::EdgeLost => answer = page(520, "520", "<p>Web server is returning an unknown error</p>"),
            Fault::Truncated { bytes } => {
                let (parts, body) = answer.into_parts();
                let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
                answer = Response::from_parts(parts, Full::new(body.slice(..bytes.min(body.len()))));
            }
            _ => {}
        }
    }
    Ok(answer)
}

/// The answer of a fault that keeps the work from being done.
fn instead(house: &House, fault: &Fault) -> Option<Answer> {
    Some(match fault {
        Fault::Unavailable => page(503, "503", "<p>Service Unavailable</p>"),
        Fault::ServerError => page(500, "500", "<p>Something went wrong</p>"),
        Fault::BadGateway => page(502, "502", "<p>Bad Gateway</p>"),
        Fault::TooManyRequests { retry_after } => {
            let answer = json(
                429,
                &made!({"errors": "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."}),
            );
            match retry_after {
                Some(seconds) => with(answer, "retry-after", &format!("{seconds}.0")),
                None => answer,
            }
        }
        Fault::SecurityRejection => page(430, "430", "<p>Shopify Security Rejection</p>"),
        Fault::Frozen => json(402, &made!({"errors": "Unavailable Shop"})),
        Fault::Locked => json(423, &made!({"errors": "Unavailable Shop"})),
        Fault::HtmlInsteadOfJson => page(200, "Shop", "<p>Welcome.</p>"),
        Fault::Throttled => {
            let cost = house.store().cost(10, None);
            let error = made!({
                "message": "Throttled",
                "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
            });
            json(200, &made!({"errors": [error], "extensions": {"cost": cost}}))
        }
        Fault::InternalError => {
            let id = house.store().random.uuid();
            let message = format!(
                "Internal error. Looks like something went wrong on our end.\nRequest ID: {id} (include this in support requests)."
            );
            json(
                200,
                &made!({"errors": [{
                    "message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": id},
                }]}),
            )
        }
        _ => return None,
    })
}

/// The version in the path of a GraphQL call.
fn graphql_version(visit: &Visit) -> Option<String> {
    let rest = visit.path.strip_prefix("/admin/api/")?;
    let version = rest.strip_suffix("/graphql.json")?;
    (visit.method == "POST").then(|| version.to_owned())
}

fn prepare(visit: &Visit) -> Result<Prepared, (u16, Value)> {
    let raw = visit.header("content-type").is_some_and(|kind| kind.starts_with("application/graphql"));
    let body = match raw {
        true => made!({"query": String::from_utf8_lossy(&visit.body)}),
        false => serde_json::from_slice(&visit.body)
            .map_err(|_| (400, made!({"errors": {"query": "Required parameter missing or invalid"}})))?,
    };
    graphql::prepare(&body).map_err(|answer| (if answer["errors"].is_object() { 400 } else { 200 }, answer))
}

fn admin(
    house: &House,
    visit: &Visit,
    prepared: Result<Prepared, (u16, Value)>,
    version: &str,
    contested: Vec<String>,
    notes: &mut Notes,
) -> Answer {
    let mut store = house.store();
    let now = store.now();
    let access = visit.header("x-shopify-access-token").unwrap_or_default();
    let Some(token) = store.grants.token(access, now).cloned() else { return unauthorized() };
    notes.token = super::rows::tail(&token.access);
    if version != super::VERSION {
        return json(404, &made!({"errors": "Not Found"}));
    }
    match prepared {
        Err((status, answer)) => json(status, &answer),
        Ok(prepared) => {
            let by = format!("api:{}", notes.token);
            let caller = Caller { scopes: token.scopes, by, version: version.into(), contested };
            let (answer, spent) = prepared.answer(&mut store, &caller);
            notes.spent = spent;
            json(200, &answer)
        }
    }
}

fn other(house: &Arc<House>, visit: &Visit) -> Option<Answer> {
    if visit.path.starts_with("/admin/oauth/") {
        return super::oauth::serve(house, visit);
    }
    if let Some(name) = visit.path.strip_prefix("/bulk/") {
        return Some(bulk_file(house, visit, name));
    }
    Some(match (visit.method.as_str(), visit.path.as_str()) {
        ("DELETE", "/admin/api_permissions/current.json") => {
            let access = visit.header("x-shopify-access-token").unwrap_or_default();
            let known = {
                let store = house.store();
                store.grants.token(access, store.now()).is_some()
            };
            if !known {
                return Some(unauthorized());
            }
            super::breaker::uninstall(house);
            json(200, &made!({}))
        }
        ("GET", "/" | "/admin") => page(200, "Shop", "<p>Welcome.</p>"),
        _ => json(404, &made!({"errors": "Not Found"})),
    })
}

/// A result file, whole or a range of it.
fn bulk_file(house: &House, visit: &Visit, name: &str) -> Answer {
    let store = house.store();
    let id = name.strip_suffix(".jsonl").and_then(|id| id.parse().ok()).unwrap_or(0u64);
    let query = pairs(&visit.query);
    let bulk = store.bulks.get(&id).filter(|bulk| value(&query, "sig") == Some(&bulk.signature));
    let Some(bytes) = bulk.and_then(|bulk| bulk.file.clone()) else {
        return page(404, "NoSuchKey", "<p>The specified key does not exist.</p>");
    };
    let whole = Bytes::copy_from_slice(&bytes);
    let size = whole.len();
    let Some(range) = visit.header("range").and_then(|range| range.strip_prefix("bytes=")) else {
        return with(file(200, whole), "accept-ranges", "bytes");
    };
    let (from, to) = range.split_once('-').unwrap_or((range, ""));
    let (from, to) = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) => (from, to.min(size.saturating_sub(1))),
        (Ok(from), Err(_)) => (from, size.saturating_sub(1)),
        (Err(_), Ok(last)) => (size.saturating_sub(last), size.saturating_sub(1)),
        (Err(_), Err(_)) => return with(file(200, whole), "accept-ranges", "bytes"),
    };
    if from >= size || from > to {
        return with(file(416, Bytes::new()), "content-range", &format!("bytes */{size}"));
    }
    let answer = file(206, whole.slice(from..=to));
    with(answer, "content-range", &format!("bytes {from}-{to}/{size}"))
}
