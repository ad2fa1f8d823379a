//! Reading what the shop sends: pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use domain::event::{About, DedupKey, Event};
use domain::money::Currency;
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId, customer};
use platform::{Delivery, ErrorKind, Message, PlatformError, Result, Secrets, Verified, Webhooks};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::WooCommerce;
use crate::catalog::odd;
use crate::credentials::Credentials;
use crate::oauth1::hmac_sha256;
use crate::read::Complaint;
use crate::wire::customer::Customer;
use crate::wire::loose::Id;
use crate::wire::order::{Order, Refunded};
use crate::wire::product::Product;

const OP: &str = "events";
const TOPIC: &str = "x-wc-webhook-topic";
const SIGNATURE: &str = "x-wc-webhook-signature";
const KEPT: [&str; 4] = [TOPIC, "x-wc-webhook-id", "x-wc-webhook-delivery-id", "x-wc-webhook-source"];

impl Webhooks for WooCommerce {
    fn is_greeting(&self, delivery: &Delivery<'_>) -> bool {
        let digits =
            std::str::from_utf8(delivery.body).ok().and_then(|body| body.strip_prefix("webhook_id="));
        let shaped = digits.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()));
        shaped && !delivery.headers.keys().any(|name| name.as_str().starts_with("x-wc-"))
    }

    fn verify<'a>(&self, delivery: Delivery<'a>, secrets: &Secrets<'_>) -> Result<Verified<'a>> {
        let wrong = |message| PlatformError::new(ErrorKind::Unauthorized, "verify", message);
        let document = secrets.store.ok_or_else(|| wrong("the shop is not connected"))?;
        let secret = Credentials::read(document)?.webhook_secret;
        if secret.is_empty() {
            return Err(wrong("the store has no secret for webhooks; connect it again"));
        }
        let shown = delivery
            .header(SIGNATURE)
            .ok_or_else(|| wrong("the delivery has no signature"))?
            .trim()
            .to_owned();
        let expected = signature(&secret, delivery.body).into_bytes();
        Verified::compare(delivery, shown.as_bytes(), &[expected])
    }

    fn headers(&self) -> &'static [&'static str] {
        &KEPT
    }

    fn topic(&self, message: &Message<'_>) -> String {
        message.header(TOPIC).unwrap_or("unknown").to_owned()
    }

    fn entity(&self, message: &Message<'_>) -> String {
        let topic = message.header(TOPIC).unwrap_or("unknown");
        let noun = topic.split('.').next().unwrap_or(topic);
        match serde_json::from_slice::<Named>(message.body).ok().and_then(|named| named.id.0) {
            Some(id) => format!("{noun} {id}"),
            None => noun.to_owned(),
        }
    }

    fn events(&self, message: &Message<'_>) -> Result<Vec<(DedupKey, Event)>> {
        let topic = message
            .header(TOPIC)
            .ok_or_else(|| malformed("the delivery names no topic; see what else calls this address"))?;
        let event = event_of(topic, message.body, message.currency)?;
        // The shop's delivery id is the same for all that one webhook sends within a second: the body decides.
        let hash = HEXLOWER.encode(&Sha256::digest(message.body));
        Ok(vec![(DedupKey::new(format!("{topic} {hash}")), event)])
    }
}

/// A body of which only the id matters.
#[derive(Deserialize)]
struct Named {
    id: Id,
}

/// The signature that the shop sends along: base 64 of HMAC-SHA256 over the raw body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(secret.as_bytes(), body))
}

fn malformed(message: &str) -> PlatformError {
    PlatformError::new(ErrorKind::Malformed, OP, message)
}

fn event_of(topic: &str, body: &[u8], currency: Option<Currency>) -> Result<Event> {
    let (noun, verb) = topic.split_once('.').unwrap_or((topic, ""));
    if !matches!(noun, "order" | "product" | "customer") {
        return Ok(match noun {
            "action" => Event::Ignored("an action hook of the shop: not one that the hub asked for"),
            "coupon" => Event::Ignored("coupons are not kept here"),
            _ => Event::Ignored("a topic that the hub does not know"),
        });
    }
    let text = std::str::from_utf8(body).map_err(|_| malformed("the delivery is not UTF-8 text"))?;
    if let Some(complaint) = Complaint::read(text).filter(|complaint| complaint.status().is_some()) {
        // The shop builds the body when it sends, and says `restored` and `deleted` of pages and orders on the topics
        // of products, too: whoever comes back from its trash is not what the topic names.
        if complaint.names_nothing() {
            return Ok(Event::Ignored(
                "the shop says that there is no such record: it is gone, or never was one",
            ));
        }
        return Err(malformed(
            "the shop sent an error instead of the record: the user who owns the webhook may have lost its rights; \
             connect the store again, and read what changed",
        )
        .code(complaint.code.0));
    }
    match (noun, verb) {
        ("order", "deleted") => Ok(Event::OrderGone(RemoteOrderId::new(id_of(text)?))),
        ("product", "deleted") => Ok(Event::ProductGone(RemoteProductId::new(id_of(text)?))),
        ("customer", "deleted") => Ok(Event::CustomerGone(RemoteCustomerId::new(id_of(text)?))),
        ("order", _) => order(text),
        ("product", _) => product(text, currency),
        _ => {
            let customer =
                customer::Customer::try_from(parse::<Customer>(text)?).map_err(|why| odd(OP, &why))?;
            Ok(Event::Customer(Box::new(customer)))
        }
    }
}

fn order(text: &str) -> Result<Event> {
    let order: Order = parse(text)?;
    if order.has_refunds() {
        // What was refunded stands in another list: the order must be fetched whole.
        return Ok(Event::Hint(About::Order(RemoteOrderId::new(id_of(text)?))));
    }
    let order = order.with(&Refunded::default()).map_err(|why| odd(OP, &why))?;
    Ok(Event::Order(Box::new(order)))
}

fn product(text: &str, currency: Option<Currency>) -> Result<Event> {
    let product: Product = parse(text)?;
    if product.is_trashed() {
        return Ok(Event::ProductGone(RemoteProductId::new(id_of(text)?)));
    }
    let listings = product.listings(None, currency).map_err(|why| odd(OP, &why))?;
    Ok(Event::Catalog(Box::new(listings)))
}

fn id_of(text: &str) -> Result<String> {
    parse::<Named>(text)?.id.0.ok_or_else(|| malformed("the delivery names no record"))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|cause| {
        let place = format!("line {} column {}", cause.line(), cause.column());
        malformed(&format!("the delivery does not have the shape of its topic ({place}); read what changed"))
    })
}
