//! The one function that turns errors into HTTP answers, as `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hub::HubError;
use platform::{ErrorKind, PlatformError};
use serde::Serialize;

/// An answer that says what is wrong.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    code: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

impl Problem {
    /// An answer of this status that says what is wrong and what to do.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), code: None }
    }

    /// The status that is answered.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong, for a person.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<HubError> for Problem {
    fn from(error: HubError) -> Self {
        let status = match &error {
            HubError::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            HubError::NotFound { .. } => StatusCode::NOT_FOUND,
            HubError::Conflict(_) => StatusCode::CONFLICT,
            HubError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            HubError::State => StatusCode::BAD_REQUEST,
            HubError::Platform(error) => of_platform(error),
            HubError::Port(error) if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
            HubError::Port(error) if error.kind == ports::ErrorKind::Refused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            HubError::Port(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let code = match &error {
            HubError::Platform(error) => Some(format!("{:?}", error.kind).to_lowercase()),
            _ => None,
        };
        let detail = match &error {
            HubError::Platform(error) => error.message.clone(),
            HubError::Port(_) if status == StatusCode::INTERNAL_SERVER_ERROR => {
                "something failed here; the log says what".to_owned()
            }
            other => other.to_string(),
        };
        if status.is_server_error() {
            tracing::error!(%error, status = status.as_u16(), "a request failed");
        }
        Self { status, detail, code }
    }
}

/// A shop's failure, as an answer to whoever asked us: what they gave is wrong, or the shop does not answer.
fn of_platform(error: &PlatformError) -> StatusCode {
    match error.kind {
        ErrorKind::Malformed
        | ErrorKind::Unauthorized
        | ErrorKind::Rejected
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::Stale
        | ErrorKind::Unexpected => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::BAD_GATEWAY,
    }
}

impl From<ports::PortError> for Problem {
    fn from(error: ports::PortError) -> Self {
        HubError::Port(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code.as_deref(),
        };
        let mut response = (self.status, Json(body)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

pub(crate) async fn no_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such address; the README lists them")
}

pub(crate) async fn no_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take that method")
}
