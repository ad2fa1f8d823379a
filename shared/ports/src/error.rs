//! What can go wrong behind a port.

/// What happened, and so what the caller does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Somebody else wrote at the same time; read again and decide again.
    Conflict,
    /// Too much at once; try again a little later.
    Throttled,
    /// The service did not answer; it may or may not have done it. Try again: every call may happen twice.
    Unavailable,
    /// The record is larger than the service takes; trying again does not help.
    TooLarge,
    /// What is stored cannot be read; a person must look.
    Corrupt,
    /// The call was not one that the service accepts; trying again does not help.
    Refused,
}

/// An error of a port: its kind, the call it happened in, and its cause.
#[derive(Debug, thiserror::Error)]
#[error("{op}: {message}")]
pub struct PortError {
    /// What happened.
    pub kind: ErrorKind,
    /// The call it happened in.
    pub op: &'static str,
    /// What is wrong, for a person; never a body or a secret.
    pub message: String,
    /// The cause, for the log.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of a call to a port.
pub type Result<T, E = PortError> = std::result::Result<T, E>;

impl PortError {
    /// An error without a cause of its own.
    #[must_use]
    pub fn new(kind: ErrorKind, op: &'static str, message: impl Into<String>) -> Self {
        Self { kind, op, message: message.into(), source: None }
    }

    /// The same error, with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether trying the same call again may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, ErrorKind::Conflict | ErrorKind::Throttled | ErrorKind::Unavailable)
    }
}
