//! `connect`: with pasted keys or through a browser, until the store has joined.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::join::{self, Joining};
use crate::command::Connect;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::{Doctor, Store};
use crate::which::Stores;

/// How often it is looked whether the shop's owner has agreed.
const EVERY: Duration = Duration::from_secs(2);
/// How long the hub waits for the shop's owner.
const PATIENCE: Duration = Duration::from_mins(30);

pub(crate) async fn connect(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Connect) -> Result<()> {
    if asked.browser {
        return through_browser(hub, page, asked).await;
    }
    let (key, secret) = keys(page, asked)?;
    let answer = hub
        .post(
            &["stores"],
            &json!({
                "platform": asked.platform,
                "address": asked.url,
                "name": asked.name,
                "keys": {"key": key.expose_secret(), "secret": secret.expose_secret()},
            }),
        )
        .await?;
    join::finish(hub, page, Joining::of(&answer)?, asked.no_wait).await
}

/// The pasted keys.
fn keys(page: &mut Page<'_, '_>, asked: &Connect) -> Result<(SecretString, SecretString)> {
    let key = asked.key.clone().ok_or_else(|| Trouble::usage("--key is missing"))?;
    let secret = page.secret(asked.secret.as_ref(), "The secret of that key: ")?.ok_or_else(|| {
        Trouble::usage("the key's secret is missing")
            .next("write it to standard input, or give it with STORELOOM_SHOP_SECRET or --secret")
    })?;
    Ok((key, secret))
}

async fn through_browser(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Connect) -> Result<()> {
    let before = Stores::of(hub).await?;
    let body = json!({"platform": asked.platform, "address": asked.url, "name": asked.name});
    let answer = hub.post(&["stores", "authorize"], &body).await?;
    let Some(url) = answer.get("url").and_then(Value::as_str) else {
        return Err(Trouble::new("the hub named no page of the shop"));
    };
    if asked.no_wait {
        page.say("Open this page within 30 minutes as the shop's owner, and agree:")?;
        page.say(format!("  {url}"))?;
        open(page, asked, url)?;
        return page.document(&answer);
    }
    page.note("Open this page as the shop's owner, and agree:")?;
    page.note(format!("  {url}"))?;
    open(page, asked, url)?;
    page.note("Waiting for the shop ...")?;
    let store = appeared(hub, asked, &before).await?;
    let again = before.views.iter().any(|view| view.store.id == store.id);
    let examined = hub.get(&["stores", &store.id, "doctor"]).await?;
    let doctor: Doctor = read(&examined)?;
    let answered = join::findings_in(&examined);
    join::finish(hub, page, Joining { store, again, findings: doctor.findings, answered }, asked.no_wait)
        .await
}

/// Opens the page in the browser of a person who looks on. Its address was shown: where no browser opens, nothing is
/// lost.
fn open(page: &mut Page<'_, '_>, asked: &Connect, address: &str) -> Result<()> {
    page.flush()?;
    if !asked.no_open && page.open(address) {
        page.note("(your browser was asked to show it)")?;
    }
    Ok(())
}

/// Waits until the shop's owner has agreed: a store is new, or one of that shop was connected again.
async fn appeared(hub: &Hub<'_>, asked: &Connect, before: &Stores) -> Result<Store> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        tokio::time::sleep(EVERY).await;
        let now = match Stores::of(hub).await {
            Ok(now) => now,
            Err(trouble) if trouble.is_passing() => continue,
            Err(trouble) => return Err(trouble),
        };
        let found = now.views.into_iter().map(|view| view.store).find(|store| {
            let known = before.views.iter().map(|view| &view.store).find(|known| known.id == store.id);
            let moved = known.is_none_or(|known| known.version != store.version);
            moved && store.is_active() && store.platform == asked.platform && is_of(store, &asked.url)
        });
        if let Some(store) = found {
            return Ok(store);
        }
    }
    Err(Trouble::new("nobody agreed within 30 minutes, and the page is worth nothing any more")
        .next("begin again with the same command"))
}

/// Whether a store is the shop at an address that a person typed.
fn is_of(store: &Store, typed: &str) -> bool {
    let host = |text: &str| {
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(whole.trim()).ok()?;
        let host = url.host_str()?.to_lowercase();
        Some((host.strip_prefix("www.").map_or(host.clone(), str::to_owned), url.port_or_known_default()))
    };
    host(&store.address).zip(host(typed)).is_some_and(|(one, other)| one == other)
}
