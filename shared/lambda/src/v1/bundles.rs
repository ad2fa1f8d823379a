//! What items are made of.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json as Answer, Router};
use domain::OrgId;
use domain::bundle::Part;
use hub::bundle::Recipe;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::drift::item_of;
use super::json::Json;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/items/{item}/parts", get(show).put(make))
}

/// Units of an item, named by its SKU or its id.
#[derive(Deserialize)]
struct Asked {
    item: String,
    units: Decimal,
}

/// What an item shall be made of; of nothing: it is an ordinary item again.
#[derive(Deserialize)]
struct Make {
    parts: Vec<Asked>,
}

/// Parts as the hub takes them.
pub(crate) fn parts_of<'a>(
    org: &OrgId,
    asked: impl Iterator<Item = (&'a str, Decimal)>,
) -> Result<Vec<Part>, Problem> {
    asked.map(|(item, units)| Ok(Part { item: item_of(org, item)?, units })).collect()
}

async fn show(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
) -> Result<Answer<Recipe>, Problem> {
    Ok(Answer(desk.0.bundles.recipe(&org, &item_of(&org, &item)?).await?))
}

async fn make(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
    Json(asked): Json<Make>,
) -> Result<Answer<Recipe>, Problem> {
    let parts = parts_of(&org, asked.parts.iter().map(|part| (part.item.as_str(), part.units)))?;
    Ok(Answer(desk.0.bundles.make(&org, &item_of(&org, &item)?, &parts).await?))
}
