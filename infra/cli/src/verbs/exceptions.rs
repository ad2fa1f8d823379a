//! `exceptions` and `resolve`: what a person should look at, and settling it.

use jiff::Timestamp;
use serde_json::json;

use crate::command::Right;
use crate::hub::{Ask, Hub, read_all};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::ExceptionView;
use crate::which::{self, Stores};
use crate::words::{ago, count};

pub(crate) async fn list(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    settled: bool,
    limit: Option<usize>,
    now: Timestamp,
) -> Result<()> {
    let filter = settled.then_some(("settled", "true"));
    let listed = hub.list(&["exceptions"], &Ask { filter, limit }).await?;
    if !page.is_json() {
        let exceptions: Vec<ExceptionView> = read_all(&listed.items)?;
        let stores = Stores::of(hub).await?;
        show(page, &exceptions, &stores, now)?;
        if listed.more {
            page.say("There are more; show them with a larger --limit.")?;
        }
    }
    page.document(&json!({"items": listed.items, "more": listed.more}))
}

fn show(
    page: &mut Page<'_, '_>,
    exceptions: &[ExceptionView],
    stores: &Stores,
    now: Timestamp,
) -> Result<()> {
    if exceptions.is_empty() {
        return page.say("Nothing needs a person.");
    }
    for exception in exceptions {
        let store = exception.store.as_deref().map(|store| format!(" {}", stores.name(store)));
        page.say(format!(
            "{}{}, {}: {}",
            exception.kind,
            store.unwrap_or_default(),
            ago(exception.opened_at, now),
            exception.message
        ))?;
        if !exception.advice.is_empty() {
            page.say(format!("    {}", exception.advice))?;
        }
        match exception.resolved_at {
            Some(at) => page.say(format!("    settled {}", ago(at, now)))?,
            None => {
                let store = exception.store.as_deref().and_then(|store| stores.by_id(store));
                for command in exception.commands(store) {
                    page.say(format!("    {command}"))?;
                }
            }
        }
    }
    let many = u64::try_from(exceptions.len()).unwrap_or(u64::MAX);
    page.say(count(many, "exception", "exceptions"))
}

pub(crate) async fn resolve(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    typed: &str,
    right: Option<Right>,
) -> Result<()> {
    let exception = which::exception(hub, typed).await?;
    if right.is_none() && exception.asks_who_is_right() {
        return Err(Trouble::usage(format!("whose number is right? {}", exception.message)).next(format!(
            "storeloom resolve {id} --right shop (the books take its number), or --right books (the shop will \
             follow them)",
            id = exception.id
        )));
    }
    let body = match right {
        Some(right) => json!({"right": right.as_str()}),
        None => json!({}),
    };
    let answer = hub.post(&["exceptions", &exception.id, "resolve"], &body).await?;
    page.say(format!("Settled: {}", exception.message))?;
    page.document(&answer)
}
