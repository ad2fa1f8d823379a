//! What deliveries mean, topic by topic.

use domain::event::{About, Erase, Event};
use domain::money::Currency;
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId, RemoteStockId, customer};
use platform::{ErrorKind, PlatformError, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::wire::Unreadable;
use crate::wire::customer::Rest;
use crate::wire::loose::Id;
use crate::wire::order_rest::{Order, Refund};
use crate::wire::product_rest::Product;

const OP: &str = "events";

/// The error of a delivery that cannot be read.
pub(crate) fn malformed(message: &str) -> PlatformError {
    PlatformError::new(ErrorKind::Malformed, OP, message)
}

/// The ids that a body may name its subject by.
#[derive(Debug, Default, Deserialize)]
struct Named {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    order_id: Id,
    #[serde(default)]
    inventory_item_id: Id,
    #[serde(default)]
    order_edit: Option<Edit>,
}

/// What an edit of an order says.
#[derive(Debug, Default, Deserialize)]
struct Edit {
    #[serde(default)]
    order_id: Id,
}

/// Two customers that became one.
#[derive(Debug, Deserialize)]
struct Merged {
    #[serde(default)]
    admin_graphql_api_customer_kept_id: Id,
    #[serde(default)]
    admin_graphql_api_customer_deleted_id: Id,
}

/// Whose data must be erased.
#[derive(Debug, Deserialize)]
struct Redacted {
    #[serde(default)]
    customer: Option<Person>,
    #[serde(default)]
    orders_to_redact: Vec<Id>,
}

#[derive(Debug, Deserialize)]
struct Person {
    #[serde(default)]
    id: Id,
}

/// What a message is about, to spread a busy store over groups.
pub(crate) fn about(topic: &str, body: &[u8]) -> String {
    let noun = topic.split('/').next().unwrap_or(topic);
    let named: Named = serde_json::from_slice(body).unwrap_or_default();
    let (noun, id) = match noun {
        "orders" => ("order", named.id.0.or(named.order_edit.and_then(|edit| edit.order_id.0))),
        "refunds" | "fulfillments" | "order_transactions" => ("order", named.order_id.0),
        "inventory_levels" => ("stock", named.inventory_item_id.0),
        "inventory_items" => ("stock", named.id.0),
        "products" => ("product", named.id.0),
        "customers" => ("customer", named.id.0),
        other => (other, None),
    };
    match id {
        Some(id) => format!("{noun} {id}"),
        None => noun.to_owned(),
    }
}

/// What a delivery says.
pub(crate) fn events_of(topic: &str, body: &[u8], currency: Option<Currency>) -> Result<Vec<Event>> {
    let (noun, verb) = topic.split_once('/').unwrap_or((topic, ""));
    let one = |event| Ok(vec![event]);
    match (noun, verb) {
        ("orders", "delete") => one(Event::OrderGone(RemoteOrderId::new(id(body)?))),
        ("orders", "edited") => one(hint_order(edited(body)?)),
        ("orders", "risk_assessment_changed" | "link_requested" | "shopify_protect_eligibility_changed") => {
            one(Event::Ignored("this changes nothing of an order that is kept here"))
        }
        ("orders", _) => order(body),
        ("refunds", _) => one(hint_order(named(parse::<Refund>(body)?.order_id)?)),
        ("fulfillments" | "order_transactions", _) => one(hint_order(named(parse::<Named>(body)?.order_id)?)),
        ("products", "delete") => one(Event::ProductGone(RemoteProductId::new(id(body)?))),
        ("products", _) => product(body, currency),
        ("inventory_levels", _) => one(hint_stock(named(parse::<Named>(body)?.inventory_item_id)?)),
        ("inventory_items", "delete") => {
            one(Event::Ignored("its variant is deleted with it, and says so itself"))
        }
        ("inventory_items", _) => one(hint_stock(id(body)?)),
        ("customers", "data_request") => one(Event::Ignored(
            "a buyer asks for the data kept of them: this message names the buyer and the orders; answer them within \
             30 days",
        )),
        ("customers", "redact") => redact(body),
        ("customers", "delete") => one(Event::CustomerGone(RemoteCustomerId::new(id(body)?))),
        ("customers", "merge") => merged(body),
        ("customers", "create" | "update") => {
            let person = customer::Customer::try_from(parse::<Rest>(body)?).map_err(|why| why.error(OP))?;
            one(Event::Customer(Box::new(person)))
        }
        ("customers", "enable" | "disable") => {
            one(Event::Hint(About::Customer(RemoteCustomerId::new(id(body)?))))
        }
        ("shop", "redact") => one(Event::Erase(Erase::Shop)),
        ("app", "uninstalled") => one(Event::Withdrawn(
            "the app was uninstalled in the shop; install it again and connect the store again",
        )),
        ("app", "scopes_update") | ("shop", "update") | ("locations", _) => one(Event::SettingsChanged),
        ("bulk_operations", _) => one(Event::Ignored("the run that reads everything looks by itself")),
        _ => one(Event::Ignored("a topic that the hub does not know")),
    }
}

fn hint_order(id: String) -> Event {
    Event::Hint(About::Order(RemoteOrderId::new(id)))
}

fn hint_stock(id: String) -> Event {
    Event::Hint(About::Stock(RemoteStockId::new(id)))
}

fn order(body: &[u8]) -> Result<Vec<Event>> {
    let order: Order = parse(body)?;
    let id = named(order.id.clone())?;
    // A payload that was trimmed of what matters only says: look.
    let Some((facts, refunded)) = order.whole() else { return Ok(vec![hint_order(id)]) };
    let order = facts.with(&refunded).map_err(|why: Unreadable| why.error(OP))?;
    Ok(vec![Event::Order(Box::new(order))])
}

fn edited(body: &[u8]) -> Result<String> {
    let said: Named = parse(body)?;
    named(Id(said.order_edit.and_then(|edit| edit.order_id.0).or(said.order_id.0).or(said.id.0)))
}

fn product(body: &[u8], currency: Option<Currency>) -> Result<Vec<Event>> {
    let product: Product = parse(body)?;
    let look = Event::Hint(About::Product(RemoteProductId::new(named(product.id.clone())?)));
    let Some(listings) = product.listings(currency).map_err(|why| why.error(OP))? else {
        return Ok(vec![look]);
    };
    let mut events = vec![Event::Catalog(Box::new(listings))];
    if product.may_have_more() {
        events.push(look);
    }
    Ok(events)
}

fn merged(body: &[u8]) -> Result<Vec<Event>> {
    let merged: Merged = parse(body)?;
    let kept = RemoteCustomerId::new(named(merged.admin_graphql_api_customer_kept_id)?);
    let gone = RemoteCustomerId::new(named(merged.admin_graphql_api_customer_deleted_id)?);
    Ok(vec![Event::CustomerGone(gone), Event::Hint(About::Customer(kept))])
}

fn redact(body: &[u8]) -> Result<Vec<Event>> {
    let said: Redacted = parse(body)?;
    let customer = said.customer.and_then(|person| person.id.0).map(RemoteCustomerId::new);
    let orders = said.orders_to_redact.into_iter().filter_map(|id| id.0).map(RemoteOrderId::new).collect();
    Ok(vec![Event::Erase(Erase::Buyer { customer, orders })])
}

fn id(body: &[u8]) -> Result<String> {
    named(parse::<Named>(body)?.id)
}

fn named(id: Id) -> Result<String> {
    id.0.ok_or_else(|| malformed("the delivery names no record; read what changed"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(malformed("the delivery is no record; read what changed"));
    }
    serde_json::from_slice(body).map_err(|cause| {
        let place = format!("line {} column {}", cause.line(), cause.column());
        malformed(&format!("the delivery does not have the shape of its topic ({place}); read what changed"))
    })
}
