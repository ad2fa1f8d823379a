//! `locations`: where items lie, and from where stores sell.

use serde_json::{Value, json};

use crate::hub::{Hub, read, read_all};
use crate::screen::Page;
use crate::stock_command::Places;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::{LocationView, StoreView};
use crate::which::Stores;

pub(crate) async fn locations(hub: &Hub<'_>, page: &mut Page<'_, '_>, what: Option<&Places>) -> Result<()> {
    match what {
        None => list(hub, page).await,
        Some(Places::Add { name }) => {
            let answer = hub.post(&["locations"], &json!({"name": name})).await?;
            let added: LocationView = read(&answer)?;
            page.say(format!("{} is a location.", added.name))?;
            page.document(&answer)
        }
        Some(Places::Rename { location, name }) => {
            let id = meant(hub, Some(location)).await?;
            let answer = hub.put(&["locations", &id], &json!({"name": name})).await?;
            page.say(format!("{location} is called {} now.", name.trim()))?;
            page.document(&answer)
        }
        Some(Places::Use { store, location }) => {
            let id = meant(hub, Some(location)).await?;
            let stores = Stores::of(hub).await?;
            let store = &stores.which(store)?.store;
            let answer = hub.put(&["stores", &store.id, "location"], &json!({"location": id})).await?;
            page.say(format!(
                "{} sells from {location} now; what it sold before stays where it was.",
                store.name
            ))?;
            page.document(&answer)
        }
    }
}

/// All locations, as answered and as read.
async fn all(hub: &Hub<'_>) -> Result<(Value, Vec<LocationView>)> {
    let answer = hub.get(&["locations"]).await?;
    let items = answer.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let views = read_all(&items)?;
    Ok((answer, views))
}

async fn list(hub: &Hub<'_>, page: &mut Page<'_, '_>) -> Result<()> {
    let (answer, views) = all(hub).await?;
    if !page.is_json() {
        let stores = Stores::of(hub).await?;
        let mut table = Table::new(&["LOCATION", "STORES THAT SELL FROM IT", "ID"]);
        for location in &views {
            let sells = |view: &&StoreView| {
                let main = views.first().map_or("", |main| main.id.as_str());
                view.store.location.as_deref().unwrap_or(main) == location.id
            };
            let names: Vec<&str> =
                stores.views.iter().filter(sells).map(|view| view.store.name.as_str()).collect();
            let names = if names.is_empty() { "-".to_owned() } else { names.join(", ") };
            table.row([location.name.clone(), names, location.id.clone()]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    page.document(&answer)
}

/// The id of the location that is meant, by its name or its id; without one, of the main location.
pub(crate) async fn meant(hub: &Hub<'_>, typed: Option<&str>) -> Result<String> {
    let (_, views) = all(hub).await?;
    let Some(typed) = typed.map(str::trim) else {
        let main = views.into_iter().next();
        return main.map(|main| main.id).ok_or_else(|| Trouble::new("the hub names no location"));
    };
    let lower = typed.to_lowercase();
    let found = views.iter().find(|one| one.id == typed || one.name.to_lowercase() == lower);
    found.map(|one| one.id.clone()).ok_or_else(|| {
        let names: Vec<&str> = views.iter().map(|one| one.name.as_str()).collect();
        Trouble::usage(format!("there is no location `{typed}`; there is {}", names.join(", ")))
            .next(format!("add it with `storeloom locations add '{typed}'`"))
    })
}
