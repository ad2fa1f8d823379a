//! The seeded world: the same range as elsewhere, many variants, many products, windows over HTTP.

mod shopify_client;

use serde_json::{Value, json};
use shopify_client::{Client, start};
use simulators::shopify::{Catalogue, Config, Generated, Shop};
use simulators::woocommerce;
use std::collections::BTreeMap;
use std::time::Instant;

#[tokio::test]
async fn the_shared_range_is_the_same_as_in_a_woocommerce_store() {
    let shop = Shop::start(Config { seed: 3, ..Config::default() }).await.unwrap();
    let store = woocommerce::Shop::start(woocommerce::Config { seed: 8, ..woocommerce::Config::default() })
        .await
        .unwrap();
    let mut theirs: BTreeMap<String, (Option<i64>, String)> = BTreeMap::new();
    for row in store.window().stock() {
        let odd = row.held_by != "own" || row.kind == "variable";
        if row.sku.starts_with("LOOM") && !odd && store.window().stock_of(&row.sku).len() == 1 {
            theirs.insert(row.sku.clone(), (row.quantity, row.name.clone()));
        }
    }
    assert!(theirs.len() > 200, "{}", theirs.len());
    for (sku, (quantity, name)) in &theirs {
        let rows = shop.window().stock_of(sku);
        assert_eq!((rows.len(), rows[0].quantity), (1, *quantity), "{sku}");
        assert_eq!(&rows[0].name, name, "{sku}");
    }
    let again = Shop::start(Config { seed: 3, ..Config::default() }).await.unwrap();
    let ids = |shop: &Shop| {
        shop.window().stock().into_iter().map(|row| (row.id, row.sku, row.quantity)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&shop), ids(&again));
    assert_eq!((shop.app(), shop.token()), (again.app(), again.token()));
    let statuses: Vec<String> = shop.window().orders().into_iter().map(|row| row.fulfillment).collect();
    assert!(statuses.iter().any(|one| one == "FULFILLED") && statuses.iter().any(|one| one == "UNFULFILLED"));
}

#[tokio::test]
async fn a_product_may_have_two_thousand_variants() {
    let plan = Generated {
        count: 10,
        shared: 0,
        variants: Some(2_048),
        orders: 0,
        customers: 0,
        ..Generated::default()
    };
    let (shop, client) = start(Config { catalogue: Catalogue::Generated(plan), ..Config::default() }).await;
    let rows: Vec<_> =
        shop.window().stock().into_iter().filter(|row| row.name.starts_with("Variable")).collect();
    assert_eq!(rows.len(), 2_048);
    let id = format!("gid://shopify/Product/{}", rows[0].product_id);
    let query = "query($id: ID!) { product(id: $id) { variantsCount { count } variants(first: 2000) { nodes { sku } } } }";
    let data = client.data(query, json!({"id": id})).await;
    assert_eq!(
        (
            data["product"]["variantsCount"]["count"].as_u64(),
            data["product"]["variants"]["nodes"].as_array().unwrap().len()
        ),
        (Some(2_048), 2_000)
    );
}

#[tokio::test]
async fn ten_thousand_products_of_three_variants_start_quickly() {
    let plan = Generated {
        count: 10_000,
        shared: 10_000,
        variable_every: 1,
        variants: Some(3),
        oddities: false,
        orders: 0,
        customers: 0,
        ..Generated::default()
    };
    let began = Instant::now();
    let (shop, client) = start(Config { catalogue: Catalogue::Generated(plan), ..Config::default() }).await;
    assert!(began.elapsed().as_secs() < 10, "took {:?}", began.elapsed());
    let count = client
        .data("{ productVariantsCount(limit: null) { count } productsCount { count precision } }", json!({}))
        .await;
    assert_eq!(
        count,
        json!({"productVariantsCount": {"count": 30_000}, "productsCount": {"count": 10_000, "precision": "EXACT"}})
    );
    assert_eq!(shop.window().summary()["variants"], 30_000);
}

#[tokio::test]
async fn windows_and_handles_answer_over_http() {
    let (shop, client) = start(Config { lab: true, ..Config::default() }).await;
    let look = |path: &'static str| {
        let (http, url) = (client.http.clone(), client.url.clone());
        async move {
            let text = http.get(format!("{url}/_sim/{path}")).send().await.unwrap().text().await.unwrap();
            serde_json::from_str::<Value>(&text).unwrap()
        }
    };
    let row = look("stock").await[0].clone();
    let (status, order) = client.post("/_sim/buy", json!({"id": row["id"], "quantity": 1})).await.unwrap();
    assert_eq!((status, &order["lines"][0]["sku"]), (200, &row["sku"]));
    let (status, refusal) =
        client.post("/_sim/buy", json!({"id": row["id"], "quantity": 999})).await.unwrap();
    assert_eq!((status, refusal["error"].as_str().unwrap().contains("left")), (409, true));
    let (_, done) =
        client.post("/_sim/admin/set_stock", json!({"id": row["id"], "quantity": 7})).await.unwrap();
    assert_eq!((done, look("stock").await[0]["quantity"].as_i64()), (json!({"done": true}), Some(7)));
    assert_eq!(client.post("/_sim/admin/cancel_order", json!({"id": order["id"]})).await.unwrap().0, 200);
    client.post("/_sim/faults", json!([{"kind": "throttled", "times": 1}, {"kind": "too_many_requests", "retry_after": 2, "after": 1, "times": 1}])).await.unwrap();
    let ask = json!({"query": "{ shop { name } }"});
    let throttled = client.post("/admin/api/2026-10/graphql.json", ask.clone()).await.unwrap();
    assert_eq!((throttled.0, &throttled.1["errors"][0]["extensions"]["code"]), (200, &json!("THROTTLED")));
    assert_eq!(client.post("/admin/api/2026-10/graphql.json", ask.clone()).await.unwrap().0, 429);
    assert_eq!(client.post("/admin/api/2026-10/graphql.json", ask).await.unwrap().0, 200);
    assert_eq!(client.post("/_sim/faults/nonsense", json!({})).await.unwrap().0, 404);
    for window in [
        "orders",
        "subscriptions",
        "deliveries",
        "requests",
        "stock_log",
        "locations",
        "customers",
        "tokens",
        "summary",
        "faults",
        "app",
    ] {
        assert!(look(window).await.get("error").is_none(), "{window}");
    }
    assert_eq!(look("app").await["client_id"], shop.app().client_id);
    let link = client.post("/_sim/install_link", json!({})).await.unwrap().1;
    assert!(link["url"].as_str().unwrap().contains("hmac="));
    let made = client.post("/_sim/tokens", json!({"scopes": ["read_products"]})).await.unwrap().1;
    let one = Client {
        token: made["access_token"].as_str().unwrap().into(),
        http: client.http.clone(),
        url: client.url.clone(),
    };
    assert!(one.raw("{ products(first: 1) { nodes { id } } }", json!({})).await.get("errors").is_none());
}
