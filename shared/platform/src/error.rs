//! What can go wrong with a platform: kind, retry and context apart.

use std::time::Duration;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The credentials are not accepted: the store is held until it is connected again.
    Unauthorized,
    /// Too many calls: wait as told.
    RateLimited,
    /// The record does not exist: treat it as gone.
    NotFound,
    /// The platform understood the call and refuses it; a person must change something.
    Rejected,
    /// The number was not what the write compared with: read and decide again.
    Stale,
    /// The shop cannot do this: an old version, a switched-off feature.
    Unsupported,
    /// The shop does not answer, or answers that it cannot now: wait and try again.
    Unavailable,
    /// What came is not what its kind promises: HTML for JSON, a body cut off, a wrong signature's shape.
    Malformed,
    /// None of these: a person should read the message.
    Unexpected,
}

/// Whether the same call may be tried again. Who knows decides (the platform); who owns time acts (the queue).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again.
    Never,
    /// After this time.
    After(Duration),
    /// A little later, each time later.
    Backoff,
}

/// An error of a platform.
#[derive(Debug, thiserror::Error)]
#[error("{op}: {message}")]
pub struct PlatformError {
    /// What happened.
    pub kind: ErrorKind,
    /// Whether the same call may be tried again.
    pub retry: Retry,
    /// The call it happened in.
    pub op: &'static str,
    /// What is wrong and what to do next, for a person; never a body or a secret.
    pub message: String,
    /// Whether the call may have taken effect all the same: a time limit, a 5xx after sending.
    pub may_have_taken_effect: bool,
    /// The platform's own code, or the HTTP status, for the log.
    pub code: Option<String>,
    /// The cause, for the log.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of a call to a platform.
pub type Result<T, E = PlatformError> = std::result::Result<T, E>;

impl PlatformError {
    /// An error of a kind; passing kinds back off, the others are not tried again.
    #[must_use]
    pub fn new(kind: ErrorKind, op: &'static str, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => Retry::Backoff,
            ErrorKind::Unauthorized
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::Stale
            | ErrorKind::Unsupported
            | ErrorKind::Malformed
            | ErrorKind::Unexpected => Retry::Never,
        };
        let message = message.into();
        Self { kind, retry, op, message, may_have_taken_effect: false, code: None, source: None }
    }

    /// The same error with another advice on trying again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The same error with the platform's own code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same error of a call that may have taken effect.
    #[must_use]
    pub fn unsure(mut self) -> Self {
        self.may_have_taken_effect = true;
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
