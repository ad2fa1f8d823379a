//! Reaching a store's platform: the store, its credentials, its platform, together.

use std::sync::Arc;

use domain::store::Store;
use domain::{OrgId, PlatformSlug, StoreId};
use platform::{Clock, Ctx, Dice, Http, Platform, Session};
use ports::{Directory, Vault, VaultWrite};
use secrecy::SecretString;

use crate::{HubError, Outside, Platforms, Result};

/// Reaching stores' platforms.
#[derive(Clone)]
pub struct Access {
    directory: Arc<dyn Directory>,
    vault: Arc<dyn Vault>,
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    platforms: Platforms,
}

/// A store that can be called.
pub struct Shop {
    /// The store.
    pub store: Store,
    /// Its platform.
    pub platform: Arc<dyn Platform>,
    session: Session,
    /// The version at which the credentials were read.
    version: String,
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
}

impl Shop {
    /// Whether its credentials run out and can be renewed.
    #[must_use]
    pub fn can_renew(&self) -> bool {
        self.platform.renew().is_some_and(|renew| renew.due(&self.session.credentials).is_some())
    }

    /// What a call to the shop is handed.
    #[must_use]
    pub fn ctx(&self) -> Ctx<'_> {
        Ctx {
            http: self.http.as_ref(),
            clock: self.clock.as_ref(),
            dice: self.dice.as_ref(),
            session: &self.session,
        }
    }
}

impl Access {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            vault: Arc::clone(&outside.vault),
            http: Arc::clone(&outside.http),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
            platforms: outside.platforms.clone(),
        }
    }

    /// A merchant's store.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if the merchant has no such store.
    pub async fn store(&self, org: &OrgId, store: &StoreId) -> Result<Store> {
        self.directory.store(org, store).await?.ok_or_else(|| HubError::not_found("store", store))
    }

    /// The credentials of our app on a platform, if it has any.
    ///
    /// # Errors
    /// What the vault says.
    pub async fn app(&self, platform: &PlatformSlug) -> Result<Option<SecretString>> {
        Ok(self.vault.app(platform).await?.map(|secret| secret.value))
    }

    /// A store with its credentials and its platform.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store, [`HubError::Conflict`] if it has no credentials.
    pub async fn shop(&self, store: Store) -> Result<Shop> {
        let platform = Arc::clone(self.platforms.get(&store.platform)?);
        let secret = self.vault.read(&store.org, &store.id).await?.ok_or_else(|| {
            HubError::Conflict(format!("the credentials of `{}` are gone: connect it again", store.name))
        })?;
        let session = Session {
            address: store.address.clone(),
            currency: store.currency,
            credentials: secret.value,
            app: self.app(&store.platform).await?,
        };
        Ok(Shop {
            store,
            platform,
            session,
            version: secret.version,
            http: Arc::clone(&self.http),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
        })
    }

    /// New credentials of a shop whose credentials run out; none if they need none yet.
    ///
    /// # Errors
    /// What the platform says.
    pub async fn renewed(&self, shop: &Shop) -> Result<Option<SecretString>> {
        let Some(renew) = shop.platform.renew() else { return Ok(None) };
        match renew.due(&shop.session.credentials) {
            Some(due) if due <= self.clock.now() => Ok(Some(renew.renew(&shop.ctx()).await?)),
            Some(_) | None => Ok(None),
        }
    }

    /// New credentials of a shop, now.
    ///
    /// # Errors
    /// What the platform says.
    pub async fn renew_now(&self, shop: &Shop) -> Result<SecretString> {
        let renew = shop.platform.renew().ok_or_else(|| {
            HubError::Conflict(format!("the credentials of `{}` cannot be renewed", shop.store.name))
        })?;
        Ok(renew.renew(&shop.ctx()).await?)
    }

    /// Replaces a shop's credentials, if they still are those that it was called with; false if they are not.
    ///
    /// # Errors
    /// What the vault says.
    pub async fn replace(&self, shop: &Shop, fresh: &SecretString) -> Result<bool> {
        let store = &shop.store;
        let written = self.vault.replace_if(&store.org, &store.id, Some(&shop.version), fresh).await?;
        Ok(matches!(written, VaultWrite::Done(_)))
    }

    /// A shop that is being connected: called with this session, kept nowhere yet.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for an unknown platform.
    pub fn candidate(&self, store: Store, session: Session) -> Result<Shop> {
        let platform = Arc::clone(self.platforms.get(&store.platform)?);
        Ok(Shop {
            store,
            platform,
            session,
            version: String::new(),
            http: Arc::clone(&self.http),
            clock: Arc::clone(&self.clock),
            dice: Arc::clone(&self.dice),
        })
    }
}
