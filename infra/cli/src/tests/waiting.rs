//! Waiting: progress in a pipe, failures, a hub that is started anew, a browser.

use domain::run::{RunState, Stream};
use domain::store::{Condition, Phase};
use hub::overview::StoreView;
use platform::HttpErrorKind;
use serde_json::json;

use super::answers::{run, store, stores, summary, value, view};
use super::fake::{FakeHub, Reply};
use super::stage::{Stage, play, play_on};
use crate::Terminal;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A run that moves by some records each second, then ends.
fn moving(mut hub: FakeHub, stream: Stream, seconds: u64, end: RunState) -> FakeHub {
    let id = run(stream.as_str(), stream, RunState::Running, 0).run.id;
    let call = format!("GET /v1/runs/{id}");
    for second in 1..seconds {
        hub = hub.on(&call, value(&run(stream.as_str(), stream, RunState::Running, second * 40)));
    }
    hub.on(&call, value(&run(stream.as_str(), stream, end, 480)))
}

fn started(stream: Stream) -> FakeHub {
    let first = run(stream.as_str(), stream, RunState::Running, 0);
    FakeHub::default()
        .on("GET /v1/stores", stores(&[view(store('a', "North"))]))
        .on(&format!("POST /v1/stores/{NORTH}/runs"), json!({"items": [first]}))
}

#[tokio::test(start_paused = true)]
async fn in_a_pipe_progress_is_a_line_now_and_then_and_one_at_the_end() {
    let hub = moving(started(Stream::Orders), Stream::Orders, 12, RunState::Completed);
    let line = ["sync", "north", "--stream", "orders", "--wait"];
    let played = play(&hub, &line).await;
    insta::assert_snapshot!("text_sync_wait", played.done().whole(&line));
    assert!(hub.asked()[1].ends_with(r#"{"extent":"full","stream":"orders"}"#), "{:?}", hub.asked());
}

#[tokio::test(start_paused = true)]
async fn on_a_terminal_bars_take_the_place_of_lines() {
    let hub = moving(started(Stream::Orders), Stream::Orders, 5, RunState::Completed);
    let terminal = Terminal { input: true, out: true, err: true };
    let played = play_on(Stage { terminal, ..Stage::default() }, &hub, &["sync", "--wait"]).await;
    assert_eq!(played.done().out, "");
}

#[tokio::test(start_paused = true)]
async fn json_stays_one_document_and_progress_goes_to_standard_error() {
    let hub = moving(started(Stream::Orders), Stream::Orders, 3, RunState::Completed);
    let played = play(&hub, &["sync", "--wait", "--json"]).await;
    assert_eq!(played.json()["items"][0]["state"], "completed");
    assert!(played.err.contains("North orders: 480 of 480 (100%), completed in 40 s"), "{}", played.err);
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_fails_the_command_with_its_message() {
    for end in [RunState::Failed, RunState::Cancelled] {
        let hub = moving(started(Stream::Catalog), Stream::Catalog, 2, end);
        let played = play(&hub, &["sync", "--wait"]).await;
        played.failed();
        assert!(played.err.starts_with("error: the catalog run of North "), "{}", played.err);
        assert_eq!(end == RunState::Failed, played.err.contains(": the shop counts 480 and shows 479"));
        assert!(played.err.contains("next:  storeloom sync North --stream catalog --wait"), "{}", played.err);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_is_started_anew_is_waited_for_but_not_for_ever() {
    let silent = || Reply::Silence(HttpErrorKind::Connect, "no connection");
    let id = run("orders", Stream::Orders, RunState::Running, 0).run.id;
    let call = format!("GET /v1/runs/{id}");
    let hub = (0..10).fold(started(Stream::Orders), |hub, _| hub.reply(&call, silent()));
    let hub = hub.on(&call, value(&run("orders", Stream::Orders, RunState::Completed, 480)));
    play(&hub, &["sync", "--wait"]).await.done();
    let hub = started(Stream::Orders).reply(&call, silent());
    let played = play(&hub, &["sync", "--wait"]).await;
    assert!(played.failed().err.contains("cannot be reached"), "{}", played.err);
}

#[tokio::test(start_paused = true)]
async fn stores_that_are_not_called_are_named_and_not_waited_for() {
    let mut north = view(store('a', "North"));
    north.store.condition = Condition::Paused;
    let hub = FakeHub::default().on("GET /v1/stores", stores(&[north]));
    let played = play(&hub, &["sync", "--wait"]).await;
    assert!(played.failed().out.contains("North is paused"), "{}", played.out);
    assert!(hub.asked().iter().all(|call| call.starts_with("GET")));
}

fn joining(catalog: Option<(RunState, u64)>, links: u64) -> StoreView {
    let mut joining = view(store('a', "North"));
    joining.store.phase = Phase::Joining;
    joining.agreement.links = links;
    joining.agreement.joining = 40 - links;
    joining.runs =
        catalog.into_iter().map(|(state, done)| run("join", Stream::Catalog, state, done)).collect();
    joining
}

fn connecting() -> FakeHub {
    let connected = json!({"store": joining(None, 0).store, "again": false, "findings": []});
    FakeHub::default()
        .reply("POST /v1/stores", Reply::Json(201, connected))
        .on(&format!("GET /v1/stores/{NORTH}/summary"), value(&summary()))
}

const CONNECT: [&str; 8] =
    ["connect", "woocommerce", "--url", "https://north.example", "--key", "ck_1", "--secret", "cs_1"];

#[tokio::test(start_paused = true)]
async fn connecting_waits_until_the_store_has_joined() {
    let call = format!("GET /v1/stores/{NORTH}");
    let mut hub = connecting();
    for done in [0, 100, 200, 300, 400, 440, 460, 470] {
        hub = hub.on(&call, value(&joining(Some((RunState::Running, done)), 0)));
    }
    for links in [10, 20, 30] {
        hub = hub.on(&call, value(&joining(Some((RunState::Completed, 480)), links)));
    }
    let mut joined = joining(Some((RunState::Completed, 480)), 40);
    joined.store.phase = Phase::ReadOnly;
    let hub = hub.on(&call, value(&joined));
    let played = play(&hub, &CONNECT).await;
    insta::assert_snapshot!("text_connect_wait", played.done().out);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_join_ends_the_wait() {
    let mut held = joining(None, 0);
    held.store.condition = Condition::Held {
        reason: "the shop answers 401 to its keys".into(),
        since: super::answers::before(5),
    };
    let mut paused = joining(None, 0);
    paused.store.condition = Condition::Paused;
    for (stuck, said) in [
        (joining(Some((RunState::Failed, 7)), 0), "the catalog run of North failed"),
        (held, "North is held: the shop answers 401 to its keys"),
        (paused, "North is paused and does not go on joining"),
    ] {
        let hub = connecting().on(&format!("GET /v1/stores/{NORTH}"), value(&stuck));
        let played = play(&hub, &CONNECT).await;
        assert!(played.failed().err.starts_with(&format!("error: {said}")), "{}", played.err);
        assert!(played.err.contains("\nnext:  "), "{}", played.err);
    }
}
