//! The client: one request, its hops, its limits.

use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderValue};
use platform::{Http, HttpError, HttpErrorKind, Request, Response};
use tracing::Instrument as _;
use url::Url;

use crate::body::{Left, Noted};
use crate::guard::{Guard, Names};
use crate::settings::{Settings, SettingsError};
use crate::{answer, failure, redirect};

/// The longest wait for a connection, its name and its TLS.
const CONNECT: Duration = Duration::from_secs(10);

/// An idle connection is kept for the next request so long: shorter than shops keep theirs, since a write on a
/// connection that the shop just closed is a write of which nobody knows.
const IDLE: Duration = Duration::from_secs(15);

/// The one HTTP client.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    guard: Guard,
}

impl Client {
    /// Makes the client.
    ///
    /// # Errors
    /// If loopback is allowed in AWS, an extra root cannot be read, or TLS cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        Self::with_names(settings, Names::System)
    }

    pub(crate) fn with_names(settings: &Settings, names: Names) -> Result<Self, SettingsError> {
        if settings.in_aws && settings.allow_loopback {
            return Err(SettingsError::LoopbackInAws);
        }
        let agent = if settings.user_agent.is_empty() {
            concat!("Storeloom/", env!("CARGO_PKG_VERSION"))
        } else {
            &settings.user_agent
        };
        let agent = HeaderValue::from_str(agent).map_err(|_| SettingsError::UserAgent)?;
        let odd =
            settings.stand_ins.iter().find(|(_, to)| !settings.allow_loopback || !to.ip().is_loopback());
        if let Some((name, _)) = odd {
            return Err(SettingsError::StandIn(name.clone()));
        }
        let guard = Guard::new(names, settings.allow_loopback, settings.stand_ins.clone());
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(settings.tls()?)
            .dns_resolver(guard.clone())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .gzip(true)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .user_agent(agent)
            .build()?;
        Ok(Self { inner, guard })
    }

    /// Sends a request and follows its redirects.
    async fn hops(&self, mut request: Request, left: &Left) -> Result<Response, HttpError> {
        for _ in 0..=redirect::MOST {
            // A hop that was answered has left; what fails on a later one does not take that back.
            let earlier = left.has();
            let again = |mut error: HttpError| {
                error.may_have_been_sent |= earlier;
                error
            };
            self.guard.check(&request.url).map_err(|error| again(as_redirect(error, earlier)))?;
            let answer =
                self.once(&request, left).await.map_err(|error| again(as_redirect(error, earlier)))?;
            left.note();
            let status = answer.status();
            match redirect::target(status, answer.headers(), &request.url) {
                Some(to) => request = redirect::follow(request, status, to?)?,
                None => return self.whole(answer, &request).await,
            }
        }
        Err(redirect::too_many(&request.url))
    }

    async fn whole(&self, answer: reqwest::Response, request: &Request) -> Result<Response, HttpError> {
        let status = answer.status();
        let response = answer::read(answer, host(&request.url), request.max_bytes).await?;
        tracing::debug!(status = status.as_u16(), bytes = response.body.len(), "a shop answered");
        Ok(response)
    }

    async fn once(&self, request: &Request, left: &Left) -> Result<reqwest::Response, HttpError> {
        let mut builder =
            self.inner.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
        // An empty body is not handed over in a step of its own, so there nobody knows when it left.
        if request.body.is_empty() {
            if expects_body(&request.method) {
                builder = builder.header(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        } else {
            builder = builder.body(reqwest::Body::wrap(Noted::new(request.body.clone(), left.clone())));
        }
        builder.send().await.map_err(|error| {
            let left = left.has() || request.body.is_empty();
            failure::read(&error, host(&request.url), left)
        })
    }
}

#[async_trait]
impl Http for Client {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let left = Left::default();
        let (host, limit) = (host(&request.url).to_owned(), request.timeout);
        let empty = request.body.is_empty();
        let span = tracing::debug_span!("call", method = %request.method, host = %host);
        match tokio::time::timeout(limit, self.hops(request, &left).instrument(span)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(HttpError {
                kind: HttpErrorKind::Timeout,
                message: format!("{host} did not answer within {} ms", limit.as_millis()),
                may_have_been_sent: empty || left.has(),
            }),
        }
    }
}

/// A refused address that a redirect named is the redirect's fault.
fn as_redirect(mut error: HttpError, followed: bool) -> HttpError {
    if followed && error.kind == HttpErrorKind::Forbidden {
        error.kind = HttpErrorKind::Redirect;
    }
    error
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the shop")
}

/// Whether a method is one whose missing body should be said to be empty (RFC 9110, section 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
