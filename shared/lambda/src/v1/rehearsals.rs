//! Writes that are worked out and not sent: rehearsals, and the shadow of a store.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as Answer, Router};
use domain::store::Store;
use hub::shadow::ShadowReport;
use ports::{Rehearsal, RehearsedWrite};
use serde::{Deserialize, Serialize};

use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/stores/{store}/rehearsals", get(all).post(rehearse))
        .route("/stores/{store}/rehearsals/{digest}", get(one))
        .route("/stores/{store}/shadow", get(shadow).post(begin))
}

#[derive(Serialize)]
struct All {
    items: Vec<Rehearsal>,
}

/// A rehearsal with a part of its writes, the largest differences first.
#[derive(Serialize)]
struct WithWrites {
    rehearsal: Rehearsal,
    items: Vec<RehearsedWrite>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    after: Option<String>,
}

async fn all(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<All>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(All { items: desk.0.rehearse.all(&org, &store.id).await? }))
}

async fn rehearse(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<(StatusCode, Answer<WithWrites>), Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let rehearsal = desk.0.rehearse.rehearse(&org, &store.id).await?;
    Ok((StatusCode::CREATED, Answer(part(&desk, rehearsal, 0).await?)))
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((store, digest)): Path<(String, String)>,
    Query(asked): Query<Part>,
) -> Result<Answer<WithWrites>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let number = match asked.after.as_deref() {
        None => 0,
        Some(text) => text
            .parse::<u32>()
            .map_err(|_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "`after` is not one of this list"))?,
    };
    let rehearsal = desk.0.rehearse.one(&org, &store.id, &digest).await?;
    Ok(Answer(part(&desk, rehearsal, number).await?))
}

/// A rehearsal with its part of that number.
async fn part(desk: &Desk, rehearsal: Rehearsal, number: u32) -> Result<WithWrites, Problem> {
    let items = desk.0.rehearse.part(&rehearsal, number).await?;
    let next = number.checked_add(1).filter(|next| *next < rehearsal.parts).map(|next| next.to_string());
    Ok(WithWrites { rehearsal, items, next })
}

async fn begin(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<Store>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.shadows.begin(&org, &store.id).await?))
}

async fn shadow(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<ShadowReport>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.shadows.report(&org, &store.id).await?))
}
