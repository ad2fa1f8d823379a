//! Categories and attributes.

use super::super::args::Check;
use super::super::call::{Call, Paging, Reply};
use super::super::error::RestError;
use super::super::json::whole;
use super::super::product::slug;
use super::super::store::{Attribute, Category, Store};
use serde_json::{Value, json};

fn missing() -> RestError {
    RestError::new(404, "woocommerce_rest_term_invalid", "Resource does not exist.")
}

fn category_value(store: &Store, row: &Category) -> Value {
    let count = store.products.values().filter(|product| product.categories.contains(&row.id)).count();
    json!({
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "parent": row.parent,
        "description": row.description,
        "display": "default",
        "image": null,
        "menu_order": 0,
        "count": count,
        "_links": store.links(&format!("products/categories/{}", row.id), "products/categories", None),
    })
}

pub(crate) fn categories(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let mut check = Check::new(&call.args);
    let paging = Paging::read(&mut check);
    let exclude = check.ids("exclude");
    let include = check.ids("include");
    let descending = check.one_of("order", &["asc", "desc"]).as_deref() == Some("desc");
    let orderby =
        check.one_of("orderby", &["id", "include", "name", "slug", "term_group", "description", "count"]);
    check.done()?;
    let search = call.text("search").map(|text| text.to_lowercase());
    let parent = call.args.get("parent").and_then(whole);
    let mut rows: Vec<&Category> = store
        .categories
        .values()
        .filter(|row| include.is_empty() || include.contains(&row.id))
        .filter(|row| !exclude.contains(&row.id))
        .filter(|row| parent.is_none_or(|parent| row.parent == parent as u64))
        .filter(|row| search.as_deref().is_none_or(|text| row.name.to_lowercase().contains(text)))
        .collect();
    if orderby.as_deref().unwrap_or("name") != "id" {
        rows.sort_by(|a, b| a.name.cmp(&b.name));
    }
    if descending {
        rows.reverse();
    }
    let page = paging.cut(&rows).iter().map(|row| category_value(store, row)).collect();
    paging.reply(store, call, rows.len(), page)
}

pub(crate) fn category(store: &Store, id: u64) -> Result<Reply, RestError> {
    Reply::one(category_value(store, store.categories.get(&id).ok_or_else(missing)?))
}

pub(crate) fn create_category(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    let Some(name) = call.text("name").filter(|name| !name.is_empty()) else {
        return Err(RestError::new(400, "rest_missing_callback_param", "Missing parameter(s): name")
            .with("params", vec!["name"]));
    };
    let parent = call.args.get("parent").and_then(whole).unwrap_or(0) as u64;
    if let Some(taken) = store.categories.values().find(|row| row.name == name && row.parent == parent) {
        return Err(RestError::new(
            400,
            "term_exists",
            "A term with the name provided already exists with this parent.",
        )
        .with("resource_id", taken.id));
    }
    let id = store.row_id("term");
    let row = Category {
        id,
        slug: call.text("slug").unwrap_or_else(|| slug(&name)),
        name,
        parent,
        description: call.text("description").unwrap_or_default(),
    };
    let value = category_value(store, &row);
    store.categories.insert(id, row);
    Reply::created(value, store.link(&format!("products/categories/{id}")))
}

fn attribute_value(store: &Store, row: &Attribute) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "type": "select",
        "order_by": "menu_order",
        "has_archives": false,
        "_links": store.links(&format!("products/attributes/{}", row.id), "products/attributes", None),
    })
}

/// All attributes on one page, whatever was asked for, as the store does.
pub(crate) fn attributes(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let rows: Vec<Value> = store.attributes.values().map(|row| attribute_value(store, row)).collect();
    Paging { page: 1, per_page: rows.len().max(1), offset: None }.reply(store, call, rows.len(), rows)
}

pub(crate) fn attribute(store: &Store, id: u64) -> Result<Reply, RestError> {
    let missing = || RestError::new(404, "woocommerce_rest_taxonomy_invalid", "Resource does not exist.");
    Reply::one(attribute_value(store, store.attributes.get(&id).ok_or_else(missing)?))
}
