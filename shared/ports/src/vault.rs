//! Secrets: a store's credentials are one document whose shape only its platform knows, and so are an app's.

use async_trait::async_trait;
use domain::{OrgId, PlatformSlug, StoreId};
use secrecy::SecretString;

use crate::Result;

/// A secret and the version it was read at.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The document.
    pub value: SecretString,
    /// Names this version; a replacement names what it replaces.
    pub version: String,
}

/// What replacing a secret did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultWrite {
    /// It was replaced; this is its new version.
    Done(String),
    /// Another version is there: read again.
    Raced,
}

/// Secrets of stores and of our apps, sealed.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Reads a store's credentials.
    async fn read(&self, org: &OrgId, store: &StoreId) -> Result<Option<Secret>>;
    /// Replaces a store's credentials if their version still is `version` (none: there are none yet).
    async fn replace_if(
        &self,
        org: &OrgId,
        store: &StoreId,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite>;
    /// Forgets a store's credentials.
    async fn forget(&self, org: &OrgId, store: &StoreId) -> Result<()>;
    /// Reads the credentials of our app on a platform.
    async fn app(&self, platform: &PlatformSlug) -> Result<Option<Secret>>;
    /// Replaces the credentials of our app on a platform if their version still is `version` (none: there are
    /// none yet).
    async fn replace_app_if(
        &self,
        platform: &PlatformSlug,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite>;
}
