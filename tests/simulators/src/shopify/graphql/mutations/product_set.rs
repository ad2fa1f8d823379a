//! Whole products are set: lists that are sent replace what was there.

use super::super::super::gid::number;
use super::super::super::goods::{Choice, Picture, handle_of};
use super::super::super::stock::Hand;
use super::super::super::store::{Operation, Store};
use super::super::super::subscription::About;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use super::product::{OPTIONS, VARIANTS, add_variant, apply as apply_product, make, refused};
use super::variants::{self, QUANTITIES, drop_variant, learn_values, path, price_errors, quantities};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// How long a product is set in the background.
const BACKGROUND: i64 = 150;

pub(super) fn set(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let arguments = Json::Object(call.args.clone());
    let nothing = |errors| payload(vec![("product", Out::Null), ("productSetOperation", Out::Null)], errors);
    if !call.flag("synchronous") {
        // What can be seen at once is said at once.
        if let Err(errors) = target(context.store, &arguments) {
            return nothing(errors);
        }
        let store = &mut context.store;
        let (id, due) = (store.numbers.next("ProductSetOperation"), store.now() + BACKGROUND);
        let row = Operation {
            arguments,
            due,
            done: false,
            product: None,
            errors: Vec::new(),
            by: context.by.clone(),
        };
        store.operations.insert(id, row);
        return payload(
            vec![("product", Out::Null), ("productSetOperation", Out::One(Thing::Operation(id)))],
            Vec::new(),
        );
    }
    match apply(context.store, &arguments, &context.by) {
        Ok(id) => payload(
            vec![("product", Out::One(Thing::Product(id))), ("productSetOperation", Out::Null)],
            Vec::new(),
        ),
        Err(errors) => nothing(errors),
    }
}

/// The product that is meant, or none for a new one.
fn target(store: &Store, arguments: &Json) -> Result<Option<u64>, Vec<Json>> {
    let (identifier, input) = (&arguments["identifier"], &arguments["input"]);
    if identifier.is_object() && !input["id"].is_null() {
        let text = "The id field is not allowed if identifier is provided.";
        return Err(vec![user_error(&["input"], text, Some("ID_NOT_ALLOWED"))]);
    }
    let text = identifier["id"].as_str().or_else(|| input["id"].as_str());
    if let Some(text) = text {
        let found = number(text, "Product").filter(|id| store.products.contains_key(id));
        let field: &[&str] = if identifier.is_object() { &["identifier", "id"] } else { &["input", "id"] };
        return match found {
            Some(id) => Ok(Some(id)),
            None => Err(vec![user_error(field, "Product does not exist", Some("PRODUCT_DOES_NOT_EXIST"))]),
        };
    }
    if let Some(handle) = identifier["handle"].as_str() {
        if input["handle"].as_str().is_some_and(|given| handle_of(given) != handle_of(handle)) {
            let text =
                "The identifier value does not match the value of the corresponding field in the input.";
            return Err(vec![user_error(&["input"], text, Some("INPUT_MISMATCH"))]);
        }
        if input["handle"].is_null() {
            let text = "The input field corresponding to the identifier is required.";
            return Err(vec![user_error(&["input"], text, Some("MISSING_FIELD_REQUIRED"))]);
        }
        return Ok(store.product_with_handle(&handle_of(handle)));
    }
    Ok(None)
}

/// Sets a product, all or nothing.
pub(crate) fn apply(store: &mut Store, arguments: &Json, by: &str) -> Result<u64, Vec<Json>> {
    let known = target(store, arguments)?;
    let input = &arguments["input"];
    let mut errors: Vec<Json> = refused(store, known, input).into_iter().collect();
    let variants = input["variants"].as_array();
    let options = input["productOptions"].as_array();
    let mut complain =
        |field: &[&str], text: &str, code: &str| errors.push(user_error(field, text, Some(code)));
    match (options, variants) {
        (Some(_), None) if known.is_some() => {
            complain(&["input"], "Must specify variants when updating options.", "VARIANTS_INPUT_MISSING");
        }
        (None, Some(_)) => {
            complain(
                &["input"],
                "Must specify product options when updating variants.",
                "PRODUCT_OPTIONS_INPUT_MISSING",
            );
        }
        _ => {}
    }
    if options.is_some_and(|rows| rows.len() > OPTIONS) {
        complain(&["input", "productOptions"], "Options over limit.", "OPTIONS_OVER_LIMIT");
    }
    if let Some(rows) = variants {
        if rows.len() > VARIANTS {
            complain(
                &["input", "variants"],
                "Number of product variants exceeds shop limit.",
                "VARIANTS_OVER_LIMIT",
            );
        }
        if quantities(rows) > QUANTITIES {
            let text = "Inventory quantity input exceeds the limit of 50000. Consider using separate `inventorySetQuantities` mutations.";
            complain(&["input", "variants"], text, "INVENTORY_QUANTITIES_LIMIT_EXCEEDED");
        }
        errors.extend(row_errors(store, known, rows, options.map_or(&[][..], Vec::as_slice)));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    store.act();
    let fresh = known.is_none();
    let id = known.unwrap_or_else(|| make(store, input));
    if !fresh {
        apply_product(store, id, input);
    }
    if let Some(rows) = options {
        set_options(store, id, rows);
    }
    match variants {
        Some(rows) => set_variants(store, id, rows, by),
        None if fresh => {
            let firsts = store.products[&id].choices.iter();
            let firsts = firsts
                .map(|choice| choice.values.first().map_or(String::new(), |value| value.1.clone()))
                .collect();
            add_variant(store, id, firsts);
        }
        None => {}
    }
    if let Some(files) = input["files"].as_array() {
        set_files(store, id, files);
    }
    store.touch_product(id);
    store.fire(if fresh { "PRODUCTS_CREATE" } else { "PRODUCTS_UPDATE" }, About::Product(id));
    Ok(id)
}

fn row_errors(store: &Store, known: Option<u64>, rows: &[Json], options: &[Json]) -> Vec<Json> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, row) in rows.iter().enumerate() {
        let at = at.to_string();
        errors.extend(price_errors(row, &path(&at, &[])));
        if let Some(text) = row["id"].as_str() {
            let mine = number(text, "ProductVariant").and_then(|id| store.variants.get(&id));
            if mine.is_none_or(|mine| Some(mine.product) != known) {
                let why = "Product variant does not exist.";
                errors.push(user_error(&path(&at, &["id"]), why, Some("PRODUCT_VARIANT_DOES_NOT_EXIST")));
            }
        }
        let values = named_values(row, options);
        if options.len() != values.len() || values.iter().any(String::is_empty) {
            let why = "Option does not exist.";
            errors.push(user_error(&path(&at, &["optionValues"]), why, Some("OPTION_DOES_NOT_EXIST")));
        } else if !seen.insert(values.clone()) {
            let why = format!(
                "The variant '{}' already exists. Please change at least one option value.",
                values.join(" / ")
            );
            errors.push(user_error(&path(&at, &[]), why, Some("INVALID_VARIANT")));
        }
        for (level_at, level) in row["inventoryQuantities"].as_array().into_iter().flatten().enumerate() {
            let level_at = level_at.to_string();
            let place = level["locationId"].as_str().and_then(|id| number(id, "Location"));
            if place.is_none_or(|place| !store.locations.contains_key(&place)) {
                let why = "The specified location could not be found.";
                errors.push(user_error(
                    &path(&at, &["inventoryQuantities", &level_at, "locationId"]),
                    why,
                    Some("INVALID_INPUT"),
                ));
            }
            if !matches!(level["name"].as_str(), Some("available" | "on_hand")) {
                let why = "The quantity name must be either 'available' or 'on_hand'.";
                errors.push(user_error(
                    &path(&at, &["inventoryQuantities", &level_at, "name"]),
                    why,
                    Some("INVALID_INPUT"),
                ));
            }
        }
    }
    errors
}

/// The values of a row in the order of the options that were sent.
fn named_values(row: &Json, options: &[Json]) -> Vec<String> {
    let given = row["optionValues"].as_array().cloned().unwrap_or_default();
    let of = |option: &Json| {
        let found = given.iter().find(|value| {
            let by_name = value["optionName"].is_string() && value["optionName"] == option["name"];
            by_name || (value["optionId"].is_string() && value["optionId"] == option["id"])
        });
        found.and_then(|value| value["name"].as_str()).unwrap_or_default().to_owned()
    };
    options.iter().map(of).collect()
}

fn set_options(store: &mut Store, id: u64, rows: &[Json]) {
    let before = store.products[&id].choices.clone();
    let mut choices = Vec::new();
    for row in rows {
        let same = |choice: &&Choice| {
            row["id"].as_str().and_then(|id| number(id, "ProductOption")) == Some(choice.id)
                || row["name"].as_str() == Some(&choice.name)
        };
        let old = before.iter().find(same);
        let values = row["values"].as_array().cloned().unwrap_or_default();
        let mut named = Vec::new();
        for value in values.iter().filter_map(|value| value["name"].as_str()) {
            let known = old.and_then(|old| old.values.iter().find(|one| one.1 == value)).map(|one| one.0);
            let number = known.unwrap_or_else(|| store.numbers.next("ProductOptionValue"));
            named.push((number, value.to_owned()));
        }
        let number = old.map_or_else(|| store.numbers.next("ProductOption"), |old| old.id);
        let name = row["name"].as_str().map(str::to_owned).or_else(|| old.map(|old| old.name.clone()));
        choices.push(Choice { id: number, name: name.unwrap_or_default(), values: named });
    }
    if let Some(product) = store.products.get_mut(&id) {
        product.choices = choices;
    }
}

fn set_variants(store: &mut Store, id: u64, rows: &[Json], by: &str) {
    let names: Vec<Json> = store.products[&id].choices.iter().map(|choice| {
        json!({"name": choice.name, "id": super::super::super::gid::gid("ProductOption", choice.id)})
    }).collect();
    let before = store.products[&id].variants.clone();
    let mut kept: Vec<u64> = Vec::new();
    for row in rows {
        let values = named_values(row, &names);
        let by_id = row["id"].as_str().and_then(|text| number(text, "ProductVariant"));
        let same = before.iter().find(|one| {
            store.variants.get(one).is_some_and(|one| one.values == values) && !kept.contains(one)
        });
        let found = by_id.or(same.copied());
        learn_values(store, id, &values);
        let variant = match found {
            Some(found) => {
                if let Some(row) = store.variants.get_mut(&found) {
                    row.values = values;
                }
                found
            }
            None => add_variant(store, id, values),
        };
        variants::apply(store, variant, row);
        let item = store.variants[&variant].item;
        if found.is_none() {
            variants::only_named_places(store, item, row);
            store.fire("INVENTORY_ITEMS_CREATE", About::Item(item));
        }
        for level in row["inventoryQuantities"].as_array().into_iter().flatten() {
            let Some(place) = level["locationId"].as_str().and_then(|id| number(id, "Location")) else {
                continue;
            };
            let name = level["name"].as_str().unwrap_or("available");
            let wanted = level["quantity"].as_i64().unwrap_or(0);
            let now = store.level(item, place).and_then(|level| level.quantity(name)).unwrap_or(0);
            store.stock_at(item, place);
            store.move_stock(item, place, "available", wanted - now, &Hand::new(by));
        }
        kept.push(variant);
    }
    for gone in before.into_iter().filter(|one| !kept.contains(one)) {
        drop_variant(store, gone);
    }
    if let Some(product) = store.products.get_mut(&id) {
        product.variants = kept;
    }
}

fn set_files(store: &mut Store, id: u64, files: &[Json]) {
    let mut pictures = Vec::new();
    let before = store.products[&id].pictures.clone();
    for file in files {
        let by_id = file["id"].as_str().and_then(|text| number(text, "MediaImage"));
        let old = before
            .iter()
            .find(|one| Some(one.id) == by_id || file["originalSource"].as_str() == Some(&one.src));
        let picture = match (old, file["originalSource"].as_str()) {
            (Some(old), _) => old.clone(),
            (None, Some(src)) => {
                Picture { id: store.numbers.next("MediaImage"), src: src.to_owned(), alt: None }
            }
            (None, None) => continue,
        };
        let alt = file["alt"].as_str().map(str::to_owned).or(picture.alt);
        pictures.push(Picture { alt, ..picture });
    }
    if let Some(product) = store.products.get_mut(&id) {
        product.pictures = pictures;
    }
}
