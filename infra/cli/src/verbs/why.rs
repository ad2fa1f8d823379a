//! `why`: what is behind an item's stock, or what an order did.

use jiff::Timestamp;
use serde_json::Value;

use super::bundle;
use crate::command::Why;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::{ItemWhy, OrderWhy, Write};
use crate::which::{Stores, order};
use crate::words::{ago, count, millis};

pub(crate) async fn why(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Why, now: Timestamp) -> Result<()> {
    let what = asked.what.trim();
    let is_order = order::is_id(what) || what.starts_with('#') || asked.store.is_some();
    if !is_order {
        match item(hub, what, asked.at).await {
            Ok(answer) => return of_item(page, &answer, now),
            Err(trouble) if !trouble.is_not_found() || asked.at.is_some() => {
                return Err(unknown(what, trouble));
            }
            Err(_) => {}
        }
    }
    let stores = Stores::of(hub).await?;
    let id = if order::is_id(what) {
        what.to_owned()
    } else {
        order::numbered(hub, &stores, asked.store.as_deref(), what)
            .await
            .map_err(|trouble| if is_order { trouble } else { unknown(what, trouble) })?
    };
    let answer = hub.get(&["orders", &id, "why"]).await?;
    of_order(page, &answer, now)
}

async fn item(hub: &Hub<'_>, what: &str, at: Option<Timestamp>) -> Result<Value> {
    let at = at.map(|at| at.to_string());
    let query: Vec<(&str, &str)> = at.iter().map(|at| ("at", at.as_str())).collect();
    hub.get_with(&["items", what, "why"], &query).await
}

fn unknown(what: &str, trouble: Trouble) -> Trouble {
    if trouble.is_passing() || !trouble.is_not_found() {
        return trouble;
    }
    Trouble::new(format!("nothing in the books has the SKU `{what}`"))
        .next("list what there is with `storeloom stock` or `storeloom orders`")
}

fn of_item(page: &mut Page<'_, '_>, answer: &Value, now: Timestamp) -> Result<()> {
    if page.is_json() {
        return page.document(answer);
    }
    let why: ItemWhy = read(answer)?;
    let when = why.at.map_or_else(|| "now".to_owned(), |at| format!("at {at:.0}"));
    let counted = &why.counted;
    page.say(format!("{}  {}", why.item.sku, why.item.title))?;
    page.say(format!(
        "{when}: {} on hand - {} set aside = {} may be sold",
        counted.on_hand, counted.reserved, counted.available
    ))?;
    let entries = count(why.booked, "entry", "entries");
    page.say(match why.adds_up {
        Some(true) => format!("{entries}, and they add up to the balance."),
        Some(false) => format!("{entries}, and they do NOT add up to the balance."),
        None => format!("{entries}; not added up here."),
    })?;
    if let Some(recipe) = &why.recipe {
        bundle::show(page, recipe)?;
    }
    if why.places.len() > 1 {
        for place in &why.places {
            page.say(format!(
                "  at {}: {} on hand, {} set aside",
                place.name, place.on_hand, place.reserved
            ))?;
        }
    }
    page.say("")?;
    let mut table = Table::new(&["BOOKED", "KIND", ">ON HAND", ">SET ASIDE", "CAUSE"]);
    for one in &why.entries {
        let cause = match (&one.number, &one.store_name, &one.state) {
            (Some(number), Some(store), Some(state)) => format!("order {number} of {store}, now {state}"),
            _ => one.entry.told(),
        };
        table.row([
            ago(one.entry.at, now),
            one.entry.kind.clone(),
            one.entry.on_hand.signed(),
            one.entry.reserved.signed(),
            cause,
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    for link in &why.links {
        page.say("")?;
        match &link.standing {
            Some(one) => page.say(format!(
                "{}: we believe it shows {}, it should show {}. {}",
                link.store_name, one.explained, one.target, one.says
            ))?,
            None => page.say(format!("{}:", link.store_name))?,
        }
        writes(page, &link.writes, now)?;
    }
    page.say("")?;
    for rule in &why.rules {
        page.say(format!("- {rule}"))?;
    }
    Ok(())
}

fn writes(page: &mut Page<'_, '_>, writes: &[Write], now: Timestamp) -> Result<()> {
    for one in writes {
        let (from, to) = (&one.compare, &one.value);
        page.say(format!("  {}: wrote {to} over {from}: {}", ago(one.at, now), one.answered()))?;
    }
    Ok(())
}

fn of_order(page: &mut Page<'_, '_>, answer: &Value, now: Timestamp) -> Result<()> {
    if page.is_json() {
        return page.document(answer);
    }
    let why: OrderWhy = read(answer)?;
    let booked = if why.applied { "booked" } else { "being booked" };
    let placed = ago(why.placed_at, now);
    page.say(format!(
        "Order {} of {}: {}, placed {placed}, {booked}",
        why.number, why.store_name, why.state
    ))?;
    page.say(&why.rule)?;
    page.say("")?;
    let heads =
        ["SKU", "TITLE", ">BOUGHT", ">PAID BACK", ">SET ASIDE", ">GONE", ">TAKEN BY THE SHOP", "MATCHES"];
    let mut table = Table::new(&heads);
    for one in &why.lines {
        table.row([
            one.line.sku.clone().unwrap_or_else(|| "-".to_owned()),
            one.line.title.clone(),
            one.line.quantity.to_string(),
            one.line.refunded.to_string(),
            one.effect.reserved.to_string(),
            one.effect.shipped.to_string(),
            one.effect.taken.to_string(),
            if one.item.is_some() { "yes" } else { "no item" }.to_owned(),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    page.say("")?;
    if why.effects.is_empty() {
        page.say("It did nothing to the books.")?;
    }
    for one in &why.effects {
        let sku = one.sku.as_deref().unwrap_or("an item");
        let kinds: Vec<String> =
            one.entries.iter().map(|entry| format!("{} {}", entry.kind, ago(entry.at, now))).collect();
        page.say(format!(
            "In the books for {sku}: {} set aside, {} gone, {} taken by the shop itself ({})",
            one.effect.reserved,
            one.effect.shipped,
            one.effect.taken,
            kinds.join(", ")
        ))?;
    }
    if why.events.is_empty() {
        let messages = count(why.looked_through, "message", "messages");
        page.say(format!("No message about it among {messages}: it was read from the shop."))?;
    }
    for event in &why.events {
        let again = if event.duplicates > 0 {
            format!(", came {} more", count(event.duplicates, "time", "times"))
        } else {
            String::new()
        };
        page.say(format!("{}: {} ({}{again})", ago(event.received_at, now), event.topic, event.state))?;
    }
    for one in &why.reached {
        page.say(format!("{} showed {} after {}", one.store_name, one.value, millis(one.after_ms)))?;
    }
    Ok(())
}
