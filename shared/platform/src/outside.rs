//! What a platform is handed: one HTTP client, a clock, randomness.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use url::Url;

/// A request to a shop.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address. It may carry a secret in its query: never print it.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The longest time until the whole answer is there.
    pub timeout: std::time::Duration,
    /// The largest answer that is read.
    pub max_bytes: usize,
}

impl std::fmt::Debug for Request {
    /// Shows method, host and path, never query, headers or body: they hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}{}", self.method, self.url.host_str().unwrap_or(""), self.url.path())
    }
}

/// A whole answer of a shop.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl std::fmt::Debug for Response {
    /// Shows status and length, never headers or body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

impl Response {
    /// A header's text, if it is there and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpErrorKind {
    /// The address is not one that may be called: loopback, private, link-local, metadata.
    Forbidden,
    /// The name has no address.
    Name,
    /// No connection.
    Connect,
    /// The certificate is not trusted, or TLS failed.
    Tls,
    /// The time limit passed.
    Timeout,
    /// The answer is larger than the limit.
    TooLarge,
    /// Too many redirects, or one to an address that may not be called.
    Redirect,
    /// The connection broke before the whole answer was there.
    Broken,
}

/// No answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct HttpError {
    /// Why.
    pub kind: HttpErrorKind,
    /// What is wrong, with the host and without path, query or secret.
    pub message: String,
    /// Whether the request may have reached the shop.
    pub may_have_been_sent: bool,
}

/// The one way to call a shop.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends a request and reads the whole answer.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
}

/// The time, handed in.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// A source of bytes that nobody can guess, handed in.
pub trait Dice: Send + Sync {
    /// Fills the slice with unguessable bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// Ten bytes, for a made id.
    fn ten(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        bytes
    }
}
