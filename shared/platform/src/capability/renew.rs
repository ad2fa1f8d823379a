//! Renewing credentials that run out.

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::{Ctx, Result};

/// Renewing credentials that run out. It is called in the store's lane only, by one worker at a time.
#[async_trait]
pub trait Renew: Send + Sync {
    /// When the credentials must be renewed; none if they do not run out.
    fn due(&self, credentials: &SecretString) -> Option<Timestamp>;
    /// The new credentials document. If its answer is lost, calling again with the old one must be possible.
    ///
    /// # Errors
    /// `Unauthorized` if the shop must be connected again.
    async fn renew(&self, ctx: &Ctx<'_>) -> Result<SecretString>;
}
