//! The one page, behind the API key: kept in a cookie that scripts cannot read.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::auth;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/", get(overview)).route("/login", post(login)).route("/logout", post(logout))
}

async fn overview(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(key) = auth::cookie(&headers) else { return Ok(page(console::login(None))) };
    let Ok(org) = desk.0.keys.open(&key).await else {
        return Ok(page(console::login(Some("This key is not known here any more."))));
    };
    let overview = desk.0.look.all(&org).await?;
    Ok(page(console::overview(&overview, desk.0.clock.now())))
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
fn same_site(desk: &Desk, headers: &HeaderMap) -> Result<(), Problem> {
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

fn page(html: String) -> Response {
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
