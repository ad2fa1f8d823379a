//! How fresh shops' numbers are.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json as Answer, Router};
use hub::freshness::{Freshness, StoreFreshness};

use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/freshness", get(all)).route("/stores/{store}/freshness", get(of_store))
}

async fn all(State(desk): State<Desk>, Caller(org): Caller) -> Result<Answer<Freshness>, Problem> {
    Ok(Answer(desk.0.fresh.all(&org).await?))
}

async fn of_store(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<StoreFreshness>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.fresh.store(&store).await?))
}
