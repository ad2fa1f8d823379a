//! The front door: finds out what a request is for, breaks it where told, and answers.

use super::args::fold;
use super::auth::{Knock, authenticate, permit};
use super::broken;
use super::call::{Call, Reply};
use super::error::RestError;
use super::faults::Fault;
use super::house::House;
use super::json::{Object, encode, keep_fields};
use super::window::RequestRow;
use crate::ground::pairs;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An answer on its way out.
pub(crate) type Answer = Response<Full<Bytes>>;

/// A request as the shop sees it, body read.
pub(crate) struct Visit {
    pub(crate) method: String,
    /// Path below the install's base.
    pub(crate) path: String,
    pub(crate) full_path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Visit {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn is_form(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        if self.is_form() { pairs(&String::from_utf8_lossy(&self.body)) } else { Vec::new() }
    }
}

/// Serves one request; an error drops the connection.
pub(crate) async fn serve(house: Arc<House>, request: Request<Incoming>) -> Result<Answer, std::io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let full_path = parts.uri.path().to_owned();
    let path = match full_path.strip_prefix(house.base.as_str()) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest.to_owned(),
        _ => return Ok(broken::page(404, "Page not found", "<p>Not Found</p>")),
    };
    let visit = Visit {
        method: parts.method.to_string(),
        path,
        full_path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    if visit.path.starts_with("/_sim") {
        return Ok(super::sim::serve(&house, &visit).await);
    }
    let inside = house.gate.enter();
    let (at, began) = (house.clock.now_ms(), Instant::now());
    let mut key = String::new();
    let outcome = broken_or_served(&house, &visit, &mut key).await;
    house.stirred.notify_one();
    house.gate.leave(RequestRow {
        at: super::clock::stamp(at),
        method: visit.method.clone(),
        path: visit.full_path.clone(),
        query: visit.query.clone(),
        status: outcome.as_ref().map_or(0, |answer| answer.status().as_u16()),
        ms: began.elapsed().as_millis() as u64,
        concurrency: inside.concurrency,
        key,
    });
    outcome
}

async fn broken_or_served(
    house: &Arc<House>,
    visit: &Visit,
    key: &mut String,
) -> Result<Answer, std::io::Error> {
    let query = pairs(&visit.query);
    let per_page =
        query.iter().find(|pair| pair.0 == "per_page").and_then(|pair| pair.1.parse().ok()).unwrap_or(10);
    let faults = house.faults.strike(&visit.method, &visit.path, per_page);
    let dropped = || std::io::Error::new(std::io::ErrorKind::ConnectionReset, "dropped by a fault");
    let mut doomed = Vec::new();
    for fault in &faults {
        match fault {
            Fault::DropBefore => return Err(dropped()),
            Fault::Latency { ms, per_row_ms } => {
                tokio::time::sleep(Duration::from_millis(ms + per_row_ms * per_page)).await;
            }
            Fault::BatchRows { ids, code, status } => doomed.push((ids.clone(), code.clone(), *status)),
            other => {
                let wants_html =
                    !visit.header("accept").is_some_and(|accept| accept.contains("application/json"));
                if let Some(answer) = broken::instead(other, wants_html) {
                    return Ok(answer);
                }
            }
        }
    }
    let mut answer = served(house, visit, query, doomed, key).await;
    for fault in faults {
        match fault {
            Fault::DropAfter => return Err(dropped()),
            Fault::HangAfter { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            other => answer = broken::spoil(&other, answer).await,
        }
    }
    Ok(answer)
}

async fn served(
    house: &Arc<House>,
    visit: &Visit,
    query: Vec<(String, String)>,
    doomed: Vec<(Vec<u64>, String, u16)>,
    key: &mut String,
) -> Answer {
    let plain = house.store().config.plain_permalinks;
    let named = query.iter().find(|pair| pair.0 == "rest_route").map(|pair| pair.1.clone());
    let route = match (named, visit.path.strip_prefix("/wp-json")) {
        (Some(route), _) if matches!(visit.path.as_str(), "" | "/" | "/index.php") => Some(route),
        (_, Some(route)) if !plain && (route.is_empty() || route.starts_with('/')) => {
            Some(crate::ground::decode(route))
        }
        _ => None,
    };
    if let Some(route) = route {
        return rest(house, visit, &route, query, doomed, key).await;
    }
    if !plain && visit.path.starts_with("/wc-auth/") {
        return super::consent::serve(house, visit).await;
    }
    match visit.path.as_str() {
        "" | "/" => broken::page(200, "Shop", "<p>Welcome.</p>"),
        _ => broken::page(404, "Page not found", "<p>Not Found</p>"),
    }
}

/// What REST answers, before it is put into headers and bytes.
struct Outcome {
    result: Result<Reply, RestError>,
    allow: Option<&'static str>,
    known: bool,
}

async fn rest(
    house: &Arc<House>,
    visit: &Visit,
    route: &str,
    query: Vec<(String, String)>,
    doomed: Vec<(Vec<u64>, String, u16)>,
    key: &mut String,
) -> Answer {
    let route = route.trim_matches('/').to_owned();
    let overridden = query
        .iter()
        .find(|pair| pair.0 == "_method")
        .map(|pair| pair.1.as_str())
        .or_else(|| visit.header("x-http-method-override"))
        .map(str::to_uppercase);
    let method = overridden.unwrap_or_else(|| visit.method.clone());
    let folded = fold(&query);
    let fields = folded.get("_fields").map(super::args::words);
    let outcome = match body(visit) {
        Err(error) => Outcome { result: Err(error), allow: None, known: false },
        Ok(body) => dispatch(house, visit, &route, &method, (query, folded, body), doomed, key),
    };
    if let Ok(Reply { ping: Some(webhook), .. }) = &outcome.result {
        super::queue::ping(house, *webhook).await;
    }
    let home = house.store().home.clone();
    respond(house, outcome, fields, &home)
}

fn body(visit: &Visit) -> Result<Object, RestError> {
    if visit.body.is_empty() {
        return Ok(Object::new());
    }
    if visit.is_form() {
        return Ok(fold(&visit.form()));
    }
    match serde_json::from_slice(&visit.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Ok(Object::new()),
        Err(_) => Err(RestError::new(400, "rest_invalid_json", "Invalid JSON body passed.")
            .with("json_error_code", 4)
            .with("json_error_message", "Syntax error")),
    }
}

fn dispatch(
    house: &Arc<House>,
    visit: &Visit,
    route: &str,
    method: &str,
    (query, folded, body): (Vec<(String, String)>, Object, Object),
    doomed: Vec<(Vec<u64>, String, u16)>,
    key: &mut String,
) -> Outcome {
    let mut store = house.store();
    if route.is_empty() {
        return Outcome { result: Ok(index(&store)), allow: Some("GET"), known: false };
    }
    if route == "wc/v3" {
        let result = Reply::one(json!({"namespace": "wc/v3", "routes": {}}));
        return Outcome { result, allow: Some("GET"), known: false };
    }
    let Some(below) = route.strip_prefix("wc/v3/") else {
        return Outcome { result: Err(RestError::no_route()), allow: None, known: false };
    };
    let host = house.faults.host();
    let mut signed = query;
    signed.extend(visit.form());
    let url = match visit.path.starts_with("/wp-json") {
        true => format!("{}{}", store.home, visit.path),
        false => format!("{}{}", store.home, if visit.path.is_empty() { "/" } else { &visit.path }),
    };
    let knock = Knock {
        method: &visit.method,
        url: &url,
        pairs: &signed,
        authorization: visit.header("authorization").filter(|_| !host.strip_authorization),
        is_ssl: house.https && !host.ssl_unseen,
    };
    let caller = match authenticate(&mut store, &knock) {
        Ok(caller) => caller,
        Err(error) => return Outcome { result: Err(error), allow: None, known: false },
    };
    if let Some(caller) = &caller {
        *key = caller.consumer_key.clone();
        if let Err(error) = permit(caller, method) {
            return Outcome { result: Err(error), allow: None, known: true };
        }
    }
    let Some(allow) = super::routes::allowed(&store, below) else {
        return Outcome { result: Err(RestError::no_route()), allow: None, known: caller.is_some() };
    };
    let wanted = if method == "HEAD" { "GET" } else { method };
    if method == "OPTIONS" {
        return Outcome {
            result: Ok(options(allow)),
            allow: caller.as_ref().map(|_| allow),
            known: caller.is_some(),
        };
    }
    if !allow.split(", ").any(|one| one == wanted) {
        return Outcome { result: Err(RestError::no_route()), allow: None, known: caller.is_some() };
    }
    let Some(caller) = caller else {
        return Outcome { result: Err(anonymous(below, wanted, 401)), allow: None, known: false };
    };
    if store.owner_demoted {
        return Outcome { result: Err(anonymous(below, wanted, 403)), allow: None, known: true };
    }
    let mut args = folded.clone();
    args.extend(body);
    let call = Call {
        method: wanted.into(),
        route: below.into(),
        args,
        query: folded,
        key: caller.consumer_key,
        batched: false,
        doomed,
    };
    let result = super::routes::answer(&mut store, &call);
    Outcome { result, allow: Some(allow), known: true }
}

/// What a caller without the rights is told: 401 to a stranger, 403 to a known user.
fn anonymous(route: &str, method: &str, status: u16) -> RestError {
    let one = route.split('/').next_back().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let (code, message) = match (method, one) {
        (_, false) if route.ends_with("/batch") => {
            ("batch", "Sorry, you are not allowed to batch manipulate this resource.")
        }
        ("GET", false) => ("view", "Sorry, you cannot list resources."),
        ("GET", true) => ("view", "Sorry, you cannot view this resource."),
        ("DELETE", _) => ("delete", "Sorry, you are not allowed to delete this resource."),
        (_, true) => ("edit", "Sorry, you are not allowed to edit this resource."),
        _ => ("create", "Sorry, you are not allowed to create resources."),
    };
    RestError::new(status, format!("woocommerce_rest_cannot_{code}"), message)
}

fn options(allow: &str) -> Reply {
    let methods: Vec<&str> = allow.split(", ").collect();
    let endpoints: Vec<Value> =
        methods.iter().map(|method| json!({"methods": [method], "args": {}})).collect();
    let body =
        json!({"namespace": "wc/v3", "methods": methods, "endpoints": endpoints, "schema": {}, "_links": {}});
    Reply { status: 200, body, single: true, ..Reply::default() }
}

fn index(store: &super::store::Store) -> Reply {
    let home = &store.home;
    let mut routes = Object::new();
    for (route, methods) in
        [("/", vec!["GET"]), ("/wc/v3", vec!["GET"]), ("/wc/v3/products", vec!["GET", "POST"])]
    {
        routes.insert(route.into(), json!({"namespace": "", "methods": methods, "endpoints": []}));
    }
    let offset = store.clock.gmt_offset();
    let body = json!({
        "name": store.config.name,
        "description": "",
        "url": home,
        "home": home,
        "gmt_offset": if offset.fract() == 0.0 { json!(offset as i64) } else { json!(offset) },
        "timezone_string": store.config.zone,
        "page_for_posts": 0,
        "page_on_front": 0,
        "show_on_front": "posts",
        "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc-admin", "wc-analytics", "wc/store", "wc/store/v1", "wp/v2"],
        "authentication": {"application-passwords": {"endpoints": {"authorization": format!("{home}/wp-admin/authorize-application.php")}}},
        "routes": routes,
        "site_logo": 0,
        "site_icon": 0,
        "site_icon_url": "",
    });
    Reply { status: 200, body, ..Reply::default() }
}

fn respond(house: &House, outcome: Outcome, fields: Option<Vec<String>>, home: &str) -> Answer {
    let (status, mut body, own, single) = match outcome.result {
        Ok(reply) => (reply.status, reply.body, reply.headers, reply.single),
        Err(error) => (error.status, error.body(), Vec::new(), false),
    };
    if let Some(mut fields) = fields.filter(|fields| !fields.is_empty() && status < 300) {
        if single {
            fields.push("_links".into());
        }
        match &mut body {
            Value::Array(rows) => rows.iter_mut().for_each(|row| keep_fields(row, &fields)),
            other => keep_fields(other, &fields),
        }
    }
    let root = if house.store().config.plain_permalinks { "index.php?rest_route=/" } else { "wp-json/" };
    let mut out: Vec<(&'static str, String)> = vec![
        ("server", "nginx/1.26.0".into()),
        ("date", super::clock::http_date(house.clock.now())),
        ("content-type", "application/json; charset=UTF-8".into()),
        ("x-robots-tag", "noindex".into()),
        ("x-content-type-options", "nosniff".into()),
        ("access-control-expose-headers", "X-WP-Total, X-WP-TotalPages, Link".into()),
        (
            "access-control-allow-headers",
            "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type".into(),
        ),
    ];
    if !own.iter().any(|(name, _)| *name == "Link") {
        out.push(("link", format!("<{home}/{root}>; rel=\"https://api.w.org/\"")));
    }
    out.extend(own);
    if let Some(allow) = outcome.allow {
        out.push(("allow", allow.into()));
    }
    if outcome.known {
        out.push(("expires", "Wed, 11 Jan 1984 05:00:00 GMT".into()));
        out.push(("cache-control", "no-cache, must-revalidate, max-age=0, no-store, private".into()));
    } else {
        out.push(("vary", "Origin".into()));
    }
    let mut answer = Response::new(Full::new(Bytes::from(encode(&body))));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(answer.headers_mut(), out);
    answer
}

/// Sets headers; a value that cannot be sent is left out.
pub(crate) fn put(headers: &mut HeaderMap, rows: Vec<(&'static str, String)>) {
    for (name, value) in rows {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            headers.append(name, value);
        }
    }
}
