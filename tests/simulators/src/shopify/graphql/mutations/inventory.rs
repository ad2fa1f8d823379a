//! Quantities are set and adjusted, all rows or none.

use super::super::super::gid::number;
use super::super::super::stock::Hand;
use super::super::super::store::{Change, Group};
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use serde_json::Value as Json;
use std::collections::BTreeSet;

const REASONS: &[&str] = &[
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
];
const ADJUSTED: &[&str] =
    &["available", "damaged", "incoming", "quality_control", "reserved", "safety_stock"];
const MOST: i64 = 1_000_000_000;
const MOST_AT_ONCE: i64 = 2_000_000_000;

/// A row that passed, ready to be written.
struct Write {
    item: u64,
    location: u64,
    delta: i64,
    compare: Option<i64>,
    ledger: Option<String>,
}

/// Complaints with their place below `input`.
struct Complaints(Vec<Json>);

impl Complaints {
    fn add(&mut self, path: &[&str], message: &str, code: &str) {
        let path: Vec<&str> = std::iter::once("input").chain(path.iter().copied()).collect();
        self.0.push(user_error(&path, message, Some(code)));
    }
}

fn head(call: &Call<'_>, complaints: &mut Complaints) -> (String, Option<String>) {
    let input = call.get("input").cloned().unwrap_or_default();
    let reason = input["reason"].as_str().unwrap_or_default().to_owned();
    if !REASONS.contains(&reason.as_str()) {
        complaints.add(&["reason"], "The specified reason is invalid.", "INVALID_REASON");
    }
    let reference = input["referenceDocumentUri"].as_str().map(str::to_owned);
    if reference.as_deref().is_some_and(|uri| !is_uri(uri)) {
        let text = "The specified reference document is invalid.";
        complaints.add(&["referenceDocumentUri"], text, "INVALID_REFERENCE_DOCUMENT");
    }
    (reason, reference)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let letters = scheme.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.'));
    letters
        && scheme.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && !rest.is_empty()
        && !rest.contains(' ')
}

/// Item and location of a row, both there.
fn place(
    context: &Context<'_>,
    row: &Json,
    at: (&str, &str),
    complaints: &mut Complaints,
) -> Option<(u64, u64)> {
    let id = |name: &str, kind: &str| row[name].as_str().and_then(|id| number(id, kind));
    let item = id("inventoryItemId", "InventoryItem").filter(|id| context.store.items.contains_key(id));
    let location = id("locationId", "Location");
    let location = location.filter(|id| context.store.locations.get(id).is_some_and(|place| place.active));
    if item.is_none() {
        let text = "The specified inventory item could not be found.";
        complaints.add(&[at.0, at.1, "inventoryItemId"], text, "INVALID_INVENTORY_ITEM");
    }
    if location.is_none() {
        let text = "The specified location could not be found.";
        complaints.add(&[at.0, at.1, "locationId"], text, "INVALID_LOCATION");
    }
    Some((item?, location?))
}

pub(super) fn set(context: &mut Context<'_>, call: &Call<'_>, key: Option<&str>) -> Out {
    let mut complaints = Complaints(Vec::new());
    let (reason, reference) = head(call, &mut complaints);
    let input = call.get("input").cloned().unwrap_or_default();
    let name = if input["name"] == "on_hand" { "on_hand" } else { "available" };
    if !matches!(input["name"].as_str(), Some("available" | "on_hand")) {
        let text = "The quantity name must be either 'available' or 'on_hand'.";
        complaints.add(&["name"], text, "INVALID_NAME");
    }
    let mut writes = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, row) in input["quantities"].as_array().into_iter().flatten().enumerate() {
        let at = at.to_string();
        let Some((item, location)) = place(context, row, ("quantities", &at), &mut complaints) else {
            continue;
        };
        if !seen.insert((item, location)) {
            let text = "The combination of inventoryItemId and locationId must be unique.";
            complaints.add(&["quantities", &at], text, "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR");
            continue;
        }
        let quantity = row["quantity"].as_i64().unwrap_or(0);
        let refused = match quantity {
            quantity if quantity > MOST => {
                Some(("The quantity can't be higher than 1,000,000,000.", "INVALID_QUANTITY_TOO_HIGH"))
            }
            quantity if name == "on_hand" && quantity < 0 => {
                Some(("The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE"))
            }
            quantity if quantity < -MOST => {
                Some(("The quantity can't be lower than -1,000,000,000.", "INVALID_QUANTITY_TOO_LOW"))
            }
            _ => None,
        };
        if let Some((text, code)) = refused {
            complaints.add(&["quantities", &at, "quantity"], text, code);
            continue;
        }
        let now = context.store.level(item, location).and_then(|level| level.quantity(name)).unwrap_or(0);
        let compare = row["changeFromQuantity"].as_i64();
        if compare.is_some_and(|compare| compare != now) {
            let text = "The changeFromQuantity value does not match persisted value.";
            complaints.add(&["quantities", &at, "changeFromQuantity"], text, "CHANGE_FROM_QUANTITY_STALE");
            continue;
        }
        writes.push(Write { item, location, delta: quantity - now, compare, ledger: None });
    }
    finish(context, name, "available", writes, (reason, reference), complaints, key)
}

pub(super) fn adjust(context: &mut Context<'_>, call: &Call<'_>, key: Option<&str>) -> Out {
    let mut complaints = Complaints(Vec::new());
    let (reason, reference) = head(call, &mut complaints);
    let input = call.get("input").cloned().unwrap_or_default();
    let name = ADJUSTED.iter().find(|name| input["name"].as_str() == Some(name)).copied();
    if name.is_none() {
        complaints.add(&["name"], "The specified quantity name is invalid.", "INVALID_QUANTITY_NAME");
    }
    let name = name.unwrap_or("available");
    let mut writes = Vec::new();
    for (at, row) in input["changes"].as_array().into_iter().flatten().enumerate() {
        let at = at.to_string();
        let ledger = row["ledgerDocumentUri"].as_str().map(str::to_owned);
        match (&ledger, name) {
            (Some(_), "available") => {
                let text = "A ledger document URI is not allowed when adjusting available.";
                complaints.add(&["changes", &at, "ledgerDocumentUri"], text, "INVALID_AVAILABLE_DOCUMENT");
            }
            (None, name) if name != "available" => {
                let text = "A ledger document URI is required except when adjusting available.";
                complaints.add(&["changes", &at, "ledgerDocumentUri"], text, "INVALID_QUANTITY_DOCUMENT");
            }
            (Some(uri), _) if uri.starts_with("gid://shopify/") => {
                let text =
                    "Internal (gid://shopify/) ledger documents are not allowed to be adjusted via API.";
                complaints.add(&["changes", &at, "ledgerDocumentUri"], text, "INTERNAL_LEDGER_DOCUMENT");
            }
            _ => {}
        }
        let Some((item, location)) = place(context, row, ("changes", &at), &mut complaints) else { continue };
        let delta = row["delta"].as_i64().unwrap_or(0);
        let refused = match delta {
            delta if delta > MOST_AT_ONCE => {
                Some(("The quantity can't be higher than 2,000,000,000.", "INVALID_QUANTITY_TOO_HIGH"))
            }
            delta if delta < -MOST_AT_ONCE => {
                Some(("The quantity can't be lower than -2,000,000,000.", "INVALID_QUANTITY_TOO_LOW"))
            }
            _ => None,
        };
        if let Some((text, code)) = refused {
            complaints.add(&["changes", &at, "delta"], text, code);
            continue;
        }
        let now = context.store.level(item, location).and_then(|level| level.quantity(name)).unwrap_or(0);
        let compare = row["changeFromQuantity"].as_i64();
        if compare.is_some_and(|compare| compare != now) {
            let text = "The changeFromQuantity argument no longer matches the persisted quantity.";
            complaints.add(&["changes", &at, "changeFromQuantity"], text, "CHANGE_FROM_QUANTITY_STALE");
            continue;
        }
        writes.push(Write { item, location, delta, compare, ledger });
    }
    finish(context, name, name, writes, (reason, reference), complaints, key)
}

/// Writes the rows when there is no complaint, and tells what changed.
fn finish(
    context: &mut Context<'_>,
    logged: &'static str,
    moved: &'static str,
    writes: Vec<Write>,
    (reason, reference): (String, Option<String>),
    complaints: Complaints,
    key: Option<&str>,
) -> Out {
    if !complaints.0.is_empty() {
        return payload(vec![("inventoryAdjustmentGroup", Out::Null)], complaints.0);
    }
    let mut changes = Vec::new();
    for write in writes {
        let hand = Hand { by: context.by.clone(), key: key.map(str::to_owned), compare: write.compare };
        context
            .store
            .change_level(write.item, write.location, logged, &hand, |level| level.add(moved, write.delta));
        if write.delta == 0 {
            continue;
        }
        let change = |name| Change {
            name,
            delta: write.delta,
            item: write.item,
            location: write.location,
            ledger: write.ledger.clone(),
        };
        changes.push(change(moved));
        if moved != "incoming" {
            changes.push(Change { ledger: None, ..change("on_hand") });
        }
        touched(context, write.item);
    }
    if changes.is_empty() {
        return payload(vec![("inventoryAdjustmentGroup", Out::Null)], Vec::new());
    }
    let id = context.store.numbers.next("InventoryAdjustmentGroup");
    let group = Group { at: context.store.now(), reason, reference, changes };
    context.store.groups.insert(id, group);
    payload(vec![("inventoryAdjustmentGroup", Out::One(Thing::Group(id)))], Vec::new())
}

/// A product is told of anew whenever stock of it moved.
pub(super) fn touched(context: &mut Context<'_>, item: u64) {
    use super::super::super::subscription::About;
    let variant = context.store.items.get(&item).map(|item| item.variant);
    let product = variant.and_then(|id| context.store.variants.get(&id)).map(|row| row.product);
    if let Some(product) = product {
        context.store.fire("PRODUCTS_UPDATE", About::Product(product));
    }
}

#[cfg(test)]
mod tests {
    use super::is_uri;

    #[test]
    fn reference_documents_are_uris() {
        assert!(is_uri("logistics://some.hub/take/2026") && is_uri("gid://storeloom/Task/1"));
        assert!(!is_uri("no uri at all") && !is_uri("://x") && !is_uri("x:"));
    }
}
