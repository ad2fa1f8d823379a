//! Large things: bodies that do not fit a message, pictures.

use async_trait::async_trait;
use domain::OrgId;

use crate::Result;

/// Large things under keys of a merchant. Keys are made by us: letters, digits, `-`, `_`, `.` and `/`.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Keeps bytes under a key; when it returns, they are on disk (or in S3).
    async fn put(&self, org: &OrgId, key: &str, bytes: &[u8]) -> Result<()>;
    /// Forgets the bytes of a key.
    async fn remove(&self, org: &OrgId, key: &str) -> Result<()>;
    /// Reads the bytes of a key.
    async fn get(&self, org: &OrgId, key: &str) -> Result<Option<Vec<u8>>>;
}
