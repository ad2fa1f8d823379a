//! Reading what a platform sends: pure, no I/O.

use domain::event::{DedupKey, Event};
use secrecy::SecretString;

use crate::{Delivery, Message, Result, Verified};

/// Reading what a platform sends.
pub trait Webhooks: Send + Sync {
    /// Whether a delivery is the platform's unsigned greeting: it is answered 200 and changes nothing.
    fn is_greeting(&self, delivery: &Delivery<'_>) -> bool;
    /// Checks the signature over the raw bytes with the store's credentials.
    ///
    /// # Errors
    /// `Unauthorized` if it is missing or wrong.
    fn verify<'a>(&self, delivery: Delivery<'a>, credentials: &SecretString) -> Result<Verified<'a>>;
    /// The headers that must travel with the body for it to be read, in lower case.
    fn headers(&self) -> &'static [&'static str];
    /// The platform's word for what the message is about, for history.
    fn topic(&self, message: &Message<'_>) -> String;
    /// What the message is about, to spread a busy store over groups: an order, a product.
    fn entity(&self, message: &Message<'_>) -> String;
    /// What the message says.
    ///
    /// # Errors
    /// `Malformed` if it cannot be read: it is parked.
    fn events(&self, message: &Message<'_>) -> Result<Vec<(DedupKey, Event)>>;
}
