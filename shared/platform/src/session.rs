//! What a call to a shop needs: its address, its credentials, and the outside.

use domain::money::Currency;
use secrecy::SecretString;

use crate::{Clock, Dice, Http};

/// A store as its platform needs it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The shop's address.
    pub address: String,
    /// The currency of its prices, once known.
    pub currency: Option<Currency>,
    /// Its credentials, and what connecting found out: one document whose shape only its platform knows.
    pub credentials: SecretString,
    /// The credentials of our app on the platform, where it has apps; a document that only the platform knows.
    pub app: Option<SecretString>,
}

/// What a call to a shop is handed.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// The HTTP client.
    pub http: &'a dyn Http,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Randomness, for nonces.
    pub dice: &'a dyn Dice,
    /// The store.
    pub session: &'a Session,
}
