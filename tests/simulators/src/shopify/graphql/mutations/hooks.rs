//! Webhook subscriptions are made, changed and deleted.

use super::super::super::subscription::Subscription;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use serde_json::{Value as Json, json};

/// Complaints about an address; the path names the old field, whichever was used.
fn address_errors(context: &Context<'_>, uri: &str, dedicated: bool) -> Vec<Json> {
    let field = if dedicated { "arn" } else { "callbackUrl" };
    let complain = |text: String| user_error(&["webhookSubscription", field], text, None);
    let mut errors = Vec::new();
    if uri.is_empty() {
        return vec![complain("Address can't be blank".into())];
    }
    if let Some(rest) = uri.strip_prefix("arn:aws:events:") {
        let app = context.store.grants.app.api_client_id;
        let named = rest.split("aws.partner/shopify.com/").nth(1).and_then(|rest| rest.split('/').next());
        match named {
            Some(named) if named != app.to_string() => {
                errors.push(complain("Address is invalid".into()));
                let text =
                    format!("Address is an AWS ARN and includes api_client_id '{named}' instead of '{app}'");
                errors.push(complain(text));
            }
            Some(_) if uri.rsplit('/').next().is_some_and(|name| !name.is_empty()) => {}
            _ => errors.push(complain("Address is invalid".into())),
        }
        return errors;
    }
    if uri.starts_with("pubsub://") {
        if !uri.trim_start_matches("pubsub://").contains(':') {
            errors.push(complain("Address is invalid".into()));
        }
        return errors;
    }
    let Some((scheme, rest)) = uri.split_once("://") else {
        return vec![complain("Address is invalid".into())];
    };
    let lab = context.store.config.lab;
    if scheme != "https" && !(lab && scheme == "http") {
        return vec![complain(format!("Address protocol {scheme}:// is not supported"))];
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    if host.is_empty() || (!lab && !host.contains('.')) {
        return vec![complain("Address is invalid".into())];
    }
    let own = [".myshopify.com", ".shopify.com", "localhost", "127.0.0.1"];
    if !lab && own.iter().any(|own| host.ends_with(own)) {
        return vec![complain("Address cannot be a Shopify or an internal domain".into())];
    }
    errors
}

fn words(input: &Json, name: &str) -> Option<Vec<String>> {
    let rows = input[name].as_array()?;
    Some(rows.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect())
}

fn uri_of(input: &Json) -> Option<String> {
    ["uri", "arn", "callbackUrl"].iter().find_map(|name| input[*name].as_str().map(str::to_owned))
}

fn format_errors(uri: &str, format: &str) -> Vec<Json> {
    if format == "XML" && !uri.starts_with("http") {
        return vec![user_error(
            &["webhookSubscription", "format"],
            "Format can only be used with format: 'json'",
            None,
        )];
    }
    Vec::new()
}

fn nothing(errors: Vec<Json>) -> Out {
    payload(vec![("webhookSubscription", Out::Null)], errors)
}

pub(super) fn create(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let input = call.get("webhookSubscription").cloned().unwrap_or_default();
    let topic = call.text("topic").unwrap_or_default().to_owned();
    let uri = uri_of(&input).unwrap_or_default();
    let format = input["format"].as_str().unwrap_or("JSON").to_owned();
    let mut errors = address_errors(context, &uri, call.field.starts_with("eventBridge"));
    errors.extend(format_errors(&uri, &format));
    if errors.is_empty() && context.store.subscribed(&topic, &uri).is_some() {
        let text = "Address for this topic has already been taken";
        errors.push(user_error(&["webhookSubscription", "callbackUrl"], text, None));
    }
    if !errors.is_empty() {
        return nothing(errors);
    }
    let store = &mut context.store;
    let (id, now) = (store.numbers.next("WebhookSubscription"), store.now());
    let row = Subscription {
        id,
        topic,
        uri,
        format,
        filter: input["filter"].as_str().map(str::to_owned),
        include_fields: words(&input, "includeFields").unwrap_or_default(),
        namespaces: words(&input, "metafieldNamespaces").unwrap_or_default(),
        name: input["name"].as_str().map(str::to_owned),
        version: context.version.clone(),
        created: now,
        changed: now,
        failures: 0,
    };
    store.subscriptions.insert(id, row);
    payload(vec![("webhookSubscription", Out::One(Thing::Subscription(id)))], Vec::new())
}

pub(super) fn update(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found =
        call.id("id", "WebhookSubscription").filter(|id| context.store.subscriptions.contains_key(id));
    let Some(id) = found else {
        return nothing(vec![user_error(&["id"], "Webhook subscription does not exist", None)]);
    };
    let input = call.get("webhookSubscription").cloned().unwrap_or_default();
    let given = uri_of(&input);
    let uri = given.clone().unwrap_or_else(|| context.store.subscriptions[&id].uri.clone());
    let format = input["format"]
        .as_str()
        .map_or_else(|| context.store.subscriptions[&id].format.clone(), str::to_owned);
    let mut errors = match given {
        Some(_) => address_errors(context, &uri, call.field.starts_with("eventBridge")),
        None => Vec::new(),
    };
    errors.extend(format_errors(&uri, &format));
    let topic = context.store.subscriptions[&id].topic.clone();
    if errors.is_empty() && context.store.subscribed(&topic, &uri).is_some_and(|other| other != id) {
        let text = "Address for this topic has already been taken";
        errors.push(user_error(&["webhookSubscription", "callbackUrl"], text, None));
    }
    if !errors.is_empty() {
        return nothing(errors);
    }
    let now = context.store.now();
    if let Some(row) = context.store.subscriptions.get_mut(&id) {
        row.uri = uri;
        row.format = format;
        row.changed = now;
        if let Some(fields) = words(&input, "includeFields") {
            row.include_fields = fields;
        }
        if let Some(namespaces) = words(&input, "metafieldNamespaces") {
            row.namespaces = namespaces;
        }
        if let Some(filter) = input.get("filter") {
            row.filter = filter.as_str().map(str::to_owned);
        }
        if let Some(name) = input.get("name") {
            row.name = name.as_str().map(str::to_owned);
        }
    }
    payload(vec![("webhookSubscription", Out::One(Thing::Subscription(id)))], Vec::new())
}

pub(super) fn delete(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found =
        call.id("id", "WebhookSubscription").filter(|id| context.store.subscriptions.contains_key(id));
    let Some(id) = found else {
        let error = user_error(&["id"], "Webhook subscription does not exist", None);
        return payload(vec![("deletedWebhookSubscriptionId", Out::Null)], vec![error]);
    };
    context.store.subscriptions.remove(&id);
    payload(vec![("deletedWebhookSubscriptionId", Out::leaf(json!(call.text("id"))))], Vec::new())
}
