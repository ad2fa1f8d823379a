//! Connecting through the browser of a shop's owner, begun here or by the platform.

use std::sync::Arc;

use domain::{OrgId, PlatformSlug, StoreId};
use jiff::SignedDuration;
use platform::{Begin, Delivery, ErrorKind, Proof, ShopAddress};
use ports::PendingConnect;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Connect, Connected, no_connect};
use crate::{HubError, Result};

/// How long a connection that was begun in a browser may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);
/// How long an installation that began at the platform waits to be claimed.
const UNCLAIMED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Where a browser goes on, and what it must bring back.
#[derive(Debug)]
pub struct Onward {
    /// The page of the shop.
    pub url: Url,
    /// Proves that the answer comes through the same browser.
    pub browser: SecretString,
}

/// Where a connection through a browser ended.
#[derive(Debug)]
pub enum Landed {
    /// The store is connected.
    Connected(Box<Connected>),
    /// The platform began it, and nobody here has claimed the shop yet.
    Unclaimed {
        /// What the shop calls itself.
        name: String,
        /// Claims the shop, once.
        code: SecretString,
    },
}

impl Connect {
    /// Begins a connection: the page to which the browser of the shop's owner is sent.
    ///
    /// # Errors
    /// [`HubError::Platform`] with what is wrong with the address.
    pub async fn begin(&self, org: &OrgId, slug: &PlatformSlug, typed: &str, name: &str) -> Result<Url> {
        let platform = Arc::clone(self.platforms.get(slug)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(slug))?;
        let shop = authorize.shop_of(typed)?;
        self.refuse_foreign(org, slug, &shop).await?;
        let pending = self.pending(Some(org), slug, &shop, name);
        if !authorize.answers_by_browser() {
            return self.shop_page(pending).await;
        }
        // Said at once rather than in the browser of somebody else.
        self.app_of(slug).await?;
        let ticket = self.unguessable();
        self.directory.put_pending(&hash(&ticket), &pending).await?;
        let mut url = self.public(&format!("oauth/{slug}/go"))?;
        url.query_pairs_mut().append_pair("ticket", ticket.expose_secret());
        Ok(url)
    }

    /// Sends a browser that came with a ticket on to the shop: only this browser can bring the answer.
    ///
    /// # Errors
    /// [`HubError::State`] for a ticket that is unknown, used or too old.
    pub async fn go(&self, slug: &PlatformSlug, ticket: &SecretString) -> Result<Onward> {
        let pending = self.take(slug, ticket).await?;
        self.onward(pending).await
    }

    /// Answers a signed request with which the platform itself begins: nobody has claimed the shop yet.
    ///
    /// # Errors
    /// [`HubError::Platform`] if the request is not the platform's.
    pub async fn install(&self, slug: &PlatformSlug, request: &Delivery<'_>) -> Result<Onward> {
        let platform = Arc::clone(self.platforms.get(slug)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(slug))?;
        let app = self.app_of(slug).await?;
        let shop = authorize.install(request, &app, self.clock.now()).map_err(|error| match error.kind {
            ErrorKind::Unauthorized => HubError::Unauthorized("the request is not signed by the platform"),
            _ => HubError::Platform(error),
        })?;
        self.onward(self.pending(None, slug, &shop, "")).await
    }

    /// Takes a shop's answer: its state counts once, and the shop is proved by calling it.
    ///
    /// # Errors
    /// [`HubError::State`] for a state that is unknown, used, too old, or of another browser.
    pub async fn callback(
        &self,
        slug: &PlatformSlug,
        answer: &Delivery<'_>,
        browser: Option<&SecretString>,
    ) -> Result<Landed> {
        let platform = Arc::clone(self.platforms.get(slug)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(slug))?;
        let state = authorize.state_of(answer)?;
        let pending = self.take(slug, &SecretString::from(state)).await?;
        if let Some(begun) = &pending.browser {
            // Hashes are compared: how far they agree tells nothing of what was hashed.
            if browser.map(hash).as_ref() != Some(begun) {
                return Err(HubError::State);
            }
        }
        let nobody = OrgId::derive(&["unclaimed"]);
        let org = pending.org.clone().unwrap_or(nobody);
        let address = ShopAddress { shop: pending.shop.clone(), address: pending.address.clone() };
        let empty = self.candidate(&org, slug, &address, SecretString::from("")).await?;
        let credentials = authorize.redeem(&empty.ctx(), answer).await?;
        let candidate = self.candidate(&org, slug, &address, credentials).await?;
        let proof = authorize.prove(&candidate.ctx()).await?;
        refuse_other(&proof, &pending)?;
        if let Some(org) = &pending.org {
            return Ok(Landed::Connected(Box::new(self.join(org, slug, proof, &pending.name).await?)));
        }
        // The owner of a shop that is known connects it again by installing again.
        if let Some((owner, _)) = self.directory.store_of_shop(slug, &proof.shop.shop).await? {
            return Ok(Landed::Connected(Box::new(self.join(&owner, slug, proof, "").await?)));
        }
        self.leave_unclaimed(slug, proof).await
    }

    /// Claims a shop whose installation began at its platform.
    ///
    /// # Errors
    /// [`HubError::State`] for a code that is unknown, used or too old.
    pub async fn claim(&self, org: &OrgId, code: &SecretString, name: &str) -> Result<Connected> {
        let taken = self.directory.take_pending(&hash(code), self.clock.now()).await?;
        let pending = taken.filter(|pending| pending.org.is_none()).ok_or(HubError::State)?;
        let (nobody, place) = unclaimed(&pending.platform, &pending.shop);
        let kept = self.vault.read(&nobody, &place).await?.ok_or(HubError::State)?;
        let platform = Arc::clone(self.platforms.get(&pending.platform)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(&pending.platform))?;
        let address = ShopAddress { shop: pending.shop.clone(), address: pending.address.clone() };
        let mut candidate = self.candidate(org, &pending.platform, &address, kept.value).await?;
        if let Some(fresh) = self.access.renewed(&candidate).await? {
            candidate = self.candidate(org, &pending.platform, &address, fresh).await?;
        }
        let proof = authorize.prove(&candidate.ctx()).await?;
        refuse_other(&proof, &pending)?;
        let connected = self.join(org, &pending.platform, proof, name).await?;
        self.vault.forget(&nobody, &place).await?;
        Ok(connected)
    }

    async fn leave_unclaimed(&self, slug: &PlatformSlug, proof: Proof) -> Result<Landed> {
        let (nobody, place) = unclaimed(slug, &proof.shop.shop);
        self.put_away(&nobody, &place, &proof.credentials).await?;
        let code = self.unguessable();
        let mut pending = self.pending(None, slug, &proof.shop, &proof.name);
        pending.expires_at = self.clock.now() + UNCLAIMED;
        self.directory.put_pending(&hash(&code), &pending).await?;
        Ok(Landed::Unclaimed { name: proof.name, code })
    }

    /// Binds a connection under way to the browser that is here now.
    async fn onward(&self, mut pending: PendingConnect) -> Result<Onward> {
        let browser = self.unguessable();
        pending.browser = Some(hash(&browser));
        pending.expires_at = self.clock.now() + PATIENCE;
        Ok(Onward { url: self.shop_page(pending).await?, browser })
    }

    /// The page of the shop, under a state of its own.
    async fn shop_page(&self, pending: PendingConnect) -> Result<Url> {
        let slug = &pending.platform;
        let platform = Arc::clone(self.platforms.get(slug)?);
        let authorize = platform.authorize().ok_or_else(|| no_connect(slug))?;
        let state = self.unguessable();
        let app = self.access.app(slug).await?;
        let shop = ShopAddress { shop: pending.shop.clone(), address: pending.address.clone() };
        let url = authorize.begin(&Begin {
            shop: &shop,
            callback: &self.public(&format!("oauth/{slug}/callback"))?,
            return_to: &self.public(&format!("oauth/{slug}/done"))?,
            state: state.expose_secret(),
            app_name: &self.settings.app_name,
            app: app.as_ref(),
        })?;
        self.directory.put_pending(&hash(&state), &pending).await?;
        Ok(url)
    }

    async fn take(&self, slug: &PlatformSlug, once: &SecretString) -> Result<PendingConnect> {
        let pending = self.directory.take_pending(&hash(once), self.clock.now()).await?;
        pending.filter(|pending| &pending.platform == slug).ok_or(HubError::State)
    }

    fn pending(
        &self,
        org: Option<&OrgId>,
        slug: &PlatformSlug,
        shop: &ShopAddress,
        name: &str,
    ) -> PendingConnect {
        PendingConnect {
            org: org.cloned(),
            platform: slug.clone(),
            shop: shop.shop.clone(),
            name: name.to_owned(),
            address: shop.address.clone(),
            browser: None,
            expires_at: self.clock.now() + PATIENCE,
        }
    }

    /// Thirty-two bytes that nobody can guess, as text.
    fn unguessable(&self) -> SecretString {
        let mut bytes = [0; 32];
        self.dice.fill(&mut bytes);
        data_encoding::HEXLOWER.encode(&bytes).into()
    }
}

/// Where the credentials of a shop lie that nobody has claimed: in the vault alone, under no merchant.
fn unclaimed(slug: &PlatformSlug, shop: &domain::RemoteShop) -> (OrgId, StoreId) {
    (OrgId::derive(&["unclaimed"]), StoreId::derive(&["unclaimed", slug.as_str(), shop.as_str()]))
}

fn refuse_other(proof: &Proof, pending: &PendingConnect) -> Result<()> {
    if proof.shop.shop == pending.shop {
        return Ok(());
    }
    Err(HubError::Invalid(format!("the keys belong to {}, not to {}", proof.shop.shop, pending.shop)))
}

fn hash(secret: &SecretString) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.expose_secret().as_bytes()))
}
