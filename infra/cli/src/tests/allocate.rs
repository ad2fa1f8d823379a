//! Allocating: what is sent to the hub, what is shown, and what is refused before anything is sent.

use domain::LinkId;
use serde_json::{Value, json};

use super::answers::{store_id, two};
use super::fake::{FakeHub, problem};
use super::stage::play;

/// What the hub says a link offers.
fn offer(store: char, more: &Value) -> Value {
    let mut offer = json!({
        "link": LinkId::derive(&[&store.to_string()]),
        "item": "itm_1",
        "store": store_id(store),
        "allocation": null,
        "of_store": {"mode": "shared", "buffer": "none"},
        "available": "10",
        "owns": null,
        "unowned": "10",
        "margin": null,
        "target": "10",
        "explained": "10",
    });
    for (name, value) in more.as_object().unwrap() {
        offer[name] = value.clone();
    }
    offer
}

fn of_link(store: char) -> String {
    format!("PUT /v1/items/T-1/stores/{}/allocation", store_id(store))
}

/// What was sent with the last call.
fn sent(hub: &FakeHub) -> Value {
    let asked = hub.asked();
    let last = asked.last().unwrap();
    serde_json::from_str(&last[last.find('{').unwrap()..]).unwrap()
}

#[tokio::test]
async fn each_way_is_sent_as_the_hub_takes_it_and_said_back() {
    let quota =
        json!({"allocation": {"mode": "quota", "until": "3", "since": "2026-11-01T00:00:00Z"}, "owns": "3"});
    let capped = json!({"allocation": {"mode": "capped", "at_most": "5", "buffer": "10%"}});
    for (line, wish, more, said) in [
        (
            vec!["--quota", "3"],
            json!({"mode": "quota", "units": "3"}),
            quota,
            "North offers its own 3 of T-1.",
        ),
        (
            vec!["--cap", "5", "--buffer", "10%"],
            json!({"mode": "capped", "at_most": "5", "buffer": "10%"}),
            capped,
            "North offers all less a buffer (10%), at most 5 of T-1.",
        ),
        (
            vec!["--as-store"],
            json!({"mode": "as-store"}),
            json!({}),
            "North offers all (as its store) of T-1.",
        ),
    ] {
        let hub = FakeHub::default().on("GET /v1/stores", two()).on(&of_link('a'), offer('a', &more));
        let played = play(&hub, &[&["allocate", "north", "--sku", "T-1"], &line[..]].concat()).await;
        assert_eq!(played.done().out.lines().next(), Some(said), "{line:?}");
        assert_eq!(sent(&hub), wish, "{line:?}");
    }
}

#[tokio::test]
async fn a_store_offers_less_of_everything() {
    let mut store = two()["items"][0].clone();
    let path = format!("PUT /v1/stores/{}/allocation", store_id('a'));
    store = if store.get("store").is_some() { store["store"].clone() } else { store };
    store["allocation"] = json!({"mode": "shared", "buffer": "2"});
    let hub = FakeHub::default().on("GET /v1/stores", two()).on(&path, store);
    let played = play(&hub, &["allocate", "north", "--buffer", "2"]).await;
    let said = "North offers all but 2 of every item that nothing else is said of.";
    assert_eq!(played.done().out.lines().next(), Some(said));
    assert_eq!(sent(&hub), json!({"mode": "shared", "buffer": "2"}));
}

#[tokio::test]
async fn what_each_shop_offers_is_shown_side_by_side() {
    let measured = json!({
        "of_store": {"mode": "shared", "buffer": "adaptive 1%"},
        "margin": {"units": "2", "per_day": "48", "lag_millis": 90_000, "at": "2026-11-01T00:00:00Z"},
        "target": "8",
    });
    let offers = json!({"items": [offer('a', &measured), offer('b', &json!({"owns": "4", "target": "4"}))], "next": null});
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .on("GET /v1/items/T-1/offers?limit=200", offers.clone());
    let line = ["allocate", "--sku", "T-1"];
    let played = play(&hub, &line).await;
    insta::assert_snapshot!("text_allocate", played.done().whole(&line));
    let played = play(&hub, &[&line[..], &["--json"]].concat()).await;
    assert_eq!(played.done().json()["items"], offers["items"]);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    for line in [
        vec!["allocate"],
        vec!["allocate", "north"],
        vec!["allocate", "--sku", "T-1", "--quota", "3"],
        vec!["allocate", "nowhere", "--sku", "T-1", "--quota", "3"],
    ] {
        let hub = FakeHub::default().on("GET /v1/stores", two());
        let played = play(&hub, &line).await;
        assert!(
            played.err.starts_with("error: ") && played.err.contains("next:  "),
            "{line:?}: {}",
            played.err
        );
        assert!(hub.asked().iter().all(|call| call.starts_with("GET")), "{line:?}");
    }
    let unknown = FakeHub::default()
        .on("GET /v1/stores", two())
        .reply(&of_link('a'), problem(404, "there is no link of the item in this store"));
    let played = play(&unknown, &["allocate", "north", "--sku", "T-1", "--quota", "3"]).await;
    assert!(played.failed().err.contains("lists the SKU `T-1`"), "{}", played.err);
    let many = problem(409, "there are not 30 units to give: 10 may be sold and belong to no other link");
    let hub = FakeHub::default().on("GET /v1/stores", two()).reply(&of_link('a'), many);
    let played = play(&hub, &["allocate", "north", "--sku", "T-1", "--quota", "30"]).await;
    assert!(played.failed().err.contains("10 may be sold"), "{}", played.err);
}
