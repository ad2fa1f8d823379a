//! What a platform sent us, before and after its signature was checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::RemoteShop;
use domain::message::{Body, Raw};
use domain::money::Currency;
use http::HeaderMap;
use subtle::ConstantTimeEq as _;

use crate::{ErrorKind, PlatformError, Result};

/// A request that reached us, untouched: nobody knows yet whether it is the platform's.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// Headers.
    pub headers: &'a HeaderMap,
    /// The query string as it came.
    pub query: &'a str,
    /// The body, byte for byte.
    pub body: &'a Bytes,
}

impl Delivery<'_> {
    /// A header's text, if it is there and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A delivery whose signature was right. It can only be made by comparing signatures.
pub struct Verified<'a> {
    delivery: Delivery<'a>,
}

impl<'a> Verified<'a> {
    /// Compares the signature that a delivery shows with those that it should have (one for each secret that
    /// is valid now), in constant time.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`] if none is equal.
    pub fn compare(delivery: Delivery<'a>, shown: &[u8], expected: &[Vec<u8>]) -> Result<Self> {
        let mut equal = subtle::Choice::from(0);
        for signature in expected {
            equal |= signature.ct_eq(shown);
        }
        if bool::from(equal) {
            Ok(Self { delivery })
        } else {
            Err(PlatformError::new(ErrorKind::Unauthorized, "verify", "the signature is wrong"))
        }
    }

    /// What goes to the queue: the body, and the headers that `keep` names (in lower case).
    #[must_use]
    pub fn into_raw(self, keep: &[&str]) -> Raw {
        let headers = keep
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.delivery.header(name)?.to_owned())))
            .collect();
        let body = match std::str::from_utf8(self.delivery.body) {
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Base64(STANDARD.encode(self.delivery.body)),
        };
        Raw { headers, body }
    }
}

/// A message out of an event bus's envelope. The bus let nobody but the platform send it.
#[derive(Debug)]
pub struct Enveloped {
    /// The shop that it came from.
    pub shop: RemoteShop,
    /// The message.
    pub raw: Raw,
}

/// A verified message as its platform reads it.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The headers that were kept, names in lower case.
    pub headers: &'a [(String, String)],
    /// The body, byte for byte.
    pub body: &'a [u8],
    /// The currency of the store's prices, where the message does not say it.
    pub currency: Option<Currency>,
}

impl Message<'_> {
    /// A kept header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
