//! `events` and `replay`: what the shops told us, and reading it again.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::hub::{Ask, Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::EventView;
use crate::which::Stores;
use crate::words::ago;

pub(crate) async fn list(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    store: Option<&str>,
    limit: usize,
    now: Timestamp,
) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let mut events: Vec<(EventView, Value)> = Vec::new();
    let mut more = false;
    for view in stores.some(store)? {
        let listed = hub
            .list(&["stores", &view.store.id, "events"], &Ask { filter: None, limit: Some(limit) })
            .await?;
        more |= listed.more;
        for value in listed.items {
            events.push((read(&value)?, value));
        }
    }
    // The hub's own order within a store stays: the sort is stable.
    events.sort_by_key(|(event, _)| std::cmp::Reverse(event.received_at));
    more |= events.len() > limit;
    events.truncate(limit);
    if events.is_empty() {
        page.say("No shop has told us anything yet.")?;
    } else {
        let mut table = Table::new(&["CAME", "STORE", "TOPIC", "ABOUT", "STATE", ">AGAIN", "ID"]);
        for (event, _) in &events {
            table.row([
                ago(event.received_at, now),
                stores.name(&event.store).to_owned(),
                event.topic.clone(),
                event.about.clone(),
                event.state.clone(),
                event.duplicates.to_string(),
                event.id.clone(),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
        for (event, _) in &events {
            if let (Some(note), "parked") = (&event.note, event.state.as_str()) {
                page.say(format!("{}: {note}", event.id))?;
            }
        }
        if more {
            page.say(format!("There are more; show them with --limit {}.", limit.saturating_mul(4)))?;
        }
    }
    let items: Vec<Value> = events.into_iter().map(|(_, value)| value).collect();
    page.document(&json!({"items": items, "more": more}))
}

pub(crate) async fn replay(hub: &Hub<'_>, page: &mut Page<'_, '_>, event: &str) -> Result<()> {
    let answer = hub.post(&["events", event, "replay"], &json!({})).await.map_err(|trouble| {
        if trouble.is_not_found() {
            Trouble::new(format!("there is no event `{event}`: none came, or its ninety days are over"))
                .next("list what there is with `storeloom events`")
        } else {
            trouble
        }
    })?;
    let view: EventView = read(&answer)?;
    page.say(format!(
        "{} ({}) is read again; see what becomes of it with `storeloom events`.",
        view.id, view.topic
    ))?;
    page.document(&answer)
}
