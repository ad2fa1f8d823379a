//! Names for deliveries.

use bytes::Bytes;
use domain::event::{About, Erase, Event};
use domain::message::Body;
use domain::product::Stock;
use http::{HeaderMap, HeaderName, HeaderValue};
use platform::{Delivery, Message, Secrets, Webhooks as _};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{Judged, name_error};
use crate::Shopify;
use crate::app::App;

/// Every delivery in a file: `{topic, body}`, `{headers, body}`, `{event}`, or bodies whose topic the file's name says.
pub(super) fn deliveries(name: &str, file: &Map<String, Value>) -> Vec<Judged> {
    if let Some(event) = file.get("event") {
        return vec![("event".to_owned(), enveloped(event))];
    }
    let mut found = Vec::new();
    if file.contains_key("body") && !file.contains_key("status") {
        found.push(("body".to_owned(), delivery(name, file)));
    }
    for (key, value) in file.iter().filter(|(key, _)| *key != "body") {
        let Some(row) = value.as_object() else { continue };
        if row.contains_key("topic") && row.contains_key("body") {
            found.push((key.clone(), delivery(name, row)));
        } else if let (Some(topic), true) = (of_name(name), row.contains_key("admin_graphql_api_id")) {
            found.push((key.clone(), said(&topic, &[], value.to_string().as_bytes())));
        }
    }
    found
}

/// The topic that a file's name says: `bulk-operations-finish` is `bulk_operations/finish`.
fn of_name(name: &str) -> Option<String> {
    let stem = name.rsplit('/').next()?.strip_suffix(".json").unwrap_or(name);
    let (noun, verb) = stem.rsplit_once('-')?;
    let known = [
        "orders",
        "products",
        "inventory-levels",
        "inventory-items",
        "bulk-operations",
        "customers",
        "refunds",
    ];
    known.contains(&noun).then(|| format!("{}/{verb}", noun.replace('-', "_")))
}

fn pairs(row: &Map<String, Value>) -> Vec<(String, String)> {
    let headers = row.get("headers").and_then(Value::as_object);
    let text =
        |(name, value): (&String, &Value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()));
    headers.into_iter().flatten().filter_map(text).collect()
}

/// A delivery, with its signature if the recording has a secret.
fn delivery(name: &str, row: &Map<String, Value>) -> Result<String, String> {
    let mut headers = pairs(row);
    if let Some(topic) = row.get("topic").and_then(Value::as_str).map(str::to_owned).or_else(|| of_name(name))
        && !headers.iter().any(|(key, _)| key.ends_with("shopify-topic"))
    {
        headers.push(("x-shopify-topic".to_owned(), topic));
    }
    let body = match row.get("body") {
        Some(Value::String(text)) => text.clone(),
        Some(body) => body.to_string(),
        None => return Err("no body".to_owned()),
    };
    let topic =
        headers.iter().find(|(key, _)| key.ends_with("shopify-topic")).map(|(_, topic)| topic.clone());
    let topic = topic.ok_or("no topic")?;
    let signed = match row.get("secret").and_then(Value::as_str) {
        Some(secret) => format!(", signature {}", signature(secret, &headers, &body)?),
        None => String::new(),
    };
    Ok(format!("{}{signed}", said(&topic, &headers, body.as_bytes())?))
}

/// Whether a delivery's signature is right, by the secret of an app.
fn signature(secret: &str, pairs: &[(String, String)], body: &str) -> Result<&'static str, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        {
            headers.append(name, value);
        }
    }
    let body = Bytes::from(body.to_owned());
    let app = App {
        client_id: "recorded".to_owned(),
        client_secret: secret.to_owned(),
        old_client_secret: None,
        scopes: Vec::new(),
    };
    let app: SecretString = app.write().map_err(|error| error.message)?;
    let delivery = Delivery { headers: &headers, query: "", body: &body };
    let verified = Shopify.verify(delivery, &Secrets { store: None, app: Some(&app) });
    Ok(if verified.is_ok() { "right" } else { "wrong" })
}

/// The event of an event bus.
fn enveloped(event: &Value) -> Result<String, String> {
    let enveloped = Shopify.enveloped(event.to_string().as_bytes()).map_err(|error| error.message)?;
    let Body::Text(body) = &enveloped.raw.body else { return Err("a body that is no text".to_owned()) };
    let topic = enveloped.raw.headers.iter().find(|(name, _)| name.ends_with("shopify-topic"));
    let topic = topic.map(|(_, topic)| topic.clone()).ok_or("no topic")?;
    Ok(format!("event bus, {}", said(&topic, &enveloped.raw.headers, body.as_bytes())?))
}

/// What a delivery says, with what it is about.
fn said(topic: &str, headers: &[(String, String)], body: &[u8]) -> Result<String, String> {
    let mut headers = headers.to_vec();
    if !headers.iter().any(|(key, _)| key.ends_with("shopify-topic")) {
        headers.push(("x-shopify-topic".to_owned(), topic.to_owned()));
    }
    let message = Message { headers: &headers, body, currency: "XXX".parse().ok() };
    let about = Shopify.entity(&message);
    let named = match Shopify.events(&message) {
        Ok(events) => events.iter().map(|(_, event)| name_event(event)).collect::<Vec<_>>().join(" and "),
        Err(error) => name_error(&error),
    };
    Ok(format!("{topic} ({about}): {named}"))
}

/// An event in a few words, without a person in it.
pub(super) fn name_event(event: &Event) -> String {
    match event {
        Event::Order(order) => {
            let taken: rust_decimal::Decimal = order.lines.iter().map(|line| line.taken).sum();
            let state = format!("{:?}", order.state).to_lowercase();
            format!(
                "order {} {state}, {}, lines {}, taken {taken}",
                order.remote,
                order.total,
                order.lines.len()
            )
        }
        Event::OrderGone(id) => format!("order {id} gone"),
        Event::Catalog(listings) => {
            let products: Vec<String> = listings
                .products
                .iter()
                .map(|product| format!("product {} {:?}", product.remote, product.listing).to_lowercase())
                .collect();
            let counted =
                listings.variants.iter().filter(|it| matches!(it.stock, Stock::Tracked { .. })).count();
            format!("{}, variants {} (counted {counted})", products.join(", "), listings.variants.len())
        }
        Event::ProductGone(id) => format!("product {id} gone"),
        Event::Customer(customer) => format!("customer {}", customer.remote),
        Event::CustomerGone(id) => format!("customer {id} gone"),
        Event::Hint(About::Order(id)) => format!("look at order {id}"),
        Event::Hint(About::Product(id)) => format!("look at product {id}"),
        Event::Hint(About::Customer(id)) => format!("look at customer {id}"),
        Event::Hint(About::Stock(id)) => format!("look at stock {id}"),
        Event::SettingsChanged => "settings changed".to_owned(),
        Event::Withdrawn(_) => "withdrawn".to_owned(),
        Event::Erase(Erase::Buyer { customer, orders }) => {
            let whose = customer.as_ref().map_or("a guest".to_owned(), |id| format!("customer {id}"));
            format!("erase {whose} from {} orders", orders.len())
        }
        Event::Erase(Erase::Shop) => "erase the shop".to_owned(),
        Event::Ignored(_) => "ignored".to_owned(),
    }
}
