//! Connecting a store: through its owner's browser or with pasted keys, always proved by calling it.

mod app;
mod browser;

pub use browser::{Landed, Onward};

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::run::{Extent, Stream};
use domain::store::{Condition, Phase, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{OrgId, PlatformSlug, StoreId};
use platform::{Clock, Dice, Finding, Proof, Session, ShopAddress};
use ports::{Directory, Schedule, Schedules, Vault, VaultWrite, Written};
use secrecy::SecretString;
use url::Url;

use crate::access::{Access, Shop};
use crate::alerts::{Alert, Alerts};
use crate::dispatch::Dispatch;
use crate::stores::Stores;
use crate::sync::Sync;
use crate::{HubError, Outside, Platforms, Result, Settings};

/// Connecting stores.
#[derive(Clone)]
pub struct Connect {
    directory: Arc<dyn Directory>,
    vault: Arc<dyn Vault>,
    schedules: Arc<dyn Schedules>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    platforms: Platforms,
    settings: Settings,
    access: Access,
    alerts: Alerts,
    dispatch: Dispatch,
    stores: Stores,
    sync: Sync,
}

/// A store that was connected.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The store.
    pub store: Store,
    /// Whether it was known and is connected again.
    pub again: bool,
    /// What its owner should know.
    pub findings: Vec<Finding>,
}

impl Connect {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            vault: Arc::clone(&outside.vault),
            schedules: Arc::clone(&outside.schedules),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
            platforms: outside.platforms.clone(),
            settings: outside.settings.clone(),
            access: Access::new(outside),
            alerts: Alerts::new(outside),
            dispatch: Dispatch::new(outside),
            stores: Stores::new(outside),
            sync: Sync::new(outside),
        }
    }

    /// Connects a shop with pasted keys.
    ///
    /// # Errors
    /// [`HubError::Platform`] with what is wrong with the keys or the shop.
    pub async fn paste(
        &self,
        org: &OrgId,
        slug: &PlatformSlug,
        typed: &str,
        name: &str,
        fields: &BTreeMap<String, SecretString>,
    ) -> Result<Connected> {
        let platform = Arc::clone(self.platforms.get(slug)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(slug))?;
        let shop = authorize.shop_of(typed)?;
        self.refuse_foreign(org, slug, &shop).await?;
        let candidate = self.candidate(org, slug, &shop, authorize.paste(fields)?).await?;
        let proof = authorize.prove(&candidate.ctx()).await?;
        self.join(org, slug, proof, name).await
    }

    /// Checks a store's connection again, without changing anything.
    ///
    /// # Errors
    /// [`HubError::Platform`] with what is wrong and what to do next.
    pub async fn examine(&self, org: &OrgId, id: &StoreId) -> Result<Proof> {
        let shop = self.access.shop(self.access.store(org, id).await?).await?;
        let authorize = shop.platform.authorize().ok_or_else(|| no_connect(&shop.store.platform))?;
        Ok(authorize.prove(&shop.ctx()).await?)
    }

    /// A shop that somebody else has claimed is not connected.
    async fn refuse_foreign(&self, org: &OrgId, slug: &PlatformSlug, shop: &ShopAddress) -> Result<()> {
        match self.directory.store_of_shop(slug, &shop.shop).await? {
            Some((owner, _)) if &owner != org => Err(HubError::Conflict(format!(
                "{} is connected to another account: it must be disconnected there first",
                shop.shop
            ))),
            _ => Ok(()),
        }
    }

    async fn join(&self, org: &OrgId, slug: &PlatformSlug, proof: Proof, name: &str) -> Result<Connected> {
        self.refuse_foreign(org, slug, &proof.shop).await?;
        let known = self.directory.store_of_shop(slug, &proof.shop.shop).await?;
        let connected = match known {
            Some((_, id)) => self.join_again(org, &id, &proof).await?,
            None => self.join_new(org, slug, &proof, name).await?,
        };
        for finding in &proof.findings {
            self.tell(&connected.store, finding).await?;
        }
        for stream in Stream::ALL {
            // Customers cannot be read by what changed on every platform, and nothing waits for them.
            let times = if stream == Stream::Customers { 60 } else { 1 };
            let every_seconds = self.settings.interval_seconds.saturating_mul(times);
            let (org, store) = (org.clone(), connected.store.id.clone());
            self.schedules.put(&Schedule { org, store, stream, every_seconds }).await?;
        }
        if connected.store.phase == Phase::Joining {
            self.sync.start(&connected.store, Stream::Catalog, Extent::Full).await?;
        }
        let now = self.clock.now();
        let (org, store) = (org, &connected.store.id);
        let work = LaneWork::new(org, store, Priority::Incremental, Verb::Subscribe, now);
        self.dispatch.work(&[work]).await?;
        Ok(connected)
    }

    async fn join_new(
        &self,
        org: &OrgId,
        slug: &PlatformSlug,
        proof: &Proof,
        name: &str,
    ) -> Result<Connected> {
        let now = self.clock.now();
        let others = self.directory.stores(org).await?;
        let store = Store {
            id: StoreId::make(now, self.dice.ten()),
            org: org.clone(),
            platform: slug.clone(),
            shop: proof.shop.shop.clone(),
            name: if name.is_empty() { proof.name.clone() } else { name.to_owned() },
            address: proof.shop.address.clone(),
            currency: proof.currency,
            zone: proof.zone.clone(),
            phase: Phase::Joining,
            condition: Condition::Active,
            opens_books: !others.iter().any(|other| other.opens_books),
            location: domain::LocationId::main(),
            created_at: now,
            baseline_at: None,
            writing_since: None,
            allocation: None,
            raises: None,
            version: 0,
        };
        if self.directory.create_store(&store).await? == Written::Raced {
            return Err(HubError::Conflict(format!("{} is being connected already", store.shop)));
        }
        self.keep(&store, &proof.credentials).await?;
        Ok(Connected { store, again: false, findings: proof.findings.clone() })
    }

    async fn join_again(&self, org: &OrgId, id: &StoreId, proof: &Proof) -> Result<Connected> {
        let mut store = self.access.store(org, id).await?;
        self.keep(&store, &proof.credentials).await?;
        if store.phase != Phase::Joining {
            // What is to be read is in the lane before anything else can be done there.
            self.stores.catch_up(&store).await?;
        }
        for _ in 0..8 {
            store.condition = Condition::Active;
            store.address.clone_from(&proof.shop.address);
            store.currency = proof.currency;
            store.zone.clone_from(&proof.zone);
            if self.directory.change_store(&store).await? == Written::Done {
                store.version += 1;
                break;
            }
            store = self.access.store(org, id).await?;
        }
        self.alerts.settle(org, ExceptionKind::StoreHeld, Some(id), "").await?;
        Ok(Connected { store, again: true, findings: proof.findings.clone() })
    }

    async fn keep(&self, store: &Store, credentials: &SecretString) -> Result<()> {
        self.put_away(&store.org, &store.id, credentials).await
    }

    async fn put_away(&self, org: &OrgId, store: &StoreId, credentials: &SecretString) -> Result<()> {
        for _ in 0..5 {
            let old = self.vault.read(org, store).await?;
            let version = old.as_ref().map(|secret| secret.version.as_str());
            let written = self.vault.replace_if(org, store, version, credentials).await?;
            if matches!(written, VaultWrite::Done(_)) {
                return Ok(());
            }
        }
        Err(HubError::Conflict("the store is being connected by others at the same time".into()))
    }

    async fn tell(&self, store: &Store, finding: &Finding) -> Result<()> {
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::StoreSetup,
                subject: finding.code,
                message: format!("{}: {}", store.name, finding.message),
                advice: &finding.advice,
                facts: vec![("code", finding.code.to_owned())],
            })
            .await
    }

    async fn candidate(
        &self,
        org: &OrgId,
        slug: &PlatformSlug,
        shop: &ShopAddress,
        credentials: SecretString,
    ) -> Result<Shop> {
        let now = self.clock.now();
        let store = Store {
            id: StoreId::make(now, self.dice.ten()),
            org: org.clone(),
            platform: slug.clone(),
            shop: shop.shop.clone(),
            name: String::new(),
            address: shop.address.clone(),
            currency: None,
            zone: None,
            phase: Phase::Joining,
            condition: Condition::Active,
            opens_books: false,
            location: domain::LocationId::main(),
            created_at: now,
            baseline_at: None,
            writing_since: None,
            allocation: None,
            raises: None,
            version: 0,
        };
        let app = self.access.app(slug).await?;
        let session = Session { address: shop.address.clone(), currency: None, credentials, app };
        self.access.candidate(store, session)
    }

    fn public(&self, path: &str) -> Result<Url> {
        let public = &self.settings.public_url;
        public.join(path).map_err(|_| HubError::Invalid(format!("`{public}` cannot be this hub's address")))
    }
}

fn no_connect(slug: &PlatformSlug) -> HubError {
    HubError::Invalid(format!("{slug} is not connected this way"))
}
