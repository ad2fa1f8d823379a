//! Secrets Manager, as far as a vault that is read asks it: a few answers on a loopback port, counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::tally::Tally;
use crate::Failure;

/// Values by name and version.
type Kept = Arc<Mutex<HashMap<(String, String), String>>>;

/// Opens it: where it answers.
pub async fn open(tally: &Tally) -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let router = Router::new().fallback(answer).with_state((Kept::default(), tally.clone()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(endpoint)
}

async fn answer(
    State((kept, tally)): State<(Kept, Tally)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    tally.call(operation, "");
    let mut kept = kept.lock().unwrap();
    let said = match operation {
        "CreateSecret" => {
            let place = (text("Name"), text("ClientRequestToken"));
            let said = json!({"Name": place.0, "VersionId": place.1});
            kept.insert(place, text("SecretString"));
            Some(said)
        }
        "GetSecretValue" => {
            let place = (text("SecretId"), text("VersionId"));
            let value = kept.get(&place).cloned();
            value.map(|value| json!({"Name": place.0, "VersionId": place.1, "SecretString": value}))
        }
        _ => None,
    };
    match said {
        Some(said) => (StatusCode::OK, said.to_string()),
        None => (StatusCode::BAD_REQUEST, json!({"__type": "ResourceNotFoundException"}).to_string()),
    }
}
