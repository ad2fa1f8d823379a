//! Shipments: which order and which lines are meant, and what is sent to the hub.

use domain::{OrderId, StoreId};
use serde_json::{Value, json};

use super::answers::{order, store_id, two, value};
use super::fake::{FakeHub, problem};
use super::stage::play;

/// The id of an order with a number.
fn id(number: &str) -> OrderId {
    OrderId::derive(&[number])
}

fn orders(store: &StoreId) -> String {
    format!("GET /v1/stores/{store}/orders?limit=200")
}

/// An order of the store `a` with three lines, two of them of one SKU.
fn three_lines(number: &str) -> Value {
    let mut order = order(number, 'a', 600);
    let mut lines = vec![order["lines"][0].clone(), order["lines"][0].clone(), order["lines"][0].clone()];
    for (line, (remote, sku)) in lines.iter_mut().zip([("11", "T-1"), ("12", "T-2"), ("13", "T-2")]) {
        line["remote"] = json!(remote);
        line["sku"] = json!(sku);
    }
    order["lines"] = json!(lines);
    order
}

/// A hub with order 1001 in the first store and order 77 in the second.
fn hub() -> FakeHub {
    FakeHub::default()
        .on("GET /v1/stores", two())
        .on(
            &orders(&store_id('a')),
            json!({"items": [order("1002", 'a', 500), three_lines("1001")], "next": null}),
        )
        .on(&orders(&store_id('b')), json!({"items": [order("77", 'b', 30)], "next": null}))
        .on(&format!("GET /v1/orders/{}", id("1001")), three_lines("1001"))
        .on(&format!("GET /v1/orders/{}", id("77")), order("77", 'b', 30))
        .on(&format!("POST /v1/orders/{}/shipments", id("1001")), json!({"task": "tsk_1"}))
        .on(&format!("POST /v1/orders/{}/shipments", id("77")), json!({"task": "tsk_2"}))
}

/// What was posted, without the address.
fn posted(hub: &FakeHub) -> Value {
    let asked = hub.asked();
    let last = asked.last().unwrap();
    serde_json::from_str(&last[last.find('{').unwrap()..]).unwrap()
}

#[tokio::test]
async fn a_whole_order_is_sent() {
    let hub = hub();
    let line = ["ship", "#1001", "--store", "north"];
    let played = play(&hub, &line).await;
    let asked = hub.asked().join("\n");
    insta::assert_snapshot!("text_ship", format!("{}\n{asked}\n", played.done().whole(&line)));
    let json = play(&hub, &[&line[..], &["--json"]].concat()).await;
    assert_eq!(json.done().json(), json!({"task": "tsk_1"}));
}

#[tokio::test]
async fn lines_are_named_by_their_id_or_by_their_sku() {
    let hub = hub();
    let line = [
        "ship",
        "1001",
        "--line",
        "T-1=2",
        "--line",
        "12=1",
        "--tracking",
        "N 7",
        "--carrier",
        "Post",
        "--url",
        "https://track.example/7",
        "--tell-buyer",
    ];
    let played = play(&hub, &line).await;
    assert_eq!(
        played.done().out.lines().next(),
        Some("Order 1001: North is told that 3 units were sent, and is to write to the buyer.")
    );
    assert_eq!(
        posted(&hub),
        json!({
            "lines": [{"line": "11", "units": 2}, {"line": "12", "units": 1}],
            "tracking_number": "N 7", "carrier": "Post", "tracking_url": "https://track.example/7",
            "tell_buyer": true,
        })
    );
    for (more, said) in [
        (vec!["--line", "T-2=1"], "the SKU `T-2` is that of several lines: 12, 13"),
        (vec!["--line", "T-1=1", "--line", "11=1"], "line `11` of order 1001 is given twice"),
    ] {
        let hub = self::hub();
        let played = play(&hub, &[&["ship", "1001"], &more[..]].concat()).await;
        assert!(
            played.called_wrongly().err.starts_with(&format!("error: {said}\nnext:  ")),
            "{}",
            played.err
        );
        assert!(hub.asked().iter().all(|call| call.starts_with("GET")));
    }
    let played = play(&hub, &["ship", "1001", "--line", "T-9=1"]).await;
    assert!(played.failed().err.contains("order 1001 has no line `T-9`"), "{}", played.err);
}

#[tokio::test]
async fn an_order_is_found_by_its_number_in_any_store_or_by_its_id() {
    let whole = json!({"lines": [], "tell_buyer": false});
    let number_77 = id("77").to_string();
    for line in [
        vec!["ship", "77"],
        // The shop's own id of it.
        vec!["ship", "977", "--store", "south"],
        vec!["ship", &number_77],
        vec!["ship", &number_77, "--store", "South"],
    ] {
        let hub = hub();
        assert!(play(&hub, &line).await.done().out.starts_with("Order 77: South is told"), "{line:?}");
        assert!(hub.asked().last().unwrap().starts_with(&format!("POST /v1/orders/{number_77}/shipments")));
        assert_eq!(posted(&hub), whole, "{line:?}");
    }
    let played = play(&hub(), &["ship", &number_77, "--store", "north"]).await;
    assert!(played.called_wrongly().err.contains("is of South, not of North"), "{}", played.err);
    let unknown = hub().reply("GET /v1/orders/ord_x", problem(404, "there is no order `ord_x`"));
    assert!(play(&unknown, &["ship", "ord_x"]).await.failed().err.contains("there is no order `ord_x`"));
    for (line, said) in [
        (vec!["ship", "5"], "no store has an order 5 among those that were read"),
        (vec!["ship", "5", "--store", "north"], "North has no order 5 among those that were read"),
    ] {
        let played = play(&hub(), &line).await;
        assert!(
            played.failed().err.starts_with(&format!("error: {said}\nnext:  list them")),
            "{}",
            played.err
        );
    }
}

#[tokio::test]
async fn a_number_that_is_not_one_order_is_asked_about() {
    let mut twin = order("77", 'a', 500);
    twin["id"] = value(&id("twin"));
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&orders(&store_id('a')), json!({"items": [twin], "next": null}))
        .on(&orders(&store_id('b')), json!({"items": [order("77", 'b', 30)], "next": null}));
    let played = play(&hub, &["ship", "77"]).await;
    let both = format!("order 77 may be {} (North), {} (South)", id("twin"), id("77"));
    assert!(played.called_wrongly().err.contains(&both), "{}", played.err);
    assert!(hub.asked().iter().all(|call| call.starts_with("GET")));
}

#[tokio::test]
async fn a_number_comes_before_the_id_of_another_order() {
    let mut other = order("1002", 'b', 500);
    other["remote"] = json!("77");
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&orders(&store_id('b')), json!({"items": [other, order("77", 'b', 30)], "next": null}))
        .on(&format!("GET /v1/orders/{}", id("77")), order("77", 'b', 30))
        .on(&format!("POST /v1/orders/{}/shipments", id("77")), json!({"task": "tsk_2"}));
    play(&hub, &["ship", "77", "--store", "south"]).await.done();
}
