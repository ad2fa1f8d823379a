//! API keys: shown once, kept as a hash.

use std::sync::Arc;

use domain::{KeyId, OrgId};
use platform::{Clock, Dice};
use ports::{ApiKey, Directory};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{HubError, Outside, Result};

/// What every API key starts with.
const PREFIX: &str = "slk_";

/// API keys.
#[derive(Clone)]
pub struct Keys {
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
}

impl Keys {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
        }
    }

    /// Makes a key for a merchant (a new one without `org`) and returns its secret: it is not kept.
    ///
    /// # Errors
    /// What the directory says.
    pub async fn make(&self, org: Option<OrgId>, name: &str) -> Result<(OrgId, SecretString)> {
        let now = self.clock.now();
        let org = org.unwrap_or_else(|| OrgId::make(now, self.dice.ten()));
        let mut bytes = [0; 32];
        self.dice.fill(&mut bytes);
        let secret = format!("{PREFIX}{}", data_encoding::BASE32_NOPAD.encode(&bytes).to_lowercase());
        let key = ApiKey {
            id: KeyId::make(now, self.dice.ten()),
            org: org.clone(),
            name: name.to_owned(),
            hash: hash(&secret),
            created_at: now,
        };
        self.directory.put_key(&key).await?;
        Ok((org, SecretString::from(secret)))
    }

    /// The merchant that a key opens.
    ///
    /// # Errors
    /// [`HubError::Unauthorized`] for a key that is not one of ours.
    pub async fn open(&self, shown: &SecretString) -> Result<OrgId> {
        Ok(self.known(shown).await?.org)
    }

    /// The key that is shown, with the name that people gave it.
    ///
    /// # Errors
    /// [`HubError::Unauthorized`] for a key that is not one of ours.
    pub async fn known(&self, shown: &SecretString) -> Result<ApiKey> {
        let shown = shown.expose_secret();
        let key =
            if shown.starts_with(PREFIX) { self.directory.key_by_hash(&hash(shown)).await? } else { None };
        key.ok_or(HubError::Unauthorized(
            "the API key is missing or unknown: send `Authorization: Bearer <key>`",
        ))
    }
}

fn hash(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
