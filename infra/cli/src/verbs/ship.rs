//! `ship`: has a shipment noted in the shop that an order came from.

use serde_json::{Map, Value, json};

use crate::command::{Sent, Ship};
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::{LineView, OrderView};
use crate::which::{self, Stores};
use crate::words::count;

pub(crate) async fn ship(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Ship) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let order = order(hub, &stores, asked).await?;
    let lines = lines(&order, &asked.lines)?;
    let mut body = Map::new();
    body.insert(
        "lines".to_owned(),
        lines.iter().map(|(line, units)| json!({"line": line, "units": units})).collect(),
    );
    for (name, text) in
        [("tracking_number", &asked.tracking), ("carrier", &asked.carrier), ("tracking_url", &asked.url)]
    {
        if let Some(text) = text {
            body.insert(name.to_owned(), Value::from(text.as_str()));
        }
    }
    body.insert("tell_buyer".to_owned(), Value::from(asked.tell_buyer));
    let answer = hub.post(&["orders", &order.id, "shipments"], &Value::Object(body)).await?;
    let units = lines.iter().map(|(_, units)| u64::from(*units)).sum();
    let what = if lines.is_empty() {
        "everything left was".to_owned()
    } else {
        count(units, "unit was", "units were")
    };
    let store = stores.name(&order.store);
    let buyer = if asked.tell_buyer { ", and is to write to the buyer" } else { "" };
    page.say(format!("Order {}: {store} is told that {what} sent{buyer}.", order.number))?;
    page.say(format!("next:  storeloom orders {} shows what the shop made of it", order.id))?;
    page.document(&answer)
}

/// The order that is meant, of the store that was named.
async fn order(hub: &Hub<'_>, stores: &Stores, asked: &Ship) -> Result<OrderView> {
    let store = asked.store.as_deref();
    let typed = asked.order.trim();
    if !which::order::is_id(typed) {
        let id = which::order::numbered(hub, stores, store, typed).await?;
        return read(&hub.get(&["orders", &id]).await?);
    }
    let named = store.map(|store| stores.which(store)).transpose()?;
    let order: OrderView = read(&hub.get(&["orders", typed]).await?)?;
    match named {
        Some(view) if view.store.id != order.store => {
            let (its, not) = (stores.name(&order.store), &view.store.name);
            Err(Trouble::usage(format!("order {typed} is of {its}, not of {not}")).next("leave --store out"))
        }
        _ => Ok(order),
    }
}

/// The shop's ids of the lines that were named, with what was sent of each.
fn lines(order: &OrderView, sent: &[Sent]) -> Result<Vec<(String, u32)>> {
    let mut lines: Vec<(String, u32)> = Vec::new();
    for Sent { line, units } in sent {
        let remote = &one_line(order, line)?.remote;
        if lines.iter().any(|(known, _)| known == remote) {
            return Err(Trouble::usage(format!("line `{remote}` of order {} is given twice", order.number))
                .next("give each line once, with all its units"));
        }
        lines.push((remote.clone(), *units));
    }
    Ok(lines)
}

/// The line with that id, or the only one with that SKU.
fn one_line<'o>(order: &'o OrderView, typed: &str) -> Result<&'o LineView> {
    if let Some(line) = order.lines.iter().find(|line| line.remote == typed) {
        return Ok(line);
    }
    let of_sku: Vec<&LineView> =
        order.lines.iter().filter(|line| line.sku.as_deref() == Some(typed)).collect();
    match of_sku.as_slice() {
        [one] => Ok(one),
        [] => Err(Trouble::new(format!("order {} has no line `{typed}`", order.number))
            .next(format!("`storeloom orders {}` shows its lines", order.id))),
        several => {
            let ids: Vec<&str> = several.iter().map(|line| line.remote.as_str()).collect();
            Err(Trouble::usage(format!("the SKU `{typed}` is that of several lines: {}", ids.join(", ")))
                .next("give one of these"))
        }
    }
}
