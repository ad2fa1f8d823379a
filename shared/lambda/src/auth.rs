//! Who asks: the merchant behind an API key, from the `Authorization` header or the page's cookie.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::OrgId;
use secrecy::SecretString;

use crate::desk::Desk;
use crate::problem::Problem;

/// The name of the page's cookie.
pub(crate) const COOKIE: &str = "storeloom_key";

/// The merchant that asks.
pub(crate) struct Caller(pub(crate) OrgId);

impl FromRequestParts<Desk> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        let Hand { org, .. } = Hand::from_request_parts(parts, desk).await?;
        Ok(Self(org))
    }
}

/// The merchant that asks, and by which key: for what is noted with who did it.
pub(crate) struct Hand {
    pub(crate) org: OrgId,
    pub(crate) actor: String,
}

impl FromRequestParts<Desk> for Hand {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        let shown = bearer(&parts.headers).unwrap_or_default();
        let key = desk.0.keys.known(&SecretString::from(shown)).await?;
        if !desk.0.budget.take(&key.org) {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too many requests at once: wait a second and go on more slowly",
            ));
        }
        Ok(Self { org: key.org, actor: key.name })
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
}

/// The key in the page's cookie.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<SecretString> {
    cookie_named(headers, COOKIE)
}

/// The value of a cookie.
pub(crate) fn cookie_named(headers: &HeaderMap, wanted: &str) -> Option<SecretString> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, key)| SecretString::from(key.to_owned()))
}
