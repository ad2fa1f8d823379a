//! What a person should look at, and settling it.

use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use domain::ExceptionId;
use domain::exception::Exception;
use hub::settle::Right;
use serde::Deserialize;

use super::json::{Json, id};
use super::page::{Cursor, List, list};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/exceptions", get(all))
        .route("/exceptions/{exception}", get(one))
        .route("/exceptions/{exception}/resolve", post(resolve))
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    settled: bool,
}

async fn all(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Query(which): Query<Which>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<Exception>>, Problem> {
    Ok(list(desk.0.journal.exceptions(&org, which.settled, &cursor.ask()?).await?))
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(exception): Path<String>,
) -> Result<Answer<Exception>, Problem> {
    let id: ExceptionId = id("exception", &exception)?;
    let found = desk.0.journal.exception(&org, &id).await?;
    Ok(Answer(found.ok_or_else(|| hub::HubError::not_found("exception", id))?))
}

#[derive(Deserialize)]
struct Resolve {
    /// Who is right about a number: `shop` or `books`.
    right: Option<String>,
}

async fn resolve(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(exception): Path<String>,
    Json(resolve): Json<Resolve>,
) -> Result<Answer<Exception>, Problem> {
    let id: ExceptionId = id("exception", &exception)?;
    let right = resolve.right.as_deref().map(str::parse::<Right>).transpose()?;
    Ok(Answer(desk.0.settle.exception(&org, &id, right).await?))
}
