//! `orders`: those of a store, or one with its lines and what it did to the books.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::hub::{Ask, Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::Result;
use crate::view::OrderView;
use crate::which::{self, Stores};
use crate::words::ago;

pub(crate) async fn orders(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    store: Option<&str>,
    order: Option<&str>,
    limit: usize,
    now: Timestamp,
) -> Result<()> {
    match (store, order) {
        (Some(id), None) if which::order::is_id(id) => show(hub, page, id, now).await,
        (_, Some(id)) if which::order::is_id(id) => show(hub, page, id, now).await,
        (Some(store), Some(number)) => {
            let stores = Stores::of(hub).await?;
            let id = which::order::numbered(hub, &stores, Some(store), number).await?;
            show(hub, page, &id, now).await
        }
        (store, _) => list(hub, page, store, limit, now).await,
    }
}

async fn list(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    store: Option<&str>,
    limit: usize,
    now: Timestamp,
) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let mut orders: Vec<(OrderView, Value)> = Vec::new();
    let mut more = false;
    for view in stores.some(store)? {
        let ask = Ask { filter: None, limit: Some(limit) };
        let listed = hub.list(&["stores", &view.store.id, "orders"], &ask).await?;
        more |= listed.more;
        for value in listed.items {
            orders.push((read(&value)?, value));
        }
    }
    orders.sort_by_key(|(order, _)| std::cmp::Reverse(order.placed_at));
    more |= orders.len() > limit;
    orders.truncate(limit);
    if orders.is_empty() {
        page.say("No order was read yet.")?;
    } else {
        let mut table =
            Table::new(&["NUMBER", "STORE", "PLACED", "STATE", ">LINES", ">TOTAL", "BOOKED", "ID"]);
        for (order, _) in &orders {
            table.row([
                order.number.clone(),
                stores.name(&order.store).to_owned(),
                ago(order.placed_at, now),
                order.state.clone(),
                order.lines.len().to_string(),
                order.total.to_string(),
                if order.applied { "yes" } else { "not yet" }.to_owned(),
                order.id.clone(),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
        if more {
            page.say(format!("There are more; show them with --limit {}.", limit.saturating_mul(4)))?;
        }
    }
    let items: Vec<Value> = orders.into_iter().map(|(_, value)| value).collect();
    page.document(&json!({"items": items, "more": more}))
}

async fn show(hub: &Hub<'_>, page: &mut Page<'_, '_>, id: &str, now: Timestamp) -> Result<()> {
    let answer = hub.get(&["orders", id]).await?;
    if page.is_json() {
        return page.document(&answer);
    }
    let order: OrderView = read(&answer)?;
    let stores = Stores::of(hub).await?;
    let booked = if order.applied { "booked" } else { "not booked yet" };
    page.say(format!(
        "Order {} of {}: {}, {}, placed {}, {booked}",
        order.number,
        stores.name(&order.store),
        order.state,
        order.total,
        ago(order.placed_at, now)
    ))?;
    page.say("")?;
    let mut lines = Table::new(&["LINE", "SKU", "TITLE", ">UNITS", ">REFUNDED", ">TOTAL"]);
    for line in &order.lines {
        lines.row([
            line.remote.clone(),
            line.sku.clone().unwrap_or_else(|| "-".to_owned()),
            line.title.clone(),
            line.quantity.to_string(),
            line.refunded.to_string(),
            line.total.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
        ]);
    }
    for line in lines.lines() {
        page.say(line)?;
    }
    page.say("")?;
    if order.effects.is_empty() {
        return page.say("It did nothing to the books.");
    }
    let mut effects = Table::new(&["IN THE BOOKS", ">SET ASIDE", ">SHIPPED", ">TAKEN BY THE SHOP"]);
    for one in &order.effects {
        let effect = &one.effect;
        effects.row([
            one.item.clone(),
            effect.reserved.to_string(),
            effect.shipped.to_string(),
            effect.taken.to_string(),
        ]);
    }
    for line in effects.lines() {
        page.say(line)?;
    }
    Ok(())
}
