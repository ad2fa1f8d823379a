//! Our apps on platforms, shops that wait to be claimed, and messages that come through an event bus.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{post, put};
use axum::{Json as Answer, Router};
use domain::PlatformSlug;
use secrecy::SecretString;
use serde::Deserialize;

use super::json::Json;
use super::stores::ConnectedView;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/apps/{platform}", put(keep)).route("/claims", post(claim))
}

pub(crate) fn bus() -> Router<Desk> {
    Router::new().route("/envelopes/{platform}", post(envelope))
}

/// The credentials of our app.
#[derive(Deserialize)]
struct App {
    keys: BTreeMap<String, SecretString>,
}

async fn keep(
    State(desk): State<Desk>,
    Caller(_): Caller,
    Path(platform): Path<String>,
    Json(app): Json<App>,
) -> Result<StatusCode, Problem> {
    desk.0.connect.set_app(&PlatformSlug::new(platform), &app.keys).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Claim {
    code: SecretString,
    #[serde(default)]
    name: String,
}

async fn claim(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Json(claim): Json<Claim>,
) -> Result<(StatusCode, Answer<ConnectedView>), Problem> {
    let connected = desk.0.connect.claim(&org, &claim.code, &claim.name).await?;
    let status = if connected.again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Answer(connected.into())))
}

/// A platform's message in the envelope of an event bus. In AWS the bus itself says who sent it; here the key does.
async fn envelope(
    State(desk): State<Desk>,
    Caller(_): Caller,
    Path(platform): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    desk.0.receive.receive_enveloped(&PlatformSlug::new(platform), &body).await?;
    Ok(StatusCode::ACCEPTED)
}
