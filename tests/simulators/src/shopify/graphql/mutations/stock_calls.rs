//! Items are stocked and unstocked at locations, changed; locations are added.

use super::super::super::goods::Location;
use super::super::super::stock::Hand;
use super::super::super::subscription::About;
use super::super::execute::Context;
use super::super::fields::level_with;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use serde_json::Value as Json;

pub(super) fn activate(context: &mut Context<'_>, call: &Call<'_>, key: Option<&str>) -> Out {
    let refuse = |field: &str, text: &str| {
        payload(vec![("inventoryLevel", Out::Null)], vec![user_error(&[field], text, None)])
    };
    let store = &mut context.store;
    let item = call.id("inventoryItemId", "InventoryItem").filter(|id| store.items.contains_key(id));
    let Some(item) = item else {
        return refuse("inventoryItemId", "The inventory item couldn't be found.");
    };
    let location = call
        .id("locationId", "Location")
        .filter(|id| store.locations.get(id).is_some_and(|place| place.active));
    let Some(location) = location else {
        return refuse("locationId", "The location couldn't be found.");
    };
    if call.get("available").is_some() && call.get("onHand").is_some() {
        return refuse("available", "Only one of available and onHand may be given.");
    }
    let fresh = store.stock_at(item, location);
    let (name, wanted) = match (call.whole("available"), call.whole("onHand")) {
        (Some(wanted), _) => ("available", wanted),
        (None, Some(wanted)) => ("on_hand", wanted),
        (None, None) => ("", 0),
    };
    if !fresh && !name.is_empty() {
        let text = "Not allowed to set available quantity when the item is already active at the location.";
        return refuse(if name == "available" { "available" } else { "onHand" }, text);
    }
    if let Some(now) = store.level(item, location).and_then(|level| level.quantity(name)) {
        let hand = Hand { key: key.map(str::to_owned), ..Hand::new(context.by.clone()) };
        context.store.move_stock(item, location, "available", wanted - now, &hand);
        super::inventory::touched(context, item);
    }
    payload(vec![("inventoryLevel", Out::One(Thing::Level(item, location)))], Vec::new())
}

pub(super) fn deactivate(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let store = &mut context.store;
    let found = call.text("inventoryLevelId").and_then(|id| level_with(store, id));
    let Some((item, location)) = found else {
        let text = "The product couldn't be unstocked because the product was deleted.";
        return payload(Vec::new(), vec![user_error(&["inventoryLevelId"], text, None)]);
    };
    let active =
        store.items.get(&item).map_or(0, |item| item.levels.values().filter(|level| level.active).count());
    let committed = store.level(item, location).map_or(0, |level| level.committed);
    let name = store.locations.get(&location).map_or(String::new(), |place| place.name.clone());
    let refused = if committed > 0 {
        Some(format!(
            "The product couldn't be unstocked from {name} because the inventory level has quantities committed to orders."
        ))
    } else if active <= 1 {
        Some(format!(
            "The product couldn't be unstocked from {name} because products need to be stocked at a minimum of 1 location."
        ))
    } else {
        None
    };
    if let Some(text) = refused {
        return payload(Vec::new(), vec![user_error(&["inventoryLevelId"], text, None)]);
    }
    store.unstock_at(item, location);
    payload(Vec::new(), Vec::new())
}

pub(super) fn update(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("id", "InventoryItem").filter(|id| context.store.items.contains_key(id));
    let Some(id) = found else {
        let text = "The product couldn't be updated because it does not exist.";
        return payload(vec![("inventoryItem", Out::Null)], vec![user_error(&["id"], text, None)]);
    };
    let input = call.get("input").cloned().unwrap_or_default();
    change_item(context.store, id, &input);
    let variant = context.store.items.get(&id).map(|item| item.variant);
    if let Some(variant) = variant {
        context.store.touch_variant(variant);
    }
    context.store.fire("INVENTORY_ITEMS_UPDATE", About::Item(id));
    super::inventory::touched(context, id);
    payload(vec![("inventoryItem", Out::One(Thing::Item(id)))], Vec::new())
}

/// Applies an `InventoryItemInput`.
pub(super) fn change_item(store: &mut super::super::super::store::Store, id: u64, input: &Json) {
    if let Some(sku) = input.get("sku") {
        store.change_sku(id, sku.as_str().unwrap_or_default());
    }
    let Some(item) = store.items.get_mut(&id) else { return };
    if let Some(tracked) = input["tracked"].as_bool() {
        item.tracked = tracked;
    }
    if let Some(ships) = input["requiresShipping"].as_bool() {
        item.ships = ships;
    }
    if let Some(cost) = input.get("cost") {
        item.cost = cost.as_str().and_then(|text| text.parse().ok());
    }
    let weight = &input["measurement"]["weight"];
    if let Some(value) = weight["value"].as_f64() {
        let grams = match weight["unit"].as_str() {
            Some("GRAMS") => 1.0,
            Some("POUNDS") => 453.592_37,
            Some("OUNCES") => 28.349_523,
            _ => 1000.0,
        };
        item.grams = (value * grams).round() as u64;
    }
}

pub(super) fn add_location(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let input = call.get("input").cloned().unwrap_or_default();
    let name = input["name"].as_str().unwrap_or_default().trim().to_owned();
    let taken = context.store.locations.values().any(|place| place.name == name);
    if name.is_empty() || taken {
        let (text, code) = if taken {
            ("You already have a location with this name", "TAKEN")
        } else {
            ("Add a location name", "BLANK")
        };
        return payload(
            vec![("location", Out::Null)],
            vec![user_error(&["input", "name"], text, Some(code))],
        );
    }
    let country = input["address"]["countryCode"].as_str().unwrap_or("US").to_owned();
    let id = new_location(context.store, &name, &country);
    payload(vec![("location", Out::One(Thing::Location(id)))], Vec::new())
}

/// Opens a location.
pub(crate) fn new_location(store: &mut super::super::super::store::Store, name: &str, country: &str) -> u64 {
    let (id, level_number, now) =
        (store.numbers.next("Location"), store.numbers.next("InventoryLevel"), store.now());
    let place = Location {
        id,
        level_number,
        name: name.into(),
        active: true,
        country: country.into(),
        created: now,
        changed: now,
        deactivated: None,
    };
    store.locations.insert(id, place);
    store.fire("LOCATIONS_CREATE", About::Location(id));
    id
}
