//! What people move by hand: deliveries, counts, corrections, and units carried to another location.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json as Answer, Router};
use hub::stock_room::{ByHand, Deed, Handled};
use serde::Deserialize;

use super::drift::item_of;
use super::json::Json;
use crate::auth::Hand;
use crate::desk::Desk;
use crate::problem::Problem;

/// The header that names a movement: what is sent again under the same name is booked once.
const KEY: &str = "idempotency-key";

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/stock/{item}/movements", post(book))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    deed: Deed,
    #[serde(default)]
    note: String,
}

async fn book(
    State(desk): State<Desk>,
    Hand { org, actor }: Hand,
    Path(item): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Result<(StatusCode, Answer<Handled>), Problem> {
    let Some(key) = headers.get(KEY).and_then(|key| key.to_str().ok()) else {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "name the movement with the header `Idempotency-Key`: sent again under the same name, it is booked once",
        ));
    };
    let asked = ByHand { deed: asked.deed, note: asked.note, key: key.to_owned(), actor };
    let handled = desk.0.stock_room.book(&org, &item_of(&org, &item)?, &asked).await?;
    let status = if handled.again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Answer(handled)))
}
