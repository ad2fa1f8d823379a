//! Webhook subscriptions, and what is put into the queue when something happens.

use super::clock::Millis;
use super::queue::Job;
use super::store::Store;
use serde_json::Value;
use std::sync::Arc;

/// A subscription an app made in the shop.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: u64,
    /// As GraphQL spells it, `ORDERS_CREATE`.
    pub(crate) topic: String,
    pub(crate) uri: String,
    /// `JSON` or `XML`.
    pub(crate) format: String,
    pub(crate) filter: Option<String>,
    pub(crate) include_fields: Vec<String>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) version: String,
    pub(crate) created: Millis,
    pub(crate) changed: Millis,
    pub(crate) failures: u32,
}

/// What a webhook is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Product(u64),
    /// A product that is no more.
    GoneProduct(u64),
    Level(u64, u64),
    Item(u64),
    GoneItem(u64),
    Order(u64),
    GoneOrder(u64),
    Refund(u64, u64),
    Fulfillment(u64, u64),
    Customer(u64),
    GoneCustomer(u64),
    Location(u64),
    Bulk(u64),
    Shop,
    Scopes,
}

impl About {
    /// The header that names the resource, if there is one.
    pub(crate) fn header(self) -> Option<(&'static str, u64)> {
        Some(match self {
            Self::Product(id) | Self::GoneProduct(id) => ("X-Shopify-Product-Id", id),
            Self::Order(id) | Self::GoneOrder(id) => ("X-Shopify-Order-Id", id),
            Self::Refund(order, _) | Self::Fulfillment(order, _) => ("X-Shopify-Order-Id", order),
            Self::Customer(id) | Self::GoneCustomer(id) => ("X-Shopify-Customer-Id", id),
            _ => return None,
        })
    }
}

/// `ORDERS_CREATE` as headers have it, `orders/create`.
pub(crate) fn slashed(topic: &str) -> String {
    let topic = topic.to_lowercase();
    if let Some(rest) = topic.strip_prefix("app_") {
        return format!("app/{rest}");
    }
    match topic.rsplit_once('_') {
        Some((what, verb)) => format!("{what}/{verb}"),
        None => topic,
    }
}

impl Store {
    /// Puts a job into the queue for every subscription to this topic; the payload is made now.
    pub(crate) fn fire(&mut self, topic: &str, about: About) {
        if !self.subscriptions.values().any(|row| row.topic == topic) {
            return;
        }
        if let Some(payload) = self.payload(about) {
            self.fire_body(topic, about, &payload);
        }
    }

    /// Fires with a body of its own.
    pub(crate) fn fire_body(&mut self, topic: &str, about: About, payload: &Value) {
        let subscribed: Vec<u64> =
            self.subscriptions.values().filter(|row| row.topic == topic).map(|row| row.id).collect();
        for id in subscribed {
            let row = self.subscriptions[&id].clone();
            let body = match row.include_fields.is_empty() {
                true => payload.clone(),
                false => kept_fields(payload, &row.include_fields),
            };
            self.enqueue(&row, slashed(topic), about.header(), &body);
        }
    }

    /// Fires without a subscription, to the app's own address.
    pub(crate) fn fire_to_app(&mut self, topic: &str, body: &Value) -> bool {
        let Some(uri) = self.config.compliance_url.clone() else { return false };
        let row = Subscription {
            id: 0,
            topic: topic.to_uppercase().replace('/', "_"),
            uri,
            format: "JSON".into(),
            filter: None,
            include_fields: Vec::new(),
            namespaces: Vec::new(),
            name: None,
            version: super::VERSION.into(),
            created: self.created,
            changed: self.created,
            failures: 0,
        };
        self.enqueue(&row, topic.into(), None, body);
        true
    }

    fn enqueue(
        &mut self,
        row: &Subscription,
        topic: String,
        resource: Option<(&'static str, u64)>,
        body: &Value,
    ) {
        let now = self.now();
        if self.action.is_empty() {
            self.act();
        }
        let job = Job {
            subscription: row.id,
            topic,
            uri: row.uri.clone(),
            name: row.name.clone(),
            version: row.version.clone(),
            resource,
            body: Arc::new(serde_json::to_vec(body).unwrap_or_default()),
            event_id: self.action.clone(),
            webhook_id: self.random.uuid(),
            triggered: super::clock::nanos(now, self.random.below(1_000_000) as u32),
            due: now + self.config.delivery_delay.as_millis() as Millis,
            tries: 0,
            held: false,
        };
        self.jobs.push(job);
    }

    /// Finds the subscription of a topic to an address.
    pub(crate) fn subscribed(&self, topic: &str, uri: &str) -> Option<u64> {
        self.subscriptions.values().find(|row| row.topic == topic && row.uri == uri).map(|row| row.id)
    }
}

/// Only these fields of a body, at the first level or along dots.
fn kept_fields(body: &Value, fields: &[String]) -> Value {
    let Value::Object(object) = body else { return body.clone() };
    let mut out = serde_json::Map::new();
    for (key, value) in object {
        let whole = fields.iter().any(|field| field == key);
        let below: Vec<String> = fields
            .iter()
            .filter_map(|field| field.strip_prefix(key.as_str())?.strip_prefix('.').map(str::to_owned))
            .collect();
        if whole {
            out.insert(key.clone(), value.clone());
        } else if !below.is_empty() {
            let kept = match value {
                Value::Array(rows) => rows.iter().map(|row| kept_fields(row, &below)).collect(),
                other => kept_fields(other, &below),
            };
            out.insert(key.clone(), kept);
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn topics_are_spelt_with_a_slash() {
        let spelt = ["INVENTORY_LEVELS_UPDATE", "APP_SCOPES_UPDATE", "BULK_OPERATIONS_FINISH"].map(slashed);
        assert_eq!(spelt, ["inventory_levels/update", "app/scopes_update", "bulk_operations/finish"]);
    }

    #[test]
    fn fields_that_are_asked_for_stay() {
        let body = json!({"id": 1, "title": "A", "variants": [{"id": 2, "sku": "x"}]});
        let fields = ["id".to_owned(), "variants.sku".to_owned()];
        assert_eq!(kept_fields(&body, &fields), json!({"id": 1, "variants": [{"sku": "x"}]}));
    }
}
