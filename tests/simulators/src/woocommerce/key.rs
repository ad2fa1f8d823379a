//! API keys.

use serde::Serialize;

/// A key pair as it is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// Number of the key.
    pub key_id: u64,
    /// `ck_` and forty hex digits.
    pub consumer_key: String,
    /// `cs_` and forty hex digits.
    pub consumer_secret: String,
    /// `read`, `write` or `read_write`.
    pub permissions: String,
}

impl Keys {
    pub(crate) fn may_read(&self) -> bool {
        self.permissions != "write"
    }

    pub(crate) fn may_write(&self) -> bool {
        self.permissions != "read"
    }
}
