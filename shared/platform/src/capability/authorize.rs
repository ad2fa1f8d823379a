//! Connecting a shop: through its owner's browser, or with pasted keys.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::RemoteShop;
use domain::money::Currency;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::{Ctx, Delivery, ErrorKind, PlatformError, Result};

/// An address that a person gave, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopAddress {
    /// What the platform calls the shop: the same shop always has the same value.
    pub shop: RemoteShop,
    /// Its address, as it is to be called.
    pub address: String,
}

/// What the browser's way to the shop begins with.
#[derive(Debug, Clone)]
pub struct Begin<'a> {
    /// The shop.
    pub shop: &'a ShopAddress,
    /// Where the platform shall send its answer.
    pub callback: &'a Url,
    /// Where the browser shall come back to.
    pub return_to: &'a Url,
    /// Unguessable, used once.
    pub state: &'a str,
    /// What the shop's owner sees as the name of who asks.
    pub app_name: &'a str,
    /// The credentials of our app on the platform, where it has apps.
    pub app: Option<&'a SecretString>,
}

/// Something about a shop's set-up that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A stable word for it.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub advice: String,
    /// Whether stock cannot be written because of it.
    pub blocks_writing: bool,
}

/// A shop that answered with these credentials.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The shop that answered.
    pub shop: ShopAddress,
    /// What the shop calls itself.
    pub name: String,
    /// The currency of its prices.
    pub currency: Option<Currency>,
    /// Its time zone, as it states it.
    pub zone: Option<String>,
    /// Its credentials, with what was found out about how to call it.
    pub credentials: SecretString,
    /// What its owner should know.
    pub findings: Vec<Finding>,
}

/// Connecting a shop.
#[async_trait]
pub trait Authorize: Send + Sync {
    /// Whether the owner's browser brings the answer: then it must be the browser that began.
    fn answers_by_browser(&self) -> bool {
        false
    }
    /// The shop of a signed request with which the platform itself begins a connection; pure.
    ///
    /// # Errors
    /// `Unauthorized` if it is not the platform's, `Unsupported` if the platform begins none.
    fn install(&self, request: &Delivery<'_>, app: &SecretString, now: Timestamp) -> Result<ShopAddress> {
        let _ = (request, app, now);
        Err(PlatformError::new(ErrorKind::Unsupported, "install", "connections of this platform begin here"))
    }
    /// Understands an address that a person typed.
    ///
    /// # Errors
    /// `Rejected` with what is wrong with it.
    fn shop_of(&self, typed: &str) -> Result<ShopAddress>;
    /// The page of the shop to which its owner's browser is sent.
    ///
    /// # Errors
    /// `Rejected` if the shop would refuse the addresses given.
    fn begin(&self, begin: &Begin<'_>) -> Result<Url>;
    /// The one-time state that an answer carries; pure.
    ///
    /// # Errors
    /// `Malformed` if the answer is not of the platform's shape.
    fn state_of(&self, answer: &Delivery<'_>) -> Result<String>;
    /// The credentials that an answer carries or leads to; the session has the shop's address and no credentials.
    ///
    /// # Errors
    /// `Malformed` if the answer is not of the platform's shape.
    async fn redeem(&self, ctx: &Ctx<'_>, answer: &Delivery<'_>) -> Result<SecretString>;
    /// The credentials of our app, made of fields that its owner gave; pure.
    ///
    /// # Errors
    /// `Rejected` naming the field that is missing or cannot be right, `Unsupported` if the platform has no apps.
    fn app(&self, fields: &BTreeMap<String, SecretString>) -> Result<SecretString> {
        let _ = fields;
        Err(PlatformError::new(ErrorKind::Unsupported, "app", "this platform needs no app"))
    }
    /// The credentials document made of pasted fields.
    ///
    /// # Errors
    /// `Rejected` naming the field that is missing or cannot be right.
    fn paste(&self, fields: &BTreeMap<String, SecretString>) -> Result<SecretString>;
    /// Calls the shop with the session's credentials and finds out how it is to be called.
    ///
    /// # Errors
    /// `Unauthorized` with what to do next, or what kept the shop from answering.
    async fn prove(&self, ctx: &Ctx<'_>) -> Result<Proof>;
}
