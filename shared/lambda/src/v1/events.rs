//! The history of events, and replay.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use domain::event::EventState;
use domain::{EventId, StoreId};
use jiff::Timestamp;
use ports::EventRecord;
use serde::Serialize;

use super::json::id;
use super::page::{Cursor, List, list};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/stores/{store}/events", get(of_store))
        .route("/events/{event}", get(one))
        .route("/events/{event}/replay", post(replay))
}

/// An event, without its raw body: that holds people's data, and only replay reads it.
#[derive(Serialize)]
struct EventView {
    id: EventId,
    store: StoreId,
    topic: String,
    about: String,
    state: EventState,
    note: Option<String>,
    duplicates: u64,
    received_at: Timestamp,
}

impl From<EventRecord> for EventView {
    fn from(record: EventRecord) -> Self {
        Self {
            id: record.id,
            store: record.inbox.store,
            topic: record.topic,
            about: record.noun,
            state: record.state,
            note: record.note,
            duplicates: record.duplicates,
            received_at: record.inbox.received_at,
        }
    }
}

async fn of_store(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<EventView>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let page = desk.0.journal.events(&org, &store.id, &cursor.ask()?).await?;
    Ok(list(page.map(EventView::from)))
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(event): Path<String>,
) -> Result<Answer<EventView>, Problem> {
    let id: EventId = id("event", &event)?;
    let record =
        desk.0.journal.event(&org, &id).await?.ok_or_else(|| hub::HubError::not_found("event", id))?;
    Ok(Answer(record.into()))
}

async fn replay(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(event): Path<String>,
) -> Result<(StatusCode, Answer<EventView>), Problem> {
    let id: EventId = id("event", &event)?;
    let record = desk.0.replay.event(&org, &id).await?;
    Ok((StatusCode::ACCEPTED, Answer(record.into())))
}
