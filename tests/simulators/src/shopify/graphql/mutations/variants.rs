//! Variants of one product are made, changed and deleted together.

use super::super::super::gid::number;
use super::super::super::stock::Hand;
use super::super::super::store::Store;
use super::super::super::subscription::About;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use super::product::{VARIANTS, add_variant};
use rust_decimal::Decimal;
use serde_json::Value as Json;

const LARGEST_PRICE: i64 = 1_000_000_000_000_000_000;

/// Units that one call may set.
pub(super) const QUANTITIES: usize = 50_000;

fn missing_product() -> Json {
    user_error(&["productId"], "Product does not exist", Some("PRODUCT_DOES_NOT_EXIST"))
}

/// What is wrong with the prices of a row.
pub(super) fn price_errors(row: &Json, path: &[&str]) -> Vec<Json> {
    let mut out = Vec::new();
    for (name, label) in [("compareAtPrice", "Compare at price"), ("price", "Price")] {
        let Some(amount) = row[name].as_str().and_then(|text| text.parse::<Decimal>().ok()) else { continue };
        let path: Vec<&str> = path.iter().copied().chain([name]).collect();
        if amount >= Decimal::from(LARGEST_PRICE) {
            out.push(user_error(&path, format!("must be less than {LARGEST_PRICE}"), Some("INVALID_INPUT")));
        } else if amount < Decimal::ZERO {
            let text = format!("{label} must be greater than or equal to 0");
            out.push(user_error(&path, text, Some("GREATER_THAN_OR_EQUAL_TO")));
        }
    }
    out
}

/// Applies what an input says about a variant and its item.
pub(super) fn apply(store: &mut Store, id: u64, row: &Json) {
    let Some(variant) = store.variants.get_mut(&id) else { return };
    let amount = |name: &str| row[name].as_str().and_then(|text| text.parse::<Decimal>().ok());
    if let Some(price) = amount("price") {
        variant.price = price;
    }
    if row.get("compareAtPrice").is_some() {
        variant.compare_at = amount("compareAtPrice");
    }
    if let Some(barcode) = row.get("barcode") {
        variant.barcode = barcode.as_str().map(str::to_owned).filter(|text| !text.is_empty());
    }
    if let Some(policy) = row["inventoryPolicy"].as_str() {
        variant.sells_on = policy == "CONTINUE";
    }
    if let Some(taxable) = row["taxable"].as_bool() {
        variant.taxable = taxable;
    }
    let item = variant.item;
    if let Some(sku) = row.get("sku") {
        store.change_sku(item, sku.as_str().unwrap_or_default());
    }
    if row["inventoryItem"].is_object() {
        super::stock_calls::change_item(store, item, &row["inventoryItem"]);
    }
    store.touch_variant(id);
}

/// One value for each option of a product, from names by option; what is not named stays as it was.
pub(super) fn values(
    store: &Store,
    product: u64,
    given: &Json,
    before: &[String],
) -> Result<Vec<String>, String> {
    let choices = &store.products[&product].choices;
    let mut out: Vec<String> = before.to_vec();
    out.resize(choices.len(), String::new());
    for row in given.as_array().into_iter().flatten() {
        let at = choices.iter().position(|choice| {
            row["optionName"].as_str() == Some(&choice.name)
                || row["optionId"].as_str().and_then(|id| number(id, "ProductOption")) == Some(choice.id)
        });
        let at = at.ok_or("Option does not exist")?;
        let by_id = row["id"].as_str().and_then(|id| number(id, "ProductOptionValue"));
        let name = match by_id {
            Some(id) => choices[at].values.iter().find(|value| value.0 == id).map(|value| value.1.clone()),
            None => row["name"].as_str().map(str::to_owned),
        };
        out[at] = name.ok_or("Option value does not exist")?;
    }
    if out.iter().any(String::is_empty) {
        return Err("You need to add option values".into());
    }
    Ok(out)
}

/// Adds values an option does not have yet.
pub(super) fn learn_values(store: &mut Store, product: u64, values: &[String]) {
    for (at, value) in values.iter().enumerate() {
        let known = store.products[&product]
            .choices
            .get(at)
            .is_none_or(|choice| choice.values.iter().any(|one| one.1 == *value));
        if !known {
            let id = store.numbers.next("ProductOptionValue");
            if let Some(choice) = store.products.get_mut(&product).and_then(|row| row.choices.get_mut(at)) {
                choice.values.push((id, value.clone()));
            }
        }
    }
}

fn twin(store: &Store, product: u64, values: &[String], but: Option<u64>) -> bool {
    let rows = store.products[&product].variants.iter().filter(|id| Some(**id) != but);
    rows.filter_map(|id| store.variants.get(id)).any(|row| row.values == values)
}

pub(super) fn create(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("productId", "Product").filter(|id| context.store.products.contains_key(id));
    let Some(product) = found else {
        return payload(
            vec![("product", Out::Null), ("productVariants", Out::Null)],
            vec![missing_product()],
        );
    };
    let rows = call.get("variants").and_then(Json::as_array).cloned().unwrap_or_default();
    let store = &mut context.store;
    let standalone = store.products[&product].only_default()
        && call.text("strategy") != Some("PRESERVE_STANDALONE_VARIANT");
    let mut errors = Vec::new();
    let mut plans: Vec<(Vec<String>, Json)> = Vec::new();
    let left = if standalone { 0 } else { store.products[&product].variants.len() };
    if left + rows.len() > VARIANTS {
        let text = format!("Number of product variants exceeds the limit of {VARIANTS}");
        errors.push(user_error(&["variants"], text, Some("INVALID_INPUT")));
    }
    for (at, row) in rows.into_iter().enumerate() {
        let at = at.to_string();
        errors.extend(price_errors(&row, &["variants", &at]));
        match values(store, product, &row["optionValues"], &[]) {
            Err(text) => {
                errors.push(user_error(
                    &["variants", &at, "optionValues"],
                    text,
                    Some("NEED_TO_ADD_OPTION_VALUES"),
                ));
            }
            Ok(values) => {
                let title = values.join(" / ");
                let taken = plans.iter().any(|plan| plan.0 == values)
                    || (!standalone && twin(store, product, &values, None));
                if taken {
                    let text = format!(
                        "The variant '{title}' already exists. Please change at least one option value."
                    );
                    errors.push(user_error(&["variants", &at], text, Some("VARIANT_ALREADY_EXISTS")));
                }
                let lost = row["inventoryQuantities"].as_array().into_iter().flatten().any(|level| {
                    let id = level["locationId"].as_str().and_then(|id| number(id, "Location"));
                    id.is_none_or(|id| !store.locations.contains_key(&id))
                });
                if lost {
                    let text = "Quantity could not be set. The location was not found.";
                    errors.push(user_error(
                        &["variants", &at, "inventoryQuantities"],
                        text,
                        Some("TRACKED_VARIANT_LOCATION_NOT_FOUND"),
                    ));
                }
                plans.push((values, row));
            }
        }
    }
    if !errors.is_empty() {
        return payload(
            vec![("product", Out::One(Thing::Product(product))), ("productVariants", Out::Null)],
            errors,
        );
    }
    if standalone {
        for id in store.products[&product].variants.clone() {
            store.remove_variant(id);
        }
    }
    let mut made = Vec::new();
    for (values, row) in plans {
        learn_values(store, product, &values);
        let id = add_variant(store, product, values);
        apply(store, id, &row);
        only_named_places(store, store.variants[&id].item, &row);
        for level in row["inventoryQuantities"].as_array().into_iter().flatten() {
            let place = level["locationId"].as_str().and_then(|id| number(id, "Location"));
            let item = store.variants[&id].item;
            if let Some(place) = place {
                let hand = Hand::new(context.by.clone());
                store.move_stock(
                    item,
                    place,
                    "available",
                    level["availableQuantity"].as_i64().unwrap_or(0),
                    &hand,
                );
            }
        }
        store.fire("INVENTORY_ITEMS_CREATE", About::Item(store.variants[&id].item));
        made.push(Thing::Variant(id));
    }
    store.touch_product(product);
    store.fire("PRODUCTS_UPDATE", About::Product(product));
    payload(
        vec![("product", Out::One(Thing::Product(product))), ("productVariants", Out::things(made))],
        Vec::new(),
    )
}

pub(super) fn update(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("productId", "Product").filter(|id| context.store.products.contains_key(id));
    let Some(product) = found else {
        return payload(
            vec![("product", Out::Null), ("productVariants", Out::Null)],
            vec![missing_product()],
        );
    };
    let rows = call.get("variants").and_then(Json::as_array).cloned().unwrap_or_default();
    let partial = call.flag("allowPartialUpdates");
    let store = &mut context.store;
    let mut errors = Vec::new();
    let mut plans: Vec<(u64, Option<Vec<String>>, Json)> = Vec::new();
    let mut named = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let at = at.to_string();
        let before = errors.len();
        let Some(text) = row["id"].as_str() else {
            let why = "Product variant is missing ID attribute";
            errors.push(user_error(&["variants", &at, "id"], why, Some("PRODUCT_VARIANT_ID_MISSING")));
            continue;
        };
        let id = number(text, "ProductVariant")
            .filter(|id| store.variants.get(id).is_some_and(|row| row.product == product));
        let Some(id) = id else {
            let why = "Product variant does not exist";
            errors.push(user_error(&["variants", &at, "id"], why, Some("PRODUCT_VARIANT_DOES_NOT_EXIST")));
            continue;
        };
        named.push(Thing::Variant(id));
        if row["inventoryQuantities"].as_array().is_some_and(|rows| !rows.is_empty()) {
            let why = "Inventory quantities can only be provided during create. To update inventory for existing variants, use inventoryAdjustQuantities.";
            errors.push(user_error(
                &["variants", &at, "inventoryQuantities"],
                why,
                Some("NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE"),
            ));
        }
        errors.extend(price_errors(&row, &["variants", &at]));
        let mut wanted = None;
        if row["optionValues"].as_array().is_some_and(|rows| !rows.is_empty()) {
            match values(store, product, &row["optionValues"], &store.variants[&id].values.clone()) {
                Err(why) => errors.push(user_error(
                    &["variants", &at, "optionValues"],
                    why,
                    Some("OPTION_DOES_NOT_EXIST"),
                )),
                Ok(values) if twin(store, product, &values, Some(id)) => {
                    let why = format!("The variant '{}' already exists.", values.join(" / "));
                    errors.push(user_error(&["variants", &at], why, Some("VARIANT_ALREADY_EXISTS")));
                }
                Ok(values) => wanted = Some(values),
            }
        }
        if errors.len() == before {
            plans.push((id, wanted, row));
        }
    }
    if !errors.is_empty() && !partial {
        return payload(
            vec![("product", Out::One(Thing::Product(product))), ("productVariants", Out::Null)],
            errors,
        );
    }
    let changed = !plans.is_empty();
    for (id, values, row) in plans {
        if let Some(values) = values {
            learn_values(store, product, &values);
            if let Some(variant) = store.variants.get_mut(&id) {
                variant.values = values;
            }
        }
        apply(store, id, &row);
        if row["inventoryItem"].is_object() {
            store.fire("INVENTORY_ITEMS_UPDATE", About::Item(store.variants[&id].item));
        }
    }
    if changed {
        store.fire("PRODUCTS_UPDATE", About::Product(product));
    }
    payload(
        vec![("product", Out::One(Thing::Product(product))), ("productVariants", Out::things(named))],
        errors,
    )
}

pub(super) fn delete(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("productId", "Product").filter(|id| context.store.products.contains_key(id));
    let Some(product) = found else { return payload(vec![("product", Out::Null)], vec![missing_product()]) };
    let ids = call.get("variantsIds").and_then(Json::as_array).cloned().unwrap_or_default();
    let store = &mut context.store;
    let mut gone = Vec::new();
    let mut errors = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let at = at.to_string();
        let id = id.as_str().and_then(|id| number(id, "ProductVariant"));
        match id.filter(|id| store.variants.get(id).is_some_and(|row| row.product == product)) {
            Some(id) => gone.push(id),
            None => {
                let why = "At least one variant does not belong to the product";
                let code = Some("AT_LEAST_ONE_VARIANT_DOES_NOT_BELONG_TO_THE_PRODUCT");
                errors.push(user_error(&["variantsIds", &at], why, code));
            }
        }
    }
    if errors.is_empty() && gone.len() >= store.products[&product].variants.len() {
        let why = "Cannot delete default variant";
        errors.push(user_error(&["variantsIds"], why, Some("CANNOT_DELETE_LAST_VARIANT")));
    }
    if !errors.is_empty() {
        return payload(vec![("product", Out::Null)], errors);
    }
    for id in gone {
        drop_variant(store, id);
    }
    store.touch_product(product);
    store.fire("PRODUCTS_UPDATE", About::Product(product));
    payload(vec![("product", Out::One(Thing::Product(product)))], Vec::new())
}

/// Deletes a variant and tells of its item.
pub(crate) fn drop_variant(store: &mut Store, id: u64) -> bool {
    let Some(item) = store.variants.get(&id).map(|row| row.item) else { return false };
    store.remove_variant(id);
    store.fire("INVENTORY_ITEMS_DELETE", About::GoneItem(item));
    true
}

/// The rows of a list that would be set at locations.
pub(super) fn quantities(rows: &[Json]) -> usize {
    rows.iter().map(|row| row["inventoryQuantities"].as_array().map_or(0, Vec::len)).sum()
}

/// What a field path begins with.
pub(super) fn path<'a>(at: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    ["input", "variants", at].into_iter().chain(rest.iter().copied()).collect()
}

/// A new item is stocked where its input names quantities, and only else at the first location.
pub(super) fn only_named_places(store: &mut Store, item: u64, row: &Json) {
    if row["inventoryQuantities"].as_array().is_some_and(|rows| !rows.is_empty())
        && let Some(item) = store.items.get_mut(&item)
    {
        item.levels.clear();
    }
}
