//! `allocate`: how many of an item's units each shop may offer.

use serde_json::{Value, json};

use crate::command::Allocate;
use crate::hub::{Ask, Hub, read, read_all};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::{Allocation, Offer, Store};
use crate::which::Stores;

pub(crate) async fn allocate(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Allocate) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let Some(wish) = wish(asked) else {
        let Some(sku) = &asked.sku else {
            return Err(Trouble::usage("say which item, or what the store shall offer".to_owned())
                .next("storeloom allocate STORE --buffer 2, or storeloom allocate --sku SKU to look"));
        };
        return offers(hub, page, &stores, sku).await;
    };
    let Some(store) = &asked.store else {
        return Err(Trouble::usage("say which store shall offer that".to_owned()).next("storeloom stores"));
    };
    let store = stores.which(store)?;
    match &asked.sku {
        None => {
            let answer = hub.put(&["stores", &store.store.id, "allocation"], &wish).await?;
            let store: Store = read(&answer)?;
            let of_store = store.allocation.as_ref().map_or_else(|| "all".to_owned(), Allocation::told);
            page.say(format!(
                "{} offers {of_store} of every item that nothing else is said of.",
                store.name
            ))?;
            page.document(&answer)
        }
        Some(sku) => {
            let answer = hub
                .put(&["items", sku, "stores", &store.store.id, "allocation"], &wish)
                .await
                .map_err(known(sku))?;
            let offer: Offer = read(&answer)?;
            page.say(format!("{} offers {} of {sku}.", store.store.name, offer.told()))?;
            page.document(&answer)
        }
    }
}

/// What was asked for, as the hub takes it; nothing if it was only asked to look.
fn wish(asked: &Allocate) -> Option<Value> {
    if asked.as_store {
        return Some(json!({"mode": "as-store"}));
    }
    if let Some(units) = asked.quota {
        return Some(json!({"mode": "quota", "units": units.to_string()}));
    }
    let buffer = asked.buffer.as_deref().unwrap_or("none");
    if let Some(cap) = asked.cap {
        return Some(json!({"mode": "capped", "at_most": cap.to_string(), "buffer": buffer}));
    }
    asked.buffer.as_ref().map(|buffer| json!({"mode": "shared", "buffer": buffer}))
}

fn known(sku: &str) -> impl Fn(Trouble) -> Trouble + '_ {
    move |trouble| {
        if trouble.is_not_found() {
            Trouble::new(format!("no store that is meant lists the SKU `{sku}`"))
                .next("list what there is with `storeloom stock`")
        } else {
            trouble
        }
    }
}

async fn offers(hub: &Hub<'_>, page: &mut Page<'_, '_>, stores: &Stores, sku: &str) -> Result<()> {
    let listed =
        hub.list(&["items", sku, "offers"], &Ask { filter: None, limit: None }).await.map_err(known(sku))?;
    let offers: Vec<Offer> = read_all(&listed.items)?;
    if let Some(first) = offers.first() {
        page.say(format!("{} of {sku} may be sold.", first.available))?;
    }
    let mut table = Table::new(&["STORE", "OFFERS", ">SHOULD SHOW", ">EXPLAINED"]);
    for offer in &offers {
        let number = |number: &Option<String>| number.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            stores.name(&offer.store).to_owned(),
            offer.told(),
            number(&offer.target),
            number(&offer.explained),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    page.document(&json!({"items": listed.items}))
}
