//! Deliveries of platforms: verified, queued, and only then answered 200.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hub::HubError;
use platform::Delivery;

use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/webhooks/{platform}/{store}", post(deliver))
}

async fn deliver(
    State(desk): State<Desk>,
    Path((platform, store)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let shown = shown(&store);
    let body = body.map_err(|rejection| {
        let status = rejection.status();
        tracing::warn!(store = %shown, status = status.as_u16(), "a delivery is refused: its body");
        let detail = if status == StatusCode::PAYLOAD_TOO_LARGE {
            "the delivery is larger than this hub takes"
        } else {
            "the delivery's body did not come whole"
        };
        Problem::new(status, detail)
    })?;
    let query = query.unwrap_or_default();
    let delivery = Delivery { headers: &headers, query: &query, body: &body };
    match desk.0.receive.receive(&platform, &store, delivery).await {
        Ok(_) => Ok(StatusCode::OK),
        Err(error) => {
            if let HubError::Unauthorized(why) = &error {
                tracing::warn!(store = %shown, bytes = body.len(), "a delivery is refused: {why}");
            }
            Err(error.into())
        }
    }
}

/// A store's id as it was sent, fit for a log line.
fn shown(store: &str) -> String {
    store.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(40).collect()
}
