//! Checking and understanding what the shop sends: pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use domain::RemoteShop;
use domain::event::{DedupKey, Event};
use domain::message::{Body, Raw};
use platform::{Delivery, Enveloped, ErrorKind, Message, PlatformError, Result, Secrets, Verified, Webhooks};
use serde::Deserialize;
use serde_json::Map;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::Shopify;
use crate::app::App;
use crate::credentials::Credentials;
use crate::events::{about, events_of, malformed};
use crate::query_signature::hmac_sha256;
use crate::shop_domain::strict;

/// The header that shows the signature, in either family.
pub(crate) const CHECKED: &str = "shopify-hmac-sha256";
/// The two families of headers: of webhooks, and of what comes after them.
const FAMILIES: [&str; 2] = ["x-shopify-", "shopify-"];
/// The headers that travel with the body.
pub(crate) const KEPT: [&str; 12] = [
    "x-shopify-topic",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-triggered-at",
    "x-shopify-api-version",
    "x-shopify-shop-domain",
    "shopify-topic",
    "shopify-webhook-id",
    "shopify-event-id",
    "shopify-triggered-at",
    "shopify-api-version",
    "shopify-shop-domain",
];

impl Webhooks for Shopify {
    fn is_greeting(&self, _delivery: &Delivery<'_>) -> bool {
        false
    }

    fn locate(&self, delivery: &Delivery<'_>) -> Option<RemoteShop> {
        strict(of_delivery(delivery, "shop-domain")?)
    }

    fn verify<'a>(&self, delivery: Delivery<'a>, secrets: &Secrets<'_>) -> Result<Verified<'a>> {
        let wrong = |message| PlatformError::new(ErrorKind::Unauthorized, "verify", message);
        let store = secrets.store.and_then(|document| Credentials::read(document).ok());
        let app = secrets.app.and_then(|document| App::read(document).ok());
        let mut keys: Vec<&str> = app.as_ref().map(App::secrets).unwrap_or_default();
        keys.extend(store.as_ref().and_then(Credentials::own_secret));
        keys.retain(|key| !key.is_empty());
        if keys.is_empty() {
            return Err(wrong(
                "there is no secret to check deliveries with; connect the store again with its app's API secret key",
            ));
        }
        let shown = of_delivery(&delivery, "hmac-sha256")
            .ok_or_else(|| wrong("the delivery has no signature"))?
            .trim()
            .to_owned();
        let expected: Vec<Vec<u8>> =
            keys.iter().map(|key| signature(key, delivery.body).into_bytes()).collect();
        Verified::compare(delivery, shown.as_bytes(), &expected)
    }

    fn enveloped(&self, envelope: &[u8]) -> Result<Enveloped> {
        let wrong = |message| PlatformError::new(ErrorKind::Malformed, "envelope", message);
        let envelope: Envelope = serde_json::from_slice(envelope)
            .map_err(|_| wrong("this is not an event of Shopify; see what else sends to this event bus"))?;
        let headers: Vec<(String, String)> = envelope
            .detail
            .metadata
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned())))
            .collect();
        let domain = FAMILIES.iter().find_map(|family| {
            let name = format!("{family}shop-domain");
            headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
        });
        let shop = domain.and_then(strict).ok_or_else(|| wrong("the event names no shop"))?;
        let headers = headers.into_iter().filter(|(name, _)| KEPT.contains(&name.as_str())).collect();
        let body = Body::Text(envelope.detail.payload.get().to_owned());
        Ok(Enveloped { shop, raw: Raw { headers, body } })
    }

    fn headers(&self) -> &'static [&'static str] {
        &KEPT
    }

    fn topic(&self, message: &Message<'_>) -> String {
        of_message(message, "topic").unwrap_or("unknown").to_owned()
    }

    fn entity(&self, message: &Message<'_>) -> String {
        about(of_message(message, "topic").unwrap_or("unknown"), message.body)
    }

    fn events(&self, message: &Message<'_>) -> Result<Vec<(DedupKey, Event)>> {
        let topic = of_message(message, "topic")
            .ok_or_else(|| malformed("the delivery names no topic; see what else calls this address"))?;
        let name = match of_message(message, "webhook-id").filter(|id| !id.trim().is_empty()) {
            Some(id) => format!("{topic} {}", id.trim()),
            None => format!("{topic} body {}", HEXLOWER.encode(&Sha256::digest(message.body))),
        };
        let events = events_of(topic, message.body, message.currency)?;
        let keyed = events.into_iter().enumerate().map(|(at, event)| {
            let key = if at == 0 { name.clone() } else { format!("{name} {at}") };
            (DedupKey::new(key), event)
        });
        Ok(keyed.collect())
    }
}

/// An event of an event bus, as far as it matters.
#[derive(Deserialize)]
struct Envelope {
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    payload: Box<RawValue>,
    metadata: Map<String, serde_json::Value>,
}

/// The signature that the shop sends along: base 64 of HMAC-SHA256 over the raw body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(secret.as_bytes(), body))
}

fn of_delivery<'a>(delivery: &Delivery<'a>, name: &str) -> Option<&'a str> {
    FAMILIES.iter().find_map(|family| {
        delivery.headers.get(format!("{family}{name}").as_str()).and_then(|value| value.to_str().ok())
    })
}

fn of_message<'a>(message: &'a Message<'_>, name: &str) -> Option<&'a str> {
    FAMILIES.iter().find_map(|family| message.header(&format!("{family}{name}")))
}
