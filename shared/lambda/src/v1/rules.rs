//! What a merchant decides about its numbers: whose counts, when raises stop.

use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json as Answer, Router};
use domain::rules::{Authority, Rules};
use hub::authority::{ItemRule, Ruling};
use hub::rules::RuleChange;

use super::drift::item_of;
use super::json::Json;
use super::page::{Cursor, List, list};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/rules", get(rules).patch(change))
        .route("/rules/authority", axum::routing::put(decide))
        .route("/rules/items", get(own))
        .route("/items/{item}/authority", get(of_item).put(decide_for).delete(follow))
}

async fn rules(State(desk): State<Desk>, Caller(org): Caller) -> Result<Answer<Rules>, Problem> {
    Ok(Answer(desk.0.rules.rules(&org).await?))
}

async fn change(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Json(change): Json<RuleChange>,
) -> Result<Answer<Rules>, Problem> {
    Ok(Answer(desk.0.rules.set(&org, change).await?))
}

async fn decide(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Json(authority): Json<Authority>,
) -> Result<Answer<Ruling>, Problem> {
    Ok(Answer(desk.0.authorities.decide(&org, authority).await?))
}

/// Items that have a rule of their own.
async fn own(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<ItemRule>>, Problem> {
    Ok(list(desk.0.authorities.own(&org, &cursor.ask()?).await?))
}

async fn of_item(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
) -> Result<Answer<Ruling>, Problem> {
    let item = item_of(&org, &item)?;
    if desk.0.ledger.item(&org, &item).await?.is_none() {
        return Err(hub::HubError::not_found("item", item).into());
    }
    Ok(Answer(desk.0.authorities.of(&org, &item).await?))
}

async fn decide_for(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
    Json(authority): Json<Authority>,
) -> Result<Answer<Ruling>, Problem> {
    Ok(Answer(desk.0.authorities.decide_for(&org, &item_of(&org, &item)?, Some(authority)).await?))
}

async fn follow(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
) -> Result<Answer<Ruling>, Problem> {
    Ok(Answer(desk.0.authorities.decide_for(&org, &item_of(&org, &item)?, None).await?))
}
