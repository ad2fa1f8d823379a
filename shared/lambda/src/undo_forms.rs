//! The page of taking writes back, and what its form does.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use console::{UndoPage, UndoStep};
use domain::store::Store;
use hub::HubError;
use hub::undo::Undo;
use jiff::{SignedDuration, Timestamp};
use ports::Ask;
use serde::Deserialize;

use crate::desk::Desk;
use crate::pages::{Visitor, page, same_site};
use crate::problem::Problem;
use crate::v1::store_of;

/// Since when writes are looked at where nobody says it.
const USUALLY: SignedDuration = SignedDuration::from_hours(1);
/// Readings among which the latest are shown.
const READINGS: u32 = 12;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/stores/{store}/undo", get(look))
}

pub(crate) fn acts() -> Router<Desk> {
    Router::new().route("/undo/{store}", post(undo))
}

/// What the page is asked for.
#[derive(Deserialize)]
struct Asked {
    since: Option<String>,
    step: Option<String>,
}

impl Asked {
    /// A form's field gives no zone: it is taken as UTC, as all times here are shown.
    fn since(&self, now: Timestamp) -> Option<Timestamp> {
        match self.since.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Some(now - USUALLY),
            Some(text) => text.parse().or_else(|_| format!("{text}Z").parse()).ok(),
        }
    }

    fn step(&self) -> UndoStep {
        match self.step.as_deref() {
            Some("confirm") => UndoStep::Confirm,
            Some("begun") => UndoStep::Begun,
            _ => UndoStep::Look,
        }
    }
}

async fn look(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let now = desk.0.clock.now();
    let Some(since) = asked.since(now) else {
        let seen = Seen { since: now - USUALLY, undo: None, step: UndoStep::Look };
        return shown(&desk, &store, &seen, Some("Write the time as 2026-11-20T14:00:00.")).await;
    };
    match desk.0.undoing.look(&org, &store.id, since).await {
        Ok(undo) => shown(&desk, &store, &Seen { since, undo: Some(undo), step: asked.step() }, None).await,
        Err(HubError::Invalid(why)) => {
            shown(&desk, &store, &Seen { since, undo: None, step: UndoStep::Look }, Some(&why)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What is taken back, as it was looked at.
#[derive(Deserialize)]
struct Approved {
    since: Timestamp,
    digest: String,
}

async fn undo(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
    Form(Approved { since, digest }): Form<Approved>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let store = store_of(&desk, &org, &store).await?;
    let why = match desk.0.undoing.undo(&org, &store.id, since, &digest).await {
        Ok(_) => return Ok(begun(&store, since)),
        Err(HubError::Conflict(why)) => why,
        Err(error) => return Err(error.into()),
    };
    let undo = desk.0.undoing.look(&org, &store.id, since).await?;
    if undo.set_back == 0 && undo.as_before > 0 {
        // A form that was sent twice: what it asked for is done.
        return Ok(begun(&store, since));
    }
    let store = store_of(&desk, &org, store.id.as_str()).await?;
    let mut response =
        shown(&desk, &store, &Seen { since, undo: Some(undo), step: UndoStep::Look }, Some(&why)).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

fn begun(store: &Store, since: Timestamp) -> Response {
    Redirect::to(&format!("/stores/{}/undo?since={since}&step=begun", store.id)).into_response()
}

/// What the page shows.
struct Seen {
    since: Timestamp,
    undo: Option<Undo>,
    step: UndoStep,
}

/// The page; where a time was refused, with the status of that.
async fn shown(desk: &Desk, store: &Store, seen: &Seen, refused: Option<&str>) -> Result<Response, Problem> {
    let readings = desk.0.runs.runs(&store.org, &store.id, &Ask::first(READINGS)).await?.items;
    let html = console::undo(
        &UndoPage {
            store,
            readings: &readings,
            since: seen.since,
            undo: seen.undo.as_ref(),
            step: seen.step,
            refused,
        },
        desk.0.clock.now(),
    );
    let mut response = page(html);
    if seen.undo.is_none() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
