//! Why a number is what it is.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as Answer, Router};
use hub::why::{ItemWhy, OrderWhy};
use jiff::Timestamp;
use serde::Deserialize;

use super::drift::item_of;
use super::json::id;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/items/{item}/why", get(of_item)).route("/orders/{order}/why", get(of_order))
}

/// A time that is past, or nothing for now.
#[derive(Deserialize)]
pub(crate) struct When {
    at: Option<String>,
}

impl When {
    /// The time that is asked for; an empty field of a form is none.
    pub(crate) fn read(&self) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.at.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        // A form's field gives no zone: it is taken as UTC, as all times here are shown.
        let read = text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse());
        read.map(Some).map_err(|_| {
            let what = "`at` is a time such as 2026-11-20T14:00:00Z";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, what)
        })
    }
}

async fn of_item(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
    Query(when): Query<When>,
) -> Result<Answer<ItemWhy>, Problem> {
    Ok(Answer(desk.0.why.item(&org, &item_of(&org, &item)?, when.read()?).await?))
}

async fn of_order(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(order): Path<String>,
) -> Result<Answer<OrderWhy>, Problem> {
    Ok(Answer(desk.0.why.order(&org, &id("order", &order)?).await?))
}
