//! The desk is wired as the template says: what is planted there changes what it does, and the code's addresses and
//! the template's are the same.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use domain::message::{Message, MessageV1};
use domain::{OrgId, StoreId};
use platform::Clock as _;
use ports::{Queue as _, Send, SendName};
use secrecy::ExposeSecret as _;
use storeloom::clock::SystemClock;
use storeloom::desk::{Desk, Options};
use storeloom::front::Front;
use storeloom::functions::front;
use storeloom::wiring::Wiring;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::ServiceExt as _;

/// Addresses that the code could answer for every platform and that this platform has no use for.
const NOT_FOR_IT: [(&str, &str); 2] = [
    // Its deliveries do not say which shop they are of: each shop has an address of its own.
    ("POST", "/webhooks/woocommerce"),
    // It sends through no event bus.
    ("POST", "/v1/envelopes/woocommerce"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn template() -> String {
    std::fs::read_to_string(root().join("template.yaml")).unwrap()
}

/// The template with one text put in the place of another.
fn planted(from: &str, to: &str) -> Wiring {
    let template = template();
    assert!(template.contains(from), "`{from}` does not stand in the template");
    Wiring::read(&template.replacen(from, to, 1)).unwrap()
}

async fn open(wiring: Wiring) -> (Desk, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data: folder.path().to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: None,
        allow_loopback: true,
        extra_roots: Vec::new(),
        stand_ins: std::collections::BTreeMap::new(),
        interval_seconds: wiring.interval_seconds,
        // Nothing is worked on by itself: the tests take messages by hand.
        intake_only: true,
        wiring,
    };
    (Desk::open(&options).await.unwrap(), folder)
}

async fn status(desk: &Desk, path: &str) -> u16 {
    let key = desk.first_key.as_ref().unwrap().expose_secret();
    let at = format!("{}:{}", desk.url.host_str().unwrap(), desk.url.port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(&at).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_route_that_the_template_lacks_is_not_served() {
    let (desk, _folder) = open(Wiring::built_in().unwrap()).await;
    assert_eq!((status(&desk, "/v1/stock").await, status(&desk, "/v1/shelves").await), (200, 404));
    desk.close().await;
    let (desk, _folder) = open(planted("\"GET /v1/stock\"", "\"GET /v1/shelves\"")).await;
    assert_eq!(status(&desk, "/v1/stock").await, 404);
    assert_eq!(status(&desk, "/v1/overview").await, 200, "other routes stay");
    desk.close().await;
    // A route to another function: that one has no such address.
    let stores = "\"GET /v1/stock\", Target: !Sub \"integrations/${ApiStoresIntegration}\"";
    let (desk, _folder) =
        open(planted("\"GET /v1/stock\", Target: !Sub \"integrations/${ApiBooksIntegration}\"", stores))
            .await;
    assert_eq!(status(&desk, "/v1/stock").await, 404);
    desk.close().await;
}

/// How often a message that nobody acknowledges is given out, each time as soon as it may be.
async fn receives(wiring: Wiring) -> (u32, Duration) {
    let visibility = wiring.queues[&wiring.inbox].visibility;
    let (desk, _folder) = open(wiring).await;
    let (org, store) = (OrgId::derive(&["o"]), StoreId::derive(&["s"]));
    let message = Message::V1(MessageV1::Doorbell { org, store });
    let send = Send { message, group: "g".into(), name: SendName("n".into()) };
    desk.inbox.send(send).await.unwrap();
    let mut now = SystemClock.now();
    let mut count = 0;
    while !desk.inbox.take(1, now).unwrap().is_empty() {
        count += 1;
        assert!(desk.inbox.take(1, now + visibility - Duration::from_millis(1)).unwrap().is_empty());
        now += visibility;
    }
    desk.close().await;
    (count, visibility)
}

#[tokio::test]
async fn queues_have_the_templates_patience() {
    let built_in = Wiring::built_in().unwrap();
    let rules = built_in.queues[&built_in.inbox].clone();
    assert_eq!(receives(built_in).await, (rules.max_receives.unwrap(), rules.visibility));
    assert_eq!(receives(planted("maxReceiveCount: 10", "maxReceiveCount: 3")).await, (3, rules.visibility));
    let quick = planted("VisibilityTimeout: 360", "VisibilityTimeout: 7");
    assert_eq!(receives(quick).await, (rules.max_receives.unwrap(), Duration::from_secs(7)));
}

#[tokio::test]
async fn a_function_that_does_not_exist_is_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let refused = async |from: &str, to: &str| {
        let options = Options {
            data: folder.path().to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
            allow_loopback: true,
            extra_roots: Vec::new(),
            stand_ins: std::collections::BTreeMap::new(),
            interval_seconds: 60,
            intake_only: false,
            wiring: planted(from, to),
        };
        Desk::open(&options).await.err().expect("it must not open").to_string()
    };
    let page = refused("target/lambda/page/", "target/lambda/pages/").await;
    assert!(page.contains("leads to the function pages"), "{page}");
    let ingest = refused("target/lambda/ingest/", "target/lambda/digest/").await;
    assert!(ingest.contains("digest"), "{ingest}");
    let sweep = refused("target/lambda/sweep/", "target/lambda/broom/").await;
    assert!(sweep.contains("broom"), "{sweep}");
}

/// The addresses that the code answers: each method and path that a source of the routers names.
fn addresses() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("shared/lambda/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let before = if folder.ends_with("v1") { "/v1" } else { "" };
            for call in code.split(".route(").skip(1) {
                let call = &call[..closing(call)];
                let mut quoted = call.splitn(3, '"').skip(1);
                let (path, handlers) = (quoted.next().unwrap_or(call), quoted.next().unwrap_or_default());
                let methods = methods(handlers);
                assert!(!methods.is_empty(), "a route without a method: {call}");
                found.extend(methods.into_iter().map(|method| (method, format!("{before}{path}"))));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The place of the bracket that closes what was opened before the text.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    let ends = |(_, sign): &(usize, char)| {
        depth += match sign {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    };
    text.char_indices().find(ends).expect("it is closed").0
}

fn methods(handlers: &str) -> Vec<String> {
    let called =
        handlers.split('(').map(|text| text.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next());
    let named = called.flatten().filter(|word| ["get", "post", "put", "patch", "delete"].contains(word));
    named.map(str::to_uppercase).collect()
}

/// Addresses of the code as somebody would ask for them: a platform's name where one stands, anything elsewhere.
fn asked() -> Vec<(Method, String)> {
    let mut asked = Vec::new();
    for (method, path) in addresses() {
        let names: Vec<String> = platforms_all::all().iter().map(|one| one.slug().to_string()).collect();
        let names = if path.contains("{platform}") { names } else { vec![String::new()] };
        for name in names {
            let part = |part: &str| match part {
                "{platform}" => name.clone(),
                "{verb}" => "pause".to_owned(),
                _ if part.starts_with('{') => "x".to_owned(),
                _ => part.to_owned(),
            };
            let path: Vec<String> = path.split('/').map(part).collect();
            let path = path.join("/");
            if !NOT_FOR_IT.contains(&(method.as_str(), path.as_str())) {
                asked.push((method.parse().unwrap(), path));
            }
        }
    }
    asked
}

/// Whether whoever the route leads to answers this address: it may say no, but not that there is none.
async fn is_answered(router: &Router, method: &Method, path: &str) -> bool {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8_lossy(&body);
    status != 405 && !body.contains("no such address") && !body.contains("nothing is served")
}

/// Differences between the code's addresses and the template's, a sentence each.
async fn differences(front: &Front, wiring: &Wiring) -> Vec<String> {
    let router = front.clone().router();
    let mut found = Vec::new();
    let mut used = Vec::new();
    for (method, path) in asked() {
        let Some(route) = front.route(&method, &path) else {
            found.push(format!("{method} {path}: the template has no route for it"));
            continue;
        };
        if is_answered(&router, &method, &path).await {
            used.push(route.clone());
        } else {
            found.push(format!("{method} {path}: {} does not answer it", route.function));
        }
    }
    for route in wiring.routes.iter().filter(|route| !used.contains(route)) {
        found.push(format!(
            "{} {}: nothing answers it",
            route.method.as_deref().unwrap_or("ANY"),
            route.path
        ));
    }
    found
}

#[tokio::test]
async fn the_code_and_the_template_have_the_same_addresses() {
    assert!(addresses().len() > 50, "the sources were not read");
    let wiring = Wiring::built_in().unwrap();
    let (desk, _folder) = open(wiring.clone()).await;
    let built_in = front(&wiring, &desk.outside).unwrap();
    assert_eq!(differences(&built_in, &wiring).await, Vec::<String>::new());
    for (from, to, expected) in [
        ("\"GET /v1/stock\"", "\"GET /v1/shelves\"", "GET /v1/stock: the template has no route for it"),
        ("\"GET /v1/stock\"", "\"GET /v1/shelves\"", "GET /v1/shelves: nothing answers it"),
        (
            "\"PUT /v1/apps/{platform}\"",
            "\"POST /v1/apps/{platform}\"",
            "PUT /v1/apps/shopify: the template has",
        ),
        (
            "\"GET /v1/overview\", Target: !Sub \"integrations/${ApiStores",
            "\"GET /v1/overview\", Target: !Sub \
          \"integrations/${ApiBooks",
            "GET /v1/overview: api-books does not answer it",
        ),
        (
            "\"POST /webhooks/shopify/{store}\"",
            "\"GET /webhooks/shopify/{store}\"",
            "POST /webhooks/shopify/x",
        ),
    ] {
        let other = planted(from, to);
        let found = differences(&front(&other, &desk.outside).unwrap(), &other).await;
        assert!(found.iter().any(|one| one.starts_with(expected)), "{expected}: {found:?}");
    }
    desk.close().await;
}

#[test]
fn each_function_that_answers_requests_is_on_the_desk_too() {
    let wiring = Wiring::built_in().unwrap();
    let mut met = 0;
    for entry in std::fs::read_dir(root().join("functions")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(main) = std::fs::read_to_string(folder.join("src/main.rs")) else { continue };
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let in_template = (
            wiring.routes.iter().any(|route| route.function == name),
            wiring.consumers.iter().any(|consumer| consumer.function == name),
            wiring.schedules.iter().any(|schedule| schedule.function == name),
            wiring.takers.contains(&name),
        );
        let says = |what: &str| main.contains(&format!("lambda::{what}("));
        let in_code = (says("serve"), says("consume"), says("sweep"), says("take_events"));
        assert_eq!(in_template, in_code, "{name}");
        met += 1;
    }
    assert!(met > 5, "the functions were not read");
}
