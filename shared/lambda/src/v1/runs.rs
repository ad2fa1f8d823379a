//! Synchronisation runs: start, watch, cancel.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use domain::RunId;
use domain::run::{Extent, Run, Stream};
use hub::overview::RunView;
use serde::{Deserialize, Serialize};

use super::json::{Json, id};
use super::page::{Cursor, List, list};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/stores/{store}/runs", get(all).post(start))
        .route("/runs/{run}", get(one))
        .route("/runs/{run}/cancel", post(cancel))
}

/// Which streams to read; all without a stream.
#[derive(Deserialize)]
struct Start {
    stream: Option<Stream>,
    #[serde(default = "full")]
    extent: Extent,
}

fn full() -> Extent {
    Extent::Full
}

#[derive(Serialize)]
struct Started {
    items: Vec<RunView>,
}

async fn start(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Json(start): Json<Start>,
) -> Result<(StatusCode, Answer<Started>), Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let streams = start.stream.map_or(Stream::ALL.to_vec(), |stream| vec![stream]);
    let mut items = Vec::new();
    for stream in streams {
        match start.extent {
            Extent::Full => {
                let run = desk.0.sync.start(&store, stream, Extent::Full).await?;
                items.push(desk.0.look.run(run));
            }
            Extent::Incremental => desk.0.sync.tick(&org, &store.id, stream).await?,
        }
    }
    Ok((StatusCode::ACCEPTED, Answer(Started { items })))
}

async fn all(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<RunView>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let page = desk.0.runs.runs(&org, &store.id, &cursor.ask()?).await?;
    Ok(list(page.map(|run| desk.0.look.run(run))))
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(run): Path<String>,
) -> Result<Answer<RunView>, Problem> {
    let id: RunId = id("run", &run)?;
    let run = desk.0.runs.run(&org, &id).await?.ok_or_else(|| hub::HubError::not_found("run", id))?;
    Ok(Answer(desk.0.look.run(run)))
}

async fn cancel(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(run): Path<String>,
) -> Result<Answer<Run>, Problem> {
    let id: RunId = id("run", &run)?;
    Ok(Answer(desk.0.sync.cancel(&org, &id).await?))
}
