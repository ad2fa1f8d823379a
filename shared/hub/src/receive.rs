//! Receiving a delivery: found, verified, queued, and only then answered.
//!
//! Nothing is written to the ledger here: an entry without its message would make the platform's retry
//! look like a duplicate and lose the order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::message::{Body, Inbox, Message, MessageV1, Raw};
use domain::store::{Condition, Store};
use domain::{PlatformSlug, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::{Clock, Delivery, Dice, Platform, Secrets, Verified, Webhooks};
use ports::{Blobs, Directory, Queue, Send, SendName, Vault};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::{HubError, Outside, Platforms, Result};

/// A body above this goes to the blob store, and the message carries its key.
const INLINE_BYTES: usize = 128 * 1024;
/// How long a store and its credentials are kept in memory.
const KEEP: SignedDuration = SignedDuration::from_mins(5);
/// A wrong signature makes the credentials be read afresh, at most once in this time per store.
const AFRESH: SignedDuration = SignedDuration::from_secs(10);
/// Stores kept in memory; more than that and all are read again.
const STORES: usize = 1_000;
/// One busy store is spread over this many groups.
const SHARDS: u8 = 8;

/// Receiving deliveries.
#[derive(Clone)]
pub struct Receive {
    directory: Arc<dyn Directory>,
    vault: Arc<dyn Vault>,
    blobs: Arc<dyn Blobs>,
    inbox: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    platforms: Platforms,
    known: Arc<Mutex<HashMap<StoreId, Known>>>,
}

/// A store as it is kept in memory.
#[derive(Clone)]
struct Known {
    store: Arc<Store>,
    credentials: Option<SecretString>,
    app: Option<SecretString>,
    read_at: Timestamp,
}

impl Known {
    fn secrets(&self) -> Secrets<'_> {
        Secrets { store: self.credentials.as_ref(), app: self.app.as_ref() }
    }
}

/// What became of a delivery. Either is answered 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is in the queue.
    Queued,
    /// It was the platform's greeting.
    Greeted,
    /// It is of a shop that is not connected, and was never: there is nothing here that it could be about.
    Passed,
}

const UNKNOWN: HubError = HubError::Unauthorized("the store is unknown or the signature is wrong");

/// What receiving needs, for a program that does nothing else.
#[derive(Clone)]
pub struct Intake {
    /// Stores.
    pub directory: Arc<dyn Directory>,
    /// Credentials.
    pub vault: Arc<dyn Vault>,
    /// Large bodies.
    pub blobs: Arc<dyn Blobs>,
    /// The queue of platforms' messages.
    pub inbox: Arc<dyn Queue>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub dice: Arc<dyn Dice>,
    /// The platforms.
    pub platforms: Platforms,
}

impl Receive {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self::of(Intake {
            directory: Arc::clone(&outside.directory),
            vault: Arc::clone(&outside.vault),
            blobs: Arc::clone(&outside.blobs),
            inbox: Arc::clone(&outside.inbox),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
            platforms: outside.platforms.clone(),
        })
    }

    /// Receiving alone.
    #[must_use]
    pub fn of(intake: Intake) -> Self {
        let Intake { directory, vault, blobs, inbox, clock, dice, platforms } = intake;
        Self { directory, vault, blobs, inbox, clock, dice, platforms, known: Arc::default() }
    }

    /// Takes a delivery for a store: verified, queued.
    ///
    /// # Errors
    /// [`HubError::Unauthorized`] for an unknown store or a wrong signature, alike for both.
    pub async fn receive(&self, platform: &str, store: &str, delivery: Delivery<'_>) -> Result<Received> {
        let store: StoreId = store.parse().map_err(|_| UNKNOWN)?;
        let slug = PlatformSlug::new(platform);
        let platform = Arc::clone(self.platforms.get(&slug).map_err(|_| UNKNOWN)?);
        let known = match self.recall(&store) {
            Some(known) => known,
            None => self.read(&store).await?.ok_or(UNKNOWN)?,
        };
        if known.store.platform != slug || known.store.condition == Condition::Disconnected {
            return Err(UNKNOWN);
        }
        let webhooks = platform.webhooks().ok_or(UNKNOWN)?;
        if webhooks.is_greeting(&delivery) {
            return Ok(Received::Greeted);
        }
        if webhooks.locate(&delivery).is_some_and(|shop| shop != known.store.shop) {
            return Err(UNKNOWN);
        }
        let verified = self.verify(webhooks, delivery, &known).await?;
        self.queue(&known.store, platform.as_ref(), verified.into_raw(webhooks.headers())).await?;
        Ok(Received::Queued)
    }

    /// Takes a delivery that came to the address of a whole platform and names its shop by itself.
    ///
    /// # Errors
    /// [`HubError::Unauthorized`] for a wrong signature, whether the shop is known or not.
    pub async fn receive_located(&self, platform: &str, delivery: Delivery<'_>) -> Result<Received> {
        let slug = PlatformSlug::new(platform);
        let platform = Arc::clone(self.platforms.get(&slug).map_err(|_| UNKNOWN)?);
        let webhooks = platform.webhooks().ok_or(UNKNOWN)?;
        let shop = webhooks.locate(&delivery).ok_or(UNKNOWN)?;
        let Some((_, store)) = self.directory.store_of_shop(&slug, &shop).await? else {
            let app = self.vault.app(&slug).await?.map(|secret| secret.value);
            let secrets = Secrets { store: None, app: app.as_ref() };
            webhooks.verify(delivery, &secrets).map_err(|_| UNKNOWN)?;
            return Ok(Received::Passed);
        };
        let known = match self.recall(&store) {
            Some(known) => known,
            None => self.read(&store).await?.ok_or(UNKNOWN)?,
        };
        let verified = self.verify(webhooks, delivery, &known).await?;
        self.queue(&known.store, platform.as_ref(), verified.into_raw(webhooks.headers())).await?;
        Ok(Received::Queued)
    }

    /// Takes a message out of an event bus that lets nobody but the platform send it.
    ///
    /// # Errors
    /// [`HubError::Platform`] if the envelope is not one of the platform's.
    pub async fn receive_enveloped(&self, slug: &PlatformSlug, envelope: &[u8]) -> Result<Received> {
        let platform = Arc::clone(self.platforms.get(slug)?);
        let Some(webhooks) = platform.webhooks() else {
            return Err(HubError::Invalid(format!("{slug} sends no messages")));
        };
        let enveloped = webhooks.enveloped(envelope)?;
        let Some((org, store)) = self.directory.store_of_shop(slug, &enveloped.shop).await? else {
            return Ok(Received::Passed);
        };
        let Some(store) = self.directory.store(&org, &store).await? else { return Ok(Received::Passed) };
        self.queue(&store, platform.as_ref(), enveloped.raw).await?;
        Ok(Received::Queued)
    }

    /// Checks a signature; the secrets are read afresh when it is wrong, since they rotate.
    async fn verify<'a>(
        &self,
        webhooks: &dyn Webhooks,
        delivery: Delivery<'a>,
        known: &Known,
    ) -> Result<Verified<'a>> {
        match webhooks.verify(delivery, &known.secrets()) {
            Ok(verified) => Ok(verified),
            Err(_) if self.clock.now().duration_since(known.read_at) > AFRESH => {
                let afresh = self.read(&known.store.id).await?.ok_or(UNKNOWN)?;
                webhooks.verify(delivery, &afresh.secrets()).map_err(|_| UNKNOWN)
            }
            Err(_) => Err(UNKNOWN),
        }
    }

    /// Puts a message into the queue whose origin is sure.
    async fn queue(&self, store: &Store, platform: &dyn Platform, mut raw: Raw) -> Result<()> {
        let Some(webhooks) = platform.webhooks() else { return Ok(()) };
        let entity = match &raw.body {
            Body::Text(text) => {
                let message =
                    platform::Message { headers: &raw.headers, body: text.as_bytes(), currency: None };
                webhooks.entity(&message)
            }
            Body::Base64(_) | Body::Blob(_) => String::new(),
        };
        raw.body = self.aside(store, raw.body).await?;
        let group = format!("{}#{}", store.id, shard(&entity));
        let message = Message::V1(MessageV1::Inbox(Inbox {
            org: store.org.clone(),
            store: store.id.clone(),
            platform: store.platform.clone(),
            received_at: self.clock.now(),
            raw: Raw { headers: raw.headers, body: raw.body },
        }));
        let name = SendName(data_encoding::HEXLOWER.encode(&self.dice.ten()));
        self.inbox.send(Send { message, group, name }).await?;
        Ok(())
    }

    /// Puts a large body into the blob store.
    async fn aside(&self, store: &Store, body: Body) -> Result<Body> {
        let bytes = match &body {
            Body::Text(text) if text.len() > INLINE_BYTES => text.as_bytes().to_vec(),
            Body::Base64(text) if text.len() > INLINE_BYTES => {
                STANDARD.decode(text).map_err(|_| HubError::Invalid("the body cannot be kept".into()))?
            }
            Body::Text(_) | Body::Base64(_) | Body::Blob(_) => return Ok(body),
        };
        let key = format!("inbox/{}", data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)));
        self.blobs.put(&store.org, &key, &bytes).await?;
        Ok(Body::Blob(key))
    }

    fn recall(&self, store: &StoreId) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(store)?;
        (self.clock.now().duration_since(found.read_at) < KEEP).then(|| found.clone())
    }

    async fn read(&self, id: &StoreId) -> Result<Option<Known>> {
        let Some(org) = self.directory.org_of(id).await? else { return Ok(None) };
        let Some(store) = self.directory.store(&org, id).await? else { return Ok(None) };
        let credentials = self.vault.read(&org, id).await?.map(|secret| secret.value);
        let app = self.vault.app(&store.platform).await?.map(|secret| secret.value);
        let known = Known { store: Arc::new(store), credentials, app, read_at: self.clock.now() };
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= STORES {
            all.clear();
        }
        all.insert(id.clone(), known.clone());
        Ok(Some(known))
    }
}

fn shard(entity: &str) -> u8 {
    let sum = entity.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    u8::try_from(sum % u32::from(SHARDS)).unwrap_or(0)
}
