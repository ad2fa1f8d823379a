//! Webhook subscriptions, bulk operations and product operations.

use super::super::super::clock::z;
use super::super::super::gid::gid;
use super::super::execute::Context;
use super::super::search::{Attribute, filter};
use super::super::thing::{Call, Fail, Key, Out, Row, Thing};
use serde_json::{Value as Json, json};

pub(super) fn subscriptions(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let topics = call.get("topics").and_then(Json::as_array).cloned();
    let uri = call.text("uri").or_else(|| call.text("callbackUrl"));
    let by_id = call.text("sortKey") == Some("ID");
    let rows = context.store.subscriptions.values().filter(|row| {
        topics.as_ref().is_none_or(|topics| topics.iter().any(|topic| topic.as_str() == Some(&row.topic)))
            && uri.is_none_or(|uri| row.uri == uri)
    });
    let rows: Vec<Row> = rows
        .map(|row| {
            let key =
                if by_id { Key::Number(i128::from(row.id)) } else { Key::Number(i128::from(row.created)) };
            Row { id: row.id, key, thing: Thing::Subscription(row.id) }
        })
        .collect();
    let rows = filter(context, call, &["created_at", "endpoint", "id", "topic", "updated_at"], tell, rows)?;
    Ok(super::goods::sorted(rows))
}

fn tell(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    match thing {
        Thing::Subscription(id) => match (context.store.subscriptions.get(id), field) {
            (_, "id") => Attribute::Number(i128::from(*id)),
            (Some(row), "created_at") => Attribute::Time(row.created),
            (Some(row), "updated_at") => Attribute::Time(row.changed),
            (Some(row), "topic") => Attribute::Word(row.topic.clone()),
            (Some(row), "endpoint") => Attribute::Word(row.uri.clone()),
            _ => Attribute::Nothing,
        },
        Thing::Bulk(id) => match (context.store.bulks.get(id), field) {
            (_, "id") => Attribute::Number(i128::from(*id)),
            (Some(row), "created_at") => Attribute::Time(row.created),
            (Some(row), "completed_at") => row.completed.map_or(Attribute::Nothing, Attribute::Time),
            (Some(row), "status") => Attribute::Word(row.status.clone()),
            (_, "operation_type") => Attribute::Word("query".into()),
            _ => Attribute::Nothing,
        },
        _ => Attribute::Nothing,
    }
}

pub(super) fn subscription(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let Some(row) = context.store.subscriptions.get(&id) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(gid("WebhookSubscription", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "topic" => Out::leaf(row.topic.clone()),
        "uri" | "callbackUrl" => Out::leaf(row.uri.clone()),
        "format" => Out::leaf(row.format.clone()),
        "filter" => Out::leaf(json!(row.filter)),
        "name" => Out::leaf(json!(row.name)),
        "includeFields" => Out::leaf(json!(row.include_fields)),
        "metafieldNamespaces" => Out::leaf(json!(row.namespaces)),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed)),
        "apiVersion" => Out::plain(
            "ApiVersion",
            json!({
                "displayName": row.version, "handle": row.version, "supported": true,
            }),
        ),
        "endpoint" if row.uri.starts_with("arn:") => {
            Out::plain("", json!({"__typename": "WebhookEventBridgeEndpoint", "arn": row.uri}))
        }
        "endpoint" if row.uri.starts_with("pubsub:") => {
            let rest = row.uri.trim_start_matches("pubsub://");
            let (project, topic) = rest.split_once(':').unwrap_or((rest, ""));
            Out::plain(
                "",
                json!({
                    "__typename": "WebhookPubSubEndpoint", "pubSubProject": project, "pubSubTopic": topic,
                }),
            )
        }
        "endpoint" => Out::plain("", json!({"__typename": "WebhookHttpEndpoint", "callbackUrl": row.uri})),
        _ => Out::Unknown,
    }
}

pub(super) fn bulks(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let rows = context.store.bulks.values();
    let rows: Vec<Row> = rows
        .map(|row| Row { id: row.id, key: Key::Number(i128::from(row.created)), thing: Thing::Bulk(row.id) })
        .collect();
    let known = ["completed_at", "created_at", "id", "operation_type", "status"];
    let rows = filter(context, call, &known, tell, rows)?;
    Ok(super::goods::sorted(rows))
}

pub(super) fn bulk(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.bulks.get(&id) else { return Out::Null };
    let address = |row: &super::super::super::bulk::Bulk| {
        format!("{}/bulk/{id}.jsonl?sig={}", store.home, row.signature)
    };
    match call.field {
        "id" => Out::leaf(gid("BulkOperation", id)),
        "status" => Out::leaf(row.status.clone()),
        "type" => Out::leaf("QUERY"),
        "errorCode" => Out::leaf(json!(row.error)),
        "createdAt" => Out::leaf(z(row.created)),
        "completedAt" => Out::leaf(json!(row.completed.map(z))),
        "objectCount" => Out::leaf(row.objects.to_string()),
        "rootObjectCount" => Out::leaf(row.roots.to_string()),
        "fileSize" => Out::leaf(json!(row.file.as_ref().map(|file| file.len().to_string()))),
        "url" => Out::leaf(match row.status.as_str() {
            "COMPLETED" => json!(row.file.as_ref().map(|_| address(row))),
            _ => Json::Null,
        }),
        "partialDataUrl" => Out::leaf(match row.status.as_str() {
            "FAILED" | "CANCELED" => json!(row.file.as_ref().map(|_| address(row))),
            _ => Json::Null,
        }),
        "query" => Out::leaf(row.query.clone()),
        _ => Out::Unknown,
    }
}

pub(super) fn operation(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let Some(row) = context.store.operations.get(&id) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(gid("ProductSetOperation", id)),
        "status" => Out::leaf(match (row.done, context.store.now() >= row.due) {
            (true, _) => "COMPLETE",
            (false, true) => "ACTIVE",
            (false, false) => "CREATED",
        }),
        "product" => {
            Out::maybe(row.product.filter(|id| context.store.products.contains_key(id)).map(Thing::Product))
        }
        "userErrors" => Out::plain("ProductSetUserError", Json::Array(row.errors.clone())),
        _ => Out::Unknown,
    }
}
