//! Asking the shop to send what happens.

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use http::Method;
use platform::{Ctx, ErrorKind, Hook, PlatformError, Result, Subscribe, Subscription};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::limits::MOST_PER_PAGE;
use crate::page::{Page, read_page};
use crate::wire::webhook::Webhook;

const OP: &str = "subscribe";

/// What the hub needs to hear of.
pub(crate) const TOPICS: [&str; 11] = [
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "product.created",
    "product.updated",
    "product.deleted",
    "product.restored",
    "customer.created",
    "customer.updated",
    "customer.deleted",
];

#[async_trait]
impl Subscribe for WooCommerce {
    async fn subscribe(&self, ctx: &Ctx<'_>, hook: &Hook<'_>) -> Result<Subscription> {
        let shop = Shop::open(ctx)?;
        let secret = shop.webhook_secret();
        if secret.is_empty() {
            let message = "the store has no secret for webhooks yet; connect it again";
            return Err(PlatformError::new(ErrorKind::Rejected, OP, message));
        }
        let ours = ours(ctx, &shop, hook.url).await?;
        let mut done = Subscription::default();
        for topic in TOPICS {
            let mut there = ours.iter().filter(|webhook| webhook.topic.0 == topic);
            let name = name_of(topic, secret);
            let wanted = json!({
                "name": name, "topic": topic, "delivery_url": hook.url.as_str(), "secret": secret, "status": "active",
            });
            match there.next() {
                None => {
                    shop.ask(&Call::send(OP, Method::POST, "webhooks", &wanted)).await?;
                    done.created.push(topic.to_owned());
                }
                // The shop never shows a secret; the name says which one the webhook was given.
                Some(kept) if kept.status.0 == "active" && kept.name.0 == name => {
                    done.healthy.push(topic.to_owned());
                }
                Some(kept) => {
                    shop.ask(&Call::send(OP, Method::PUT, path_of(kept)?, &wanted)).await?;
                    done.repaired.push(topic.to_owned());
                }
            }
            for double in there {
                remove(&shop, double).await?;
            }
        }
        Ok(done)
    }

    async fn unsubscribe(&self, ctx: &Ctx<'_>, hook: &Hook<'_>) -> Result<()> {
        let shop = Shop::open(ctx)?;
        for webhook in ours(ctx, &shop, hook.url).await? {
            remove(&shop, &webhook).await?;
        }
        Ok(())
    }
}

/// A webhook's name: its topic, and the first digits of its secret's hash.
fn name_of(topic: &str, secret: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(format!("storeloom webhook {secret}").as_bytes()));
    format!("Storeloom {topic} {}", hash.get(..8).unwrap_or_default())
}

fn path_of(webhook: &Webhook) -> Result<String> {
    let id = webhook.id.0.as_deref().ok_or_else(|| {
        PlatformError::new(
            ErrorKind::Malformed,
            OP,
            "the shop lists a webhook without an id; look at its webhooks",
        )
    })?;
    Ok(format!("webhooks/{id}"))
}

/// The webhooks that point to the address, the oldest first.
async fn ours(ctx: &Ctx<'_>, shop: &Shop<'_>, address: &Url) -> Result<Vec<Webhook>> {
    let call = Call::get(OP, "webhooks").with("orderby", "id").with("order", "asc");
    let mut ours = Vec::new();
    let mut from = Some(0);
    while let Some(offset) = from {
        let page: Page<Webhook> = read_page(ctx, shop, &call, offset, MOST_PER_PAGE).await?;
        ours.extend(page.rows.into_iter().filter(|webhook| {
            Url::parse(webhook.delivery_url.0.trim()).is_ok_and(|points_to| points_to == *address)
        }));
        from = page.next;
    }
    Ok(ours)
}

async fn remove(shop: &Shop<'_>, webhook: &Webhook) -> Result<()> {
    match shop.ask(&Call::delete(OP, path_of(webhook)?)).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
