//! `receive`, `count`, `adjust`, `transfer`: what people move by hand.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::locations;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::stock_command::{Adjust, Count, Receive, Transfer};
use crate::trouble::{Result, Trouble};
use crate::view::Handled;

/// A movement of an item's units, as the hub takes it.
struct Movement<'a> {
    sku: &'a str,
    deed: Value,
    key: Option<&'a str>,
}

pub(crate) async fn receive(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    asked: &Receive,
    now: Timestamp,
) -> Result<()> {
    let at = locations::meant(hub, asked.at.as_deref()).await?;
    let deed = json!({"do": "receive", "units": asked.units, "at": at, "note": asked.noted.note});
    book(hub, page, Movement { sku: &asked.sku, deed, key: asked.noted.key.as_deref() }, now).await
}

pub(crate) async fn count(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    asked: &Count,
    now: Timestamp,
) -> Result<()> {
    let at = locations::meant(hub, asked.at.as_deref()).await?;
    let deed = json!({"do": "count", "units": asked.units, "at": at, "note": asked.noted.note});
    book(hub, page, Movement { sku: &asked.sku, deed, key: asked.noted.key.as_deref() }, now).await
}

pub(crate) async fn adjust(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    asked: &Adjust,
    now: Timestamp,
) -> Result<()> {
    let at = locations::meant(hub, asked.at.as_deref()).await?;
    let deed = json!({"do": "adjust", "by": asked.by, "at": at, "note": asked.reason});
    book(hub, page, Movement { sku: &asked.sku, deed, key: asked.key.as_deref() }, now).await
}

pub(crate) async fn transfer(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    asked: &Transfer,
    now: Timestamp,
) -> Result<()> {
    let from = locations::meant(hub, asked.from.as_deref()).await?;
    let to = locations::meant(hub, asked.to.as_deref()).await?;
    let deed =
        json!({"do": "transfer", "units": asked.units, "from": from, "to": to, "note": asked.noted.note});
    book(hub, page, Movement { sku: &asked.sku, deed, key: asked.noted.key.as_deref() }, now).await
}

async fn book(hub: &Hub<'_>, page: &mut Page<'_, '_>, movement: Movement<'_>, now: Timestamp) -> Result<()> {
    let made = format!("cli {} {}", now.as_nanosecond(), std::process::id());
    let key = movement.key.unwrap_or(&made);
    let answer = hub
        .post_once(&["stock", movement.sku, "movements"], &movement.deed, key)
        .await
        .map_err(|trouble| unsure(trouble, movement.sku, key))?;
    let handled: Handled = read(&answer)?;
    for entry in &handled.entries {
        let again = if handled.again { ", booked before under this key" } else { "" };
        page.say(format!(
            "{}: {} {}, {}{again}",
            movement.sku,
            entry.kind,
            entry.on_hand.signed(),
            entry.cause
        ))?;
    }
    page.document(&answer)
}

/// What was sent may have arrived: under its key it can be sent again.
fn unsure(trouble: Trouble, sku: &str, key: &str) -> Trouble {
    if trouble.is_passing() {
        return trouble
            .next(format!("it may be booked: repeat it with `--key '{key}'`, and it is booked once"));
    }
    if trouble.is_not_found() {
        return Trouble::new(format!("nothing in the books has the SKU `{sku}`"))
            .next("list what there is with `storeloom stock`");
    }
    trouble
}
