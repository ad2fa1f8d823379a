//! Connecting through a browser: the page that is opened, and the store that appears.

use domain::store::{Condition, Phase};
use serde_json::json;

use super::answers::{doctor, finding, store, stores, summary, value, view};
use super::fake::FakeHub;
use super::stage::{Stage, play, play_on};
use crate::Terminal;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const BROWSER: [&str; 5] = ["connect", "woocommerce", "--url", "north.example", "--browser"];

#[tokio::test(start_paused = true)]
async fn a_browser_connects_a_store_that_appears() {
    let mut north = view(store('a', "North"));
    north.store.phase = Phase::ReadOnly;
    let other = view(store('b', "Other"));
    let hub = FakeHub::default()
        .on("GET /v1/stores", stores(&[]))
        .on("POST /v1/stores/authorize", json!({"url": "https://north.example/wc-auth/v1/authorize?x=1"}))
        .on("GET /v1/stores", stores(&[]))
        .on("GET /v1/stores", stores(std::slice::from_ref(&other)))
        .on("GET /v1/stores", stores(&[other, north.clone()]))
        .on(&format!("GET /v1/stores/{NORTH}/doctor"), doctor(&[finding(false)]))
        .on(&format!("GET /v1/stores/{NORTH}"), value(&north))
        .on(&format!("GET /v1/stores/{NORTH}/summary"), value(&summary()));
    let played = play(&hub, &BROWSER).await;
    insta::assert_snapshot!("text_connect_browser", played.done().out);
}

#[tokio::test(start_paused = true)]
async fn a_browser_connects_a_known_store_again() {
    let mut held = view(store('a', "North"));
    held.store.condition = Condition::Held { reason: "x".into(), since: super::answers::before(5) };
    let mut again = view(store('a', "North"));
    again.store.version = 4;
    let hub = FakeHub::default()
        .on("GET /v1/stores", stores(std::slice::from_ref(&held)))
        .on("POST /v1/stores/authorize", json!({"url": "https://north.example/a"}))
        .on("GET /v1/stores", stores(&[held]))
        .on("GET /v1/stores", stores(std::slice::from_ref(&again)))
        .on(&format!("GET /v1/stores/{NORTH}/doctor"), doctor(&[]))
        .on(&format!("GET /v1/stores/{NORTH}"), value(&again))
        .on(&format!("GET /v1/stores/{NORTH}/summary"), value(&summary()));
    let played = play(&hub, &[&BROWSER[..], &["--json"]].concat()).await;
    assert_eq!(played.json()["again"], true);
    assert!(played.err.contains("https://north.example/a"), "{}", played.err);
}

#[tokio::test(start_paused = true)]
async fn nobody_agrees_in_the_browser() {
    let hub = FakeHub::default()
        .on("GET /v1/stores", stores(&[]))
        .on("POST /v1/stores/authorize", json!({"url": "https://north.example/a"}));
    assert!(play(&hub, &BROWSER).await.failed().err.contains("nobody agreed within 30 minutes"));
    let played = play(&hub, &[&BROWSER[..], &["--no-wait"]].concat()).await;
    assert!(played.done().out.contains("https://north.example/a"), "{}", played.out);
}

#[tokio::test]
async fn the_page_is_opened_where_a_person_looks_on_and_nowhere_else() {
    let page = "https://north.example/wc-auth/v1/authorize?x=1";
    let person = Stage { terminal: Terminal { input: true, out: true, err: true }, ..Stage::default() };
    let no_browser = Stage { no_browser: true, ..person };
    let silent = Stage { terminal: Terminal { out: false, ..person.terminal }, ..person };
    for (stage, more, opened, said) in [
        (person, vec![], vec![page], true),
        (person, vec!["--no-open"], vec![], false),
        (no_browser, vec![], vec![page], false),
        (silent, vec![], vec![], false),
        (Stage::default(), vec![], vec![], false),
    ] {
        let hub = FakeHub::default()
            .on("GET /v1/stores", stores(&[]))
            .on("POST /v1/stores/authorize", json!({"url": page}));
        let line = [&BROWSER[..], &["--no-wait"], &more].concat();
        let played = play_on(stage, &hub, &line).await;
        assert!(played.done().out.contains(&format!("  {page}\n")), "{}", played.out);
        assert_eq!(played.opened, opened, "{stage:?} {more:?}");
        assert_eq!(played.out.contains("your browser was asked"), said, "{stage:?} {more:?}");
    }
}

#[tokio::test]
async fn nothing_but_a_web_page_is_opened() {
    let terminal = Terminal { input: true, out: true, err: true };
    for address in ["file:///etc/passwd", "javascript:alert(1)", "--help", "calculator:now"] {
        let hub = FakeHub::default()
            .on("GET /v1/stores", stores(&[]))
            .on("POST /v1/stores/authorize", json!({"url": address}));
        let stage = Stage { terminal, ..Stage::default() };
        let played = play_on(stage, &hub, &[&BROWSER[..], &["--no-wait"]].concat()).await;
        assert!(played.done().opened.is_empty() && played.out.contains(address), "{}", played.out);
    }
}
