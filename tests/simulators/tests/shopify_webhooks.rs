//! Webhooks: signed, told at least once, in no order, and given up after eight retries.

mod shopify_client;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use shopify_client::{Ears, id_of, listed, start, subscribe};
use simulators::shopify::{Basket, Config, DeliveryFaults};
use std::time::Duration;

fn signed(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_sale_is_told_in_rest_shape_and_signed() {
    let (ears, (shop, client)) = (Ears::open().await, start(listed()).await);
    for topic in
        ["ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_PAID", "INVENTORY_LEVELS_UPDATE", "PRODUCTS_UPDATE"]
    {
        assert_eq!(subscribe(&client, topic, &ears.url).await["userErrors"], json!([]));
    }
    let order = shop.buy(&Basket::of(id_of(&shop, "A"), 2)).unwrap();
    shop.drain().await;
    assert_eq!(ears.heard().len(), 6);
    let told = ears.about("orders/create")[0].clone();
    assert_eq!(told.headers["x-shopify-hmac-sha256"], signed(&shop.app().client_secret, &told.body));
    assert_eq!(told.headers["x-shopify-shop-domain"], shop.domain());
    assert_eq!(told.headers["x-shopify-api-version"], "2026-10");
    assert_eq!(told.headers["x-shopify-order-id"], order.id.to_string());
    assert!(
        told.headers["x-shopify-triggered-at"].ends_with('Z')
            && told.headers["x-shopify-triggered-at"].len() == 30
    );
    let body = told.json();
    assert_eq!(
        (body["id"].as_u64(), &body["total_price"], &body["financial_status"]),
        (Some(order.id), &json!("20.00"), &json!("paid"))
    );
    assert!(
        String::from_utf8_lossy(&told.body).contains(&format!("\"id\":{}", order.id)),
        "a number, not a text"
    );
    assert!(body["created_at"].as_str().unwrap().contains("-0"), "in New York");
    let twins = ears.about("orders/updated");
    assert_eq!(
        (twins.len(), twins[0].body == twins[1].body),
        (2, true),
        "the same order, twice at one instant"
    );
    assert_ne!(twins[0].headers["x-shopify-webhook-id"], twins[1].headers["x-shopify-webhook-id"]);
    assert_eq!(
        twins[0].headers["x-shopify-event-id"], told.headers["x-shopify-event-id"],
        "one action, one event"
    );
    let level = ears.about("inventory_levels/update")[0].json();
    assert_eq!(
        (level["available"].as_i64(), level["inventory_item_id"].as_u64()),
        (Some(3), Some(shop.window().stock_of("A")[0].item_id))
    );
    assert_eq!(ears.about("products/update")[0].json()["variants"][0]["inventory_quantity"], 3);
}

#[tokio::test]
async fn addresses_are_checked_and_taken_once() {
    let (shop, client) = start(Config { lab: false, ..listed() }).await;
    let message =
        |made: serde_json::Value| made["userErrors"][0]["message"].as_str().unwrap_or_default().to_owned();
    for (uri, text) in [
        ("http://hub.example.com/x", "Address protocol http:// is not supported"),
        ("ftp://hub.example.com/x", "Address protocol ftp:// is not supported"),
        ("https://", "Address is invalid"),
        ("https://other.myshopify.com/x", "Address cannot be a Shopify or an internal domain"),
        ("https://127.0.0.1/x", "Address cannot be a Shopify or an internal domain"),
    ] {
        assert_eq!(message(subscribe(&client, "ORDERS_CREATE", uri).await), text, "{uri}");
    }
    let good = "https://hub.example.com/x";
    assert_eq!(message(subscribe(&client, "ORDERS_CREATE", good).await), "");
    assert_eq!(
        message(subscribe(&client, "ORDERS_CREATE", good).await),
        "Address for this topic has already been taken"
    );
    assert_eq!(message(subscribe(&client, "ORDERS_PAID", good).await), "");
    let arn = |app: u64| format!("arn:aws:events:eu-west-1::event-source/aws.partner/shopify.com/{app}/bus");
    let refused = subscribe(&client, "ORDERS_CREATE", &arn(1)).await;
    assert!(
        refused["userErrors"][1]["message"]
            .as_str()
            .unwrap()
            .contains("includes api_client_id '1' instead of")
    );
    assert_eq!(message(subscribe(&client, "ORDERS_CREATE", &arn(shop.app().api_client_id)).await), "");
    let list = "{ webhookSubscriptions(first: 10) { nodes { topic uri endpoint { __typename } } } webhookSubscriptionsCount { count } }";
    let data = client.data(list, json!({})).await;
    assert_eq!(
        (
            data["webhookSubscriptionsCount"]["count"].as_u64(),
            &data["webhookSubscriptions"]["nodes"][2]["endpoint"]["__typename"]
        ),
        (Some(3), &json!("WebhookEventBridgeEndpoint"))
    );
}

#[tokio::test]
async fn eight_retries_and_the_subscription_is_gone() {
    let (ears, (shop, client)) = (Ears::open().await, start(listed()).await);
    subscribe(&client, "ORDERS_CREATE", &ears.url).await;
    ears.answer(302);
    shop.buy(&Basket::of(id_of(&shop, "C"), 1)).unwrap();
    shop.drain().await;
    for retry in 1..=8 {
        assert_eq!(shop.window().subscriptions().len(), 1, "before retry {retry}");
        shop.admin().note_order(shop.window().orders()[0].id, "later");
        shop.advance(Duration::from_secs(2 * 3600 + 60));
        shop.drain().await;
    }
    assert_eq!(shop.window().subscriptions(), []);
    let heard = ears.heard();
    assert_eq!(heard.len(), 9);
    assert!(heard.iter().all(|one| one.body == heard[0].body), "every try carries the first body");
    assert!(
        heard
            .iter()
            .all(|one| one.headers["x-shopify-webhook-id"] == heard[0].headers["x-shopify-webhook-id"])
    );
    assert_eq!(shop.window().deliveries().last().unwrap().outcome, "subscription_deleted");
}

#[tokio::test]
async fn deliveries_are_dropped_doubled_stalled_and_sent_again() {
    let (ears, (shop, client)) = (Ears::open().await, start(listed()).await);
    subscribe(&client, "ORDERS_CREATE", &ears.url).await;
    let sell = || shop.buy(&Basket::of(id_of(&shop, "C"), 1)).unwrap();
    shop.faults().deliveries(DeliveryFaults { drop_rate: 1.0, ..DeliveryFaults::default() });
    sell();
    shop.drain().await;
    assert_eq!(ears.heard().len(), 0);
    shop.faults().deliveries(DeliveryFaults { duplicate_rate: 1.0, ..DeliveryFaults::default() });
    sell();
    shop.drain().await;
    let twice = ears.heard();
    assert_eq!(
        (twice.len(), &twice[0].headers["x-shopify-webhook-id"]),
        (2, &twice[1].headers["x-shopify-webhook-id"])
    );
    shop.faults().clear();
    assert!(shop.faults().resend());
    shop.drain().await;
    assert_eq!((ears.heard().len(), &ears.heard()[2].body), (3, &twice[0].body));
    shop.faults().deliveries(DeliveryFaults { stalled: true, ..DeliveryFaults::default() });
    sell();
    assert_eq!(shop.window().pending_deliveries(), 1);
    assert_eq!(shop.faults().forget_subscriptions(), 1);
    assert_eq!((shop.drain().await, shop.window().pending_deliveries()), (0, 0));
}

#[tokio::test]
async fn secrets_rotate_uninstalls_are_told_and_compliance_goes_to_the_app() {
    let ears = Ears::open().await;
    let (shop, client) = start(Config { compliance_url: Some(ears.url.clone()), ..listed() }).await;
    subscribe(&client, "APP_UNINSTALLED", &ears.url).await;
    subscribe(&client, "PRODUCTS_DELETE", &ears.url).await;
    let old = shop.app().client_secret;
    let new = shop.faults().rotate_secret();
    shop.admin().delete_product(shop.window().stock_of("B")[0].product_id);
    shop.drain().await;
    let told = ears.about("products/delete")[0].clone();
    assert_eq!(told.headers["x-shopify-hmac-sha256"], signed(&old, &told.body), "the oldest secret signs");
    assert_eq!(told.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["id"]);
    shop.faults().revoke_old_secret();
    assert!(shop.faults().compliance("shop/redact", None));
    shop.drain().await;
    let told = ears.about("shop/redact")[0].clone();
    assert_eq!(
        (told.headers["x-shopify-hmac-sha256"].clone(), &told.json()["shop_domain"]),
        (signed(&new, &told.body), &json!(shop.domain()))
    );
    shop.faults().uninstall();
    shop.drain().await;
    assert_eq!(ears.about("app/uninstalled")[0].json()["myshopify_domain"], shop.domain());
    let (status, _) =
        client.post("/admin/api/2026-10/graphql.json", json!({"query": "{ shop { name } }"})).await.unwrap();
    assert_eq!((status, shop.window().subscriptions().len()), (401, 0));
}

#[tokio::test]
async fn an_event_bus_gets_envelopes() {
    let ears = Ears::open().await;
    let (shop, client) = start(Config { eventbridge_url: Some(ears.url.clone()), ..listed() }).await;
    let arn = format!(
        "arn:aws:events:eu-west-1::event-source/aws.partner/shopify.com/{}/bus",
        shop.app().api_client_id
    );
    assert_eq!(subscribe(&client, "PRODUCTS_UPDATE", &arn).await["userErrors"], json!([]));
    let product = shop.window().stock_of("A")[0].product_id;
    shop.admin().rename(product, "Renamed");
    shop.drain().await;
    let event = ears.heard()[0].json();
    assert_eq!((&event["detail-type"], &event["region"]), (&json!("shopifyWebhook"), &json!("eu-west-1")));
    assert_eq!(event["source"], format!("aws.partner/shopify.com/{}/bus", shop.app().api_client_id));
    assert_eq!(event["detail"]["payload"]["title"], "Renamed");
    let metadata = &event["detail"]["metadata"];
    assert_eq!(
        (&metadata["X-Shopify-Topic"], &metadata["X-Shopify-Product-Id"]),
        (&json!("products/update"), &json!(product.to_string()))
    );
    let body = serde_json::to_vec(&event["detail"]["payload"]).unwrap();
    assert_eq!(metadata["X-Shopify-Hmac-SHA256"], signed(&shop.app().client_secret, &body));
}

#[tokio::test]
async fn edits_and_people_are_told() {
    let (ears, (shop, client)) = (Ears::open().await, start(listed()).await);
    for topic in [
        "ORDERS_EDITED",
        "CUSTOMERS_CREATE",
        "CUSTOMERS_DELETE",
        "FULFILLMENTS_CREATE",
        "REFUNDS_CREATE",
        "ORDERS_CANCELLED",
        "LOCATIONS_UPDATE",
        "ORDERS_DELETE",
    ] {
        subscribe(&client, topic, &ears.url).await;
    }
    let admin = shop.admin();
    let order = shop.buy(&Basket::of(id_of(&shop, "C"), 3)).unwrap();
    admin.edit_line(order.id, order.lines[0].id, 5);
    let person = admin.add_customer("Ada", "Smith", "ada@example.test");
    assert!(admin.delete_customer(person));
    admin.refund(order.id, order.lines[0].id, 1, true).unwrap();
    admin.fulfil_order(order.id);
    let other = shop.buy(&Basket::of(id_of(&shop, "C"), 1)).unwrap();
    admin.cancel_order(other.id, true);
    admin.delete_order(other.id);
    admin.set_location_active(shop.window().locations()[0].0, false);
    shop.drain().await;
    let edit = ears.about("orders/edited")[0].json()["order_edit"].clone();
    assert_eq!(
        (edit["order_id"].as_u64(), &edit["line_items"]),
        (Some(order.id), &json!({"additions": [{"id": order.lines[0].id, "delta": 2}], "removals": []}))
    );
    assert_eq!(ears.about("customers/create")[0].json()["first_name"], "Ada");
    assert_eq!(ears.about("customers/delete")[0].json(), json!({"id": person}));
    let refund = ears.about("refunds/create")[0].json();
    assert_eq!(
        (&refund["refund_line_items"][0]["restock_type"], &refund["refund_line_items"][0]["subtotal"]),
        (&json!("cancel"), &json!(10.0))
    );
    assert_eq!(ears.about("fulfillments/create")[0].json()["line_items"][0]["quantity"], 4);
    assert!(ears.about("orders/cancelled")[0].json()["cancelled_at"].is_string());
    assert_eq!(
        (ears.about("orders/delete")[0].json(), &ears.about("locations/update")[0].json()["active"]),
        (json!({"id": other.id}), &json!(false))
    );
}
