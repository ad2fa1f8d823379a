//! Inventory through the front door: compare, keys, all or nothing.

mod shopify_client;

use serde_json::{Value, json};
use shopify_client::{Client, id_of, listed, place_of, start};
use simulators::shopify::{Config, Fault, Rule, Shop};

const SET: &str = "mutation($input: InventorySetQuantitiesInput!, $key: String!) {
    inventorySetQuantities(input: $input) @idempotent(key: $key) {
        inventoryAdjustmentGroup { reason changes { name delta quantityAfterChange item { id } location { id } } }
        userErrors { field message code }
    }
}";

fn row(shop: &Shop, sku: &str, quantity: i64, from: Value) -> Value {
    let (item, location) = place_of(shop, sku);
    json!({"inventoryItemId": item, "locationId": location, "quantity": quantity, "changeFromQuantity": from})
}

async fn set(client: &Client, key: &str, rows: Value) -> Value {
    let input = json!({"name": "available", "reason": "correction", "quantities": rows});
    client.data(SET, json!({"input": input, "key": key})).await["inventorySetQuantities"].clone()
}

#[tokio::test]
async fn a_set_is_compared_mirrored_and_kept() {
    let (shop, client) = start(Config { https: true, ..listed() }).await;
    let rows = json!([row(&shop, "A", 4, json!(5)), row(&shop, "B", 9, Value::Null)]);
    let done = set(&client, "k1", rows.clone()).await;
    let names: Vec<(&str, i64)> = done["inventoryAdjustmentGroup"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["name"].as_str().unwrap(), change["delta"].as_i64().unwrap()))
        .collect();
    assert_eq!(names, [("available", -1), ("on_hand", -1), ("available", 7), ("on_hand", 7)]);
    assert_eq!(
        (shop.window().quantity(id_of(&shop, "A")), shop.window().quantity(id_of(&shop, "B"))),
        (Some(4), Some(9))
    );
    shop.admin().set_stock(id_of(&shop, "A"), 1);
    assert_eq!(set(&client, "k1", rows).await, done, "the same key gives the first answer");
    assert_eq!(shop.window().quantity(id_of(&shop, "A")), Some(1), "and writes nothing");
    let other = set(&client, "k1", json!([row(&shop, "A", 7, Value::Null)])).await;
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    let log = shop.window().stock_log();
    assert_eq!(
        (log[0].key.as_deref(), log[0].compare, log[0].before, log[0].after),
        (Some("k1"), Some(5), 5, 4)
    );
}

#[tokio::test]
async fn one_bad_row_keeps_all_from_being_written() {
    let (shop, client) = start(listed()).await;
    let rows = json!([row(&shop, "A", 4, json!(5)), row(&shop, "B", 9, json!(3))]);
    let done = set(&client, "k", rows.clone()).await;
    assert_eq!(done["inventoryAdjustmentGroup"], Value::Null);
    assert_eq!(
        done["userErrors"],
        json!([{
            "field": ["input", "quantities", "1", "changeFromQuantity"],
            "message": "The changeFromQuantity value does not match persisted value.", "code": "CHANGE_FROM_QUANTITY_STALE",
        }])
    );
    assert_eq!(shop.window().quantity(id_of(&shop, "A")), Some(5));
    let again = set(&client, "k", rows).await;
    assert_eq!(
        again["userErrors"][0]["code"], "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
        "a new try takes a new key"
    );
    let twice =
        set(&client, "k2", json!([row(&shop, "A", 1, Value::Null), row(&shop, "A", 2, Value::Null)])).await;
    assert_eq!(twice["userErrors"][0]["code"], "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR");
    assert_eq!(shop.window().stock_log(), []);
}

#[tokio::test]
async fn key_and_compare_are_not_left_out() {
    let (shop, client) = start(listed()).await;
    let bare = "mutation($input: InventorySetQuantitiesInput!) {
        inventorySetQuantities(input: $input) { userErrors { message } } }";
    let input =
        json!({"name": "available", "reason": "correction", "quantities": [row(&shop, "A", 4, json!(5))]});
    let answer = client.raw(bare, json!({"input": input})).await;
    assert_eq!(
        answer["errors"][0]["message"],
        "The @idempotent directive is required for this mutation but was not provided."
    );
    assert_eq!(
        (&answer["errors"][0]["extensions"]["code"], &answer["data"]["inventorySetQuantities"]),
        (&json!("BAD_REQUEST"), &Value::Null)
    );
    let (item, location) = place_of(&shop, "A");
    let row = json!({"inventoryItemId": item, "locationId": location, "quantity": 1});
    let input = json!({"name": "available", "reason": "correction", "quantities": [row]});
    let answer = client.raw(SET, json!({"input": input, "key": "k"})).await;
    assert_eq!(
        answer["errors"][0]["message"],
        "InventoryQuantityInput must include the following argument: changeFromQuantity."
    );
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_FIELD_ARGUMENTS");
    let row = json!({"inventoryItemId": item, "locationId": location, "quantity": 1, "compareQuantity": 5});
    let input = json!({"name": "available", "reason": "correction", "quantities": [row]});
    let answer = client.raw(SET, json!({"input": input, "key": "k"})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_VARIABLE");
    assert_eq!(shop.window().quantity(id_of(&shop, "A")), Some(5));
}

#[tokio::test]
async fn a_lost_answer_is_given_again_and_a_key_under_way_is_told() {
    let (shop, client) = start(listed()).await;
    shop.faults().add(Rule::from(Fault::DropAfter).times(1).operation("inventorySetQuantities"));
    let rows = json!([row(&shop, "A", 4, json!(5))]);
    let input = json!({"name": "available", "reason": "correction", "quantities": rows});
    let body = json!({"query": SET, "variables": {"input": input, "key": "k"}});
    assert!(client.post("/admin/api/2026-10/graphql.json", body).await.is_err());
    let done = set(&client, "k", rows.clone()).await;
    assert_eq!((&done["userErrors"], shop.window().stock_log().len()), (&json!([]), 1));
    shop.faults().add(Rule::from(Fault::Latency { ms: 400 }).times(1).operation("inventorySetQuantities"));
    let rows = json!([row(&shop, "A", 3, json!(4))]);
    let slow = set(&client, "k2", rows.clone());
    let quick = async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        set(&client, "k2", rows.clone()).await
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(quick["userErrors"][0]["code"], "IDEMPOTENCY_CONCURRENT_REQUEST");
    assert_eq!((&slow["userErrors"], shop.window().quantity(id_of(&shop, "A"))), (&json!([]), Some(3)));
}

#[tokio::test]
async fn deltas_are_added_and_items_are_stocked_elsewhere() {
    let (shop, client) = start(Config { locations: 2, ..listed() }).await;
    let second = format!("gid://shopify/Location/{}", shop.window().locations()[1].0);
    let (item, first) = place_of(&shop, "C");
    let adjust = "mutation($input: InventoryAdjustQuantitiesInput!, $key: String!) {
        inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
            inventoryAdjustmentGroup { changes { name delta } } userErrors { field code } } }";
    let change =
        json!({"inventoryItemId": item, "locationId": first, "delta": -3, "changeFromQuantity": 100});
    let input = json!({"name": "available", "reason": "correction", "changes": [change]});
    let done = client.data(adjust, json!({"input": input, "key": "a"})).await;
    assert_eq!(
        done["inventoryAdjustQuantities"]["inventoryAdjustmentGroup"]["changes"],
        json!([
            {"name": "available", "delta": -3}, {"name": "on_hand", "delta": -3},
        ])
    );
    let activate = "mutation($item: ID!, $place: ID!, $units: Int) {
        inventoryActivate(inventoryItemId: $item, locationId: $place, available: $units) @idempotent(key: \"b\") {
            inventoryLevel { id isActive quantities(names: [\"available\", \"on_hand\"]) { name quantity } }
            userErrors { field message } } }";
    let done = client.data(activate, json!({"item": item, "place": second, "units": 9})).await;
    assert_eq!(
        done["inventoryActivate"]["inventoryLevel"]["quantities"][0],
        json!({"name": "available", "quantity": 9})
    );
    assert_eq!(shop.window().quantity(id_of(&shop, "C")), Some(106));
    let level = done["inventoryActivate"]["inventoryLevel"]["id"].clone();
    let off = "mutation($id: ID!) { inventoryDeactivate(inventoryLevelId: $id) @idempotent(key: \"c\") { userErrors { message } } }";
    let done = client.data(off, json!({"id": level})).await;
    assert_eq!(
        (&done["inventoryDeactivate"]["userErrors"], shop.window().quantity(id_of(&shop, "C"))),
        (&json!([]), Some(97))
    );
    // Since 2026-10 a quantity may be set where the item is not stocked: that stocks it.
    let rows =
        json!([{"inventoryItemId": item, "locationId": second, "quantity": 2, "changeFromQuantity": 9}]);
    assert_eq!(set(&client, "d", rows).await["userErrors"], json!([]));
    assert_eq!(shop.window().quantity(id_of(&shop, "C")), Some(99));
    assert!(shop.admin().set_location_active(shop.window().locations()[1].0, false));
    assert_eq!(shop.window().quantity(id_of(&shop, "C")), Some(97));
}
