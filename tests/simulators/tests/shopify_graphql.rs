//! Documents through the front door: checks, pages, costs, searches, scopes, products.

mod shopify_client;

use serde_json::{Value, json};
use shopify_client::{Client, id_of, listed, start};
use simulators::shopify::{Basket, Catalogue, Config, Generated, Plan};
use std::time::Duration;

fn codes(answer: &Value) -> Vec<&str> {
    answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn documents_are_checked_before_anything_is_done() {
    let (_shop, client) = start(listed()).await;
    let answer = client.raw("{ products(first: 1) { nodes { id colour } } }", json!({})).await;
    assert_eq!(answer["errors"][0]["message"], "Field 'colour' doesn't exist on type 'Product'");
    assert_eq!(answer["errors"][0]["path"], json!(["query", "products", "nodes", "colour"]));
    assert!(answer.get("data").is_none());
    for (query, code) in [
        ("{ products(first: 1, colour: 2) { nodes { id } } }", "argumentNotAccepted"),
        ("{ products(first: \"x\") { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("{ product { id } }", "missingRequiredArguments"),
        ("{ shop }", "selectionMismatch"),
        ("{ shop { name { x } } }", "selectionMismatch"),
        ("query($x: Int) { shop { name } }", "variableNotUsed"),
        ("{ product(id: $x) { id } }", "variableNotDefined"),
        ("query($x: Int!) { product(id: $x) { id } }", "variableMismatch"),
        ("{ ...Missing }", "useAndDefineFragment"),
        ("fragment F on Product { id } { shop { name } }", "invalidDocument"),
        (
            "mutation { inventoryDeactivate(inventoryLevelId: \"x\") @retry { userErrors { field } } }",
            "invalidDocument",
        ),
    ] {
        let answer = client.raw(query, json!({"x": 1})).await;
        assert!(codes(&answer).contains(&code), "{query}: {answer}");
    }
    let answer = client.raw("query($id: ID!) { product(id: $id) { id } }", json!({})).await;
    assert_eq!(codes(&answer), ["INVALID_VARIABLE"]);
    assert!(
        client.raw("{ shop { name }", json!({})).await["errors"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("syntax error")
    );
    let (status, answer) = client.post("/admin/api/2026-10/graphql.json", json!({})).await.unwrap();
    assert_eq!((status, &answer["errors"]["query"]), (400, &json!("Required parameter missing or invalid")));
    let (status, _) =
        client.post("/admin/api/2025-01/graphql.json", json!({"query": "{ shop { name } }"})).await.unwrap();
    assert_eq!(status, 404);
    let dead = Client { token: "shpat_dead".into(), http: client.http.clone(), url: client.url.clone() };
    let (status, answer) =
        dead.post("/admin/api/2026-10/graphql.json", json!({"query": "{ shop { name } }"})).await.unwrap();
    assert_eq!(
        (status, answer["errors"].as_str().unwrap().starts_with("[API] Invalid API key")),
        (401, true)
    );
}

#[tokio::test]
async fn aliases_fragments_and_directives_work() {
    let (shop, client) = start(Config::default()).await;
    let query = "query Q($skip: Boolean!, $ids: [ID!]!) {
        one: products(first: 1) { edges { cursor node { ...P } } }
        two: products(first: 1, reverse: true) { nodes { ...P title @skip(if: $skip) } }
        nodes(ids: $ids) { __typename id ... on ProductVariant { sku } }
        shop { __typename myshopifyDomain plan { displayName } }
    } fragment P on Product { __typename id status @include(if: $skip) }";
    let variant = shop.window().stock()[0].clone();
    let ids = json!([format!("gid://shopify/ProductVariant/{}", variant.id), "gid://shopify/Order/1"]);
    let data = client.data(query, json!({"skip": true, "ids": ids})).await;
    assert_eq!(data["one"]["edges"][0]["node"]["__typename"], "Product");
    assert!(data["two"]["nodes"][0].get("title").is_none() && data["two"]["nodes"][0]["status"] == "ACTIVE");
    assert_eq!(
        data["nodes"],
        json!([{"__typename": "ProductVariant", "id": ids[0], "sku": variant.sku}, null])
    );
    assert_eq!(data["shop"]["myshopifyDomain"], shop.domain());
    let schema = client
        .data("{ __schema { queryType { name } } __type(name: \"Product\") { name } }", json!({}))
        .await;
    assert_eq!(
        (&schema["__schema"]["queryType"]["name"], &schema["__type"]["name"]),
        (&json!("QueryRoot"), &json!("Product"))
    );
}

#[tokio::test]
async fn whole_lists_come_page_by_page_in_either_direction() {
    let (shop, client) = start(Config::default()).await;
    let query = "query($after: String, $reverse: Boolean) { productVariants(first: 100, after: $after, reverse: $reverse) { nodes { id } pageInfo { hasNextPage endCursor } } }";
    for reverse in [false, true] {
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page =
                client.data(query, json!({"after": after, "reverse": reverse})).await["productVariants"]
                    .clone();
            seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].to_string()));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        seen.dedup();
        assert_eq!(seen.len(), shop.window().stock().len(), "reverse: {reverse}");
    }
    let answer = client.raw("{ products { nodes { id } } }", json!({})).await;
    assert_eq!(answer["errors"][0]["message"], "you must provide one of first or last");
}

#[tokio::test]
async fn calls_are_paid_from_a_bucket_that_fills_with_the_clock() {
    let (shop, client) = start(Config { plan: Plan::Advanced, ..Config::default() }).await;
    let query = "{ products(first: 50) { nodes { id } } }";
    let answer = client.raw(query, json!({})).await;
    let cost = &answer["extensions"]["cost"];
    assert_eq!(
        (&cost["requestedQueryCost"], &cost["throttleStatus"]["maximumAvailable"]),
        (&json!(9), &json!(4000))
    );
    shop.faults().drain_bucket(0);
    let answer = client
        .raw("{ products(first: 250) { nodes { id variants(first: 250) { nodes { id } } } } }", json!({}))
        .await;
    assert_eq!(
        (codes(&answer), answer.get("data"), &answer["extensions"]["cost"]["actualQueryCost"]),
        (vec!["THROTTLED"], None, &Value::Null)
    );
    shop.advance(Duration::from_secs(1));
    assert!(client.raw(query, json!({})).await.get("errors").is_none());
    let deep = "{ products(first: 250) { nodes { id variants(first: 250) { nodes { id inventoryItem { id inventoryLevels(first: 50) { nodes { id location { id } } } } } } } } }";
    assert_eq!(codes(&client.raw(deep, json!({})).await), ["MAX_COST_EXCEEDED"]);
    let row = shop.window().requests().into_iter().rfind(|row| row.throttled).unwrap();
    assert_eq!((row.operations.as_str(), row.actual_cost), ("products", None));
}

#[tokio::test]
async fn searches_filter_warn_break_and_lag() {
    let (shop, client) = start(Config { index_lag: Duration::from_secs(60), ..listed() }).await;
    shop.advance(Duration::from_secs(120));
    let search =
        "query($q: String) { products(first: 10, query: $q, sortKey: UPDATED_AT) { nodes { title } } }";
    let found = |q: String| {
        let client = &client;
        async move { client.data(search, json!({"q": q})).await["products"]["nodes"].as_array().unwrap().len() }
    };
    assert_eq!(found("sku:A".into()).await, 1);
    assert_eq!(found("sku:A OR sku:'B'".into()).await, 2);
    let a = shop.window().stock_of("A")[0].clone();
    assert!(shop.admin().set_price(id_of(&shop, "B"), "11.00"));
    let before = shop.window().stock_of("B")[0].modified.clone();
    shop.admin().rename(a.product_id, "Renamed");
    assert_eq!(found(format!("updated_at:>='{before}'")).await, 0, "the index has not seen it yet");
    let direct = client
        .data(
            "query($id: ID!) { product(id: $id) { title } }",
            json!({"id": format!("gid://shopify/Product/{}", a.product_id)}),
        )
        .await;
    assert_eq!(direct["product"]["title"], "Renamed");
    shop.admin().set_stock(a.id, 50);
    let total = "query($id: ID!) { product(id: $id) { totalInventory } }";
    let id = json!({"id": format!("gid://shopify/Product/{}", a.product_id)});
    assert_eq!(client.data(total, id.clone()).await["product"]["totalInventory"], 5, "the total lags");
    shop.advance(Duration::from_secs(61));
    assert_eq!(client.data(total, id).await["product"]["totalInventory"], 50);
    assert_eq!(found(format!("updated_at:>='{before}'")).await, 2);
    let answer = client.raw(search, json!({"q": "colour:red"})).await;
    assert_eq!(
        answer["data"]["products"]["nodes"].as_array().unwrap().len(),
        3,
        "an unknown filter finds everything"
    );
    assert_eq!(answer["extensions"]["search"][0]["warnings"][0]["code"], "invalid_field");
    assert_eq!(codes(&client.raw(search, json!({"q": "updated_at:>"})).await), ["INTERNAL_SERVER_ERROR"]);
    let items = "query($q: String) { inventoryItems(first: 5, query: $q) { nodes { sku } } }";
    assert_eq!(
        client.data(items, json!({"q": "sku:B"})).await["inventoryItems"]["nodes"],
        json!([{"sku": "B"}])
    );
}

#[tokio::test]
async fn missing_scopes_take_single_fields_and_old_orders() {
    let catalogue =
        Catalogue::Generated(Generated { count: 20, shared: 20, orders: 30, ..Generated::default() });
    let (shop, mut client) = start(Config { catalogue, ..Config::default() }).await;
    let count = "{ ordersCount(limit: null) { count precision } }";
    assert_eq!(
        client.data(count, json!({})).await["ordersCount"],
        json!({"count": 30, "precision": "EXACT"})
    );
    client.token = shop.make_token(&["read_products", "read_orders"]);
    let recent = client.data(count, json!({})).await["ordersCount"]["count"].as_u64().unwrap();
    assert!(recent > 10 && recent < 25, "{recent} of the last sixty days");
    let answer = client.raw("{ products(first: 1) { nodes { id } } customers(first: 1) { nodes { id } } node(id: \"gid://shopify/Product/1\") { id } location { id } }", json!({})).await;
    assert_eq!(codes(&answer), ["ACCESS_DENIED"], "{answer}");
    assert_eq!(answer["data"], Value::Null, "a list may not be null, so everything is");
    let answer = client.raw("{ shop { name } location { id } }", json!({})).await;
    assert_eq!((codes(&answer), &answer["data"]["location"]), (vec!["ACCESS_DENIED"], &Value::Null));
    assert!(answer["data"]["shop"]["name"].is_string(), "the rest is there");
    let set = "mutation { productCreate(product: {title: \"x\"}) { userErrors { message } } }";
    assert_eq!(codes(&client.raw(set, json!({})).await), ["ACCESS_DENIED"]);
}

#[tokio::test]
async fn protected_data_is_null_unless_approved() {
    let (shop, client) = start(Config { protected_data: false, ..Config::default() }).await;
    let customer = shop.window().customers()[0];
    shop.buy(&Basket { customer: Some(customer), ..Basket::of(shop.window().stock()[5].id, 1) }).unwrap();
    let query = "{ orders(first: 1, reverse: true) { nodes { email shippingAddress { city } customer { id firstName email defaultEmailAddress { emailAddress } } } } }";
    let order = client.data(query, json!({})).await["orders"]["nodes"][0].clone();
    assert_eq!(
        (&order["email"], &order["shippingAddress"], &order["customer"]["firstName"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(order["customer"]["id"].is_string());
    shop.faults().protected_data(true);
    let order = client.data(query, json!({})).await["orders"]["nodes"][0].clone();
    assert!(order["email"].is_string() && order["shippingAddress"]["city"] == "London");
}

#[tokio::test]
async fn product_set_replaces_lists_and_can_run_in_the_background() {
    let (shop, client) = start(listed()).await;
    let location = format!("gid://shopify/Location/{}", shop.window().locations()[0].0);
    let set = "mutation($input: ProductSetInput!, $identifier: ProductSetIdentifiers, $now: Boolean!) {
        productSet(input: $input, identifier: $identifier, synchronous: $now) {
            product { id variants(first: 10) { nodes { id sku price selectedOptions { name value } } } }
            productSetOperation { id status } userErrors { field message code } } }";
    let variant = |color: &str, units: i64| {
        json!({
            "optionValues": [{"optionName": "Color", "name": color}], "price": "9.50", "sku": format!("S-{color}"),
            "inventoryItem": {"tracked": true}, "inventoryQuantities": [{"locationId": location, "name": "available", "quantity": units}],
        })
    };
    let input = |colors: &[&str]| {
        json!({
            "title": "Set", "handle": "set", "productOptions": [{"name": "Color", "values": colors.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()}],
            "variants": colors.iter().map(|color| variant(color, 4)).collect::<Vec<_>>(),
        })
    };
    let done =
        client.data(set, json!({"input": input(&["Red", "Blue"]), "now": true})).await["productSet"].clone();
    assert_eq!(
        (done["product"]["variants"]["nodes"].as_array().unwrap().len(), &done["userErrors"]),
        (2, &json!([]))
    );
    assert_eq!(shop.window().stock_of("S-Red")[0].quantity, Some(4));
    let red = done["product"]["variants"]["nodes"][0]["id"].clone();
    let identifier = json!({"handle": "set"});
    let done = client
        .data(set, json!({"input": input(&["Red", "Green"]), "identifier": identifier, "now": false}))
        .await["productSet"]
        .clone();
    assert_eq!((&done["product"], &done["productSetOperation"]["status"]), (&Value::Null, &json!("CREATED")));
    shop.advance(Duration::from_secs(1));
    let poll = "query($id: ID!) { productOperation(id: $id) { status product { variants(first: 5) { nodes { id sku } } } } }";
    let done =
        client.data(poll, json!({"id": done["productSetOperation"]["id"]})).await["productOperation"].clone();
    assert_eq!(done["status"], "COMPLETE");
    assert_eq!(done["product"]["variants"]["nodes"][0], json!({"id": red, "sku": "S-Red"}));
    assert_eq!(done["product"]["variants"]["nodes"][1]["sku"], "S-Green");
    assert!(shop.window().stock_of("S-Blue").is_empty(), "what is not in the list is gone");
}

#[tokio::test]
async fn variants_are_updated_partly_or_not_at_all() {
    let (shop, client) = start(listed()).await;
    let (a, b) = (shop.window().stock_of("A")[0].clone(), shop.window().stock_of("B")[0].clone());
    let update = "mutation($id: ID!, $rows: [ProductVariantsBulkInput!]!, $some: Boolean) {
        productVariantsBulkUpdate(productId: $id, variants: $rows, allowPartialUpdates: $some) {
            productVariants { id price } userErrors { field message code } } }";
    let id = format!("gid://shopify/Product/{}", a.product_id);
    let rows = json!([
        {"id": format!("gid://shopify/ProductVariant/{}", a.id), "price": "7.25"},
        {"id": format!("gid://shopify/ProductVariant/{}", b.id), "price": "1.00"},
    ]);
    let done =
        client.data(update, json!({"id": id, "rows": rows})).await["productVariantsBulkUpdate"].clone();
    assert_eq!(done["userErrors"][0]["field"], json!(["variants", "1", "id"]));
    assert_eq!(
        (&done["productVariants"], shop.window().stock_of("A")[0].price.as_str()),
        (&Value::Null, "10.00")
    );
    client.data(update, json!({"id": id, "rows": rows, "some": true})).await;
    assert_eq!(shop.window().stock_of("A")[0].price, "7.25");
    let delete =
        "mutation($id: ID!) { productDelete(input: {id: $id}) { deletedProductId userErrors { message } } }";
    client.data(delete, json!({"id": id})).await;
    assert!(shop.window().stock_of("A").is_empty());
    assert_eq!(
        client.data("query($id: ID!) { product(id: $id) { id } }", json!({"id": id})).await["product"],
        Value::Null
    );
    assert_eq!(shop.window().quantity(id_of(&shop, "B")), Some(2));
}

/// How a field is asked for, with whatever it wants; none when it wants arguments nobody can guess.
fn asked(field: &Value) -> Option<String> {
    let name = field["name"].as_str().unwrap();
    let mut ty = &field["type"];
    while ty["ofType"].is_object() {
        ty = &ty["ofType"];
    }
    let wants = field["args"]
        .as_array()
        .unwrap()
        .iter()
        .any(|arg| arg["type"]["kind"] == "NON_NULL" && arg["defaultValue"].is_null());
    Some(match (ty["kind"].as_str().unwrap(), ty["name"].as_str().unwrap()) {
        (_, "InventoryQuantity") => {
            format!("{name}(names: [\"available\", \"on_hand\"]) {{ name quantity }}")
        }
        _ if wants => return None,
        ("SCALAR" | "ENUM", _) => name.to_owned(),
        (_, ty) if ty.ends_with("Connection") => {
            format!("{name}(first: 2) {{ nodes {{ __typename }} pageInfo {{ endCursor }} }}")
        }
        _ => format!("{name} {{ __typename }}"),
    })
}

#[tokio::test]
async fn every_field_of_every_node_answers() {
    let (shop, client) = start(Config {
        lab: true,
        tax_percent: "20".parse().unwrap(),
        plan: Plan::Plus,
        ..Config::default()
    })
    .await;
    shopify_client::subscribe(&client, "ORDERS_CREATE", "http://127.0.0.1:9/hooks").await;
    let run = "mutation { bulkOperationRunQuery(query: \"{ products { edges { node { id } } } }\") { bulkOperation { id } } }";
    let bulk = client.data(run, json!({})).await["bulkOperationRunQuery"]["bulkOperation"]["id"].clone();
    let customer = shop.window().customers()[0];
    let order =
        shop.buy(&Basket { customer: Some(customer), ..Basket::of(shop.window().stock()[3].id, 1) }).unwrap();
    shop.admin().fulfil_order(order.id);
    shop.admin().refund(order.id, order.lines[0].id, 1, true).unwrap();
    let id = format!("gid://shopify/Order/{}", order.id);
    let find = "query($id: ID!) {
        shop { id } currentAppInstallation { id app { id } } webhookSubscriptions(first: 1) { nodes { id } }
        products(first: 1) { nodes { id variants(first: 1) { nodes { id inventoryItem { id inventoryLevels(first: 1) { nodes { id location { id } } } } } } } }
        order(id: $id) { id customer { id } lineItems(first: 1) { nodes { id } } refunds { id } fulfillments { id } fulfillmentOrders(first: 1) { nodes { id } } }
    }";
    let mut ids = vec![bulk.as_str().unwrap().to_owned()];
    collect(&client.data(find, json!({"id": id})).await, &mut ids);
    assert_eq!(ids.len(), 16, "{ids:?}");
    let kind = "query($name: String!) { __type(name: $name) { fields(includeDeprecated: true) { name
        args(includeDeprecated: true) { defaultValue type { kind } } type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } }";
    let mut fields = 0;
    for id in ids {
        let name = id.split('/').nth(3).unwrap();
        let described = client.data(kind, json!({"name": name})).await["__type"]["fields"].clone();
        let described = described.as_array().unwrap();
        assert!(!described.is_empty(), "{name}");
        for some in described.chunks(30) {
            let some: Vec<String> = some.iter().filter_map(asked).collect();
            fields += some.len();
            let query =
                format!("query($id: ID!) {{ node(id: $id) {{ ... on {name} {{ {} }} }} }}", some.join(" "));
            let answer = client.raw(&query, json!({"id": id})).await;
            assert!(answer.get("errors").is_none(), "{name}: {query}\n{answer}");
            assert_eq!(answer["data"]["node"].as_object().unwrap().len(), some.len(), "{name}");
        }
        shop.advance(Duration::from_secs(5));
    }
    assert!(fields > 500, "{fields}");
}

fn collect(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("gid://") => ids.push(text.clone()),
        Value::Object(rows) => rows.values().for_each(|row| collect(row, ids)),
        Value::Array(rows) => rows.iter().for_each(|row| collect(row, ids)),
        _ => {}
    }
}
