//! Connecting through a browser: to the shop's page, and the shop's answer.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::PlatformSlug;
use platform::Delivery;
use serde::Deserialize;

use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/oauth/{platform}/start", get(start))
        .route("/oauth/{platform}/callback", get(callback).post(callback))
        .route("/oauth/{platform}/done", get(done))
}

#[derive(Deserialize)]
struct Start {
    address: String,
    #[serde(default)]
    name: String,
}

/// Sends the browser to the shop's page.
async fn start(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(platform): Path<String>,
    Query(start): Query<Start>,
) -> Result<Redirect, Problem> {
    let slug = PlatformSlug::new(platform);
    let url = desk.0.connect.begin(&org, &slug, &start.address, &start.name).await?;
    Ok(Redirect::to(url.as_str()))
}

/// Takes the shop's answer. Its platform may insist on exactly 200.
async fn callback(
    State(desk): State<Desk>,
    Path(platform): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let slug = PlatformSlug::new(platform);
    let query = query.unwrap_or_default();
    let delivery = Delivery { headers: &headers, query: &query, body: &body };
    match desk.0.connect.callback(&slug, &delivery).await {
        Ok(connected) => {
            tracing::info!(store = %connected.store.id, again = connected.again, "a store is connected");
            (StatusCode::OK, "ok").into_response()
        }
        Err(error) => {
            let problem = match error {
                hub::HubError::Platform(error) if error.kind == platform::ErrorKind::Malformed => {
                    Problem::new(StatusCode::BAD_REQUEST, error.message)
                }
                other => Problem::from(other),
            };
            tracing::warn!(
                platform = %slug,
                status = problem.status().as_u16(),
                "a connection failed: {}", problem.detail()
            );
            problem.into_response()
        }
    }
}

#[derive(Deserialize)]
struct Done {
    success: Option<String>,
}

/// Where the browser comes back to.
async fn done(Query(done): Query<Done>) -> Html<String> {
    Html(if done.success.as_deref() == Some("1") {
        console::message("Connected", "The shop is joined. Its products and orders are being read now.")
    } else {
        console::message("Not connected", "The shop's owner did not agree. Nothing was changed.")
    })
}
