//! Deliveries of platforms: verified, queued, and only then answered 200.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRef, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hub::HubError;
use hub::receive::{Receive, Received};
use platform::Delivery;

use crate::problem::Problem;

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Receive: FromRef<S>,
{
    Router::new()
        .route("/webhooks/{platform}", post(deliver_located))
        .route("/webhooks/{platform}/{store}", post(deliver))
}

async fn deliver(
    State(receive): State<Receive>,
    Path((platform, store)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let body = whole(&store, body)?;
    let query = query.unwrap_or_default();
    let delivery = Delivery { headers: &headers, query: &query, body: &body };
    answer(&store, &body, receive.receive(&platform, &store, delivery).await)
}

/// A delivery to the address of a whole platform: it names its shop by itself.
async fn deliver_located(
    State(receive): State<Receive>,
    Path(platform): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let body = whole(&platform, body)?;
    let query = query.unwrap_or_default();
    let delivery = Delivery { headers: &headers, query: &query, body: &body };
    answer(&platform, &body, receive.receive_located(&platform, delivery).await)
}

fn whole(to: &str, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|rejection| {
        let status = rejection.status();
        tracing::warn!(to = %shown(to), status = status.as_u16(), "a delivery is refused: its body");
        let detail = if status == StatusCode::PAYLOAD_TOO_LARGE {
            "the delivery is larger than this hub takes"
        } else {
            "the delivery's body did not come whole"
        };
        Problem::new(status, detail)
    })
}

fn answer(to: &str, body: &Bytes, received: hub::Result<Received>) -> Result<StatusCode, Problem> {
    match received {
        Ok(Received::Queued | Received::Greeted) => Ok(StatusCode::OK),
        Ok(Received::Passed) => {
            tracing::info!(to = %shown(to), "a delivery is of a shop that is not connected here");
            Ok(StatusCode::OK)
        }
        Err(error) => {
            if let HubError::Unauthorized(why) = &error {
                tracing::warn!(to = %shown(to), bytes = body.len(), "a delivery is refused: {why}");
            }
            Err(error.into())
        }
    }
}

/// Whom a delivery names as it was sent, fit for a log line.
fn shown(to: &str) -> String {
    to.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(40).collect()
}
