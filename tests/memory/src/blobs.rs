//! Large things in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use domain::OrgId;
use ports::{Blobs, ErrorKind, PortError, Result};

/// Large things in memory.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    all: Mutex<BTreeMap<(OrgId, String), Vec<u8>>>,
}

/// Letters, digits, `-`, `_` and `.` between slashes.
fn key_of(org: &OrgId, key: &str) -> Result<(OrgId, String)> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.');
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
    if !key.split('/').all(part) {
        return Err(PortError::new(ErrorKind::Refused, "blobs", "this is no key of a blob"));
    }
    Ok((org.clone(), key.to_owned()))
}

impl MemoryBlobs {
    /// The keys of a merchant.
    #[must_use]
    pub fn keys(&self, org: &OrgId) -> Vec<String> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.keys().filter(|(of, _)| of == org).map(|(_, key)| key.clone()).collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, org: &OrgId, key: &str, bytes: &[u8]) -> Result<()> {
        let key = key_of(org, key)?;
        self.all.lock().unwrap_or_else(PoisonError::into_inner).insert(key, bytes.to_vec());
        Ok(())
    }

    async fn remove(&self, org: &OrgId, key: &str) -> Result<()> {
        let key = key_of(org, key)?;
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        Ok(())
    }

    async fn get(&self, org: &OrgId, key: &str) -> Result<Option<Vec<u8>>> {
        let key = key_of(org, key)?;
        Ok(self.all.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned())
    }
}
