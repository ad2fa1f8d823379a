//! A client of the table that asks with each call what it costs, and counts what the answer says.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, HttpClient, Region, RuntimeComponents, SharedHttpClient,
};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::tally::{Count, Tally};

/// Calls whose units are units of writing.
const WRITES: [&str; 5] = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"];

/// A client of the table at an address, which counts.
pub fn client(endpoint: &str, tally: &Tally) -> Client {
    let inner = Builder::new().build_with_connector_fn(|settings, _| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(settings.cloned());
        builder.build_http()
    });
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("counted", "counted", None, None, "counted"))
        .endpoint_url(endpoint)
        .http_client(Counting { inner, tally: tally.clone() });
    Client::from_conf(config.build())
}

#[derive(Debug)]
struct Counting {
    inner: SharedHttpClient,
    tally: Tally,
}

impl HttpClient for Counting {
    fn http_connector(&self, set: &HttpConnectorSettings, with: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(set, with);
        SharedHttpConnector::new(Counted { inner, tally: self.tally.clone() })
    }
}

#[derive(Debug)]
struct Counted {
    inner: SharedHttpConnector,
    tally: Tally,
}

impl HttpConnector for Counted {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let asked: Option<Value> =
            request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let Some(mut asked) = asked else { return self.inner.call(request) };
        let about = about(&asked);
        asked["ReturnConsumedCapacity"] = "INDEXES".into();
        let text = asked.to_string();
        request.headers_mut().insert("content-length", text.len().to_string());
        *request.body_mut() = text.into();
        let (answer, tally) = (self.inner.call(request), self.tally.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let whole = answer.into_body().collect().await;
            let bytes = whole.map_err(ConnectorError::io)?.to_bytes();
            let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            tally.add(&operation, &about, units(&operation, &asked, status.is_success(), &said));
            let mut copy = HttpResponse::new(status, bytes.into());
            *copy.headers_mut() = headers;
            Ok(copy)
        })
    }
}

/// The units that an answer names. A write that is refused is charged as if it had been made and names none: one for
/// each row, two in a transaction, since the rows that are refused here are small.
fn units(operation: &str, asked: &Value, well: bool, said: &Value) -> Count {
    let tables = match &said["ConsumedCapacity"] {
        Value::Array(tables) => tables.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let named: f64 = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
    let writes = WRITES.contains(&operation);
    let refused = match asked["TransactItems"].as_array() {
        Some(actions) => 2.0 * actions.len() as f64,
        None => 1.0,
    };
    match (well, writes) {
        (true, true) => Count { calls: 1, writes: named, ..Count::default() },
        (true, false) => Count { calls: 1, reads: named, ..Count::default() },
        (false, true) => Count { calls: 1, writes: refused, ..Count::default() },
        (false, false) => Count { calls: 1, ..Count::default() },
    }
}

/// The kinds of rows that a request is about, without anybody's ids.
fn about(asked: &Value) -> String {
    let mut kinds: Vec<String> = Vec::new();
    if let Some(actions) = asked["TransactItems"].as_array() {
        for action in actions.iter().filter_map(|action| action.as_object()?.values().next()) {
            kinds.push(kind(if action["Key"].is_object() { &action["Key"] } else { &action["Item"] }));
        }
    } else if let Some(tables) = asked["RequestItems"].as_object() {
        for table in tables.values() {
            let keys = table["Keys"].as_array().or(table.as_array()).cloned().unwrap_or_default();
            kinds.extend(keys.iter().map(|key| {
                let key = if key["PutRequest"].is_object() { &key["PutRequest"]["Item"] } else { key };
                kind(key)
            }));
        }
    } else if asked["Key"].is_object() {
        kinds.push(kind(&asked["Key"]));
    } else if asked["Item"].is_object() {
        kinds.push(kind(&asked["Item"]));
    } else if let Some(values) = asked["ExpressionAttributeValues"].as_object() {
        let partition =
            values.values().filter_map(|value| value["S"].as_str()).find(|text| text.contains('#'));
        kinds.push(partition.map(plain).unwrap_or_default());
    }
    kinds.join(" + ")
}

fn kind(key: &Value) -> String {
    let part = |name: &str| key[name]["S"].as_str().map(plain).unwrap_or_default();
    format!("{}/{}", part("pk"), part("sk"))
}

/// The words of a key that are ours: parts that begin with a letter and hold no figure and no underscore.
fn plain(key: &str) -> String {
    let words = key.split('#').filter(|part| {
        part.starts_with(|sign: char| sign.is_ascii_alphabetic())
            && part.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-')
    });
    words.collect::<Vec<_>>().join("#")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_named_without_ids() {
        let key = json!({"pk": {"S": "org_01ABC#item#itm_01ABC"}, "sk": {"S": "entry#ent_0AB"}});
        assert_eq!(about(&json!({"Key": key})), "item/entry");
        let two = json!({"TransactItems": [{"Put": {"Item": key}}, {"Update": {"Key": key}}]});
        assert_eq!(about(&two), "item/entry + item/entry");
    }

    #[test]
    fn units_are_read_as_the_table_names_them() {
        let said = json!({"ConsumedCapacity": [{"CapacityUnits": 12.0}]});
        let asked = json!({"TransactItems": [{}, {}, {}]});
        assert!((units("TransactWriteItems", &asked, true, &said).writes - 12.0).abs() < 1e-9);
        assert!((units("TransactWriteItems", &asked, false, &json!({})).writes - 6.0).abs() < 1e-9);
        let said = json!({"ConsumedCapacity": {"CapacityUnits": 0.5}});
        assert!((units("Query", &json!({}), true, &said).reads - 0.5).abs() < 1e-9);
    }
}
