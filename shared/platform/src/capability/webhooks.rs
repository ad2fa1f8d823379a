//! Reading what a platform sends: pure, no I/O.

use domain::RemoteShop;
use domain::event::{DedupKey, Event};
use secrecy::SecretString;

use crate::{Delivery, Enveloped, ErrorKind, Message, PlatformError, Result, Verified};

/// What a signature can be made with.
#[derive(Debug, Clone, Copy)]
pub struct Secrets<'a> {
    /// The store's credentials; none for a shop that is not connected (any more).
    pub store: Option<&'a SecretString>,
    /// The credentials of our app on the platform, where it has apps.
    pub app: Option<&'a SecretString>,
}

/// Reading what a platform sends.
pub trait Webhooks: Send + Sync {
    /// Whether a delivery is the platform's unsigned greeting: it is answered 200 and changes nothing.
    fn is_greeting(&self, delivery: &Delivery<'_>) -> bool;
    /// The shop that a delivery names by itself, where deliveries of all shops may come to one address.
    fn locate(&self, delivery: &Delivery<'_>) -> Option<RemoteShop> {
        let _ = delivery;
        None
    }
    /// Checks the signature over the raw bytes.
    ///
    /// # Errors
    /// `Unauthorized` if it is missing or wrong.
    fn verify<'a>(&self, delivery: Delivery<'a>, secrets: &Secrets<'_>) -> Result<Verified<'a>>;
    /// The same message as an event bus that checked its origin carries it: its envelope's payload and headers.
    ///
    /// # Errors
    /// `Malformed` if it is not such an envelope, `Unsupported` if the platform has none.
    fn enveloped(&self, envelope: &[u8]) -> Result<Enveloped> {
        let _ = envelope;
        Err(PlatformError::new(ErrorKind::Unsupported, "envelope", "this platform sends no events"))
    }
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
