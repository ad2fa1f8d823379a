//! `undo`: what would be set back, what was, and what is left.

use serde_json::{Value, json};

use super::answers::two;
use super::fake::{FakeHub, problem};
use super::stage::play;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const SINCE: &str = "2026-11-20T14:00:00Z";

fn looked_at(set_back: u64) -> Value {
    let row = |sku: &str, back: Value| {
        let mut row = json!({"link": "lnk_x", "sku": sku, "title": "Tea", "by_the_books": "8"});
        row.as_object_mut().unwrap().extend(back.as_object().unwrap().clone());
        row
    };
    let mut items = vec![
        row("T-2", json!({"is": "left", "why": "moved", "before": "9", "written": "20", "shows": "18"})),
        row("T-3", json!({"is": "as-before", "level": "9", "before": "9", "written": null, "shows": "9"})),
    ];
    if set_back > 0 {
        items.insert(0, row("T-1", json!({"is": "set-back", "from": "20", "to": "9", "before": "9", "written": "20", "shows": "20"})));
    }
    json!({
        "store": NORTH, "since": SINCE, "digest": "0123", "set_back": set_back, "as_before": 1, "left": 1,
        "above_the_books": set_back, "items": items,
    })
}

fn hub(set_back: u64) -> FakeHub {
    FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&format!("GET /v1/stores/{NORTH}/undo?since=2026-11-20T14%3A00%3A00Z"), looked_at(set_back))
        .on(&format!("POST /v1/stores/{NORTH}/undo"), looked_at(set_back))
}

#[tokio::test]
async fn what_is_set_back_is_shown_and_done_as_it_was_shown() {
    let line = ["undo", "north", "--since", SINCE, "--yes"];
    for (name, set_back) in [("before", 1), ("after", 0)] {
        let hub = hub(set_back);
        let played = play(&hub, &line).await;
        played.done();
        let asked = hub.asked().join("\n");
        insta::assert_snapshot!(format!("undo_{name}"), format!("{}\n{asked}\n", played.whole(&line)));
        let json = play(&self::hub(set_back), &[&line[..], &["--json"]].concat()).await.done().json();
        assert_eq!(json["digest"], "0123");
    }
}

#[tokio::test]
async fn nothing_is_done_without_a_yes_nor_for_a_time_that_is_none() {
    let asked = hub(1);
    let played = play(&asked, &["undo", "north", "--since", SINCE]).await;
    assert!(played.err.contains("--yes"), "{}", played.err);
    assert!(asked.asked().iter().all(|line| !line.starts_with("POST")), "{:?}", asked.asked());
    let played = play(&hub(1), &["undo", "north", "--since", "yesterday"]).await;
    assert!(played.err.contains("how long ago"), "{}", played.err);
    let moved = FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&format!("GET /v1/stores/{NORTH}/undo?since=2026-11-20T14%3A00%3A00Z"), looked_at(1))
        .reply(&format!("POST /v1/stores/{NORTH}/undo"), problem(409, "the numbers have moved since"));
    let played = play(&moved, &["undo", "north", "--since", SINCE, "--yes"]).await;
    played.failed();
    assert!(played.err.contains("moved since"), "{}", played.err);
}
