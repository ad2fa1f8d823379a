//! Products are made, changed and deleted.

use super::super::super::goods::Changed;
use super::super::super::goods::{Choice, Item, Product, Variant, handle_of};
use super::super::super::store::Store;
use super::super::super::subscription::About;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// Options a product may have.
pub(super) const OPTIONS: usize = 3;
/// Variants a product may have.
pub(crate) const VARIANTS: usize = 2_048;

/// The product input, under its old name or its new one.
fn input_of(call: &Call<'_>) -> Json {
    call.get("product").or_else(|| call.get("input")).cloned().unwrap_or_default()
}

/// A title or handle that cannot be taken.
pub(super) fn refused(store: &Store, id: Option<u64>, input: &Json) -> Option<Json> {
    let title = input.get("title").map(|title| title.as_str().unwrap_or_default().trim().to_owned());
    if title.as_deref() == Some("") || (title.is_none() && id.is_none()) {
        return Some(user_error(&["title"], "Title can't be blank", None));
    }
    if title.is_some_and(|title| title.chars().count() > 255) {
        return Some(user_error(&["title"], "Title is too long (maximum is 255 characters)", None));
    }
    let handle = input["handle"].as_str().map(handle_of).filter(|handle| !handle.is_empty())?;
    let holder = store.product_with_handle(&handle).filter(|holder| Some(*holder) != id)?;
    let _ = holder;
    let text = format!("Handle '{handle}' already in use. Please provide a new handle.");
    Some(user_error(&["input", "handle"], text, None))
}

/// Makes an empty product with one default variant.
pub(super) fn make(store: &mut Store, input: &Json) -> u64 {
    let (id, now) = (store.numbers.next("Product"), store.now());
    let title = input["title"].as_str().unwrap_or_default().trim().to_owned();
    let typed = input["handle"].as_str();
    let wanted = match typed.map(str::trim) {
        None | Some("") => handle_of(&title),
        Some(typed) => handle_of(typed),
    };
    let handle = store.free_handle(&wanted);
    let mut product = Product::new(id, &title, handle, now);
    product.vendor = store.config.name.clone();
    product.published = None;
    let choice = store.numbers.next("ProductOption");
    let value = store.numbers.next("ProductOptionValue");
    product.choices =
        vec![Choice { id: choice, name: "Title".into(), values: vec![(value, "Default Title".into())] }];
    store.insert_product(product);
    apply(store, id, input);
    id
}

/// Adds a variant with its item; the values are one for each option.
pub(crate) fn add_variant(store: &mut Store, product: u64, values: Vec<String>) -> u64 {
    let (id, item, now) =
        (store.numbers.next("ProductVariant"), store.numbers.next("InventoryItem"), store.now());
    let mut levels = std::collections::BTreeMap::new();
    if let Some(first) = store.active_locations().first() {
        levels.insert(*first, super::super::super::goods::Level::new(now));
    }
    let variant = Variant {
        id,
        product,
        item,
        barcode: None,
        price: Decimal::ZERO,
        compare_at: None,
        sells_on: false,
        taxable: true,
        values,
        created: now,
        changed: Changed::new(now),
    };
    let item = Item {
        id: item,
        variant: id,
        sku: String::new(),
        tracked: false,
        ships: true,
        cost: None,
        grams: 0,
        created: now,
        changed: Changed::new(now),
        levels,
    };
    store.insert_variant(variant, item);
    id
}

/// Applies what a product input says about the product itself.
pub(super) fn apply(store: &mut Store, id: u64, input: &Json) {
    if let Some(handle) = input["handle"].as_str().map(handle_of).filter(|handle| !handle.is_empty())
        && store.product_with_handle(&handle).is_none()
    {
        store.change_handle(id, &handle);
    }
    let now = store.now();
    let Some(product) = store.products.get_mut(&id) else { return };
    let text = |name: &str| input.get(name).map(|value| value.as_str().unwrap_or_default().to_owned());
    if let Some(title) = text("title") {
        product.title = title.trim().to_owned();
    }
    if let Some(vendor) = text("vendor") {
        product.vendor = vendor;
    }
    if let Some(kind) = text("productType") {
        product.kind = kind;
    }
    if let Some(html) = text("descriptionHtml") {
        product.html = html;
    }
    if let Some(template) = text("templateSuffix") {
        product.template = Some(template).filter(|template| !template.is_empty());
    }
    if let Some(status) = text("status").filter(|status| !status.is_empty()) {
        product.status = status;
    }
    if let Some(seo) = input.get("seo") {
        product.seo =
            (seo["title"].as_str().map(str::to_owned), seo["description"].as_str().map(str::to_owned));
    }
    if let Some(tags) = input["tags"].as_array() {
        let mut tags: Vec<String> =
            tags.iter().filter_map(|tag| tag.as_str().map(|tag| tag.trim().to_owned())).collect();
        tags.retain(|tag| !tag.is_empty());
        tags.sort();
        tags.dedup();
        product.tags = tags;
    }
    if product.status == "ACTIVE" && product.published.is_none() {
        product.published = Some(now);
    }
}

/// Options from an input; none keeps the default one.
fn choices(store: &mut Store, rows: &[Json]) -> Vec<Choice> {
    let mut out = Vec::new();
    for row in rows {
        let values = row["values"].as_array().cloned().unwrap_or_default();
        let values =
            values.iter().filter_map(|value| value["name"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        out.push(Choice {
            id: store.numbers.next("ProductOption"),
            name: row["name"].as_str().unwrap_or_default().to_owned(),
            values: values.into_iter().map(|name| (store.numbers.next("ProductOptionValue"), name)).collect(),
        });
    }
    out
}

pub(super) fn create(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let input = input_of(call);
    if let Some(error) = refused(context.store, None, &input) {
        return payload(vec![("product", Out::Null)], vec![error]);
    }
    let given = input["productOptions"].as_array().cloned().unwrap_or_default();
    if given.len() > OPTIONS {
        let error = user_error(&["productOptions"], "Options can't be more than 3", None);
        return payload(vec![("product", Out::Null)], vec![error]);
    }
    let store = &mut context.store;
    let id = make(store, &input);
    let mut values = vec!["Default Title".to_owned()];
    if !given.is_empty() {
        let rows = choices(store, &given);
        values = rows
            .iter()
            .map(|row| row.values.first().map_or(String::new(), |value| value.1.clone()))
            .collect();
        if let Some(product) = store.products.get_mut(&id) {
            product.choices = rows;
        }
    }
    add_variant(store, id, values);
    store.fire("PRODUCTS_CREATE", About::Product(id));
    payload(vec![("product", Out::One(Thing::Product(id)))], Vec::new())
}

pub(super) fn update(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let input = input_of(call);
    let identifier = call.get("identifier").cloned().unwrap_or_default();
    let by_handle =
        identifier["handle"].as_str().and_then(|handle| context.store.product_with_handle(handle));
    let by_id = [&identifier["id"], &input["id"]];
    let by_id = by_id.into_iter().find_map(|id| super::super::super::gid::number(id.as_str()?, "Product"));
    let found = by_id.or(by_handle).filter(|id| context.store.products.contains_key(id));
    let Some(id) = found else {
        return payload(
            vec![("product", Out::Null)],
            vec![user_error(&["id"], "Product does not exist", None)],
        );
    };
    if let Some(error) = refused(context.store, Some(id), &input) {
        return payload(vec![("product", Out::One(Thing::Product(id)))], vec![error]);
    }
    apply(context.store, id, &input);
    context.store.touch_product(id);
    context.store.fire("PRODUCTS_UPDATE", About::Product(id));
    payload(vec![("product", Out::One(Thing::Product(id)))], Vec::new())
}

pub(super) fn delete(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let text = call.get("input").and_then(|input| input["id"].as_str()).unwrap_or_default().to_owned();
    let found = super::super::super::gid::number(&text, "Product")
        .filter(|id| context.store.products.contains_key(id));
    let Some(id) = found else {
        let error = user_error(&["id"], "Product does not exist", None);
        return payload(vec![("deletedProductId", Out::Null)], vec![error]);
    };
    drop_product(context.store, id);
    payload(vec![("deletedProductId", Out::leaf(json!(text)))], Vec::new())
}

/// Deletes a product with all that hangs on it, and tells it.
pub(crate) fn drop_product(store: &mut Store, id: u64) {
    let variants = store.products.get(&id).map(|row| row.variants.clone()).unwrap_or_default();
    let items: Vec<u64> =
        variants.iter().filter_map(|id| store.variants.get(id)).map(|row| row.item).collect();
    store.remove_product(id);
    for item in items {
        store.fire("INVENTORY_ITEMS_DELETE", About::GoneItem(item));
    }
    store.fire("PRODUCTS_DELETE", About::GoneProduct(id));
}

pub(super) fn options_create(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("productId", "Product").filter(|id| context.store.products.contains_key(id));
    let Some(id) = found else {
        let error = user_error(&["productId"], "Product does not exist", Some("PRODUCT_DOES_NOT_EXIST"));
        return payload(vec![("product", Out::Null)], vec![error]);
    };
    let rows = call.get("options").and_then(Json::as_array).cloned().unwrap_or_default();
    let store = &mut context.store;
    let standalone = store.products[&id].only_default();
    let already = if standalone { 0 } else { store.products[&id].choices.len() };
    if already + rows.len() > OPTIONS {
        let error = user_error(&["options"], "Options can't be more than 3", Some("OPTIONS_OVER_LIMIT"));
        return payload(vec![("product", Out::One(Thing::Product(id)))], vec![error]);
    }
    let fresh = choices(store, &rows);
    let firsts: Vec<String> =
        fresh.iter().map(|row| row.values.first().map_or(String::new(), |value| value.1.clone())).collect();
    let variants = store.products[&id].variants.clone();
    if let Some(product) = store.products.get_mut(&id) {
        if standalone {
            product.choices.clear();
        }
        product.choices.extend(fresh);
    }
    for variant in variants {
        if let Some(row) = store.variants.get_mut(&variant) {
            if standalone {
                row.values.clear();
            }
            row.values.extend(firsts.iter().cloned());
        }
    }
    store.touch_product(id);
    store.fire("PRODUCTS_UPDATE", About::Product(id));
    payload(vec![("product", Out::One(Thing::Product(id)))], Vec::new())
}
