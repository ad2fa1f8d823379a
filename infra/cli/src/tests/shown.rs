//! What each subcommand shows, as text and as JSON.

use domain::exception::ExceptionKind;
use domain::run::{RunState, Stream};
use domain::stock::EntryKind;
use domain::{EventId, ExceptionId, ItemId, OrderId, RunId};
use serde_json::{Value, json};

use super::answers::{
    before, doctor, effects, entry, event, exception, finding, order, preview, run, shelf, store, store_id,
    stores, summary, two, value, view,
};
use super::fake::{FakeHub, Reply};
use super::stage::{Stage, play, play_on};
use crate::Terminal;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const SOUTH: &str = "sto_bbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A hub with two stores and something of everything.
fn hub() -> FakeHub {
    let item = ItemId::derive(&["T-1"]);
    let mut one = order("1001", 'a', 600);
    one["effects"] = effects();
    let parked = exception(ExceptionKind::ParkedEvent, "parked");
    let differs = exception(ExceptionKind::Unexplained, "differs");
    let held = exception(ExceptionKind::StoreHeld, "held");
    let mut settled = held.clone();
    settled.resolved_at = Some(before(60));
    let (catalog, orders, customers) = (
        run("s1", Stream::Catalog, RunState::Running, 0),
        run("s2", Stream::Orders, RunState::Running, 0),
        run("s3", Stream::Customers, RunState::Running, 0),
    );
    let differs_id = differs.id.clone();
    FakeHub::default()
        .on("GET /v1/stores", two())
        .reply("GET /health", Reply::Text(200, "ok"))
        .on("GET /v1/overview", json!({"stores": [], "exceptions": [parked, differs], "more_exceptions": false}))
        .on(&format!("GET /v1/stores/{NORTH}/doctor"), doctor(&[]))
        .on(&format!("GET /v1/stores/{SOUTH}/doctor"), doctor(&[finding(false)]))
        .on(&format!("POST /v1/stores/{NORTH}/runs"), json!({"items": [catalog, orders, customers]}))
        .on(
            &format!("POST /v1/runs/{}/cancel", RunId::derive(&["s1"])),
            value(&run("s1", Stream::Catalog, RunState::Cancelled, 120).run),
        )
        .on(&format!("GET /v1/stores/{NORTH}/preview"), value(&preview()))
        .on(&format!("POST /v1/stores/{NORTH}/start"), value(&store('a', "North")))
        .on(&format!("POST /v1/stores/{NORTH}/stop"), value(&store('a', "North")))
        .on(&format!("POST /v1/stores/{NORTH}/pause"), value(&store('a', "North")))
        .on(&format!("POST /v1/stores/{NORTH}/resume"), value(&store('a', "North")))
        .on(&format!("POST /v1/stores/{NORTH}/disconnect"), value(&store('a', "North")))
        .on(
            &format!("GET /v1/stores/{NORTH}/events?limit=50"),
            json!({"items": [event("e1", 'a', 10), event("e3", 'a', 4000)], "next": null}),
        )
        .on(&format!("GET /v1/stores/{SOUTH}/events?limit=50"), json!({"items": [event("e2", 'b', 70)], "next": null}))
        .on(&format!("POST /v1/events/{}/replay", EventId::derive(&["e1"])), event("e1", 'a', 10))
        .on("GET /v1/stock?limit=200", json!({"items": [shelf("T-1", "Tea"), shelf("T-2", "Teapot")], "next": null}))
        .on("GET /v1/stock?limit=1&sku=T-1", json!({"items": [shelf("T-1", "Tea")], "next": null}))
        .on(
            &format!("GET /v1/stock/{item}/entries?limit=20"),
            json!({"items": [entry(EntryKind::Reserve, 0, 2), entry(EntryKind::Opening, 12, 0)], "next": null}),
        )
        .on(
            &format!("GET /v1/stores/{NORTH}/orders?limit=50"),
            json!({"items": [order("1001", 'a', 600)], "next": null}),
        )
        .on(
            &format!("GET /v1/stores/{SOUTH}/orders?limit=50"),
            json!({"items": [order("77", 'b', 30)], "next": null}),
        )
        .on(
            &format!("GET /v1/stores/{NORTH}/orders?limit=200"),
            json!({"items": [order("1002", 'a', 500), order("1001", 'a', 600)], "next": null}),
        )
        .on(&format!("GET /v1/orders/{}", OrderId::derive(&["1001"])), one)
        .on(
            "GET /v1/exceptions?limit=200",
            json!({"items": [
                exception(ExceptionKind::ParkedEvent, "parked"),
                exception(ExceptionKind::Unexplained, "differs"),
                exception(ExceptionKind::StoreHeld, "held"),
            ], "next": null}),
        )
        .on("GET /v1/exceptions?limit=200&settled=true", json!({"items": [settled], "next": null}))
        .on(&format!("GET /v1/exceptions/{differs_id}"), value(&exception(ExceptionKind::Unexplained, "differs")))
        .on(&format!("POST /v1/exceptions/{differs_id}/resolve"), value(&exception(ExceptionKind::Unexplained, "differs")))
        .on(&format!("GET /v1/stores/{NORTH}/variants/55"), json!({"variant": {"remote": "55", "sku": "T-1"}}))
        .on(&format!("PATCH /v1/stores/{NORTH}/variants/55"), json!({"task": "tsk_1"}))
        .on(&format!("PATCH /v1/stores/{NORTH}/products/50"), json!({"task": "tsk_2"}))
        .on(
            &format!("GET /v1/stores/{NORTH}/schedules"),
            json!({"items": [{"stream": "catalog", "every_seconds": 60}, {"stream": "orders", "every_seconds": 90}]}),
        )
        .on(&format!("PUT /v1/stores/{NORTH}/schedules"), json!({"stream": "orders", "every_seconds": 120}))
}

fn differs() -> String {
    ExceptionId::derive(&["differs"]).to_string()
}

/// The command lines whose text and JSON are kept as snapshots, and what JSON asks for.
fn lines() -> Vec<(&'static str, Vec<String>)> {
    let line = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    vec![
        ("stores", line("stores")),
        ("doctor_one", line("doctor North")),
        ("sync", line("sync north")),
        ("cancel", line(&format!("cancel {}", RunId::derive(&["s1"])))),
        ("start", line("start north --yes")),
        ("stop", line("stop north")),
        ("pause", line("pause sto_a")),
        ("resume", line(&format!("resume {NORTH}"))),
        ("disconnect", line("disconnect north --yes")),
        ("events", line("events")),
        ("replay", line(&format!("replay {}", EventId::derive(&["e1"])))),
        ("stock", line("stock")),
        ("stock_one", line("stock T-1")),
        ("orders", line("orders")),
        ("orders_of_store", line("orders north")),
        ("order", line("orders north #1001")),
        ("exceptions", line("exceptions")),
        ("exceptions_settled", line("exceptions --settled")),
        ("resolve", line(&format!("resolve {} --right shop", differs()))),
        ("price", line("price north 55 12.50")),
        ("title", line("title north 50 Teapot")),
        ("schedules", line("schedule north")),
        ("schedule", line("schedule north orders 120")),
    ]
}

#[tokio::test]
async fn every_subcommand_as_text() {
    for (name, line) in lines() {
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let hub = hub();
        let played = play(&hub, &line).await;
        played.done();
        assert!(!played.out.contains("private"), "{name} names a buyer");
        let asked = hub.asked().join("\n");
        insta::assert_snapshot!(format!("text_{name}"), format!("{}\n{asked}\n", played.whole(&line)));
    }
}

#[tokio::test]
async fn every_subcommand_as_one_json_document() {
    let mut shapes = String::new();
    for (name, line) in lines() {
        let mut line: Vec<&str> = line.iter().map(String::as_str).collect();
        line.push("--json");
        let json = play(&hub(), &line).await.done().json();
        let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
        shapes.push_str(&format!("{name}: {fields:?}\n"));
    }
    insta::assert_snapshot!("json_shapes", shapes);
}

#[tokio::test]
async fn json_gives_what_the_hub_answered_with_fields_that_are_not_known_here() {
    let mut answer = two();
    answer["items"][0]["store"]["mood"] = json!("sunny");
    let hub = FakeHub::default().on("GET /v1/stores", answer.clone());
    assert_eq!(play(&hub, &["stores", "--json"]).await.done().json(), answer);
}

#[tokio::test]
async fn the_pager_follows_next_until_enough() {
    let page = |from: u64, next: Option<&str>| {
        let items: Vec<Value> =
            (from..from + 200).map(|number| shelf(&format!("S-{number:04}"), "Tea")).collect();
        json!({"items": items, "next": next})
    };
    let hub = FakeHub::default()
        .on("GET /v1/stock?limit=200", page(0, Some("c/1")))
        .on("GET /v1/stock?limit=200&after=c%2F1", page(200, Some("c2")))
        .on("GET /v1/stock?limit=200&after=c2", json!({"items": [], "next": "c3"}))
        .on("GET /v1/stock?limit=200&after=c3", json!({"items": [shelf("S-0400", "Tea")], "next": null}))
        .on("GET /v1/stock?limit=50&after=c%2F1", page(200, Some("c2")));
    let all = play(&hub, &["stock"]).await;
    assert_eq!(all.done().out.lines().count(), 402);
    let some = play(&hub, &["stock", "--limit", "250", "--json"]).await.done().json();
    assert_eq!(some["items"].as_array().unwrap().len(), 250);
    assert_eq!(some["more"], true);
}

#[tokio::test]
async fn nothing_yet() {
    let hub = FakeHub::default()
        .on("GET /v1/stores", stores(&[]))
        .on("GET /v1/stock?limit=200", json!({"items": [], "next": null}))
        .on("GET /v1/exceptions?limit=200", json!({"items": [], "next": null}))
        .reply("GET /health", Reply::Text(200, "ok"))
        .on("GET /v1/overview", json!({"stores": [], "exceptions": []}));
    let mut whole = String::new();
    for line in
        [vec!["stores"], vec!["doctor"], vec!["events"], vec!["stock"], vec!["orders"], vec!["exceptions"]]
    {
        whole.push_str(&play(&hub, &line).await.done().whole(&line));
    }
    insta::assert_snapshot!("text_nothing_yet", whole);
}

#[tokio::test]
async fn doctor_fails_if_anything_is_in_the_way() {
    let mut hub = hub();
    let played = play(&hub, &["doctor"]).await;
    insta::assert_snapshot!("text_doctor_held", played.failed().whole(&["doctor"]));
    let json = play(&hub, &["doctor", "--json"]).await;
    assert_eq!(json.failed().json()["blocked"], 1);
    assert_eq!(json.err, "");
    hub = FakeHub::default()
        .reply("GET /health", Reply::Text(200, "ok"))
        .on("GET /v1/overview", json!({"stores": [], "exceptions": []}))
        .on("GET /v1/stores", stores(&[view(store('a', "North"))]))
        .on(&format!("GET /v1/stores/{NORTH}/doctor"), doctor(&[finding(true)]));
    let played = play(&hub, &["doctor"]).await;
    insta::assert_snapshot!("text_doctor_blocked", played.failed().whole(&["doctor"]));
}

#[tokio::test]
async fn a_variant_may_be_named_by_its_sku() {
    let hub = FakeHub::default()
        .on("GET /v1/stores", stores(&[view(store('a', "North"))]))
        .reply(
            &format!("GET /v1/stores/{NORTH}/variants/T%2F1"),
            super::fake::problem(404, "there is no variant"),
        )
        .on(
            &format!("GET /v1/stores/{NORTH}/variants?limit=200"),
            json!({"items": [
                {"variant": {"remote": "54", "sku": "T/1"}, "gone_at": before(10)},
                {"variant": {"remote": "55", "sku": "T/1"}, "gone_at": null},
            ], "next": null}),
        )
        .on(&format!("PATCH /v1/stores/{NORTH}/variants/55"), json!({"task": "tsk_1"}));
    play(&hub, &["price", "North", "T/1", "9"]).await.done();
    let last = hub.asked().pop().unwrap();
    assert!(last.ends_with(r#"/variants/55 {"price":{"amount":"9","currency":"EUR"}}"#), "{last}");
}

#[tokio::test]
async fn starting_asks_and_only_yes_agrees() {
    let terminal = Terminal { input: true, out: true, err: true };
    for (typed, agrees) in [("y\n", true), ("YES\n", true), ("\n", false), ("", false), ("no\n", false)] {
        let hub = hub();
        let played = play_on(Stage { terminal, typed, ..Stage::default() }, &hub, &["start", "north"]).await;
        let started = hub.asked().iter().any(|call| call.starts_with("POST"));
        assert_eq!(started, agrees, "{typed:?}");
        assert!(played.err.starts_with("Begin to write numbers to North? [y/N] "), "{}", played.err);
        if !agrees {
            played.failed();
        }
    }
}

#[tokio::test]
async fn in_a_pipe_nobody_is_asked_and_nothing_is_done() {
    for line in [vec!["start", "north"], vec!["disconnect", "north"], vec!["start", "north", "--json"]] {
        let hub = hub();
        let played = play_on(Stage { typed: "y\n", ..Stage::default() }, &hub, &line).await;
        played.called_wrongly();
        assert!(played.err.contains("--yes"), "{}", played.err);
        assert!(hub.asked().iter().all(|call| call.starts_with("GET")), "{:?}", hub.asked());
    }
}

#[tokio::test]
async fn a_summary_of_what_connecting_came_to() {
    let connected = json!({"store": store('a', "North"), "again": false, "findings": [finding(true)]});
    let hub = FakeHub::default()
        .reply("POST /v1/stores", Reply::Json(201, connected))
        .on(&format!("GET /v1/stores/{NORTH}"), value(&view(store('a', "North"))))
        .on(&format!("GET /v1/stores/{NORTH}/summary"), value(&summary()));
    let line = [
        "connect",
        "woocommerce",
        "--url",
        "north.example",
        "--key",
        "ck_1",
        "--secret",
        "cs_1",
        "--name",
        "North",
    ];
    let played = play(&hub, &line).await;
    insta::assert_snapshot!("text_connect", format!("{}\n{}\n", played.done().out, hub.asked().join("\n")));
    let json = play(&hub, &[&line[..], &["--json"]].concat()).await;
    // Progress of a JSON answer is told on standard error, so that the answer stays one document.
    assert_eq!(json.json()["summary"]["matched"], 110);
    assert_eq!(json.json()["store"]["store"]["id"], value(&store_id('a')));
    assert!(!json.out.contains("cs_1") && !json.err.contains("cs_1"));
}
