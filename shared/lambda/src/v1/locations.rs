//! The places where items lie, and from which of them a store sells.

use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json as Answer, Router};
use domain::LocationId;
use domain::location::Location;
use domain::store::Store;
use serde::{Deserialize, Serialize};

use super::json::{Json, id};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/locations", get(all).post(add)).route("/locations/{location}", put(rename))
}

pub(crate) fn of_stores() -> Router<Desk> {
    Router::new().route("/stores/{store}/location", put(sell_from))
}

#[derive(Serialize)]
struct All {
    items: Vec<Location>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct From {
    location: String,
}

async fn all(State(desk): State<Desk>, Caller(org): Caller) -> Result<Answer<All>, Problem> {
    Ok(Answer(All { items: desk.0.locations.all(&org).await? }))
}

async fn add(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Json(named): Json<Named>,
) -> Result<Answer<Location>, Problem> {
    Ok(Answer(desk.0.locations.add(&org, &named.name).await?))
}

async fn rename(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(location): Path<String>,
    Json(named): Json<Named>,
) -> Result<Answer<Location>, Problem> {
    let id: LocationId = id("location", &location)?;
    Ok(Answer(desk.0.locations.rename(&org, &id, &named.name).await?))
}

async fn sell_from(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Json(from): Json<From>,
) -> Result<Answer<Store>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let location: LocationId = id("location", &from.location)?;
    Ok(Answer(desk.0.locations.sell_from(&org, &store.id, &location).await?))
}
