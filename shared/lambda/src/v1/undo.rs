//! Undoing our writes to a store since a time.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as Answer, Router};
use hub::undo::Undo;
use jiff::Timestamp;
use serde::Deserialize;

use super::json::Json;
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/stores/{store}/undo", get(look).post(undo))
}

#[derive(Deserialize)]
struct Since {
    since: Option<String>,
}

/// What is undone, as it was looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approved {
    since: Timestamp,
    digest: String,
}

async fn look(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(Since { since }): Query<Since>,
) -> Result<Answer<Undo>, Problem> {
    let since = since.as_deref().and_then(|text| text.parse::<Timestamp>().ok()).ok_or_else(|| {
        let what = "`since` is a time such as 2026-11-20T14:00:00Z";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, what)
    })?;
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.undoing.look(&org, &store.id, since).await?))
}

async fn undo(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Json(Approved { since, digest }): Json<Approved>,
) -> Result<Answer<Undo>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.undoing.undo(&org, &store.id, since, &digest).await?))
}
