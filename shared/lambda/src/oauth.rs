//! Connecting through a browser: to the shop's page, and the shop's answer.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts as _, Path, Query, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::PlatformSlug;
use hub::connect::{Landed, Onward};
use platform::Delivery;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::auth::{self, Caller};
use crate::desk::Desk;
use crate::problem::Problem;

/// The cookie of a browser that is on its way to a shop.
const COOKIE: &str = "storeloom_connect";

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/oauth/{platform}/start", get(start))
        .route("/oauth/{platform}/go", get(go))
        .route("/oauth/{platform}/callback", get(callback).post(callback))
        .route("/oauth/{platform}/done", get(done))
}

#[derive(Deserialize)]
struct Start {
    address: String,
    #[serde(default)]
    name: String,
}

/// Sends the browser to the shop's page: of a merchant who shows a key, or of a shop's owner whom the platform
/// itself sends with a signed request.
async fn start(
    State(desk): State<Desk>,
    Path(platform): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let slug = PlatformSlug::new(platform);
    let (mut parts, _) = request.into_parts();
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        let query = parts.uri.query().unwrap_or_default();
        let body = Bytes::new();
        let asked = Delivery { headers: &parts.headers, query, body: &body };
        let onward = desk.0.connect.install(&slug, &asked).await?;
        return Ok(send_on(&desk, &slug, &onward));
    }
    let Caller(org) = Caller::from_request_parts(&mut parts, &desk).await?;
    let Query(start) = Query::<Start>::try_from_uri(&parts.uri)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "`address` says which shop is to be connected"))?;
    let url = desk.0.connect.begin(&org, &slug, &start.address, &start.name).await?;
    Ok(Redirect::to(url.as_str()).into_response())
}

#[derive(Deserialize)]
struct Ticket {
    ticket: SecretString,
}

/// Sends a browser that came with a ticket on to the shop, marked.
async fn go(
    State(desk): State<Desk>,
    Path(platform): Path<String>,
    Query(query): Query<Ticket>,
) -> Result<Response, Response> {
    let slug = PlatformSlug::new(platform);
    let onward = desk.0.connect.go(&slug, &query.ticket).await.map_err(|error| told(error.into()))?;
    Ok(send_on(&desk, &slug, &onward))
}

fn send_on(desk: &Desk, slug: &PlatformSlug, onward: &Onward) -> Response {
    let mut response = Redirect::to(onward.url.as_str()).into_response();
    let secure = if desk.0.settings.public_url.scheme() == "https" { "; Secure" } else { "" };
    let mark = onward.browser.expose_secret();
    // Lax: the shop's page sends the browser back from another site.
    let cookie = format!("{COOKIE}={mark}; HttpOnly; SameSite=Lax; Path=/oauth/{slug}; Max-Age=1800{secure}");
    if let Ok(mut value) = HeaderValue::from_str(&cookie) {
        value.set_sensitive(true);
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Takes the shop's answer: from its server, which may insist on exactly 200, or through the owner's browser.
async fn callback(
    State(desk): State<Desk>,
    Path(platform): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let slug = PlatformSlug::new(platform);
    let query = query.unwrap_or_default();
    let delivery = Delivery { headers: &headers, query: &query, body: &body };
    let browser = auth::cookie_named(&headers, COOKIE);
    match desk.0.connect.callback(&slug, &delivery, browser.as_ref()).await {
        Ok(Landed::Connected(connected)) => {
            tracing::info!(store = %connected.store.id, again = connected.again, "a store is connected");
            if method == Method::GET {
                // The address holds a code: the browser goes on to one that holds nothing.
                return Redirect::to(&format!("/oauth/{slug}/done?success=1")).into_response();
            }
            (StatusCode::OK, "ok").into_response()
        }
        Ok(Landed::Unclaimed { name, code }) => {
            tracing::info!(platform = %slug, "an installation waits to be claimed");
            let page = console::message(
                "Almost there",
                &format!(
                    "{name} let us in, and belongs to nobody here yet. Within seven days, claim it with: \
                     storeloom claim {}",
                    code.expose_secret()
                ),
            );
            ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
        }
        Err(error) => {
            let problem = match error {
                hub::HubError::Platform(error) if error.kind == platform::ErrorKind::Malformed => {
                    Problem::new(StatusCode::BAD_REQUEST, error.message)
                }
                other => Problem::from(other),
            };
            tracing::warn!(
                platform = %slug,
                status = problem.status().as_u16(),
                "a connection failed: {}", problem.detail()
            );
            if method == Method::GET { told(problem) } else { problem.into_response() }
        }
    }
}

/// What went wrong, for somebody who looks at a browser.
fn told(problem: Problem) -> Response {
    let page = console::message("Not connected", &format!("{}. Nothing was changed.", problem.detail()));
    (problem.status(), Html(page)).into_response()
}

#[derive(Deserialize)]
struct Done {
    success: Option<String>,
}

/// Where the browser comes back to.
async fn done(Query(done): Query<Done>) -> Html<String> {
    Html(if done.success.as_deref() == Some("1") {
        console::message("Connected", "The shop is joined. Its products and orders are being read now.")
    } else {
        console::message("Not connected", "The shop's owner did not agree. Nothing was changed.")
    })
}
