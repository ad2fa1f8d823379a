//! What can go wrong in a use-case, as its caller must know it.

use platform::PlatformError;
use ports::PortError;

/// What went wrong. One function turns it into an HTTP answer and one into a queue's.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The caller did not show who it is, or its signature is wrong.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// There is no such thing for this merchant.
    #[error("there is no {what} `{id}`; list what there is and try again")]
    NotFound {
        /// What kind of thing was asked for.
        what: &'static str,
        /// The id that was asked for.
        id: String,
    },
    /// The thing is in a state in which this cannot be done.
    #[error("{0}")]
    Conflict(String),
    /// The request cannot be understood or is not allowed as it is.
    #[error("{0}")]
    Invalid(String),
    /// The one-time state is unknown, was used, or is too old.
    #[error("this connection was not begun here, was used already, or is too old: begin again")]
    State,
    /// A shop's platform failed.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// A port failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// The result of a use-case.
pub type Result<T, E = HubError> = std::result::Result<T, E>;

impl HubError {
    /// Whether trying the same again may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Port(error) => error.is_passing(),
            Self::Platform(error) => error.retry != platform::Retry::Never,
            Self::Unauthorized(_)
            | Self::NotFound { .. }
            | Self::Conflict(_)
            | Self::Invalid(_)
            | Self::State => false,
        }
    }

    /// A thing that is not there.
    #[must_use]
    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string().chars().take(60).collect() }
    }
}
