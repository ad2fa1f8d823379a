//! Redirects, followed by hand: where one leads, and what may go along.

use http::header::{ACCEPT, ACCEPT_LANGUAGE, LOCATION, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};
use platform::{HttpError, HttpErrorKind, Request};
use url::Url;

use crate::failure::sent;

/// At most so many redirects are followed.
pub(crate) const MOST: usize = 5;

/// Headers that hold nothing secret, and so may go to another host.
const PLAIN: [http::HeaderName; 3] = [ACCEPT, ACCEPT_LANGUAGE, USER_AGENT];

/// A query value this long is taken for a secret.
const SECRET_LENGTH: usize = 8;

/// Where an answer redirects to, if it does.
pub(crate) fn target(status: StatusCode, headers: &HeaderMap, from: &Url) -> Option<Result<Url, HttpError>> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(LOCATION)?;
    let to = location.to_str().ok().and_then(|text| from.join(text).ok());
    Some(to.ok_or_else(|| broken(from, "redirects to an address that cannot be read")))
}

/// The request that follows a redirect.
pub(crate) fn follow(mut request: Request, status: StatusCode, mut to: Url) -> Result<Request, HttpError> {
    let from = &request.url;
    let old = host(from);
    if request.method != Method::GET && request.method != Method::HEAD {
        // 301, 307 and 308 say that the call was not done here; after a 302 or 303 nobody knows.
        let done_perhaps = !matches!(status.as_u16(), 301 | 307 | 308);
        return Err(HttpError {
            kind: HttpErrorKind::Redirect,
            message: format!(
                "{old} redirects writes to {}: connect the shop under that address",
                origin(&to)
            ),
            may_have_been_sent: done_perhaps,
        });
    }
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(broken(from, "redirects from https to an address without it"));
    }
    // Some servers put credentials of their own into an address; they are not ours to use.
    if to.set_username("").is_err() || to.set_password(None).is_err() {
        return Err(broken(from, "redirects to an address that cannot be called"));
    }
    if !same_shop(from, &to) {
        if carries_secret(from, &to) {
            return Err(sent(
                HttpErrorKind::Redirect,
                format!(
                    "{old} redirects elsewhere with its credentials: connect the shop under {}",
                    origin(&to)
                ),
            ));
        }
        request.headers.retain_plain();
    } else if !from.username().is_empty() || from.password().is_some() {
        let (name, word) = (from.username().to_owned(), from.password().map(ToOwned::to_owned));
        if to.set_username(&name).is_err() || to.set_password(word.as_deref()).is_err() {
            return Err(broken(from, "redirects to an address that cannot be called"));
        }
    }
    request.url = to;
    Ok(request)
}

/// The error of a shop that redirects again and again.
pub(crate) fn too_many(last: &Url) -> HttpError {
    broken(last, "redirects again and again")
}

fn broken(from: &Url, what: &str) -> HttpError {
    sent(HttpErrorKind::Redirect, format!("{} {what}: check the shop's address", host(from)))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the shop")
}

/// Scheme, host and port: nothing that could be a secret.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether both addresses are the same host and port, or the same host moving from http to https.
fn same_shop(from: &Url, to: &Url) -> bool {
    let same_host = from.host_str() == to.host_str();
    let same_port =
        from.scheme() == to.scheme() && from.port_or_known_default() == to.port_or_known_default();
    let upgrade =
        from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
    same_host && (same_port || upgrade)
}

/// Whether a value of the query, or a password in the address, turns up in the address that a redirect names.
fn carries_secret(from: &Url, to: &Url) -> bool {
    let decoded: Vec<String> = to.query_pairs().map(|(_, value)| value.into_owned()).collect();
    let shown = |secret: &str| {
        secret.len() >= SECRET_LENGTH
            && (to.as_str().contains(secret) || decoded.iter().any(|value| value.contains(secret)))
    };
    from.query_pairs().any(|(_, value)| shown(&value)) || from.password().is_some_and(shown)
}

trait RetainPlain {
    fn retain_plain(&mut self);
}

impl RetainPlain for HeaderMap {
    fn retain_plain(&mut self) {
        let mut kept = HeaderMap::new();
        for name in PLAIN {
            if let Some(value) = self.remove(&name) {
                kept.insert(name, value);
            }
        }
        *self = kept;
    }
}
