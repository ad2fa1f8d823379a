//! Stores: connect, look, begin and stop writing, pause, resume, disconnect.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use domain::store::Store;
use domain::{OrgId, PlatformSlug, StoreId};
use hub::connect::Connected;
use hub::overview::{Overview, StoreView, Summary};
use hub::stores::Preview;
use platform::Finding;
use ports::Schedule;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::json::{Json, id};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/overview", get(overview))
        .route("/stores", get(list).post(connect))
        .route("/stores/authorize", post(authorize))
        .route("/stores/{store}", get(one))
        .route("/stores/{store}/summary", get(summary))
        .route("/stores/{store}/doctor", get(doctor))
        .route("/stores/{store}/preview", get(preview))
        .route("/stores/{store}/{verb}", post(change))
        .route("/stores/{store}/schedules", get(schedules).put(schedule))
}

/// What connecting with pasted keys takes.
#[derive(Deserialize)]
struct Paste {
    platform: String,
    address: String,
    #[serde(default)]
    name: String,
    keys: BTreeMap<String, SecretString>,
}

/// What connecting through a browser takes.
#[derive(Deserialize)]
struct Browser {
    platform: String,
    address: String,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
pub(crate) struct ConnectedView {
    store: Store,
    again: bool,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct FindingView {
    code: &'static str,
    message: String,
    advice: String,
    blocks_writing: bool,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

#[derive(Serialize)]
struct Stores {
    items: Vec<StoreView>,
}

/// How a store's connection is, as its platform sees it now.
#[derive(Serialize)]
struct Doctor {
    shop: String,
    name: String,
    currency: Option<String>,
    zone: Option<String>,
    findings: Vec<FindingView>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let Finding { code, message, advice, blocks_writing } = finding;
        Self { code, message, advice, blocks_writing }
    }
}

impl From<Connected> for ConnectedView {
    fn from(connected: Connected) -> Self {
        Self {
            store: connected.store,
            again: connected.again,
            findings: connected.findings.into_iter().map(Into::into).collect(),
        }
    }
}

async fn overview(State(desk): State<Desk>, Caller(org): Caller) -> Result<Answer<Overview>, Problem> {
    Ok(Answer(desk.0.look.all(&org).await?))
}

async fn list(State(desk): State<Desk>, Caller(org): Caller) -> Result<Answer<Stores>, Problem> {
    Ok(Answer(Stores { items: desk.0.look.all(&org).await?.stores }))
}

async fn connect(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Json(paste): Json<Paste>,
) -> Result<(StatusCode, Answer<ConnectedView>), Problem> {
    let slug = PlatformSlug::new(paste.platform);
    let connected = desk.0.connect.paste(&org, &slug, &paste.address, &paste.name, &paste.keys).await?;
    let status = if connected.again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Answer(connected.into())))
}

async fn authorize(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Json(browser): Json<Browser>,
) -> Result<Answer<Link>, Problem> {
    let slug = PlatformSlug::new(browser.platform);
    let url = desk.0.connect.begin(&org, &slug, &browser.address, &browser.name).await?;
    Ok(Answer(Link { url: url.into() }))
}

/// A store of the caller.
pub(crate) async fn store_of(desk: &Desk, org: &OrgId, text: &str) -> Result<Store, Problem> {
    let id: StoreId = id("store", text)?;
    let found = desk.0.directory.store(org, &id).await?;
    found.ok_or_else(|| hub::HubError::not_found("store", id).into())
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<StoreView>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.look.store(store).await?))
}

async fn summary(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<Summary>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.look.summary(&store).await?))
}

async fn doctor(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<Doctor>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let proof = desk.0.connect.examine(&org, &store.id).await?;
    Ok(Answer(Doctor {
        shop: proof.shop.shop.to_string(),
        name: proof.name,
        currency: proof.currency.map(|currency| currency.to_string()),
        zone: proof.zone,
        findings: proof.findings.into_iter().map(Into::into).collect(),
    }))
}

async fn preview(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<Preview>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.stores.preview(&org, &store.id).await?))
}

async fn change(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((store, verb)): Path<(String, String)>,
    body: Bytes,
) -> Result<Answer<Store>, Problem> {
    let id = store_of(&desk, &org, &store).await?.id;
    let stores = &desk.0.stores;
    let store = match verb.as_str() {
        "start" => match approved(&body)? {
            Some(digest) => desk.0.rehearse.start(&org, &id, &digest).await?,
            None => stores.start(&org, &id).await?,
        },
        "stop" => stores.stop(&org, &id).await?,
        "pause" => stores.pause(&org, &id).await?,
        "resume" => stores.resume(&org, &id).await?,
        "disconnect" => stores.disconnect(&org, &id).await?,
        _ => return Err(crate::problem::no_route().await),
    };
    Ok(Answer(store))
}

/// What beginning to write may name.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    /// The digest of the rehearsal that was approved: a number that moved beyond it refuses the start.
    rehearsal: Option<String>,
}

/// The rehearsal that a start names, if it has a body that names one.
fn approved(body: &[u8]) -> Result<Option<String>, Problem> {
    if body.is_empty() {
        return Ok(None);
    }
    let start: Start = serde_json::from_slice(body).map_err(|_| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "a start takes nothing, or `{\"rehearsal\": \"DIGEST\"}` with the digest of what was rehearsed",
        )
    })?;
    Ok(start.rehearsal)
}

#[derive(Serialize)]
struct Schedules {
    items: Vec<Schedule>,
}

#[derive(Deserialize)]
struct NewSchedule {
    stream: domain::run::Stream,
    every_seconds: u64,
}

async fn schedules(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
) -> Result<Answer<Schedules>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(Schedules { items: desk.0.schedules.of_store(&org, &store.id).await? }))
}

async fn schedule(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Json(new): Json<NewSchedule>,
) -> Result<Answer<Schedule>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    if !(10..=86_400).contains(&new.every_seconds) {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "`every_seconds` is a number from 10 to 86400",
        ));
    }
    let schedule = Schedule { org, store: store.id, stream: new.stream, every_seconds: new.every_seconds };
    desk.0.schedules.put(&schedule).await?;
    Ok(Answer(schedule))
}
