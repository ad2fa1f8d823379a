//! Moving units by hand, and locations.

use serde_json::{Value, json};

use super::answers::{store, two};
use super::fake::{FakeHub, Reply, problem};
use super::stage::{parses, play};
use platform::HttpErrorKind;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const MAIN: &str = "loc_00000000000000000000000000";
const SHELF: &str = "loc_11111111111111111111111111";

fn locations() -> Value {
    json!({"items": [
        {"id": MAIN, "name": "Main", "created_at": "2026-11-20T00:00:00Z"},
        {"id": SHELF, "name": "Back room", "created_at": "2026-11-20T00:00:00Z"},
    ]})
}

fn handled(again: bool) -> Value {
    json!({"entries": [{
        "kind": "receive", "on_hand": "6", "reserved": "0", "cause": "received 6: delivery 12",
        "actor": "first", "at": "2026-11-21T09:00:00Z",
    }], "again": again})
}

fn hub() -> FakeHub {
    FakeHub::default().on("GET /v1/locations", locations()).on("GET /v1/stores", two())
}

#[tokio::test]
async fn each_movement_is_sent_with_a_key_and_says_what_was_booked() {
    let hub = hub().reply("POST /v1/stock/T-1/movements", Reply::Json(201, handled(false)));
    let played =
        play(&hub, &["receive", "T-1", "6", "--note", "delivery 12", "--at", "back ROOM", "--key", "d12"])
            .await;
    assert_eq!(played.done().out, "T-1: receive +6, received 6: delivery 12\n");
    let sent = hub.asked().pop().unwrap();
    assert_eq!(
        sent,
        format!(
            r#"POST /v1/stock/T-1/movements {{"do":"receive","units":"6","at":"{SHELF}","note":"delivery 12"}}"#
        )
    );
    for (line, body) in [
        (vec!["count", "T-1", "4"], format!(r#"{{"do":"count","units":"4","at":"{MAIN}","note":""}}"#)),
        (
            vec!["adjust", "T-1", "-1", "--reason", "broken"],
            format!(r#"{{"do":"adjust","by":"-1","at":"{MAIN}","note":"broken"}}"#),
        ),
        (
            vec!["transfer", "T-1", "2", "--to", SHELF],
            format!(r#"{{"do":"transfer","units":"2","from":"{MAIN}","to":"{SHELF}","note":""}}"#),
        ),
    ] {
        play(&hub, &line).await.done();
        assert_eq!(hub.asked().pop().unwrap(), format!("POST /v1/stock/T-1/movements {body}"));
    }
    let json = play(&hub, &["receive", "T-1", "6", "--json"]).await.done().json();
    assert_eq!(json["entries"][0]["actor"], "first");
}

#[tokio::test]
async fn a_movement_that_may_have_arrived_can_be_sent_again_under_its_key() {
    let silent =
        hub().reply("POST /v1/stock/T-1/movements", Reply::Silence(HttpErrorKind::Timeout, "no answer"));
    let played = play(&silent, &["receive", "T-1", "6", "--key", "d12"]).await;
    assert!(played.failed().err.contains("repeat it with `--key 'd12'`"), "{}", played.err);
    let again = hub().on("POST /v1/stock/T-1/movements", handled(true));
    let played = play(&again, &["receive", "T-1", "6", "--key", "d12"]).await;
    assert!(played.done().out.contains("booked before under this key"), "{}", played.out);
    let unknown = hub().reply("POST /v1/stock/T-9/movements", problem(404, "there is no item"));
    let played = play(&unknown, &["count", "T-9", "6"]).await;
    assert!(played.failed().err.contains("nothing in the books has the SKU `T-9`"), "{}", played.err);
    let less = hub().reply("POST /v1/stock/T-1/movements", problem(409, "only 3 may be"));
    assert!(
        play(&less, &["transfer", "T-1", "4", "--to", "back room"]).await.failed().err.contains("only 3")
    );
}

#[tokio::test]
async fn locations_are_listed_added_renamed_and_sold_from() {
    let mut stores = two();
    stores["items"][1]["store"]["location"] = json!(SHELF);
    let shelf = json!({"id": SHELF, "name": "Back room"});
    let hub = FakeHub::default()
        .on("GET /v1/locations", locations())
        .on("GET /v1/stores", stores)
        .on("POST /v1/locations", shelf.clone())
        .on(&format!("PUT /v1/locations/{SHELF}"), shelf)
        .on(&format!("PUT /v1/stores/{NORTH}/location"), super::answers::value(&store('a', "North")));
    let listed = play(&hub, &["locations"]).await;
    assert!(listed.done().out.contains("Back room"), "{}", listed.out);
    let rows: Vec<&str> = listed.out.lines().collect();
    assert!(rows[1].contains("North") && rows[2].contains("South"), "{}", listed.out);
    play(&hub, &["locations", "add", "Back room"]).await.done();
    assert_eq!(hub.asked().pop().unwrap(), r#"POST /v1/locations {"name":"Back room"}"#);
    play(&hub, &["locations", "rename", "Back room", "Cellar"]).await.done();
    assert_eq!(hub.asked().pop().unwrap(), format!(r#"PUT /v1/locations/{SHELF} {{"name":"Cellar"}}"#));
    let used = play(&hub, &["locations", "use", "north", "back room"]).await;
    assert!(used.done().out.starts_with("North sells from back room now"), "{}", used.out);
    assert_eq!(
        hub.asked().pop().unwrap(),
        format!(r#"PUT /v1/stores/{NORTH}/location {{"location":"{SHELF}"}}"#)
    );
    let played = play(&hub, &["locations", "use", "north", "attic"]).await;
    assert!(played.called_wrongly().err.contains("there is Main, Back room"), "{}", played.err);
}

#[tokio::test]
async fn a_bundle_is_made_shown_and_taken_apart() {
    let kit = json!({
        "item": "itm_aaaaaaaaaaaaaaaaaaaaaaaaaa", "sku": "KIT", "available": "3", "used_in": [],
        "parts": [{
            "item": "itm_bbbbbbbbbbbbbbbbbbbbbbbbbb", "sku": "CUP", "title": "Cup", "units": "2",
            "available": "7", "enough_for": "3",
        }],
    });
    let hub = hub().on("GET /v1/items/KIT/parts", kit.clone()).on("PUT /v1/items/KIT/parts", kit);
    let shown = play(&hub, &["bundle", "KIT"]).await;
    assert!(shown.done().out.contains("KIT is a bundle: 3 may be sold"), "{}", shown.out);
    assert!(shown.out.lines().last().unwrap().starts_with("CUP"), "{}", shown.out);
    play(&hub, &["bundle", "KIT", "--of", "CUP=2", "--of", "TEA"]).await.done();
    assert_eq!(
        hub.asked().pop().unwrap(),
        r#"PUT /v1/items/KIT/parts {"parts":[{"item":"CUP","units":"2"},{"item":"TEA","units":"1"}]}"#
    );
    play(&hub, &["bundle", "KIT", "--apart"]).await.done();
    assert_eq!(hub.asked().pop().unwrap(), r#"PUT /v1/items/KIT/parts {"parts":[]}"#);
    assert!(parses(&["bundle", "KIT", "--apart", "--of", "CUP"]).is_err());
    let refused = self::hub().reply("PUT /v1/items/KIT/parts", problem(409, "CUP is a bundle"));
    let played = play(&refused, &["bundle", "KIT", "--of", "CUP"]).await;
    assert!(played.failed().err.contains("CUP is a bundle"), "{}", played.err);
    let unknown = self::hub().reply("PUT /v1/items/KIT/parts", problem(404, "there is no item"));
    let played = play(&unknown, &["bundle", "KIT", "--of", "CUP"]).await;
    assert!(played.failed().err.contains("or one of its parts CUP"), "{}", played.err);
    let part = json!({
        "item": "itm_bbbbbbbbbbbbbbbbbbbbbbbbbb", "sku": "CUP", "available": "7", "parts": [],
        "used_in": [{"item": "itm_aaaaaaaaaaaaaaaaaaaaaaaaaa", "sku": "KIT", "title": "Kit", "units": "2"}],
    });
    let hub = self::hub().on("GET /v1/items/CUP/parts", part);
    assert_eq!(play(&hub, &["bundle", "CUP"]).await.done().out, "CUP is a part of KIT: 2 in each\n");
}

#[test]
fn what_is_no_number_is_not_sent() {
    assert!(parses(&["receive", "T-1", "-6"]).is_err());
    assert!(parses(&["receive", "T-1", "1,5"]).is_err());
    assert!(parses(&["adjust", "T-1", "-6"]).is_err(), "a correction needs its reason");
    assert!(parses(&["adjust", "T-1", "-0.5", "--reason", "spilt"]).is_ok());
}
