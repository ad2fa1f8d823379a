//! The pages, behind the API key: kept in a cookie that scripts cannot read.

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use console::{ItemPage, RefusedOffer, StorePage};
use domain::exception::{Exception, ExceptionKind};
use domain::store::Store;
use domain::{EntryId, ExceptionId, ItemId, OrgId};
use hub::settle::Right;
use jiff::Timestamp;
use ports::Ask;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::auth;
use crate::desk::Desk;
use crate::problem::Problem;
use crate::v1::{When, id, item_of, store_of};

/// Rows of a list that a page shows.
const SHOWN: u32 = 50;

/// The pages: they only read.
pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/", get(overview))
        .route("/freshness", get(freshness))
        .route("/stores/{store}", get(store))
        .route("/stores/{store}/drift", get(drift))
        .route("/stores/{store}/rehearsal", get(rehearsal))
        .route("/stores/{store}/shadow", get(shadow))
        .route("/items/{item}/drift", get(drift_of_item))
        .route("/items/{item}/why", get(why_of_item))
        .route("/orders/{order}/why", get(why_of_order))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .merge(crate::undo_forms::routes())
}

/// What the pages' forms do.
pub(crate) fn acts() -> Router<Desk> {
    Router::new()
        .route("/settle/{exception}", post(settle))
        .route("/rehearse/{store}", post(rehearse))
        .merge(crate::stock_forms::acts())
        .merge(crate::undo_forms::acts())
        .merge(crate::offer_forms::acts())
}

/// The merchant whose key the cookie holds, and what the key is called; without one, the page that asks for it.
pub(crate) struct Visitor(pub(crate) OrgId, pub(crate) String);

impl FromRequestParts<Desk> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Response> {
        let Some(key) = auth::cookie(&parts.headers) else { return Err(page(console::login(None))) };
        match desk.0.keys.known(&key).await {
            Ok(key) => Ok(Self(key.org, key.name)),
            Err(_) => Err(page(console::login(Some("This key is not known here any more.")))),
        }
    }
}

async fn overview(State(desk): State<Desk>, Visitor(org, _): Visitor) -> Result<Response, Problem> {
    let overview = desk.0.look.all(&org).await?;
    Ok(page(console::overview(&overview, desk.0.clock.now())))
}

async fn freshness(State(desk): State<Desk>, Visitor(org, _): Visitor) -> Result<Response, Problem> {
    let found = desk.0.fresh.all(&org).await?;
    Ok(page(console::freshness(&found, desk.0.clock.now())))
}

/// Which part of a long list is shown.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    all: bool,
    after: Option<String>,
}

async fn drift(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
    Query(part): Query<Part>,
) -> Result<Response, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let ask = Ask::after(SHOWN, part.after);
    let found = desk.0.drift.of_store(&store, part.all, &ask).await?;
    Ok(page(console::drift(&store, &found, part.all, desk.0.clock.now())))
}

async fn drift_of_item(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(item): Path<String>,
) -> Result<Response, Problem> {
    let found = desk.0.drift.of_item(&org, &item_of(&org, &item)?).await?;
    Ok(page(console::drift_of_item(&found, desk.0.clock.now())))
}

async fn store(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
) -> Result<Response, Problem> {
    store_page(&desk, store_of(&desk, &org, &store).await?, None).await
}

/// The page of a store; with a form that was refused, if one was.
pub(crate) async fn store_page(
    desk: &Desk,
    store: Store,
    refused: Option<&RefusedOffer>,
) -> Result<Response, Problem> {
    let (raises, fall) = (ExceptionKind::RaisesHeld, ExceptionKind::FellToZero);
    let (raises, fall) = (asked(desk, &store, raises).await?, asked(desk, &store, fall).await?);
    let view = desk.0.look.store(store).await?;
    let shown = StorePage { view: &view, raises: raises.as_ref(), fall: fall.as_ref(), refused };
    Ok(page(console::store(&shown, desk.0.clock.now())))
}

/// What is asked about a whole store, if it is asked now.
async fn asked(desk: &Desk, store: &Store, kind: ExceptionKind) -> Result<Option<Exception>, Problem> {
    let id = Exception::id_of(&store.org, kind, Some(&store.id), "");
    let found = desk.0.journal.exception(&store.org, &id).await?;
    Ok(found.filter(|exception| exception.resolved_at.is_none()))
}

async fn rehearsal(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
) -> Result<Response, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let latest = desk.0.rehearse.all(&org, &store.id).await?.into_iter().next();
    let largest = match &latest {
        Some(one) => desk.0.rehearse.part(one, 0).await?,
        None => Vec::new(),
    };
    let latest = latest.as_ref().map(|one| (one, largest.as_slice()));
    Ok(page(console::rehearsal(&store, latest, desk.0.clock.now())))
}

async fn rehearse(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let store = store_of(&desk, &org, &store).await?;
    desk.0.rehearse.rehearse(&org, &store.id).await?;
    Ok(Redirect::to(&format!("/stores/{}/rehearsal", store.id)).into_response())
}

async fn shadow(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
) -> Result<Response, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let report = desk.0.shadows.report(&org, &store.id).await?;
    Ok(page(console::shadow(&store, &report, desk.0.clock.now())))
}

async fn why_of_item(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(item): Path<String>,
    Query(when): Query<When>,
) -> Result<Response, Problem> {
    item_page(&desk, &org, &item_of(&org, &item)?, when.read()?, None).await
}

/// The page of an item; with a form that was refused, if one was.
pub(crate) async fn item_page(
    desk: &Desk,
    org: &OrgId,
    item: &ItemId,
    at: Option<Timestamp>,
    refused: Option<&RefusedOffer>,
) -> Result<Response, Problem> {
    let why = desk.0.why.item(org, item, at).await?;
    let offers = if at.is_none() { desk.0.allocate.offers(org, item).await? } else { Vec::new() };
    let now = desk.0.clock.now();
    let key = EntryId::make(now, desk.0.dice.ten()).to_string();
    let shown = ItemPage { why: &why, offers: &offers, key: &key, refused };
    Ok(page(console::why_of_item(&shown, now)))
}

async fn why_of_order(
    State(desk): State<Desk>,
    Visitor(org, _): Visitor,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    let why = desk.0.why.order(&org, &id("order", &order)?).await?;
    Ok(page(console::why_of_order(&why, desk.0.clock.now())))
}

/// Who is right about a number, as a form says it.
#[derive(Deserialize)]
struct Settle {
    right: Option<String>,
}

async fn settle(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Path(exception): Path<String>,
    Form(form): Form<Settle>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let id: ExceptionId = id("exception", &exception)?;
    let right = form.right.as_deref().map(str::parse::<Right>).transpose()?;
    let settled = match desk.0.settle.exception(&org, &id, right).await {
        Ok(settled) => settled,
        Err(error) => {
            let problem = Problem::from(error);
            let said = format!("{}. Nothing was changed.", problem.detail());
            return Ok((problem.status(), page(console::message("Not settled", &said))).into_response());
        }
    };
    let back = match (settled.store, settled.kind) {
        (None, _) => "/".to_owned(),
        (Some(store), ExceptionKind::RaisesHeld | ExceptionKind::FellToZero) => format!("/stores/{store}"),
        (Some(store), _) => format!("/stores/{store}/drift"),
    };
    Ok(Redirect::to(&back).into_response())
}

#[derive(Deserialize)]
struct Login {
    key: SecretString,
}

async fn login(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Form(login): Form<Login>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let key = login.key.expose_secret().trim().to_owned();
    if desk.0.keys.open(&SecretString::from(key.clone())).await.is_err() {
        let wrong = "This key is not known here. It was shown once, when the hub was started first.";
        return Ok((StatusCode::UNAUTHORIZED, page(console::login(Some(wrong)))).into_response());
    }
    let secure = if desk.0.settings.public_url.scheme() == "https" { "; Secure" } else { "" };
    Ok(with_cookie(&format!("{}={key}; HttpOnly; SameSite=Strict; Path=/{secure}", auth::COOKIE)))
}

async fn logout(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    Ok(with_cookie(&format!("{}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0", auth::COOKIE)))
}

/// Refuses a form that another site sent.
pub(crate) fn same_site(desk: &Desk, headers: &HeaderMap) -> Result<(), Problem> {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let foreign_site = site.is_some_and(|site| site != "same-origin" && site != "none");
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ours = desk.0.settings.public_url.origin().ascii_serialization();
    let foreign_origin = origin
        .is_some_and(|origin| origin != ours && origin.split_once("://").is_none_or(|(_, at)| at != host));
    if foreign_site || foreign_origin {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this form must be sent from the hub's own page"));
    }
    Ok(())
}

fn with_cookie(cookie: &str) -> Response {
    let mut response = Redirect::to("/").into_response();
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

pub(crate) fn page(html: String) -> Response {
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; \
                  frame-ancestors 'none'; base-uri 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
