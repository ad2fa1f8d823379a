//! Orders, with what they did to the books.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use domain::order::{Order, Shipment, Shipped};
use domain::{OrderId, StoreId, TaskId};
use jiff::Timestamp;
use ports::{BookedEffect, OrderRecord};
use serde::{Deserialize, Serialize};

use super::json::{Json, id};
use super::page::{Cursor, List, list};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/stores/{store}/orders", get(of_store))
        .route("/orders/{order}", get(one))
        .route("/orders/{order}/shipments", post(ship))
}

/// An order as last seen.
#[derive(Serialize)]
struct OrderView {
    id: OrderId,
    store: StoreId,
    applied: bool,
    seen_at: Timestamp,
    #[serde(flatten)]
    order: Order,
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<Vec<BookedEffect>>,
}

impl From<OrderRecord> for OrderView {
    fn from(record: OrderRecord) -> Self {
        let OrderRecord { id, store, applied, seen_at, order, .. } = record;
        Self { id, store, applied, seen_at, order, effects: None }
    }
}

async fn of_store(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<OrderView>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let page = desk.0.ledger.orders(&org, &store.id, &cursor.ask()?).await?;
    Ok(list(page.map(OrderView::from)))
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(order): Path<String>,
) -> Result<Answer<OrderView>, Problem> {
    let id: OrderId = id("order", &order)?;
    let record =
        desk.0.ledger.order(&org, &id).await?.ok_or_else(|| hub::HubError::not_found("order", &id))?;
    let mut view = OrderView::from(record);
    view.effects = Some(desk.0.ledger.effects(&org, &id).await?);
    Ok(Answer(view))
}

/// What was sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShipment {
    /// Empty for all that is left to send.
    #[serde(default)]
    lines: Vec<Shipped>,
    tracking_number: Option<String>,
    carrier: Option<String>,
    tracking_url: Option<String>,
    #[serde(default)]
    tell_buyer: bool,
}

#[derive(Serialize)]
struct Queued {
    task: TaskId,
}

async fn ship(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(order): Path<String>,
    Json(new): Json<NewShipment>,
) -> Result<(StatusCode, Answer<Queued>), Problem> {
    let id: OrderId = id("order", &order)?;
    let NewShipment { lines, tracking_number, carrier, tracking_url, tell_buyer } = new;
    let shipment = Shipment { lines, tracking_number, carrier, tracking_url, tell_buyer, asked_at: None };
    let task = desk.0.ship.ship(&org, &id, shipment).await?;
    Ok((StatusCode::ACCEPTED, Answer(Queued { task })))
}
