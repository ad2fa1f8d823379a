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
/// So many secrets are kept in memory; more than that and all are read again.
const KEPT: usize = 1_000;

/// Credentials of stores in the table, sealed; what they began with, and those of our apps, in Secrets Manager.
#[derive(Clone)]
pub struct SealedVault {
    table: Table,
    secrets: SecretVault,
    /// Keys by the version of their secret; the newest by no version.
    seals: Arc<Mutex<HashMap<String, Arc<Seal>>>>,
    newest: Arc<Mutex<Option<String>>>,
    /// What lies in Secrets Manager, by name and version: of one version there is never another value.
    kept: Arc<Mutex<HashMap<(Name, String), SecretString>>>,
}

/// Whose secret it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Store(OrgId, StoreId),
    App(PlatformSlug),
}

impl Name {
    /// The row that decides.
    fn row(&self) -> Key {
        match self {
            Self::Store(org, store) => key::secret(org, store),
            Self::App(platform) => key::app_secret(platform),
        }
    }
}

impl SealedVault {
    pub(crate) fn new(table: Table, secrets: SecretVault) -> Self {
        Self { table, secrets, seals: Arc::default(), newest: Arc::default(), kept: Arc::default() }
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

    async fn find(&self, op: &'static str, name: &Name) -> Result<Option<Secret>> {
        self.secrets.of(name)?;
        let Some(row) = self.table.get(op, &name.row()).await? else { return Ok(None) };
        let version = text(&row, VERSION)?.to_owned();
        if let Some(at) = maybe_text(&row, LIES_AT) {
            let value = self.lying(op, name, at).await?;
            return Ok(value.map(|value| Secret { value, version }));
        }
        let Name::Store(org, store) = name else { return Err(corrupt("an app's secret is never sealed")) };
        let seal = self.seal(op, text(&row, SEALED_WITH)?).await?;
        let sealed = row.get(SEALED).and_then(|value| value.as_b().ok());
        let opened = sealed.and_then(|sealed| seal.open(sealed.as_ref(), &place(org, store)));
        let value = opened.ok_or_else(|| {
            corrupt("a store's credentials do not open: their row was changed; connect the store again")
        })?;
        Ok(Some(Secret { value: value.into(), version }))
    }

    /// What lies in Secrets Manager, asked for once.
    async fn lying(&self, op: &'static str, name: &Name, at: &str) -> Result<Option<SecretString>> {
        let place = (name.clone(), at.to_owned());
        if let Some(value) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(Some(value.clone()));
        }
        let Some(secret) = self.secrets.at(op, name, at).await? else { return Ok(None) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(place, secret.value.clone());
        Ok(Some(secret.value))
    }

    /// Credentials that go to Secrets Manager: put there, and then led to if the row still has the version.
    async fn lead(&self, name: &Name, from: Option<&str>, value: &SecretString) -> Result<VaultWrite> {
        const OP: &str = "replace_if";
        self.secrets.of(name)?;
        let there = self.table.get(OP, &name.row()).await?;
        if there.as_ref().and_then(|row| maybe_text(row, VERSION)) != from {
            return Ok(VaultWrite::Raced);
        }
        let at = self.secrets.put(name, value).await?;
        let version = nonce();
        let row = Row::from([(VERSION.to_owned(), s(&version)), (LIES_AT.to_owned(), s(at))]);
        let write = Write::put(name.row(), row);
        let write = match from {
            None => write.if_new(),
            Some(from) => write.when("#version = :from").with(":from", s(from)),
        };
        self.done(OP, write, version).await
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
        self.find("read", &Name::Store(org.clone(), store.clone())).await
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
            None => self.lead(&Name::Store(org.clone(), store.clone()), None, value).await,
            Some(from) => self.renew(key::secret(org, store), &place(org, store), from, value).await,
        }
    }

    async fn forget(&self, org: &OrgId, store: &StoreId) -> Result<()> {
        // Without its row a secret is found by nobody; a crash in between leaves one that the next call takes.
        self.table.one("forget", Write::delete(key::secret(org, store))).await?;
        self.secrets.forget(org, store).await
    }

    async fn app(&self, platform: &PlatformSlug) -> Result<Option<Secret>> {
        self.find("app", &Name::App(platform.clone())).await
    }

    async fn replace_app_if(
        &self,
        platform: &PlatformSlug,
        version: Option<&str>,
        value: &SecretString,
    ) -> Result<VaultWrite> {
        self.table.may_write("replace_app_if")?;
        self.lead(&Name::App(platform.clone()), version, value).await
    }
}

impl std::fmt::Debug for SealedVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedVault").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}
