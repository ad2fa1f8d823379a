//! Inventory items, levels, locations and adjustment groups.

use super::super::super::clock::z;
use super::super::super::gid::{gid, number};
use super::super::super::goods::NAMES;
use super::super::super::store::Store;
use super::super::execute::Context;
use super::super::search::{Attribute, filter};
use super::super::thing::{Call, Fail, Key, Out, Row, Thing};
use serde_json::{Value as Json, json};

/// `gid://shopify/InventoryLevel/{number of the location}?inventory_item_id={item}`.
pub(crate) fn level_gid(store: &Store, item: u64, location: u64) -> String {
    let number = store.locations.get(&location).map_or(0, |place| place.level_number);
    format!("gid://shopify/InventoryLevel/{number}?inventory_item_id={item}")
}

/// The level with this global id: item, location.
pub(crate) fn level_with(store: &Store, text: &str) -> Option<(u64, u64)> {
    let place = number(text, "InventoryLevel")?;
    let item = text.split_once("inventory_item_id=")?.1.parse().ok()?;
    let location = store.locations.values().find(|one| one.level_number == place)?.id;
    store.level(item, location).map(|_| (item, location))
}

pub(super) fn items(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let store = &context.store;
    let (now, lag, searched) = (store.now(), store.lag(), call.get("query").is_some());
    let rows = store.items.values().filter(|row| !searched || row.created + lag <= now);
    let rows = rows.map(|row| Row::new(row.id, Thing::Item(row.id))).collect();
    filter(context, call, &["created_at", "id", "sku", "updated_at"], tell_item, rows)
}

fn tell_item(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let store = &context.store;
    let Thing::Item(id) = thing else { return Attribute::Nothing };
    let Some(row) = store.items.get(id) else { return Attribute::Nothing };
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "sku" => Attribute::Word(row.sku.clone()),
        "created_at" => Attribute::Time(row.created),
        "updated_at" => Attribute::Time(row.changed.indexed(store.now(), store.lag())),
        _ => Attribute::Nothing,
    }
}

pub(super) fn item(context: &mut Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.items.get(&id) else { return Out::Null };
    let inactive = call.flag("includeInactive");
    match call.field {
        "id" => Out::leaf(gid("InventoryItem", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "sku" => Out::leaf(if row.sku.is_empty() { Json::Null } else { json!(row.sku) }),
        "tracked" => Out::leaf(row.tracked),
        "trackedEditable" => Out::plain("EditableProperty", json!({"locked": false, "reason": null})),
        "requiresShipping" => Out::leaf(row.ships),
        "unitCost" => row.cost.map_or(Out::Null, |cost| Out::plain("MoneyV2", store.coin(cost))),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed.at)),
        "variant" => Out::One(Thing::Variant(row.variant)),
        "variants" => Out::Rows(vec![Row::new(row.variant, Thing::Variant(row.variant))]),
        "duplicateSkuCount" => {
            Out::leaf(if row.sku.is_empty() { 0 } else { store.with_sku(&row.sku).len().saturating_sub(1) })
        }
        "locationsCount" => {
            let count = row.levels.values().filter(|level| level.active).count();
            Out::plain("Count", json!({"count": count, "precision": "EXACT"}))
        }
        "inventoryLevel" => {
            let at = call.id("locationId", "Location");
            let found = at.filter(|at| row.levels.get(at).is_some_and(|level| level.active || inactive));
            Out::maybe(found.map(|at| Thing::Level(id, at)))
        }
        "inventoryLevels" => {
            let rows = row.levels.iter().filter(|(_, level)| level.active || inactive);
            let rows = rows.map(|(at, _)| row_of(store, id, *at)).collect();
            levels(context, call, rows)
        }
        "measurement" => {
            let weight = json!({"unit": "KILOGRAMS", "value": row.grams as f64 / 1000.0});
            Out::plain(
                "InventoryItemMeasurement",
                json!({"id": gid("InventoryItemMeasurement", id), "weight": weight}),
            )
        }
        _ => Out::Unknown,
    }
}

/// A level as a row: its number is its own, as the item's is.
fn row_of(store: &Store, item: u64, location: u64) -> Row {
    let number = store.locations.get(&location).map_or(0, |place| place.level_number);
    // Items and locations lie steps apart, so that the sum tells each pair apart within one list.
    let id = item.wrapping_add(number);
    Row { id, key: Key::Number(i128::from(id)), thing: Thing::Level(item, location) }
}

fn levels(context: &mut Context<'_>, call: &Call<'_>, rows: Vec<Row>) -> Out {
    let known = ["created_at", "id", "inventory_group_id", "inventory_item_id", "updated_at"];
    match filter(context, call, &known, tell_level, rows) {
        Ok(rows) => Out::Rows(rows),
        Err(fail) => Out::Fail(fail),
    }
}

fn tell_level(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let Thing::Level(item, location) = thing else { return Attribute::Nothing };
    let Some(level) = context.store.level(*item, *location) else { return Attribute::Nothing };
    match field {
        "inventory_item_id" => Attribute::Number(i128::from(*item)),
        "created_at" => Attribute::Time(level.created),
        "updated_at" => Attribute::Time(level.changed),
        "id" => {
            let number = context.store.locations.get(location).map_or(0, |place| place.level_number);
            Attribute::Number(i128::from(number))
        }
        _ => Attribute::Nothing,
    }
}

pub(super) fn level(context: &Context<'_>, item: u64, location: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(level) = store.level(item, location) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(level_gid(store, item, location)),
        "isActive" => Out::leaf(level.active),
        "canDeactivate" => Out::leaf(level.active && level.committed == 0),
        "item" => Out::One(Thing::Item(item)),
        "location" => Out::One(Thing::Location(location)),
        "createdAt" => Out::leaf(z(level.created)),
        "updatedAt" => Out::leaf(z(level.changed)),
        "quantities" => {
            let names: Vec<String> = call
                .get("names")
                .and_then(Json::as_array)
                .map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
                .unwrap_or_default();
            if let Some(name) = names.iter().find(|name| !NAMES.contains(&name.as_str())) {
                let text = format!("The specified inventory quantity name is invalid: {name}");
                return Out::Fail(Fail::new("BAD_REQUEST", text));
            }
            let rows = names.iter().map(|name| {
                json!({
                    "id": format!("gid://shopify/InventoryQuantity/{location}?inventory_item_id={item}&name={name}"),
                    "name": name, "quantity": level.quantity(name), "updatedAt": z(level.changed),
                })
            });
            Out::plain("InventoryQuantity", Json::Array(rows.collect()))
        }
        _ => Out::Unknown,
    }
}

pub(super) fn locations(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let store = &context.store;
    let inactive = call.flag("includeInactive");
    let by_name = matches!(call.text("sortKey"), None | Some("NAME"));
    let rows = store.locations.values().filter(|row| row.active || inactive);
    let rows: Vec<Row> = rows
        .map(|row| {
            let key = if by_name { Key::Text(row.name.clone()) } else { Key::Number(i128::from(row.id)) };
            Row { id: row.id, key, thing: Thing::Location(row.id) }
        })
        .collect();
    filter(
        context,
        call,
        &["active", "created_at", "id", "name", "updated_at"],
        tell_location,
        super::goods::sorted(rows),
    )
}

fn tell_location(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let Thing::Location(id) = thing else { return Attribute::Nothing };
    let Some(row) = context.store.locations.get(id) else { return Attribute::Nothing };
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "name" => Attribute::Text(row.name.clone()),
        "active" => Attribute::Flag(row.active),
        "created_at" => Attribute::Time(row.created),
        _ => Attribute::Time(row.changed),
    }
}

pub(super) fn location(context: &mut Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.locations.get(&id) else { return Out::Null };
    let inactive = call.flag("includeInactive");
    match call.field {
        "id" => Out::leaf(gid("Location", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "name" => Out::leaf(row.name.clone()),
        "isActive" | "shipsInventory" | "fulfillsOnlineOrders" | "deactivatable" => Out::leaf(row.active),
        "activatable" => Out::leaf(!row.active),
        "isPrimary" => Out::leaf(store.locations.keys().next() == Some(&id)),
        "isFulfillmentService" => Out::leaf(false),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed)),
        "deactivatedAt" => Out::leaf(json!(row.deactivated.map(z))),
        "hasActiveInventory" => {
            Out::leaf(store.items.values().any(|item| item.levels.get(&id).is_some_and(|level| level.active)))
        }
        "address" => Out::plain(
            "LocationAddress",
            json!({
                "countryCode": row.country, "country": row.country, "city": null, "address1": null, "formatted": [row.country],
            }),
        ),
        "inventoryLevel" => {
            let item = call.id("inventoryItemId", "InventoryItem");
            let found =
                item.filter(|item| store.level(*item, id).is_some_and(|level| level.active || inactive));
            Out::maybe(found.map(|item| Thing::Level(item, id)))
        }
        "inventoryLevels" => {
            let rows = store
                .items
                .values()
                .filter(|item| item.levels.get(&id).is_some_and(|level| level.active || inactive));
            let rows = rows.map(|item| row_of(store, item.id, id)).collect();
            levels(context, call, rows)
        }
        "metafields" => Out::Rows(Vec::new()),
        _ => Out::Unknown,
    }
}

pub(super) fn group(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let Some(row) = context.store.groups.get(&id) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(gid("InventoryAdjustmentGroup", id)),
        "createdAt" => Out::leaf(z(row.at)),
        "reason" => Out::leaf(row.reason.clone()),
        "referenceDocumentUri" => Out::leaf(json!(row.reference)),
        "app" => Out::One(Thing::App),
        "changes" => {
            let asked = |name: &str, value: &str| {
                let wanted = call.get(name).and_then(Json::as_array);
                wanted.is_none_or(|wanted| wanted.iter().any(|one| one.as_str() == Some(value)))
            };
            let rows = row.changes.iter().filter(|change| {
                asked("quantityNames", change.name)
                    && asked("inventoryItemIds", &gid("InventoryItem", change.item))
                    && asked("locationIds", &gid("Location", change.location))
            });
            let rows = rows.map(|change| {
                Out::made(
                    "InventoryChange",
                    vec![
                        ("name", Out::leaf(change.name)),
                        ("delta", Out::leaf(change.delta)),
                        ("quantityAfterChange", Out::Null),
                        ("ledgerDocumentUri", Out::leaf(json!(change.ledger))),
                        ("item", Out::One(Thing::Item(change.item))),
                        ("location", Out::One(Thing::Location(change.location))),
                    ],
                )
            });
            Out::Many(rows.collect())
        }
        _ => Out::Unknown,
    }
}
