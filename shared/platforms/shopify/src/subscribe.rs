//! Asking the shop to send what happens.

use async_trait::async_trait;
use platform::{Ctx, ErrorKind, Hook, PlatformError, Result, Subscribe, Subscription};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::Shopify;
use crate::app::App;
use crate::call::Shop;
use crate::credentials::Grant;
use crate::documents::Document;
use crate::refusal::{UserError, accepted};
use crate::topics::{TOPICS, Topic};
use crate::wire::connection::Connection;

const OP: &str = "subscribe";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    webhook_subscriptions: Connection<Webhook>,
}

/// A webhook of this app.
#[derive(Debug, Deserialize)]
struct Webhook {
    id: String,
    topic: String,
    uri: String,
    #[serde(default)]
    format: String,
}

impl Webhook {
    /// Whether it points to an address and says what we can read.
    fn is_at(&self, url: &Url) -> bool {
        self.format != "XML" && self.points_to().as_ref() == Some(url)
    }

    /// Whether it was made for this store by a hub at another address: the path names the store.
    fn was_at(&self, url: &Url) -> bool {
        self.points_to().is_some_and(|it| it.path() == url.path() && url.path().len() > 1)
    }

    fn points_to(&self) -> Option<Url> {
        Url::parse(self.uri.trim()).ok()
    }
}

/// The answer to any of the changes: the one field, whatever its name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaints {
    user_errors: Vec<UserError>,
}

#[async_trait]
impl Subscribe for Shopify {
    async fn subscribe(&self, ctx: &Ctx<'_>, hook: &Hook<'_>) -> Result<Subscription> {
        let shop = Shop::open(ctx)?;
        needs_secret(&shop)?;
        let all = webhooks(&shop).await?;
        let mut done = Subscription::default();
        let mut refusal: Option<PlatformError> = None;
        let wanted = |topic: &&Topic| topic.scope.is_none_or(|scope| shop.credentials.allows(scope));
        for topic in TOPICS.iter().filter(wanted) {
            let name = topic.delivered.to_owned();
            let mut stray: Vec<&Webhook> =
                all.iter().filter(|it| it.topic == topic.name && it.was_at(hook.url)).collect();
            if let Some(at) = stray.iter().position(|it| it.is_at(hook.url)) {
                stray.remove(at);
                done.healthy.push(name);
            } else if let Some(elsewhere) = stray.pop() {
                let variables =
                    json!({ "id": elsewhere.id, "webhook": { "uri": hook.url, "format": "JSON" } });
                change(&shop, Document::WebhookUpdate, variables).await?;
                done.repaired.push(name);
            } else {
                match create(&shop, topic, hook.url).await {
                    Ok(Made::New) => done.created.push(name),
                    Ok(Made::WasThere) => done.healthy.push(name),
                    // A topic that this app may not hear does not keep it from the others.
                    Err(error) if error.kind == ErrorKind::Rejected => refusal = Some(error),
                    Err(error) => return Err(error),
                }
            }
            for double in stray {
                change(&shop, Document::WebhookDelete, json!({ "id": double.id })).await?;
            }
        }
        match refusal {
            // Where none could be made, the address itself is refused.
            Some(error) if done == Subscription::default() => Err(error),
            _ => Ok(done),
        }
    }

    async fn unsubscribe(&self, ctx: &Ctx<'_>, hook: &Hook<'_>) -> Result<()> {
        let shop = Shop::open(ctx)?;
        for webhook in webhooks(&shop).await?.iter().filter(|it| it.points_to().as_ref() == Some(hook.url)) {
            match change(&shop, Document::WebhookDelete, json!({ "id": webhook.id })).await {
                Ok(()) => {}
                // It is gone already.
                Err(error) if error.kind == ErrorKind::Rejected => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Without a secret every delivery would be refused, and the shop would take the webhooks away again.
fn needs_secret(shop: &Shop<'_>) -> Result<()> {
    let has = match &shop.credentials.grant {
        Grant::Code { .. } => shop.ctx.session.app.as_ref().is_some_and(|app| App::read(app).is_ok()),
        Grant::Pasted { .. } | Grant::Client { .. } => shop.credentials.own_secret().is_some(),
    };
    if has {
        return Ok(());
    }
    Err(PlatformError::new(
        ErrorKind::Rejected,
        OP,
        "deliveries cannot be checked: the API secret key of the shop's app is missing; connect the store again with \
         both the token and the API secret key",
    ))
}

async fn webhooks(shop: &Shop<'_>) -> Result<Vec<Webhook>> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let answer = shop.ask(OP, Document::Webhooks, json!({ "after": after })).await?;
        let page = answer.shaped::<Page>()?.webhook_subscriptions;
        after = page.page_info.next().map(str::to_owned);
        all.extend(page.nodes);
        if after.is_none() {
            return Ok(all);
        }
    }
}

enum Made {
    New,
    WasThere,
}

async fn create(shop: &Shop<'_>, topic: &Topic, url: &Url) -> Result<Made> {
    let variables = json!({ "topic": topic.name, "webhook": { "uri": url, "format": "JSON" } });
    match change(shop, Document::WebhookCreate, variables).await {
        Ok(()) => Ok(Made::New),
        // Made by whoever did this at the same moment.
        Err(error) if error.message.contains("already been taken") => Ok(Made::WasThere),
        Err(error) => Err(error),
    }
}

async fn change(shop: &Shop<'_>, document: Document, variables: serde_json::Value) -> Result<()> {
    let answer = shop.change(OP, document, variables).await?;
    let fields: std::collections::BTreeMap<String, Option<Complaints>> = answer.shaped()?;
    for complaints in fields.into_values().flatten() {
        accepted(OP, &complaints.user_errors)?;
    }
    Ok(())
}
