//! The front door of the API: who may come in, and what a wrong request is told.

use journeys::{World, shop};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_told_what_is_wrong() {
    let mut world = World::open(vec![shop(1, &[("A", 5)])], 3600).await;
    world.join_all().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let store = world.stores[0].to_string();
    let get = |path: String| client.get(world.url(&path)).bearer_auth(&world.key);
    let post = |path: &str, body: Value| client.post(world.url(path)).bearer_auth(&world.key).json(&body);
    let start = format!("/v1/stores/{store}/runs");
    let form = client.post(world.url("/login")).header("content-type", "application/x-www-form-urlencoded");
    let big = json!({ "right": "x".repeat(400_000) });
    let table = [
        (client.get(world.url("/v1/stores")), 401),
        (client.get(world.url("/v1/stores")).bearer_auth("slk_wrong"), 401),
        (get("/v1/stores/sto_00000000000000000000000000".into()), 404),
        (get("/v1/stores/nonsense".into()), 404),
        (get("/v1/nothing".into()), 404),
        (get(format!("/v1/stores/{store}/orders?limit=0")), 422),
        (get(format!("/v1/stores/{store}/orders?after=nonsense")), 422),
        (post(&start, json!({ "stream": "nonsense" })), 422),
        (post(&format!("/v1/stores/{store}/resume"), json!({})), 200),
        (post("/v1/stores", json!({ "platform": "nobody", "address": "x", "keys": {} })), 404),
        (post("/v1/stores", json!({ "platform": "woocommerce", "address": "ftp://x", "keys": {} })), 422),
        (post("/v1/exceptions/exc_00000000000000000000000000/resolve", json!({})), 404),
        (post("/v1/exceptions/exc_00000000000000000000000000/resolve", big), 413),
        (form.header("sec-fetch-site", "cross-site").body("key=x"), 403),
        (get("/health".into()), 200),
    ];
    for (request, expected) in table {
        let answer = request.send().await.unwrap();
        let (status, url) = (answer.status(), answer.url().clone());
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        assert_eq!(status.as_u16(), expected, "{url}: {text}");
        if expected >= 400 {
            assert_eq!(kind.as_deref(), Some("application/problem+json"), "{url}");
            let problem: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(problem["status"], expected);
            assert!(!problem["detail"].as_str().unwrap().is_empty());
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_they_stopped_and_too_many_requests_are_told_so() {
    let skus: Vec<String> = (0..7).map(|sku| format!("S{sku}")).collect();
    let stock: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 3)).collect();
    let mut world = World::open(vec![shop(2, &stock)], 3600).await;
    world.join_all().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let url = world.url(&format!("/v1/stock?limit=3{after}"));
        let answer = client.get(url).bearer_auth(&world.key).send().await.unwrap();
        let page: Value = answer.json().await.unwrap();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|item| item["sku"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, skus);
    let mut refused = 0;
    for _ in 0..2000 {
        let url = world.url("/v1/runs/run_00000000000000000000000000");
        let status = client.get(url).bearer_auth(&world.key).send().await.unwrap().status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            refused += 1;
            break;
        }
    }
    assert_eq!(refused, 1, "two thousand requests at once were all answered");
    world.stop().await;
}
