//! Secrets in memory, with versions that never come back.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{OrgId, PlatformSlug, StoreId};
use ports::{ErrorKind, PortError, Result, Secret, Vault, VaultWrite};
use secrecy::SecretString;

type Kept = (SecretString, u64);

/// Secrets in memory.
#[derive(Debug, Default)]
pub struct MemoryVault {
    all: Mutex<Held>,
}

#[derive(Debug, Clone, Default)]
struct Held {
    stores: BTreeMap<OrgId, BTreeMap<StoreId, Kept>>,
    apps: BTreeMap<String, Kept>,
    versions: u64,
}

impl Clone for MemoryVault {
    /// A snapshot.
    fn clone(&self) -> Self {
        Self { all: Mutex::new(self.held().clone()) }
    }
}

impl MemoryVault {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn secret((value, version): &Kept) -> Secret {
    Secret { value: value.clone(), version: version.to_string() }
}

fn is(kept: Option<&Kept>, version: Option<&str>) -> bool {
    kept.map(|kept| kept.1.to_string()).as_deref() == version
}

fn name(platform: &PlatformSlug) -> Result<String> {
    let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    let name = platform.as_str();
    if name.is_empty() || !name.chars().all(plain) {
        return Err(PortError::new(ErrorKind::Refused, "vault.app", "this names no platform"));
    }
    Ok(name.to_owned())
}

#[async_trait]
impl Vault for MemoryVault {
    async fn read(&self, org: &OrgId, store: &StoreId) -> Result<Option<Secret>> {
        Ok(self.held().stores.get(org).and_then(|stores| stores.get(store)).map(secret))
    }

    async fn replace_if(
        &self,
        org: &OrgId,
        store: &StoreId,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        let mut held = self.held();
        if !is(held.stores.get(org).and_then(|stores| stores.get(store)), version) {
            return Ok(VaultWrite::Raced);
        }
        held.versions += 1;
        let new = held.versions;
        held.stores.entry(org.clone()).or_default().insert(store.clone(), (value.clone(), new));
        Ok(VaultWrite::Done(new.to_string()))
    }

    async fn forget(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        if let Some(stores) = self.held().stores.get_mut(org) {
            stores.remove(store);
        }
        Ok(())
    }

    async fn app(&self, platform: &PlatformSlug) -> Result<Option<Secret>> {
        Ok(self.held().apps.get(&name(platform)?).map(secret))
    }

    async fn replace_app_if(
        &self,
        platform: &PlatformSlug,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        let name = name(platform)?;
        let mut held = self.held();
        if !is(held.apps.get(&name), version) {
            return Ok(VaultWrite::Raced);
        }
        held.versions += 1;
        let new = held.versions;
        held.apps.insert(name, (value.clone(), new));
        Ok(VaultWrite::Done(new.to_string()))
    }
}
