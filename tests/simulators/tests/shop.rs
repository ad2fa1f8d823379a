//! Drives a shop through its front door.

mod client;

use client::Client;
use serde_json::{Value, json};
use simulators::woocommerce::{
    Basket, Catalogue, Config, DeliveryFaults, Fault, Generated, HostFaults, Item, Refusal, Rule, Shop,
};

fn listed() -> Config {
    let items = vec![Item::new("A", 5), Item::new("B", 2), Item::new("C", 100)];
    Config { https: true, lab: true, catalogue: Catalogue::Listed(items), ..Config::default() }
}

async fn shop(config: Config) -> (Shop, Client) {
    let shop = Shop::start(config).await.unwrap();
    let client = Client::new(&shop);
    (shop, client)
}

fn id_of(shop: &Shop, sku: &str) -> u64 {
    shop.window().stock_of(sku)[0].id
}

#[tokio::test]
async fn pages_tell_totals_and_neighbours() {
    let (_shop, client) = shop(Config { https: true, ..Config::default() }).await;
    let answer = client.send("GET", "products?per_page=7&page=2&orderby=id&order=asc", None).await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-wp-total"), "300");
    assert_eq!(header("x-wp-totalpages"), "43");
    assert!(header("link").contains("page=1") && header("link").contains("rel=\"next\""));
    let past = client.send("GET", "products?per_page=100&page=9", None).await.unwrap();
    assert_eq!((past.status().as_u16(), past.headers()["x-wp-total"].to_str().unwrap()), (200, "300"));
    assert_eq!(past.text().await.unwrap(), "[]");
    let (status, body) = client.call("GET", "products?per_page=101", None).await;
    assert_eq!((status, body["code"].as_str().unwrap()), (400, "rest_invalid_param"));
}

#[tokio::test]
async fn date_limits_are_exclusive_and_local_unless_told() {
    let (shop, client) = shop(listed()).await;
    let id = id_of(&shop, "A");
    shop.admin().set_stock(id, 4);
    let row = client.get(&format!("products/{id}")).await;
    let (local, gmt) = (row["date_modified"].as_str().unwrap(), row["date_modified_gmt"].as_str().unwrap());
    assert_ne!(local, gmt);
    for (date, flag) in [(local, ""), (gmt, "&dates_are_gmt=true")] {
        let same = client.get(&format!("products?modified_after={date}{flag}&include={id}")).await;
        assert_eq!(same, json!([]), "the same second is not after {date}");
        let date: jiff::civil::DateTime = date.parse().unwrap();
        let earlier = date - jiff::Span::new().seconds(1);
        let found = client.get(&format!("products?modified_after={earlier}{flag}&include={id}")).await;
        assert_eq!(found[0]["id"], id, "a second before is");
    }
    let unflagged = client.get(&format!("products?modified_after={gmt}&include={id}")).await;
    assert_eq!(unflagged, json!([]), "a UTC date without the flag lies hours ahead in New York");
    let long_ago = client.get("products?modified_after=2001-01-01T00:00:00&dates_are_gmt=true").await;
    assert_eq!(long_ago.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn statuses_take_and_return_stock_once() {
    let (shop, client) = shop(listed()).await;
    let id = id_of(&shop, "A");
    let line = json!([{"product_id": id, "quantity": 2}]);
    let (status, order) = client.call("POST", "orders", Some(json!({"line_items": line}))).await;
    assert_eq!((status, order["status"].as_str().unwrap()), (201, "pending"));
    assert_eq!(shop.window().quantity(id), Some(5));
    let route = format!("orders/{}", order["id"]);
    for (to, left) in [("processing", 3), ("completed", 3), ("cancelled", 5), ("processing", 3)] {
        client.call("PUT", &route, Some(json!({"status": to}))).await;
        assert_eq!(shop.window().quantity(id), Some(left), "after {to}");
    }
    let order = client.get(&route).await;
    assert_eq!(order["line_items"][0]["meta_data"][0]["key"], "_reduced_stock");
    let line = &order["line_items"][0]["id"];
    let refund = json!({"amount": "10.00", "line_items": [{"id": line, "quantity": 1, "refund_total": 10}]});
    let (status, _) = client.call("POST", &format!("{route}/refunds"), Some(refund)).await;
    assert_eq!((status, shop.window().quantity(id)), (201, Some(4)));
    let order = client.get(&route).await;
    let meta: Vec<(&str, &str)> = order["line_items"][0]["meta_data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["key"].as_str().unwrap(), row["value"].as_str().unwrap()))
        .collect();
    assert_eq!(meta, [("_reduced_stock", "1"), ("_restock_refunded_items", "1")]);
    client.call("PUT", &route, Some(json!({"line_items": [{"id": line, "quantity": 0}]}))).await;
    assert_eq!(shop.window().quantity(id), Some(5));
    let log = shop.window().stock_log();
    assert!(log.iter().all(|write| write.by == format!("order:{}", order["id"])));
}

#[tokio::test]
async fn the_till_refuses_and_rest_oversells() {
    let (shop, client) = shop(listed()).await;
    let id = id_of(&shop, "B");
    assert!(shop.buy(&Basket::of(id, 2)).is_ok());
    assert_eq!(shop.buy(&Basket::of(id, 1)), Err(Refusal::OutOfStock { id, left: 0 }));
    let body = json!({"status": "processing", "line_items": [{"product_id": id, "quantity": 3}]});
    assert_eq!(client.call("POST", "orders", Some(body)).await.0, 201);
    assert_eq!((shop.window().quantity(id), shop.window().oversold()), (Some(-3), 3));
}

#[tokio::test]
async fn unmanaged_stock_is_dropped_and_a_delta_is_added() {
    let (shop, client) = shop(listed()).await;
    let route = format!("products/{}", id_of(&shop, "C"));
    let (_, row) = client.call("PUT", &route, Some(json!({"inventory_delta": -3}))).await;
    assert_eq!(row["stock_quantity"], 97);
    let (_, row) =
        client.call("PUT", &route, Some(json!({"manage_stock": false, "stock_quantity": 9}))).await;
    assert_eq!((&row["stock_quantity"], &row["manage_stock"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn a_merchant_grants_a_key_and_a_failed_callback_takes_it_back() {
    let (hub, _) = shop(listed()).await;
    let config = Config { extra_ca: hub.ca_pem().map(str::to_owned), ..listed() };
    let (shop, client) = shop(config).await;
    let authorize = |callback: &str| {
        let encoded = callback.replace(':', "%3A").replace('/', "%2F");
        format!(
            "{}/wc-auth/v1/authorize?app_name=Hub&scope=read&user_id=s-1&return_url=https%3A%2F%2Fhub.test%2Fback&callback_url={encoded}",
            shop.url()
        )
    };
    let good = authorize(&format!("{}/", hub.url()));
    assert_eq!(shop.approve(&good).await.unwrap(), "https://hub.test/back?success=1&user_id=s-1");
    assert_eq!(shop.deny(&good).await.unwrap(), "https://hub.test/back?success=0&user_id=s-1");
    let keys = || async {
        client.http.get(format!("{}/_sim/keys", shop.url())).send().await.unwrap().text().await.unwrap()
    };
    assert_eq!(keys().await.matches("ck_").count(), 2);
    let refusal = shop.approve(&authorize(&format!("{}/nowhere", hub.url()))).await.unwrap_err().to_string();
    assert!(refusal.contains("unable to send the consumer data"), "{refusal}");
    assert_eq!(keys().await.matches("ck_").count(), 2);
    let plain = shop.approve(&authorize("http://hub.test/cb")).await.unwrap_err().to_string();
    assert!(plain.contains("The callback_url needs to be over SSL"), "{plain}");
}

#[tokio::test]
async fn outside_the_lab_odd_ports_are_refused() {
    let (hub, _) = shop(listed()).await;
    let (shop, _) = shop(Config { lab: false, ..listed() }).await;
    let callback = hub.url().replace(':', "%3A").replace('/', "%2F");
    let url = format!(
        "{}/wc-auth/v1/authorize?app_name=Hub&scope=read&user_id=s&return_url=https%3A%2F%2Fhub.test&callback_url={callback}",
        shop.url()
    );
    let refusal = shop.approve(&url).await.unwrap_err().to_string();
    assert!(refusal.contains("A valid URL was not provided"), "{refusal}");
}

#[tokio::test]
async fn the_seventh_failure_in_a_row_disables_a_webhook() {
    let (shop, client) = shop(listed()).await;
    let body =
        json!({"topic": "product.updated", "delivery_url": format!("{}/nowhere", shop.url()), "secret": "s"});
    let (status, hook) = client.call("POST", "webhooks", Some(body)).await;
    assert_eq!(status, 201);
    let id = id_of(&shop, "C");
    for failure in 1..=7 {
        assert_eq!(shop.window().webhooks()[0].status, "active", "before failure {failure}");
        shop.admin().set_stock(id, 50 + failure);
        assert_eq!(shop.drain().await, 1);
    }
    assert_eq!(shop.window().webhooks()[0].status, "disabled");
    let route = format!("webhooks/{}", hook["id"]);
    let (_, hook) = client.call("PUT", &route, Some(json!({"status": "active"}))).await;
    assert_eq!((hook["status"].as_str().unwrap(), shop.window().webhooks()[0].failures), ("active", 0));
}

#[tokio::test]
async fn jobs_merge_and_forced_deletes_are_silent() {
    let (shop, client) = shop(listed()).await;
    shop.faults().deliveries(DeliveryFaults { stalled: true, ..DeliveryFaults::default() });
    for topic in ["product.updated", "product.deleted"] {
        let body = json!({"topic": topic, "delivery_url": format!("{}/", shop.url()), "secret": "s"});
        client.call("POST", "webhooks", Some(body)).await;
    }
    let (a, b) = (id_of(&shop, "A"), id_of(&shop, "B"));
    for quantity in [9, 8, 7] {
        shop.admin().set_stock(a, quantity);
    }
    shop.admin().trash_product(b);
    client.call("DELETE", &format!("products/{}?force=true", id_of(&shop, "C")), None).await;
    assert_eq!(shop.window().pending_deliveries(), 2);
    shop.drain().await;
    let rows: Vec<_> =
        shop.window().deliveries().into_iter().filter(|row| row.outcome == "delivered").collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].body.contains("\"stock_quantity\":7"), "the payload is what is true at delivery");
    assert_eq!(rows[1].body, format!("{{\"id\":{b}}}"));
}

#[tokio::test]
async fn faults_hit_what_they_are_told_to() {
    let (shop, client) = shop(listed()).await;
    let id = id_of(&shop, "A");
    let faults = shop.faults();
    faults.add(Rule::from(Fault::Maintenance).times(1).path("/wp-json/wc/v3/orders"));
    assert_eq!(client.call("GET", "products", None).await.0, 200);
    assert_eq!(client.call("GET", "orders", None).await.0, 503);
    assert_eq!(client.call("GET", "orders", None).await.0, 200);
    faults.add(Rule::from(Fault::DropAfter).times(1).method("PUT"));
    let route = format!("products/{id}");
    assert!(client.send("PUT", &route, Some(json!({"stock_quantity": 1}))).await.is_err());
    assert_eq!(shop.window().quantity(id), Some(1), "the write took effect");
    faults.add(Rule::from(Fault::BomBeforeJson).times(1));
    assert!(client.send("GET", "orders", None).await.unwrap().text().await.unwrap().starts_with('\u{feff}'));
    faults.add(Fault::MethodsBlocked);
    assert_eq!(client.call("PUT", &route, Some(json!({}))).await.0, 501);
    assert_eq!(
        client.call("POST", &format!("{route}?_method=PUT"), Some(json!({"stock_quantity": 6}))).await.0,
        200
    );
    faults.clear();
    faults.add(Rule::from(Fault::BatchRows { ids: vec![id], code: "oops".into(), status: 500 }));
    let (_, body) = client.call("POST", "products/batch", Some(json!({"update": [{"id": id}]}))).await;
    assert_eq!(body["update"][0]["error"]["code"], "oops");
    faults.host(HostFaults { strip_authorization: true, ..HostFaults::default() });
    assert_eq!(client.get("products").await["code"], "woocommerce_rest_cannot_view");
    let by_query = format!("products?consumer_key={}&consumer_secret={}", client.key, client.secret);
    assert_eq!(client.call("GET", &by_query, None).await.0, 200);
    faults.host(HostFaults { ssl_unseen: true, ..HostFaults::default() });
    assert_eq!(client.call("GET", &by_query, None).await.0, 401);
}

#[tokio::test]
async fn read_keys_may_not_write() {
    let (shop, mut client) = shop(listed()).await;
    let keys = shop.make_key("read");
    (client.key, client.secret) = (keys.consumer_key, keys.consumer_secret);
    assert_eq!(client.call("GET", "products", None).await.0, 200);
    let (status, body) = client.call("POST", "products", Some(json!({"name": "x"}))).await;
    assert_eq!(
        (status, body["message"].as_str().unwrap()),
        (401, "The API key provided does not have write permissions.")
    );
}

#[tokio::test]
async fn a_subdirectory_with_plain_permalinks_answers_only_rest_route() {
    let config = Config { base_path: Some("/shop".into()), plain_permalinks: true, ..listed() };
    let (shop, client) = shop(config).await;
    assert!(shop.url().ends_with("/shop"));
    assert_eq!(client.call("GET", "products", None).await.0, 404);
    let url = format!("{}/?rest_route=/wc/v3/products&per_page=1", shop.url());
    let answer = client.http.get(url).basic_auth(&client.key, Some(&client.secret)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["link"].to_str().unwrap().contains("rest_route=/wc/v3/products"));
}

#[tokio::test]
async fn shops_of_one_range_share_skus_and_scarce_stock_but_not_ids() {
    let config = |seed| Config { seed, ..Config::default() };
    let (one, two) = (Shop::start(config(1)).await.unwrap(), Shop::start(config(2)).await.unwrap());
    let scarce = |shop: &Shop| -> Vec<(String, Option<i64>, u64)> {
        let rows =
            shop.window().stock().into_iter().filter(|row| row.kind == "simple" && !row.sku.is_empty());
        rows.filter(|row| matches!(row.quantity, Some(1..=3)))
            .map(|row| (row.sku, row.quantity, row.id))
            .collect()
    };
    let (here, there) = (scarce(&one), scarce(&two));
    let same =
        here.iter().filter(|row| there.iter().any(|other| (&row.0, row.1) == (&other.0, other.1))).count();
    assert!(same >= 40, "{same} scarce items in both");
    assert!(here.iter().all(|row| !there.iter().any(|other| row.0 == other.0 && row.2 == other.2)));
    let rows = one.window().stock();
    assert!(rows.iter().any(|row| row.held_by == "parent"));
    assert!(rows.iter().any(|row| row.held_by == "none" && row.kind == "simple"));
    assert!(rows.iter().any(|row| row.sku.is_empty()));
    let mut skus: Vec<_> = rows.iter().map(|row| &row.sku).filter(|sku| !sku.is_empty()).collect();
    let all = skus.len();
    skus.sort();
    skus.dedup();
    assert!(skus.len() < all, "some SKU is there twice");
    let again = Shop::start(config(1)).await.unwrap();
    let stock = |shop: &Shop| {
        shop.window().stock().into_iter().map(|row| (row.id, row.sku, row.quantity)).collect::<Vec<_>>()
    };
    assert_eq!(stock(&one), stock(&again));
    assert_eq!(one.keys(), again.keys());
}

#[tokio::test]
async fn a_big_catalogue_lists_whole() {
    let catalogue =
        Catalogue::Generated(Generated { count: 10_000, shared: 10_000, orders: 0, ..Generated::default() });
    let (_shop, client) = shop(Config { https: true, catalogue, ..Config::default() }).await;
    let mut seen = 0;
    for page in 1..=100 {
        let rows =
            client.get(&format!("products?per_page=100&page={page}&orderby=id&order=asc&_fields=id")).await;
        seen += rows.as_array().unwrap().len();
    }
    assert_eq!(seen, 10_000);
}

#[tokio::test]
async fn a_demoted_owner_loses_the_door_and_the_payloads() {
    let (shop, client) = shop(listed()).await;
    let body = json!({"topic": "product.updated", "delivery_url": format!("{}/", shop.url()), "secret": "s"});
    client.call("POST", "webhooks", Some(body)).await;
    shop.faults().demote_owner(true);
    let (status, body) = client.call("GET", "products", None).await;
    assert_eq!((status, body["code"].as_str().unwrap()), (403, "woocommerce_rest_cannot_view"));
    shop.admin().set_stock(id_of(&shop, "A"), 1);
    shop.drain().await;
    let sent = shop.window().deliveries().pop().unwrap();
    assert!(sent.body.contains("woocommerce_rest_cannot_view") && sent.signature.is_some());
    shop.faults().clear();
    assert_eq!(client.call("GET", "products", None).await.0, 200);
}

#[tokio::test]
async fn hidden_rows_are_counted_but_not_shown() {
    let (shop, client) = shop(listed()).await;
    shop.faults().add(Fault::HiddenRows { ids: vec![id_of(&shop, "B")] });
    let answer = client.send("GET", "products", None).await.unwrap();
    assert_eq!(answer.headers()["x-wp-total"], "3");
    let rows: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn buyers_who_race_never_oversell() {
    let (shop, _) = shop(listed()).await;
    let shop = std::sync::Arc::new(shop);
    let id = id_of(&shop, "A");
    let buyers: Vec<_> = (0..40)
        .map(|_| {
            let shop = std::sync::Arc::clone(&shop);
            tokio::task::spawn_blocking(move || shop.buy(&Basket::of(id, 1)).is_ok())
        })
        .collect();
    let mut sold = 0;
    for buyer in buyers {
        sold += u32::from(buyer.await.unwrap());
    }
    assert_eq!((sold, shop.window().quantity(id), shop.window().oversold()), (5, Some(0), 0));
}

#[tokio::test]
async fn yen_and_dinar_keep_their_decimals() {
    for (currency, decimals, total) in [("JPY", 0, "30"), ("KWD", 3, "30.000")] {
        let (shop, client) = shop(Config { currency: currency.into(), decimals, ..listed() }).await;
        let line = json!([{"product_id": id_of(&shop, "A"), "quantity": 3}]);
        let (_, order) = client.call("POST", "orders", Some(json!({"line_items": line}))).await;
        assert_eq!(
            (order["total"].as_str().unwrap(), order["currency"].as_str().unwrap()),
            (total, currency)
        );
    }
}
