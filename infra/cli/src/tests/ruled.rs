//! `authority` and `rules`: whose number counts, and when raises stop.

use serde_json::json;

use super::answers::two;
use super::fake::{FakeHub, problem};
use super::stage::{parses, play};

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";

fn hub() -> FakeHub {
    let raises = json!({"window_minutes": 60, "share_percent": 40, "links": 25});
    let owner = json!({"owner": "store", "store": NORTH});
    FakeHub::default()
        .on("GET /v1/stores", two())
        .on("GET /v1/rules", json!({"authority": owner, "raises": raises, "unpaid_days": 7}))
        .on("PATCH /v1/rules", json!({"authority": {"owner": "ask"}, "raises": raises, "unpaid_days": 3}))
        .on("PUT /v1/rules/authority", json!({"owner": "hub", "own": false}))
        .on(
            "GET /v1/rules/items?limit=200",
            json!({"items": [{"item": "itm_x", "sku": "T-1", "authority": {"owner": "ask"}}], "next": null}),
        )
        .on("GET /v1/items/T-1/authority", json!({"owner": "ask", "own": true}))
        .on("PUT /v1/items/T-1/authority", json!({"owner": "store", "store": NORTH, "own": true}))
        .on("DELETE /v1/items/T-1/authority", json!({"owner": "hub", "own": false}))
        .reply("GET /v1/items/X-9/authority", problem(404, "there is no item"))
}

fn lines() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("authority", vec!["authority"]),
        ("authority_hub", vec!["authority", "hub"]),
        ("authority_of_item", vec!["authority", "--sku", "T-1"]),
        ("authority_store_of_item", vec!["authority", "store", "--store", "north", "--sku", "T-1"]),
        ("authority_as_merchant", vec!["authority", "merchant", "--sku", "T-1"]),
        ("rules", vec!["rules"]),
        ("rules_changed", vec!["rules", "--share-percent", "30", "--numbers", "10", "--unpaid-days", "3"]),
    ]
}

#[tokio::test]
async fn each_as_text_and_as_json() {
    for (name, line) in lines() {
        let hub = hub();
        let played = play(&hub, &line).await;
        played.done();
        let asked = hub.asked().join("\n");
        insta::assert_snapshot!(format!("ruled_{name}"), format!("{}\n{asked}\n", played.whole(&line)));
        let json = play(&self::hub(), &[&line[..], &["--json"]].concat()).await.done().json();
        assert!(json.is_object(), "{name}");
    }
}

#[tokio::test]
async fn what_is_not_said_is_asked_for() {
    for (line, says) in [
        (vec!["authority", "store"], "--store NAME"),
        (vec!["authority", "merchant"], "--sku SKU"),
        (vec!["authority", "--sku", "X-9"], "storeloom stock"),
    ] {
        let played = play(&hub(), &line).await;
        assert!(played.err.contains(says), "{}", played.err);
    }
    assert!(parses(&["authority", "nobody"]).is_err());
    assert!(parses(&["rules", "--numbers", "few"]).is_err());
}
