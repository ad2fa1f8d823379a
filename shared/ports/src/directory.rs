//! Stores, API keys, and connections under way.

use async_trait::async_trait;
use domain::store::Store;
use domain::{KeyId, OrgId, PlatformSlug, RemoteShop, StoreId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Decisions, Result};

/// Whether a conditional write took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It did.
    Done,
    /// The record had moved since it was read: read again and decide again.
    Raced,
}

/// An API key; only the hash of its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// The merchant whose rows it opens.
    pub org: OrgId,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the secret, in hexadecimal.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A connection that was begun in a browser and waits for its platform's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingConnect {
    /// The merchant; none if the platform began it and nobody has claimed the shop yet.
    pub org: Option<OrgId>,
    /// The platform.
    pub platform: PlatformSlug,
    /// The shop it was begun for; the answer must belong to it.
    pub shop: RemoteShop,
    /// What people call the shop.
    pub name: String,
    /// The shop's address as its owner gave it.
    pub address: String,
    /// SHA-256 of what the browser that began must bring, in hexadecimal; none if no browser brings the answer.
    #[serde(default)]
    pub browser: Option<String>,
    /// After this it counts no more.
    pub expires_at: Timestamp,
}

/// Stores, API keys, and connections under way.
#[async_trait]
pub trait Directory: Send + Sync {
    /// What merchants decided about their numbers; none where nothing can be decided.
    fn decisions(&self) -> Option<&dyn Decisions> {
        None
    }

    /// Creates a store with version 0 and claims its shop: [`Written::Raced`] if the shop is claimed already.
    async fn create_store(&self, store: &Store) -> Result<Written>;
    /// Writes a store whose record still has `store.version`; the stored version becomes one more.
    async fn change_store(&self, store: &Store) -> Result<Written>;
    /// Reads a store of a merchant, consistently.
    async fn store(&self, org: &OrgId, store: &StoreId) -> Result<Option<Store>>;
    /// Finds the merchant of a store; for messages that only name the store.
    async fn org_of(&self, store: &StoreId) -> Result<Option<OrgId>>;
    /// Finds the store that has claimed a shop.
    async fn store_of_shop(
        &self,
        platform: &PlatformSlug,
        shop: &RemoteShop,
    ) -> Result<Option<(OrgId, StoreId)>>;
    /// All stores of a merchant, the oldest first.
    async fn stores(&self, org: &OrgId) -> Result<Vec<Store>>;
    /// All merchants.
    async fn orgs(&self) -> Result<Vec<OrgId>>;

    /// Keeps an API key, and its merchant in the list of all merchants.
    async fn put_key(&self, key: &ApiKey) -> Result<()>;
    /// Finds an API key by the hash of its secret.
    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>>;

    /// Keeps a connection under way, under the hash of its one-time state.
    async fn put_pending(&self, state_hash: &str, pending: &PendingConnect) -> Result<()>;
    /// Takes a connection under way out, once: a second call, or one after its end, finds nothing.
    async fn take_pending(&self, state_hash: &str, now: Timestamp) -> Result<Option<PendingConnect>>;
}
