//! Bulk operations: slots, states, files, ranges, failures.

mod shopify_client;

use serde_json::{Value, json};
use shopify_client::{Client, Ears, listed, start, subscribe};
use simulators::shopify::{Catalogue, Config, Generated, Shop};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const RUN: &str = "mutation($query: String!, $grouped: Boolean) {
    bulkOperationRunQuery(query: $query, groupObjects: $grouped) { bulkOperation { id status url } userErrors { field message code } } }";
const POLL: &str = "query($id: ID!) { bulkOperation(id: $id) {
    status errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt } }";
const PRODUCTS: &str = "{ products { edges { node { id title variants { edges { node { id sku inventoryItem { id inventoryLevels { edges { node { id quantities(names: [\"available\"]) { quantity } } } } } } } } } } } }";

async fn run(client: &Client, query: &str, grouped: bool) -> Value {
    client.data(RUN, json!({"query": query, "grouped": grouped})).await["bulkOperationRunQuery"].clone()
}

async fn done(shop: &Shop, client: &Client, started: &Value) -> Value {
    shop.advance(Duration::from_secs(10));
    client.data(POLL, json!({"id": started["bulkOperation"]["id"]})).await["bulkOperation"].clone()
}

async fn lines(shop: &Shop, client: &Client, url: &Value) -> Vec<Value> {
    let path = url.as_str().unwrap().strip_prefix(shop.url()).unwrap();
    let text = client.http.get(format!("{}{path}", client.url)).send().await.unwrap().text().await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn everything_comes_with_its_parent() {
    let catalogue =
        Catalogue::Generated(Generated { count: 60, shared: 60, orders: 0, ..Generated::default() });
    let (shop, client) =
        start(Config { catalogue, https: true, bulk_duration: Duration::from_secs(5), ..Config::default() })
            .await;
    for grouped in [true, false] {
        let started = run(&client, PRODUCTS, grouped).await;
        assert_eq!(
            (&started["userErrors"], &started["bulkOperation"]["status"]),
            (&json!([]), &json!("CREATED"))
        );
        shop.advance(Duration::from_secs(2));
        let poll = client.data(POLL, json!({"id": started["bulkOperation"]["id"]})).await;
        assert_eq!(poll["bulkOperation"]["status"], "RUNNING");
        let operation = done(&shop, &client, &started).await;
        assert_eq!(
            (&operation["status"], &operation["rootObjectCount"]),
            (&json!("COMPLETED"), &json!("60"))
        );
        let rows = lines(&shop, &client, &operation["url"]).await;
        assert_eq!(operation["objectCount"], json!(rows.len().to_string()), "counts are texts");
        let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rows.len());
        assert!(
            rows.iter()
                .all(|row| row.get("__parentId").is_none_or(|parent| ids.contains(parent.as_str().unwrap())))
        );
        let variants =
            rows.iter().filter(|row| row["id"].as_str().unwrap().contains("/ProductVariant/")).count();
        assert_eq!(variants, shop.window().stock().len());
        let level = rows.iter().find(|row| row["id"].as_str().unwrap().contains("/InventoryLevel/")).unwrap();
        assert!(level["quantities"][0]["quantity"].is_i64());
        let seen: BTreeMap<&str, usize> =
            rows.iter().enumerate().map(|(at, row)| (row["id"].as_str().unwrap(), at)).collect();
        let behind = rows.iter().enumerate().filter(|(at, row)| {
            row.get("__parentId").is_some_and(|parent| seen[parent.as_str().unwrap()] > *at)
        });
        assert_eq!(behind.count() == 0, grouped, "parents first only when grouped");
    }
}

#[tokio::test]
async fn files_are_served_in_ranges_and_age() {
    let (shop, client) = start(listed()).await;
    let operation = done(&shop, &client, &run(&client, PRODUCTS, true).await).await;
    let path = operation["url"].as_str().unwrap().strip_prefix(shop.url()).unwrap().to_owned();
    let get = |range: Option<&'static str>| {
        let mut request = client.http.get(format!("{}{path}", client.url));
        if let Some(range) = range {
            request = request.header("Range", range);
        }
        async move { request.send().await.unwrap() }
    };
    let whole = get(None).await;
    let size = operation["fileSize"].as_str().unwrap().to_owned();
    assert_eq!(
        (
            whole.headers()["content-length"].to_str().unwrap(),
            whole.headers()["content-type"].to_str().unwrap()
        ),
        (size.as_str(), "application/jsonl")
    );
    let whole = whole.text().await.unwrap();
    let part = get(Some("bytes=10-19")).await;
    assert_eq!(
        (part.status().as_u16(), part.headers()["content-range"].to_str().unwrap()),
        (206, format!("bytes 10-19/{size}").as_str())
    );
    assert_eq!(part.text().await.unwrap(), whole[10..20]);
    assert_eq!(get(Some("bytes=30-")).await.text().await.unwrap(), whole[30..]);
    assert_eq!(get(Some("bytes=999999-")).await.status().as_u16(), 416);
    shop.advance(Duration::from_secs(8 * 86_400));
    assert_eq!(get(None).await.status().as_u16(), 404, "a week is over");
}

#[tokio::test]
async fn five_run_at_once_and_any_can_be_cancelled() {
    let (shop, client) = start(Config { bulk_duration: Duration::from_secs(60), ..listed() }).await;
    let mut started = Vec::new();
    for _ in 0..5 {
        started.push(run(&client, PRODUCTS, false).await);
    }
    let sixth = run(&client, PRODUCTS, false).await;
    assert_eq!(
        (&sixth["userErrors"][0]["code"], &sixth["userErrors"][0]["field"]),
        (&json!("OPERATION_IN_PROGRESS"), &Value::Null)
    );
    assert!(
        sixth["userErrors"][0]["message"]
            .as_str()
            .unwrap()
            .contains(started[0]["bulkOperation"]["id"].as_str().unwrap())
    );
    let cancel = "mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }";
    let stopped = client.data(cancel, json!({"id": started[0]["bulkOperation"]["id"]})).await;
    assert_eq!(stopped["bulkOperationCancel"]["bulkOperation"]["status"], "CANCELING");
    shop.advance(Duration::from_secs(1));
    assert_eq!(run(&client, PRODUCTS, false).await["userErrors"], json!([]), "its slot is free");
    let list = client.data("{ bulkOperations(first: 10) { nodes { status } } }", json!({})).await;
    assert_eq!(list["bulkOperations"]["nodes"][0]["status"], "CANCELED");
}

#[tokio::test]
async fn ends_are_told_or_not_and_failures_leave_half_a_file() {
    let (ears, (shop, client)) = (Ears::open().await, start(listed()).await);
    subscribe(&client, "BULK_OPERATIONS_FINISH", &ears.url).await;
    let operation = done(&shop, &client, &run(&client, PRODUCTS, true).await).await;
    shop.drain().await;
    let told = ears.about("bulk_operations/finish")[0].json();
    assert_eq!(
        (&told["status"], &told["type"], told.get("url")),
        (&json!("completed"), &json!("query"), None)
    );
    assert!(operation["partialDataUrl"].is_null());
    shop.faults().fail_next_bulk("TIMEOUT");
    shop.faults().silence_bulk(1);
    let failed = done(&shop, &client, &run(&client, PRODUCTS, true).await).await;
    assert_eq!(
        (&failed["status"], &failed["errorCode"], &failed["url"], &failed["completedAt"]),
        (&json!("FAILED"), &json!("TIMEOUT"), &Value::Null, &Value::Null)
    );
    assert!(lines(&shop, &client, &failed["partialDataUrl"]).await.len() < 9);
    shop.drain().await;
    assert_eq!(ears.about("bulk_operations/finish").len(), 1, "the second end was not told");
    let empty = done(&shop, &client, &run(&client, "{ orders { edges { node { id } } } }", true).await).await;
    assert_eq!(
        (&empty["status"], &empty["url"], &empty["objectCount"]),
        (&json!("COMPLETED"), &Value::Null, &json!("0"))
    );
}

#[tokio::test]
async fn queries_that_cannot_run_are_refused() {
    let (_shop, client) = start(listed()).await;
    for (query, text) in [
        ("{ shop { id } }", "Bulk queries must contain at least one connection."),
        ("{ products { nodes { id } } }", "must select their contents using 'edges' > 'node'"),
        (
            "{ products { edges { node { title variants { edges { node { id } } } } } } }",
            "must select the 'id' field",
        ),
        (
            "mutation { productDelete(input: {id: \"x\"}) { deletedProductId } }",
            "Only `query` operations are supported",
        ),
        ("", "syntax error, unexpected end of file"),
    ] {
        let refused = run(&client, query, false).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains(text), "{query}: {refused}");
    }
}
