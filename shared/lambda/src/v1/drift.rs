//! Where shops' numbers and ours part.

use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json as Answer, Router};
use domain::product::Sku;
use domain::{ItemId, OrgId};
use hub::drift::{ItemDrift, Standing};
use serde::Deserialize;

use super::page::{Cursor, List, list};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn of_stores() -> Router<Desk> {
    Router::new().route("/stores/{store}/drift", get(of_store))
}

pub(crate) fn of_items() -> Router<Desk> {
    Router::new().route("/items/{item}/drift", get(of_item))
}

#[derive(Deserialize)]
struct Which {
    /// Also those that are right.
    #[serde(default)]
    all: bool,
}

async fn of_store(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(which): Query<Which>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<Standing>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(list(desk.0.drift.of_store(&store, which.all, &cursor.ask()?).await?))
}

async fn of_item(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
) -> Result<Answer<ItemDrift>, Problem> {
    Ok(Answer(desk.0.drift.of_item(&org, &item_of(&org, &item)?).await?))
}

/// The item that a path names, by its id or its SKU.
pub(crate) fn item_of(org: &OrgId, text: &str) -> Result<ItemId, Problem> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let sku = Sku::read(text).ok_or_else(|| hub::HubError::not_found("item", text))?;
    Ok(hub::listings::item_of(org, &sku))
}
