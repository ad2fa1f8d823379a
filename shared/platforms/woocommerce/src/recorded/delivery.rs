//! Names for webhook deliveries.

use bytes::Bytes;
use domain::event::{About, Event};
use platform::{Delivery, Message, Secrets, Webhooks as _};
use secrecy::SecretString;

use super::answer::{name_listings, name_order};
use super::{NotUnderstood, Understood, headers_of, name_error, no};
use crate::WooCommerce;
use crate::credentials::Credentials;

/// Whether a signature was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// It is the one that the secret gives.
    Right,
    /// It is missing, or another one.
    Wrong,
    /// No secret was given.
    Unchecked,
}

/// Says what a recorded delivery becomes; without a secret its signature is not checked.
///
/// # Errors
/// If it names no topic and is no greeting.
pub fn understand_delivery(
    headers: &[(String, String)],
    body: &str,
    secret: Option<&str>,
) -> Result<Understood, NotUnderstood> {
    look(headers, body, secret).map(|(understood, _)| understood)
}

/// The name of a delivery, and whether its signature was right.
pub(super) fn look(
    headers: &[(String, String)],
    body: &str,
    secret: Option<&str>,
) -> Result<(Understood, Signature), NotUnderstood> {
    let map = headers_of(headers);
    let bytes = Bytes::from(body.to_owned());
    let delivery = Delivery { headers: &map, query: "", body: &bytes };
    let shop = WooCommerce;
    if shop.is_greeting(&delivery) {
        return Ok((Understood("greeting".to_owned()), Signature::Unchecked));
    }
    let signature = match secret {
        None => Signature::Unchecked,
        Some(secret) => {
            let document = credentials_with(secret).ok_or_else(|| no("no credentials".to_owned()))?;
            let secrets = Secrets { store: Some(&document), app: None };
            if shop.verify(delivery, &secrets).is_ok() { Signature::Right } else { Signature::Wrong }
        }
    };
    let kept: Vec<(String, String)> = shop
        .headers()
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), delivery.header(name)?.to_owned())))
        .collect();
    let currency = crate::wire::currency("XXX");
    let message = Message { headers: &kept, body: body.as_bytes(), currency };
    if delivery.header("x-wc-webhook-topic").is_none() {
        return Err(no("a delivery without a topic that is no greeting".to_owned()));
    }
    let about = format!("{} ({})", shop.topic(&message), shop.entity(&message));
    let said = match shop.events(&message) {
        Ok(events) => events.iter().map(|(_, event)| name_event(event)).collect::<Vec<_>>().join("; "),
        Err(error) => name_error(&error),
    };
    let name = match signature {
        Signature::Right => format!("{about}: {said}, signature right"),
        Signature::Wrong => format!("{about}: refused, signature wrong"),
        Signature::Unchecked => format!("{about}: {said}, signature unchecked"),
    };
    Ok((Understood(name), signature))
}

fn credentials_with(secret: &str) -> Option<SecretString> {
    let webhook_secret = secret.to_owned();
    let (consumer_key, consumer_secret) = ("ck_recorded".to_owned(), "cs_recorded".to_owned());
    Credentials { consumer_key, consumer_secret, webhook_secret, permissions: None, route: None }.write().ok()
}

fn name_event(event: &Event) -> String {
    match event {
        Event::Order(order) => name_order(order),
        Event::OrderGone(id) => format!("order {id} gone"),
        Event::Catalog(listings) => name_listings(listings),
        Event::ProductGone(id) => format!("product {id} gone"),
        Event::Customer(customer) => format!("customer {}", customer.remote),
        Event::CustomerGone(id) => format!("customer {id} gone"),
        Event::Hint(About::Order(id)) => format!("look at order {id}"),
        Event::Hint(About::Product(id)) => format!("look at product {id}"),
        Event::Hint(About::Customer(id)) => format!("look at customer {id}"),
        Event::Ignored(why) => format!("ignored: {why}"),
        Event::Hint(About::Stock(_)) | Event::SettingsChanged | Event::Withdrawn(_) | Event::Erase(_) => {
            "nothing that this platform sends".to_owned()
        }
    }
}
