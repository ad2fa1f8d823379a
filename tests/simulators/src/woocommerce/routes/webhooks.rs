//! Webhooks over REST.

use super::super::args::Check;
use super::super::call::{Call, Dates, Paging, Reply};
use super::super::error::RestError;
use super::super::store::Store;
use super::super::webhook::{Webhook, valid_topic};

const STATUS: [&str; 3] = ["active", "paused", "disabled"];

pub(crate) fn list(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let mut check = Check::new(&call.args);
    let paging = Paging::read(&mut check);
    let dates = Dates::read(&mut check, &store.clock);
    let exclude = check.ids("exclude");
    let include = check.ids("include");
    let ascending = check.one_of("order", &["asc", "desc"]).as_deref() == Some("asc");
    let orderby = check.one_of("orderby", &["date", "id", "title"]);
    let status = check.one_of("status", &["all", "active", "paused", "disabled"]);
    check.done()?;
    let search = call.text("search").map(|text| text.to_lowercase()).filter(|text| !text.is_empty());
    let wanted = |webhook: &&Webhook| {
        status.as_deref().is_none_or(|status| status == "all" || webhook.status == status)
            && (include.is_empty() || include.contains(&webhook.id))
            && !exclude.contains(&webhook.id)
            && search.as_deref().is_none_or(|text| webhook.name.to_lowercase().contains(text))
            && dates.allow(&store.clock, webhook.created, webhook.modified)
    };
    let mut rows: Vec<&Webhook> = store.webhooks.values().filter(wanted).collect();
    match orderby.as_deref().unwrap_or("date") {
        "title" => rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id))),
        "date" => rows.sort_by_key(|webhook| (webhook.created, webhook.id)),
        _ => {}
    }
    if !ascending {
        rows.reverse();
    }
    let page = paging.cut(&rows).iter().map(|webhook| store.webhook_value(webhook)).collect();
    paging.reply(store, call, rows.len(), page)
}

pub(crate) fn get(store: &Store, id: u64) -> Result<Reply, RestError> {
    match store.webhooks.get(&id) {
        Some(webhook) => Reply::one(store.webhook_value(webhook)),
        None => Err(RestError::invalid_id("shop_webhook", 404)),
    }
}

fn topic(call: &Call) -> Result<Option<String>, RestError> {
    match call.text("topic") {
        Some(topic) if valid_topic(&topic.to_lowercase()) => Ok(Some(topic.to_lowercase())),
        None => Ok(None),
        Some(_) => Err(bad_topic()),
    }
}

fn bad_topic() -> RestError {
    RestError::new(
        400,
        "woocommerce_rest_shop_webhook_invalid_topic",
        "Webhook topic is required and must be valid.",
    )
}

fn address(call: &Call) -> Result<Option<String>, RestError> {
    match call.text("delivery_url") {
        None => Ok(None),
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => Ok(Some(url)),
        Some(_) => Err(bad_address()),
    }
}

fn bad_address() -> RestError {
    RestError::new(
        400,
        "woocommerce_rest_shop_webhook_invalid_delivery_url",
        "Webhook delivery URL must be a valid URL starting with http:// or https://.",
    )
}

fn status(call: &Call) -> Result<Option<String>, RestError> {
    let mut check = Check::new(&call.args);
    let status = check.one_of("status", &STATUS);
    check.done()?;
    Ok(status)
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    let status = status(call)?;
    let topic = topic(call)?.ok_or_else(bad_topic)?;
    let delivery_url = address(call)?.ok_or_else(bad_address)?;
    let now = store.now();
    let name = call.text("name").filter(|name| !name.is_empty());
    let secret = call.text("secret").filter(|secret| !secret.is_empty());
    let webhook = Webhook {
        id: store.row_id("webhook"),
        name: name.unwrap_or_else(|| {
            format!("Webhook created on {}", store.clock.civil(now).strftime("%b %d, %Y @ %I:%M %p"))
        }),
        status: status.unwrap_or_else(|| "active".into()),
        topic,
        delivery_url,
        secret: secret.unwrap_or_else(|| store.random.letters(50)),
        created: now,
        modified: now,
        failures: 0,
        pending_delivery: true,
    };
    let id = webhook.id;
    let mut reply = Reply::created(store.webhook_value(&webhook), store.link(&format!("webhooks/{id}")))?;
    reply.ping = (webhook.status == "active").then_some(id);
    store.webhooks.insert(id, webhook);
    Ok(reply)
}

pub(crate) fn update(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    if !store.webhooks.contains_key(&id) {
        return Err(RestError::invalid_id("shop_webhook", 400));
    }
    let (status, topic, address) = (status(call)?, topic(call)?, address(call)?);
    let now = store.now();
    let webhook = store.webhooks.get_mut(&id).unwrap();
    if let Some(topic) = topic {
        webhook.topic = topic;
    }
    let aimed = address.is_some();
    if let Some(address) = address {
        webhook.delivery_url = address;
    }
    if let Some(secret) = call.text("secret") {
        webhook.secret = secret;
    }
    if let Some(name) = call.text("name") {
        webhook.name = name;
    }
    if let Some(status) = status {
        if status == "active" && webhook.status != "active" {
            webhook.failures = 0;
        }
        webhook.status = status;
    }
    webhook.modified = now;
    webhook.pending_delivery |= aimed;
    let mut reply = Reply::one(store.webhook_value(&store.webhooks[&id]))?;
    reply.ping = aimed.then_some(id);
    Ok(reply)
}

pub(crate) fn delete(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    if !call.flag("force") {
        return Err(RestError::no_trash("Webhooks"));
    }
    match store.webhooks.remove(&id) {
        Some(webhook) => {
            store.jobs.retain(|job| job.webhook != id);
            Reply::one(store.webhook_value(&webhook))
        }
        None => Err(RestError::invalid_id("shop_webhook", 404)),
    }
}
