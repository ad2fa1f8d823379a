//! `connect`: with pasted keys or through a browser, until the store has joined.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::summary;
use crate::command::Connect;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::{Connected, Doctor, FindingView, Store, Summary};
use crate::watch;
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
                "keys": {"consumer_key": key.expose_secret(), "consumer_secret": secret.expose_secret()},
            }),
        )
        .await?;
    let connected: Connected = read(&answer)?;
    let findings = answer.get("findings").cloned().unwrap_or_else(|| json!([]));
    let joining = Joining { store: connected.store, again: connected.again, findings };
    finish(hub, page, asked, joining, &connected.findings).await
}

/// A store that was connected and may have to join yet.
struct Joining {
    store: Store,
    again: bool,
    /// The findings as answered.
    findings: Value,
}

/// The pasted keys; the secret from standard input if it is not there or `-`, so that it need not stand in the
/// shell's history.
fn keys(page: &mut Page<'_, '_>, asked: &Connect) -> Result<(SecretString, SecretString)> {
    let key = asked.key.clone().ok_or_else(|| Trouble::usage("--key is missing"))?;
    let given = asked.secret.clone().filter(|secret| !matches!(secret.expose_secret(), "" | "-"));
    let secret = match given {
        Some(secret) => secret,
        None => SecretString::from(page.read_secret("The secret of that key: ")?),
    };
    if secret.expose_secret().is_empty() {
        return Err(Trouble::usage("the key's secret is missing")
            .next("write it to standard input, or give it with STORELOOM_SHOP_SECRET or --secret"));
    }
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
        return page.document(&answer);
    }
    page.note("Open this page as the shop's owner, and agree:")?;
    page.note(format!("  {url}"))?;
    page.note("Waiting for the shop ...")?;
    let store = appeared(hub, asked, &before).await?;
    let again = before.views.iter().any(|view| view.store.id == store.id);
    let examined = hub.get(&["stores", &store.id, "doctor"]).await?;
    let doctor: Doctor = read(&examined)?;
    let findings = examined.get("findings").cloned().unwrap_or_else(|| json!([]));
    finish(hub, page, asked, Joining { store, again, findings }, &doctor.findings).await
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

/// Waits until the store has joined, and says what came of it.
async fn finish(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    asked: &Connect,
    joining: Joining,
    findings: &[FindingView],
) -> Result<()> {
    let Joining { store, again, findings: found } = joining;
    let how = if again { "is connected again" } else { "is connected" };
    page.say(format!("{} ({}) {how}: {}", store.name, store.platform, store.id))?;
    summary::findings(page, findings)?;
    page.flush()?;
    if asked.no_wait {
        page.say("next:  storeloom stores shows how far its reading is")?;
        let store = hub.get(&["stores", &store.id]).await?;
        return page.document(&json!({"store": store, "again": again, "findings": found}));
    }
    let view = watch::joined(hub, page, &store.id).await?;
    let answer = hub.get(&["stores", &store.id, "summary"]).await?;
    let summary: Summary = read(&answer)?;
    page.say(format!("{} has joined.", view.store.name))?;
    summary::show(page, &summary)?;
    if !summary.next.is_empty() {
        page.say(format!("next:  {}", summary.next))?;
    }
    let store = hub.get(&["stores", &store.id]).await?;
    page.document(&json!({"store": store, "again": again, "findings": found, "summary": answer}))
}
