//! Our app on a platform: its credentials are given once per hub, and used for every shop.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::PlatformSlug;
use ports::VaultWrite;
use secrecy::SecretString;

use super::{Connect, no_connect};
use crate::{HubError, Result};

impl Connect {
    /// Keeps the credentials of our app on a platform.
    ///
    /// # Errors
    /// [`HubError::Platform`] with the field that is missing or cannot be right.
    pub async fn set_app(&self, slug: &PlatformSlug, fields: &BTreeMap<String, SecretString>) -> Result<()> {
        let platform = Arc::clone(self.platforms.get(slug)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(slug))?;
        let document = authorize.app(fields)?;
        for _ in 0..5 {
            let old = self.vault.app(slug).await?;
            let version = old.as_ref().map(|secret| secret.version.as_str());
            let written = self.vault.replace_app_if(slug, version, &document).await?;
            if matches!(written, VaultWrite::Done(_)) {
                return Ok(());
            }
        }
        Err(HubError::Conflict("the app is being changed by others at the same time".into()))
    }

    /// The credentials of our app on a platform.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if nobody gave any.
    pub(super) async fn app_of(&self, slug: &PlatformSlug) -> Result<SecretString> {
        self.access.app(slug).await?.ok_or_else(|| {
            HubError::Conflict(format!(
                "this hub has no app on {slug} yet: give its credentials with `storeloom app {slug}`, or connect \
                 the shop with keys of its own"
            ))
        })
    }
}
