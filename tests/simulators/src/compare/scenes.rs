//! How each recording of Shopify's Admin API is replayed: what is set up, what is asked, in which order.

use super::Failure;
use super::graph::Stage;
use serde_json::{Value, json};

const HOOK: &str = "id topic uri format includeFields metafieldNamespaces filter createdAt updatedAt
    endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } ... on WebhookEventBridgeEndpoint { arn } }";
const PRODUCT: &str =
    "id title handle status vendor productType tags descriptionHtml templateSuffix seo { title description }";

/// Plays a recording; false when nobody has written how.
pub async fn play(stage: &mut Stage, name: &str, recorded: &Value) -> Result<bool, Failure> {
    let capture = &recorded["capture"];
    match name {
        "live-bulk-operation-run-query-validators" | "live-bulk-operation-run-query-user-error-codes" => {
            each(stage, &capture["validations"]).await?;
        }
        "live-bulk-operation-cancel-preserves-fields" => bulk_cancel(stage, &capture["lifecycle"]).await?,
        "live-by-id-not-found-read" => {
            // Only the location is in the extract; the other nouns are not part of the simulator.
            let case = &capture["cases"]["storeProperties"];
            let query = case["query"].as_str().unwrap_or_default();
            stage
                .replay("storeProperties", query, &case["variables"], &case["response"]["body"], true)
                .await?;
        }
        "live-eventbridge-cloud-format-json-only"
        | "live-webhook-subscription-scheme-allowlist"
        | "live-webhook-subscription-topic-enum-validation" => hooks(stage, capture).await?,
        "live-inventory-existence-validation" => {
            let case = &capture["adjustUnknownInventoryItem"];
            let query = case["query"].as_str().unwrap_or_default();
            stage.replay("adjust", query, &case["variables"], &case["response"], true).await?;
        }
        "live-inventory-item-levels-connection-windowing-2026-04" => {
            for (at, step) in capture["operations"].as_object().into_iter().flatten() {
                let query = step["query"].as_str().unwrap_or_default();
                stage.replay(at, query, &step["variables"], &step["response"], true).await?;
            }
        }
        "live-inventorySetQuantities-quantity-bounds" => bounds(stage, &capture["cases"]).await?,
        "live-product-create-parity" => product_create(stage, capture).await?,
        "live-product-set-id-not-allowed" => {
            let query = "mutation($identifier: ProductSetIdentifiers, $input: ProductSetInput!, $synchronous: Boolean!) {
                productSet(identifier: $identifier, input: $input, synchronous: $synchronous) {
                    product { id title handle } userErrors { field message code } } }";
            for at in ["missingIdentifier", "idNotAllowed"] {
                let case = &capture[at];
                stage.replay(at, query, &case["variables"], &case["response"], true).await?;
            }
        }
        "live-product-variants-bulk-update-allow-partial-and-error-order" => variants(stage, capture).await?,
        "nango-adjust-inventory-quantities" => adjust(stage, recorded).await?,
        "nango-create-webhook-subscription" => calls(stage, recorded).await?,
        "nango-list-products" => products(stage, recorded).await?,
        "nango-list-webhook-subscriptions" => {
            for number in 0..3 {
                let query = format!(
                    "mutation {{ webhookSubscriptionCreate(topic: APP_UNINSTALLED, webhookSubscription: {{uri: \"https://example.com/{number}\"}}) {{ webhookSubscription {{ id }} }} }}"
                );
                stage.ask(&query, &json!({})).await?;
            }
            calls(stage, recorded).await?;
        }
        // Its other calls were recorded as digests only.
        "nango-inventory-levels" => {
            stage.shop.admin().add_location("My Custom Location");
            calls(stage, recorded).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Cases that carry their document, variables and response.
async fn each(stage: &mut Stage, cases: &Value) -> Result<(), Failure> {
    for (at, case) in cases.as_object().into_iter().flatten() {
        let query = case["query"].as_str().unwrap_or_default();
        stage.replay(at, query, &case["variables"], &case["response"], true).await?;
    }
    Ok(())
}

/// Calls whose document was recorded.
async fn calls(stage: &mut Stage, recorded: &Value) -> Result<(), Failure> {
    for (at, call) in recorded["calls"].as_array().into_iter().flatten().enumerate() {
        let Some(query) = call["request"]["data"]["query"].as_str() else { continue };
        let variables = &call["request"]["data"]["variables"];
        stage.replay(&format!("call {at}"), query, variables, &call["response"], true).await?;
    }
    Ok(())
}

async fn bulk_cancel(stage: &mut Stage, lifecycle: &Value) -> Result<(), Failure> {
    for at in ["run", "cancelAttempt", "readAfterCancel"] {
        let step = &lifecycle[at];
        let mut recorded = step["response"].clone();
        // How far it had come is the shop's own business.
        if let Some(bulk) = recorded["data"].as_object_mut().and_then(|data| data.values_mut().next()) {
            let bulk = if bulk.get("bulkOperation").is_some() { &mut bulk["bulkOperation"] } else { bulk };
            bulk["objectCount"] = json!("0");
        }
        let query = step["query"].as_str().unwrap_or_default();
        stage.replay(at, query, &step["variables"], &recorded, true).await?;
    }
    Ok(())
}

async fn hooks(stage: &mut Stage, capture: &Value) -> Result<(), Failure> {
    let dedicated = |root: &str, id: &str, arg: &str| {
        format!(
            "mutation({id}$webhookSubscription: EventBridgeWebhookSubscriptionInput!) {{ {root}({arg} webhookSubscription: $webhookSubscription) {{ webhookSubscription {{ {HOOK} }} userErrors {{ field message }} }} }}"
        )
    };
    let unified = |root: &str, id: &str, arg: &str| {
        dedicated(root, id, arg).replace("EventBridgeWebhookSubscriptionInput", "WebhookSubscriptionInput")
    };
    let topic = ("$topic: WebhookSubscriptionTopic!, ", "topic: $topic,");
    let id = ("$id: ID!, ", "id: $id,");
    let mut steps: Vec<(&String, &Value)> = Vec::new();
    for part in ["setup", "validation", "cases"] {
        steps.extend(capture[part].as_object().into_iter().flatten());
    }
    for (at, step) in steps.into_iter().filter(|(at, _)| !at.starts_with("cleanup")) {
        let path = step["documentPath"].as_str().unwrap_or_default();
        let query = match path.rsplit('/').next().unwrap_or_default() {
            "webhookSubscriptionCreate-parity.graphql" if at.contains("BogusVariable") => {
                "mutation (\n  $topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) { userErrors { field } } }".to_owned()
            }
            "webhookSubscriptionCreate-parity.graphql" => unified("webhookSubscriptionCreate", topic.0, topic.1),
            "webhookSubscriptionUpdate-parity.graphql" => unified("webhookSubscriptionUpdate", id.0, id.1),
            "eventBridgeWebhookSubscriptionCreate-parity.graphql" => {
                dedicated("eventBridgeWebhookSubscriptionCreate", topic.0, topic.1)
            }
            "eventBridgeWebhookSubscriptionUpdate-parity.graphql" => {
                dedicated("eventBridgeWebhookSubscriptionUpdate", id.0, id.1)
            }
            "webhook-subscription-bogus-topic.graphql" => literal("BogusTopic", "NOT_A_REAL_TOPIC"),
            "webhook-subscription-hidden-topic.graphql" => literal("HiddenTopic", "CUSTOMER_INTERACTIONS"),
            _ => continue,
        };
        let mut recorded = step["response"]["payload"].clone();
        // The recorded document did not always ask for the address; ours does.
        for hook in recorded["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut()) {
            if hook["webhookSubscription"].is_object() && hook["webhookSubscription"].get("uri").is_none() {
                hook["webhookSubscription"]["uri"] = json!("https://example.com/");
            }
            let endpoint = hook["webhookSubscription"].get_mut("endpoint");
            if let Some(kind) = endpoint {
                kind.as_object_mut().map(|kind| kind.remove("arn").or_else(|| kind.remove("callbackUrl")));
            }
        }
        let query = query.replace(
            "... on WebhookHttpEndpoint { callbackUrl } ... on WebhookEventBridgeEndpoint { arn }",
            "",
        );
        stage.replay(at, &query, &step["variables"], &recorded, false).await?;
    }
    Ok(())
}

fn literal(name: &str, topic: &str) -> String {
    format!(
        "mutation WebhookSubscription{name} {{\n  webhookSubscriptionCreate(topic: {topic}, webhookSubscription: {{uri: \"https://example.com/x\"}}) {{ userErrors {{ field }} }}\n}}"
    )
}

/// A product with one tracked variant; its ids are learned under the recorded names.
async fn tracked(stage: &mut Stage, setup: &Value) -> Result<(), Failure> {
    let create = "mutation { productCreate(product: {title: \"Bounds\"}) { product { id title variants(first: 1) { nodes { id inventoryItem { id tracked requiresShipping inventoryLevels(first: 1) { nodes { location { id } } } } } } } userErrors { message } } }";
    let made = stage.ask(create, &json!({})).await?;
    stage.learn(&setup["create"]["data"], &made["data"]);
    let location = made.pointer(
        "/data/productCreate/product/variants/nodes/0/inventoryItem/inventoryLevels/nodes/0/location/id",
    );
    stage.rename(
        setup["locationId"].as_str().unwrap_or_default(),
        location.and_then(Value::as_str).unwrap_or_default(),
    );
    let track = "mutation($product: ID!, $variant: ID!) { productVariantsBulkUpdate(productId: $product, variants: [{id: $variant, inventoryItem: {tracked: true}}]) { userErrors { message } } }";
    stage.ask(track, &json!({"product": setup["productId"], "variant": setup["variantId"]})).await?;
    Ok(())
}

async fn bounds(stage: &mut Stage, cases: &Value) -> Result<(), Failure> {
    for (at, case) in cases.as_object().into_iter().flatten() {
        tracked(stage, &case["setup"]).await?;
        let query = case["query"].as_str().unwrap_or_default();
        stage.replay(at, query, &case["variables"], &case["response"], true).await?;
    }
    Ok(())
}

async fn product_create(stage: &mut Stage, capture: &Value) -> Result<(), Failure> {
    let query = format!(
        "mutation($product: ProductCreateInput!) {{ productCreate(product: $product) {{ product {{ {PRODUCT} }} shop {{ id name myshopifyDomain }} userErrors {{ field message }} }} }}"
    );
    for case in ["mutation", "validation"] {
        let step = &capture[case];
        stage.replay(case, &query, &step["variables"], &step["response"], true).await?;
    }
    for (at, step) in capture["handleValidation"].as_object().into_iter().flatten() {
        stage.replay(at, &query, &step["variables"], &step["response"], true).await?;
    }
    let id = capture.pointer("/mutation/response/data/productCreate/product/id").cloned().unwrap_or_default();
    let read = format!("query($id: ID!) {{ product(id: $id) {{ {PRODUCT} }} }}");
    stage.replay("downstreamRead", &read, &json!({"id": id}), &capture["downstreamRead"], true).await?;
    Ok(())
}

async fn variants(stage: &mut Stage, capture: &Value) -> Result<(), Failure> {
    let setup = &capture["setup"];
    let shown = "id title sku price selectedOptions { name value }";
    let create = "mutation { productCreate(product: {title: \"Partial\"}) { product { id title } userErrors { field message } } }";
    stage.replay("create", create, &json!({}), &setup["createProductResponse"], true).await?;
    let options = format!(
        "mutation($id: ID!, $options: [OptionCreateInput!]!) {{ productOptionsCreate(productId: $id, options: $options) {{ product {{ id options {{ id name values optionValues {{ id name hasVariants }} }} variants(first: 10) {{ nodes {{ {shown} }} }} }} userErrors {{ field message }} }} }}"
    );
    let given = json!({"id": setup["productId"], "options": [
        {"name": "Color", "values": [{"name": "Red"}, {"name": "Blue"}]}, {"name": "Size", "values": [{"name": "Small"}, {"name": "Large"}]},
    ]});
    stage.replay("options", &options, &given, &setup["setupOptionsResponse"], false).await?;
    let second = format!(
        "mutation($id: ID!, $rows: [ProductVariantsBulkInput!]!) {{ productVariantsBulkCreate(productId: $id, variants: $rows) {{ product {{ id variants(first: 10) {{ nodes {{ {shown} }} }} }} productVariants {{ {shown} }} userErrors {{ field message }} }} }}"
    );
    let rows = json!([{"price": "11.00", "inventoryItem": {"sku": "PVBU-901935-BLUE", "tracked": true}, "optionValues": [
        {"optionName": "Color", "name": "Blue"}, {"optionName": "Size", "name": "Large"},
    ]}]);
    let given = json!({"id": setup["productId"], "rows": rows});
    stage.replay("second variant", &second, &given, &setup["setupSecondVariantResponse"], false).await?;
    let update = |shown: &str| {
        format!(
            "mutation($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {{ productVariantsBulkUpdate(productId: $productId, variants: $variants, allowPartialUpdates: true) {{ {shown} userErrors {{ field message code }} }} }}"
        )
    };
    let step = &capture["partialUpdate"];
    let query = update("product { id totalInventory tracksInventory } productVariants { id sku price }");
    stage
        .replay("partial update", &query, &step["request"]["variables"], &step["response"]["payload"], true)
        .await?;
    let step = &capture["partialRead"];
    let read = "query($productId: ID!, $redVariantId: ID!, $blueVariantId: ID!) {
        red: productVariant(id: $redVariantId) { id sku price } blue: productVariant(id: $blueVariantId) { id sku price }
        product(id: $productId) { variants(first: 10) { nodes { id sku price } } } }";
    stage
        .replay("partial read", read, &step["request"]["variables"], &step["response"]["payload"], true)
        .await?;
    let step = &capture["errorOrdering"];
    let query = update("productVariants { id }");
    stage
        .replay("error order", &query, &step["request"]["variables"], &step["response"]["payload"], true)
        .await?;
    Ok(())
}

/// As many products as were recorded; what a merchant typed there is not compared.
async fn products(stage: &mut Stage, recorded: &Value) -> Result<(), Failure> {
    let mut recorded = recorded.clone();
    let rows = recorded.pointer_mut("/calls/0/response/data/products/nodes").and_then(Value::as_array_mut);
    let rows = rows.ok_or("no products were recorded")?;
    for row in rows.iter_mut() {
        row["tags"] = json!(["shared"]);
        row["status"] = json!("ACTIVE");
    }
    let mut ids: Vec<u64> = stage.shop.window().stock().into_iter().map(|row| row.product_id).collect();
    ids.dedup();
    for id in ids.into_iter().skip(rows.len()) {
        stage.shop.admin().delete_product(id);
    }
    calls(stage, &recorded).await
}

async fn adjust(stage: &mut Stage, recorded: &Value) -> Result<(), Failure> {
    let change = &recorded["calls"][0]["request"]["data"]["variables"]["input"]["changes"][0];
    let row = stage
        .shop
        .window()
        .stock()
        .into_iter()
        .find(|row| row.quantity.is_some())
        .ok_or("no tracked variant")?;
    stage.shop.admin().set_stock(row.id, change["changeFromQuantity"].as_i64().unwrap_or(0));
    let location = stage.shop.window().locations().first().map_or(0, |place| place.0);
    let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
    stage.rename(&text("inventoryItemId"), &format!("gid://shopify/InventoryItem/{}", row.item_id));
    stage.rename(&text("locationId"), &format!("gid://shopify/Location/{location}"));
    calls(stage, recorded).await
}
