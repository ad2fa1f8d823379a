//! The vault of stores: what a shop was connected with lies in Secrets Manager, what is renewed is sealed in the table.
//!
//! A row of the table decides: it names the version, and either where the secret lies or holds it sealed. So a
//! renewal is one conditional write. Secrets Manager, which takes one write in ten minutes for long and charges
//! every call, is written when a store is connected and when it is forgotten.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{OrgId, PlatformSlug, StoreId};
use ports::{ErrorKind, PortError, Result, Secret, Vault, VaultWrite};
use secrecy::{ExposeSecret as _, SecretString};

use crate::Table;
use crate::seal::Seal;
use crate::table::{Key, Row, Took, Write, corrupt, key, maybe_text, nonce, s, text};
use crate::vault::SecretVault;

/// The version of the row.
const VERSION: &str = "version";
/// The version of the secret that the row leads to.
const LIES_AT: &str = "at";
/// What is sealed.
const SEALED: &str = "sealed";
/// The version of the secret whose key it is sealed with.
const SEALED_WITH: &str = "seal";

/// Credentials of stores in the table, sealed; what they began with, and those of our apps, in Secrets Manager.
#[derive(Clone)]
pub struct SealedVault {
    table: Table,
    secrets: SecretVault,
    /// Keys by the version of their secret; the newest by no version.
    seals: Arc<Mutex<HashMap<String, Arc<Seal>>>>,
    newest: Arc<Mutex<Option<String>>>,
}

impl SealedVault {
    pub(crate) fn new(table: Table, secrets: SecretVault) -> Self {
        Self { table, secrets, seals: Arc::default(), newest: Arc::default() }
    }

    /// The same vault for somebody who only reads: writes are refused before they are sent.
    #[must_use]
    pub fn reading(self) -> Self {
        Self { table: self.table.reading(), secrets: self.secrets.reading(), ..self }
    }

    /// The same vault for somebody who reads and renews, and neither connects nor forgets: nothing is written to
    /// Secrets Manager.
    #[must_use]
    pub fn renewing(self) -> Self {
        Self { secrets: self.secrets.reading(), ..self }
    }

    /// The key of a version of its secret.
    async fn seal(&self, op: &'static str, version: &str) -> Result<Arc<Seal>> {
        if let Some(seal) = self.known(version) {
            return Ok(seal);
        }
        let Some(secret) = self.secrets.seal_of(op, Some(version)).await? else {
            let message =
                "the key that a store's credentials are sealed with is gone: connect the store again";
            return Err(PortError::new(ErrorKind::Corrupt, op, message));
        };
        self.keep(&secret)
    }

    /// The key that is sealed with now, and its version.
    async fn newest(&self, op: &'static str) -> Result<(String, Arc<Seal>)> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((version, seal)) =
            newest.and_then(|version| Some((version.clone(), self.known(&version)?)))
        {
            return Ok((version, seal));
        }
        let Some(secret) = self.secrets.seal_of(op, None).await? else {
            let message =
                "the secret that credentials are sealed with is not there: deploy the template again";
            return Err(PortError::new(ErrorKind::Refused, op, message));
        };
        let seal = self.keep(&secret)?;
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.version.clone());
        Ok((secret.version, seal))
    }

    fn known(&self, version: &str) -> Option<Arc<Seal>> {
        self.seals.lock().unwrap_or_else(PoisonError::into_inner).get(version).cloned()
    }

    fn keep(&self, secret: &Secret) -> Result<Arc<Seal>> {
        let seal = Seal::of(secret.value.expose_secret());
        let seal = Arc::new(seal.ok_or_else(|| corrupt("the secret that is sealed with is too short"))?);
        let mut seals = self.seals.lock().unwrap_or_else(PoisonError::into_inner);
        seals.insert(secret.version.clone(), Arc::clone(&seal));
        Ok(seal)
    }

    async fn secret_of(&self, row: &Row, org: &OrgId, store: &StoreId) -> Result<Option<Secret>> {
        const OP: &str = "read";
        let version = text(row, VERSION)?.to_owned();
        if let Some(at) = maybe_text(row, LIES_AT) {
            let kept = self.secrets.at(OP, org, store, at).await?;
            return Ok(kept.map(|secret| Secret { value: secret.value, version }));
        }
        let seal = self.seal(OP, text(row, SEALED_WITH)?).await?;
        let sealed = row.get(SEALED).and_then(|value| value.as_b().ok());
        let opened = sealed.and_then(|sealed| seal.open(sealed.as_ref(), &place(org, store)));
        let value = opened.ok_or_else(|| {
            corrupt("a store's credentials do not open: their row was changed; connect the store again")
        })?;
        Ok(Some(Secret { value: value.into(), version }))
    }

    /// The first credentials of a store: kept, and then led to.
    async fn begin(&self, org: &OrgId, store: &StoreId, value: &SecretString) -> Result<VaultWrite> {
        const OP: &str = "replace_if";
        let own = key::secret(org, store);
        if self.table.get(OP, &own).await?.is_some() {
            return Ok(VaultWrite::Raced);
        }
        let at = self.secrets.put(org, store, value).await?;
        let version = nonce();
        let row = Row::from([(VERSION.to_owned(), s(&version)), (LIES_AT.to_owned(), s(at))]);
        self.done(OP, Write::put(own, row).if_new(), version).await
    }

    /// Other credentials of a store: sealed into its row.
    async fn renew(&self, own: Key, place: &str, from: &str, value: &SecretString) -> Result<VaultWrite> {
        const OP: &str = "replace_if";
        let (with, seal) = self.newest(OP).await?;
        let sealed = seal.close(value.expose_secret(), place).ok_or_else(|| {
            PortError::new(ErrorKind::Refused, OP, "the credentials are too large to be sealed")
        })?;
        let version = nonce();
        let row = Row::from([
            (VERSION.to_owned(), s(&version)),
            (SEALED_WITH.to_owned(), s(with)),
            (SEALED.to_owned(), AttributeValue::B(Blob::new(sealed))),
        ]);
        self.done(OP, Write::put(own, row).when("#version = :from").with(":from", s(from)), version).await
    }

    async fn done(&self, op: &'static str, write: Write, version: String) -> Result<VaultWrite> {
        Ok(match self.table.one(op, write).await? {
            Took::Done(_) => VaultWrite::Done(version),
            Took::Refused(_) => VaultWrite::Raced,
        })
    }
}

/// What a sealed text belongs to.
fn place(org: &OrgId, store: &StoreId) -> String {
    format!("{org}/{store}")
}

#[async_trait]
impl Vault for SealedVault {
    async fn read(&self, org: &OrgId, store: &StoreId) -> Result<Option<Secret>> {
        match self.table.get("read", &key::secret(org, store)).await? {
            None => Ok(None),
            Some(row) => self.secret_of(&row, org, store).await,
        }
    }

    async fn replace_if(
        &self,
        org: &OrgId,
        store: &StoreId,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.table.may_write("replace_if")?;
        match version {
            None => self.begin(org, store, value).await,
            Some(from) => self.renew(key::secret(org, store), &place(org, store), from, value).await,
        }
    }

    async fn forget(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        // Without its row a secret is found by nobody; a crash in between leaves one that the next call takes.
        self.table.one("forget", Write::delete(key::secret(org, store))).await?;
        self.secrets.forget(org, store).await
    }

    async fn app(&self, platform: &PlatformSlug) -> Result<Option<Secret>> {
        self.secrets.app(platform).await
    }

    async fn replace_app_if(
        &self,
        platform: &PlatformSlug,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.secrets.replace_app_if(platform, version, value).await
    }
}

impl std::fmt::Debug for SealedVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedVault").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}
