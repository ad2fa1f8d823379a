//! Orders: what is sold, sent, refunded, cancelled and edited, and what that does to the numbers.

mod shopify_client;

use serde_json::{Value, json};
use shopify_client::{id_of, listed, start};
use simulators::shopify::{Basket, Config, Refusal, Shop};

/// For sale, in the house, sold and not yet sent.
fn numbers(shop: &Shop, sku: &str) -> (i64, i64, i64) {
    let row = &shop.window().stock_of(sku)[0];
    (row.quantity.unwrap(), row.on_hand, row.committed)
}

#[tokio::test]
async fn the_till_takes_what_is_there_and_refuses_the_rest() {
    let (shop, _) = start(listed()).await;
    let (a, b) = (id_of(&shop, "A"), id_of(&shop, "B"));
    let basket = Basket { items: vec![(a, 2), (b, 3)], ..Basket::default() };
    assert_eq!(shop.buy(&basket), Err(Refusal::OutOfStock { id: b, left: 2 }));
    assert_eq!(numbers(&shop, "A"), (5, 5, 0), "all or nothing");
    shop.buy(&Basket::of(a, 2)).unwrap();
    assert_eq!(numbers(&shop, "A"), (3, 5, 2), "sold units stay on hand until they are sent");
    assert!(shop.admin().set_policy(b, true));
    shop.buy(&Basket::of(b, 3)).unwrap();
    assert_eq!((numbers(&shop, "B").0, shop.window().oversold()), (-1, 0), "what sells on is not oversold");
    shop.buy(&Basket { source: "pos".into(), ..Basket::of(a, 4) }).unwrap();
    assert_eq!((numbers(&shop, "A").0, shop.window().oversold()), (-1, 1));
    assert_eq!(shop.buy(&Basket::of(7, 1)), Err(Refusal::NotForSale { id: 7 }));
}

#[tokio::test]
async fn sending_refunding_and_cancelling_move_the_right_numbers() {
    let (shop, _) = start(listed()).await;
    let admin = shop.admin();
    let order = shop.buy(&Basket::of(id_of(&shop, "C"), 10)).unwrap();
    let line = order.lines[0].id;
    assert!(order.id > 1 << 53, "ids of new orders are beyond what a double can tell");
    admin.refund(order.id, line, 2, true).unwrap();
    assert_eq!(numbers(&shop, "C"), (92, 100, 8), "units not sent are cancelled");
    admin.refund(order.id, line, 1, false).unwrap();
    let row = shop.window().order(order.id).unwrap().lines[0].clone();
    assert_eq!(
        (row.quantity, row.current, row.unfulfilled),
        (10, 7, 8),
        "refunded without restock, still to be sent"
    );
    assert_eq!(admin.fulfil_order(order.id).len(), 1);
    assert_eq!(numbers(&shop, "C"), (92, 92, 0));
    admin.refund(order.id, line, 3, true).unwrap();
    assert_eq!(numbers(&shop, "C"), (95, 95, 0), "sent units come back");
    assert!(!admin.cancel_order(order.id, true), "sent orders are not cancelled");
    let order = shop.buy(&Basket::of(id_of(&shop, "A"), 3)).unwrap();
    assert!(admin.cancel_order(order.id, true));
    assert_eq!(numbers(&shop, "A"), (5, 5, 0));
    let row = shop.window().order(order.id).unwrap();
    assert_eq!(
        (row.status.as_str(), row.financial.as_str(), row.lines[0].current),
        ("cancelled", "REFUNDED", 0)
    );
    let order = shop.buy(&Basket::of(id_of(&shop, "A"), 3)).unwrap();
    assert!(admin.cancel_order(order.id, false));
    assert_eq!(numbers(&shop, "A"), (2, 2, 0), "not put back");
}

#[tokio::test]
async fn edits_take_and_give_units() {
    let (shop, client) = start(listed()).await;
    let order = shop.buy(&Basket::of(id_of(&shop, "A"), 2)).unwrap();
    let line = order.lines[0].id;
    assert!(shop.admin().edit_line(order.id, line, 4));
    assert_eq!(numbers(&shop, "A"), (1, 5, 4));
    assert!(shop.admin().edit_line(order.id, line, 1));
    assert_eq!(numbers(&shop, "A"), (4, 5, 1));
    assert!(shop.admin().add_line(order.id, id_of(&shop, "B"), 1));
    let id = format!("gid://shopify/Order/{}", order.id);
    let begun = client.data("mutation($id: ID!) { orderEditBegin(id: $id) { calculatedOrder { id lineItems(first: 5) { nodes { id quantity } } } userErrors { message } } }", json!({"id": id})).await;
    let edit = begun["orderEditBegin"]["calculatedOrder"].clone();
    let (edit_id, line_id) = (edit["id"].clone(), edit["lineItems"]["nodes"][0]["id"].clone());
    assert_eq!(edit["lineItems"]["nodes"][0]["quantity"], 1);
    let set = "mutation($id: ID!, $line: ID!) { orderEditSetQuantity(id: $id, lineItemId: $line, quantity: 0, restock: true) { userErrors { message } } }";
    client.data(set, json!({"id": edit_id, "line": line_id})).await;
    assert_eq!(numbers(&shop, "A"), (4, 5, 1), "nothing moves before the commit");
    let commit = "mutation($id: ID!) { orderEditCommit(id: $id) { order { edited lineItems(first: 5) { nodes { sku quantity currentQuantity } } } userErrors { message } } }";
    let done = client.data(commit, json!({"id": edit_id})).await;
    assert_eq!(numbers(&shop, "A"), (5, 5, 0));
    assert_eq!(
        done["orderEditCommit"]["order"],
        json!({"edited": true, "lineItems": {"nodes": [
            {"sku": "A", "quantity": 4, "currentQuantity": 0}, {"sku": "B", "quantity": 1, "currentQuantity": 1},
        ]}})
    );
}

#[tokio::test]
async fn an_order_is_read_sent_and_refunded_through_the_api() {
    let (shop, client) = start(listed()).await;
    let order = shop.buy(&Basket::of(id_of(&shop, "C"), 4)).unwrap();
    let id = format!("gid://shopify/Order/{}", order.id);
    let read = "query($id: ID!) { order(id: $id) {
        id legacyResourceId name test displayFinancialStatus displayFulfillmentStatus totalPriceSet { shopMoney { amount currencyCode } }
        lineItems(first: 10) { nodes { id sku quantity currentQuantity variant { id } } }
        fulfillmentOrders(first: 5) { nodes { id status assignedLocation { location { id } } lineItems(first: 5) { nodes { id remainingQuantity } } } }
    } }";
    let data = client.data(read, json!({"id": id})).await["order"].clone();
    assert_eq!(
        (&data["legacyResourceId"], &data["displayFinancialStatus"]),
        (&json!(order.id.to_string()), &json!("PAID"))
    );
    assert_eq!(data["totalPriceSet"]["shopMoney"], json!({"amount": "40.0", "currencyCode": "GBP"}));
    let part = &data["fulfillmentOrders"]["nodes"][0];
    let create = "mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { fulfillment { id status trackingInfo { number company } } userErrors { message } } }";
    let input = json!({
        "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": part["id"], "fulfillmentOrderLineItems": [{"id": part["lineItems"]["nodes"][0]["id"], "quantity": 3}]}],
        "trackingInfo": {"company": "Royal Mail", "number": "RM1"},
    });
    let sent = client.data(create, json!({"f": input})).await["fulfillmentCreate"].clone();
    assert_eq!(
        (&sent["userErrors"], &sent["fulfillment"]["trackingInfo"][0]["number"]),
        (&json!([]), &json!("RM1"))
    );
    assert_eq!(numbers(&shop, "C"), (96, 97, 1));
    let refund = "mutation($input: RefundInput!) { refundCreate(input: $input) @idempotent(key: \"r\") { refund { id refundLineItems(first: 5) { nodes { quantity restockType } } } userErrors { field message } } }";
    let input = json!({"orderId": id, "refundLineItems": [{"lineItemId": data["lineItems"]["nodes"][0]["id"], "quantity": 1, "restockType": "CANCEL"}]});
    let first = client.data(refund, json!({"input": input})).await;
    assert_eq!(
        first["refundCreate"]["refund"]["refundLineItems"]["nodes"][0],
        json!({"quantity": 1, "restockType": "CANCEL"})
    );
    let again = client.data(refund, json!({"input": input})).await;
    assert_eq!((first, numbers(&shop, "C")), (again, (97, 97, 0)), "the same key refunds once");
    let cancel = "mutation($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true) { job { done } orderCancelUserErrors { message code } } }";
    let answer = client.data(cancel, json!({"id": id})).await;
    assert_eq!(answer["orderCancel"]["orderCancelUserErrors"][0]["code"], "INVALID");
    assert_eq!(answer["orderCancel"]["job"], Value::Null);
}

#[tokio::test]
async fn an_order_is_sent_from_where_its_units_are() {
    let (shop, _) = start(Config { locations: 2, ..listed() }).await;
    let second = shop.window().locations()[1].0;
    let a = id_of(&shop, "A");
    assert!(shop.admin().set_stock_at(a, second, 8));
    shop.buy(&Basket::of(a, 7)).unwrap();
    let levels = shop.window().stock_of("A")[0].levels.clone();
    assert_eq!((levels[0].available, levels[1].available), (5, 1), "the first location that has them all");
    shop.buy(&Basket::of(a, 6)).unwrap();
    let levels = shop.window().stock_of("A")[0].levels.clone();
    assert_eq!((levels[0].available, levels[1].available), (0, 0), "else from each what it has");
}
