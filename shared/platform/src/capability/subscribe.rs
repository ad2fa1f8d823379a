//! Asking a platform to send what happens.

use async_trait::async_trait;
use url::Url;

use crate::{Ctx, Result};

/// Where a platform shall send. The secret that signs is part of the store's credentials.
#[derive(Debug, Clone)]
pub struct Hook<'a> {
    /// The address.
    pub url: &'a Url,
}

/// What was found and done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Topics that were there and switched on.
    pub healthy: Vec<String>,
    /// Topics that were missing and were made.
    pub created: Vec<String>,
    /// Topics that were switched off, or pointed elsewhere, and were mended. What they should have sent since
    /// is lost: read what changed.
    pub repaired: Vec<String>,
}

/// Asking a platform to send what happens.
#[async_trait]
pub trait Subscribe: Send + Sync {
    /// Sees that every topic that the hub needs is there, switched on, and points to the address.
    async fn subscribe(&self, ctx: &Ctx<'_>, hook: &Hook<'_>) -> Result<Subscription>;
    /// Takes away what points to the address.
    async fn unsubscribe(&self, ctx: &Ctx<'_>, hook: &Hook<'_>) -> Result<()>;
}
