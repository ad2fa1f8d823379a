//! `drift`: numbers that are not what they should be, and what is done about each.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::command::Drift;
use crate::hub::{Ask, Hub, read, read_all};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::{ItemDrift, Standing};
use crate::which::Stores;
use crate::words::{ago, count};

pub(crate) async fn drift(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    asked: &Drift,
    now: Timestamp,
) -> Result<()> {
    match &asked.sku {
        Some(sku) => one(hub, page, sku, now).await,
        None => all(hub, page, asked, now).await,
    }
}

async fn all(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Drift, now: Timestamp) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let mut items: Vec<Value> = Vec::new();
    let mut more = false;
    for view in stores.some(asked.store.as_deref())? {
        let ask = Ask { filter: asked.all.then_some(("all", "true")), limit: asked.limit };
        let listed = hub.list(&["stores", &view.store.id, "drift"], &ask).await?;
        more |= listed.more;
        items.extend(listed.items);
    }
    let standings: Vec<Standing> = read_all(&items)?;
    if standings.is_empty() {
        page.say("Nothing differs: every shop shows what its orders and our writes explain.")?;
    } else {
        table(page, &standings, &stores, now)?;
        let many = u64::try_from(standings.len()).unwrap_or(u64::MAX);
        page.say(count(many, "number", "numbers"))?;
        if more {
            page.say("There are more; show them with a larger --limit.")?;
        }
    }
    page.document(&json!({"items": items, "more": more}))
}

async fn one(hub: &Hub<'_>, page: &mut Page<'_, '_>, sku: &str, now: Timestamp) -> Result<()> {
    let answer = hub.get(&["items", sku, "drift"]).await.map_err(|trouble| {
        if trouble.is_not_found() {
            Trouble::new(format!("nothing in the books has the SKU `{sku}`"))
                .next("list what there is with `storeloom stock`")
        } else {
            trouble
        }
    })?;
    if page.is_json() {
        return page.document(&answer);
    }
    let found: ItemDrift = read(&answer)?;
    let stores = Stores::of(hub).await?;
    page.say(format!("{}  {}", found.item.sku, found.item.title))?;
    if found.standings.is_empty() {
        return page.say("No store lists it any more.");
    }
    table(page, &found.standings, &stores, now)?;
    for standing in &found.standings {
        page.say("")?;
        page.say(format!("What explains it in {}:", stores.name(&standing.store)))?;
        for one in &standing.evidence {
            page.say(format!("  {}: {}", ago(one.at, now), one.told()))?;
        }
    }
    Ok(())
}

/// The numbers under each other, then what is done about each, with the commands that settle it.
fn table(page: &mut Page<'_, '_>, standings: &[Standing], stores: &Stores, now: Timestamp) -> Result<()> {
    let heads =
        ["STORE", "SKU", ">WE BELIEVE", ">IT SHOWED", "READ", ">DIFFERENCE", ">SHOULD SHOW", "VERDICT"];
    let mut table = Table::new(&heads);
    for one in standings {
        let dash = || "-".to_owned();
        table.row([
            stores.name(&one.store).to_owned(),
            one.sku.clone(),
            one.explained.to_string(),
            one.shows.as_ref().map_or_else(dash, |shows| shows.level.to_string()),
            one.shows.as_ref().map_or_else(dash, |shows| ago(shows.at, now)),
            one.difference.signed(),
            one.target.to_string(),
            one.verdict.clone(),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    for one in standings.iter().filter(|one| one.verdict != "agrees" || one.settle.is_some()) {
        page.say(format!("{} in {}: {}", one.sku, stores.name(&one.store), one.says))?;
        if let Some(settle) = &one.settle {
            page.say(format!("    storeloom resolve {} --right shop", settle.exception))?;
            page.say(format!("        {}", settle.shop))?;
            page.say(format!("    storeloom resolve {} --right books", settle.exception))?;
            page.say(format!("        {}", settle.books))?;
        }
    }
    Ok(())
}
