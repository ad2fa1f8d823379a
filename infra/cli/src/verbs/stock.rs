//! `stock`: all items, or one with its links and latest movements.

use jiff::Timestamp;
use serde_json::json;

use crate::hub::{Ask, Hub, read_all};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::{EntryView, Shelf};
use crate::which::Stores;
use crate::words::{ago, count};

/// Movements of one item that are shown.
const ENTRIES: usize = 20;

pub(crate) async fn list(hub: &Hub<'_>, page: &mut Page<'_, '_>, limit: Option<usize>) -> Result<()> {
    let listed = hub.list(&["stock"], &Ask { filter: None, limit }).await?;
    let shelves: Vec<Shelf> = read_all(&listed.items)?;
    if shelves.is_empty() {
        page.say("Nothing is in the books yet: connect a store whose products have a SKU.")?;
    } else {
        let mut table =
            Table::new(&["SKU", "TITLE", ">ON HAND", ">RESERVED", ">AVAILABLE", ">LINKS", ">UNEXPLAINED"]);
        for shelf in &shelves {
            let unexplained = shelf.links.iter().filter(|link| link.unexplained.is_some()).count();
            table.row([
                shelf.sku.clone(),
                shelf.title.clone(),
                shelf.balance.on_hand.to_string(),
                shelf.balance.reserved.to_string(),
                shelf.available.to_string(),
                shelf.links.len().to_string(),
                if unexplained == 0 { "-".to_owned() } else { unexplained.to_string() },
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
        if listed.more {
            page.say("There are more; show them with a larger --limit.")?;
        }
    }
    page.document(&json!({"items": listed.items, "more": listed.more}))
}

pub(crate) async fn one(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    sku: &str,
    limit: Option<usize>,
    now: Timestamp,
) -> Result<()> {
    let listed = hub.list(&["stock"], &Ask { filter: Some(("sku", sku)), limit: Some(1) }).await?;
    let shelves: Vec<Shelf> = read_all(&listed.items)?;
    let (Some(shelf), Some(value)) = (shelves.first(), listed.items.first()) else {
        return Err(Trouble::new(format!("nothing in the books has the SKU `{sku}`"))
            .next("list what there is with `storeloom stock`"));
    };
    let ask = Ask { filter: None, limit: Some(limit.unwrap_or(ENTRIES)) };
    let entries = hub.list(&["stock", &shelf.id, "entries"], &ask).await?;
    if !page.is_json() {
        let stores = Stores::of(hub).await?;
        show(page, shelf, &stores, now)?;
        movements(page, &read_all(&entries.items)?, entries.more, now)?;
    }
    page.document(&json!({"item": value, "entries": entries.items, "more_entries": entries.more}))
}

fn show(page: &mut Page<'_, '_>, shelf: &Shelf, stores: &Stores, now: Timestamp) -> Result<()> {
    let Shelf { sku, title, balance, available, .. } = shelf;
    page.say(format!("{sku}  {title}"))?;
    page.say(format!("{} on hand, {} reserved, {available} available", balance.on_hand, balance.reserved))?;
    page.say("")?;
    if shelf.links.is_empty() {
        return page.say("No store lists it any more.");
    }
    let mut table = Table::new(&[
        "STORE",
        ">SHOWED",
        "READ",
        ">EXPLAINED",
        ">UNEXPLAINED",
        ">WRITING",
        "PRODUCT",
        "VARIANT",
    ]);
    for link in &shelf.links {
        let dash = || "-".to_owned();
        table.row([
            stores.name(&link.store).to_owned(),
            link.seen.as_ref().map_or_else(dash, |seen| seen.level.to_string()),
            link.seen.as_ref().map_or_else(dash, |seen| ago(seen.at, now)),
            link.explained.as_ref().map_or_else(|| "joining".to_owned(), ToString::to_string),
            link.unexplained.as_ref().map_or_else(dash, |one| one.difference.signed()),
            link.inflight.as_ref().map_or_else(dash, |one| one.value.to_string()),
            link.product.clone(),
            link.variant.clone(),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    Ok(())
}

fn movements(page: &mut Page<'_, '_>, entries: &[EntryView], more: bool, now: Timestamp) -> Result<()> {
    page.say("")?;
    if entries.is_empty() {
        return page.say("Nothing was booked for it yet.");
    }
    let mut table = Table::new(&["BOOKED", "KIND", ">ON HAND", ">RESERVED", "CAUSE"]);
    for entry in entries {
        table.row([
            ago(entry.at, now),
            entry.kind.clone(),
            entry.on_hand.signed(),
            entry.reserved.signed(),
            entry.told(),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    if more {
        let shown = count(u64::try_from(entries.len()).unwrap_or(0), "movement", "movements");
        page.say(format!("These are the latest {shown}; show more with --limit."))?;
    }
    Ok(())
}
