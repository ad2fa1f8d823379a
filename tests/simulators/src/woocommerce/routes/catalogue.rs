//! Reading products and variations.

use super::super::args::{Check, words};
use super::super::call::{Call, Dates, Paging, Reply};
use super::super::error::RestError;
use super::super::product::{Kind, Product};
use super::super::store::Store;

const ORDERBY: [&str; 18] = [
    "date",
    "id",
    "include",
    "title",
    "slug",
    "modified",
    "popularity",
    "rating",
    "post__in",
    "price",
    "sales",
    "menu_order",
    "random",
    "popularity",
    "rating",
    "menu_order",
    "price",
    "popularity",
];
const STATUS: [&str; 7] = ["any", "future", "trash", "draft", "pending", "private", "publish"];
const TYPE: [&str; 4] = ["simple", "grouped", "external", "variable"];
const STOCK: [&str; 3] = ["instock", "outofstock", "onbackorder"];

/// Which rows a list looks at.
#[derive(Clone, Copy, PartialEq)]
enum Among {
    Products,
    VariationsOf(u64),
    Variations,
}

pub(crate) fn list(store: &Store, call: &Call) -> Result<Reply, RestError> {
    rows(store, call, Among::Products)
}

pub(crate) fn list_variations(store: &Store, call: &Call, parent: u64) -> Result<Reply, RestError> {
    if !store.products.contains_key(&parent) {
        return Err(RestError::new(404, "woocommerce_rest_product_invalid_id", "Invalid parent product ID."));
    }
    rows(store, call, Among::VariationsOf(parent))
}

pub(crate) fn list_all_variations(store: &Store, call: &Call) -> Result<Reply, RestError> {
    rows(store, call, Among::Variations)
}

fn rows(store: &Store, call: &Call, among: Among) -> Result<Reply, RestError> {
    let clock = &store.clock;
    let mut check = Check::new(&call.args);
    let paging = Paging::read(&mut check);
    let dates = Dates::read(&mut check, clock);
    let exclude = check.ids("exclude");
    let include = check.ids("include");
    let ascending = check.one_of("order", &["asc", "desc"]).as_deref() == Some("asc");
    // The message of the real schema repeats values once more than this list has to.
    let mut orderby_names = ORDERBY.to_vec();
    orderby_names.push("rating");
    if among != Among::Products {
        orderby_names.truncate(12);
    }
    let orderby =
        check.one_of("orderby", if among == Among::Products { &orderby_names[..] } else { &ORDERBY[..12] });
    let parents = check.ids("parent");
    let parents_out = check.ids("parent_exclude");
    let status = check.one_of("status", &STATUS).unwrap_or_else(|| "any".into());
    let kind = check.one_of("type", &TYPE);
    let stock_status = check.one_of("stock_status", &STOCK);
    check.done()?;

    let skus = call.args.get("sku").map(words).filter(|skus| !skus.is_empty());
    let slug = call.text("slug");
    let search = call.text("search").map(|text| text.to_lowercase()).filter(|text| !text.is_empty());
    let category = call.text("category").and_then(|text| text.parse::<u64>().ok());
    let in_scope = |product: &Product| match among {
        Among::Products => skus.is_some() || product.kind != Kind::Variation,
        Among::VariationsOf(parent) => product.parent == parent,
        Among::Variations => product.kind == Kind::Variation,
    };
    let wanted = |product: &&Product| {
        in_scope(product)
            && match status.as_str() {
                "any" => product.status != "trash" && product.status != "auto-draft",
                status => product.status == status,
            }
            && kind.as_deref().is_none_or(|kind| product.kind.name() == kind)
            && (include.is_empty() || include.contains(&product.id))
            && !exclude.contains(&product.id)
            && (parents.is_empty() || parents.contains(&product.parent))
            && (parents_out.is_empty() || !parents_out.contains(&product.parent))
            && slug.as_deref().is_none_or(|slug| product.slug == slug)
            && category.is_none_or(|category| product.categories.contains(&category))
            && search.as_deref().is_none_or(|text| product.name.to_lowercase().contains(text))
            && stock_status.as_deref().is_none_or(|status| store.stock_status(product) == status)
            && dates.allow(clock, product.created, product.modified)
    };
    let mut found: Vec<&Product> = match &skus {
        Some(skus) => {
            let mut ids: Vec<u64> = skus.iter().flat_map(|sku| store.with_sku(sku)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.iter().filter_map(|id| store.products.get(id)).filter(wanted).collect()
        }
        None => match among {
            Among::VariationsOf(parent) => {
                let mut own: Vec<&Product> =
                    store.children(&store.products[&parent]).filter(wanted).collect();
                own.sort_by_key(|product| product.id);
                own
            }
            _ => store.products.values().filter(wanted).collect(),
        },
    };
    match orderby.as_deref().unwrap_or("date") {
        "id" => {}
        "modified" => found.sort_by_key(|product| (product.modified, product.id)),
        "title" => found.sort_by_key(|a| (a.name.to_lowercase(), a.id)),
        "slug" => found.sort_by(|a, b| (&a.slug, a.id).cmp(&(&b.slug, b.id))),
        "price" => {
            found.sort_by_key(|product| product.price().parse::<rust_decimal::Decimal>().unwrap_or_default())
        }
        "popularity" | "sales" => found.sort_by_key(|product| product.total_sales),
        "include" | "post__in" => {
            found.sort_by_key(|product| include.iter().position(|id| *id == product.id));
            found.reverse();
        }
        _ => found.sort_by_key(|product| (product.created, product.id)),
    }
    if !ascending {
        found.reverse();
    }
    let show = |product: &&Product| match among {
        Among::Products => store.product_value(product),
        _ => store.variation_value(product),
    };
    let page = paging.cut(&found).iter().map(show).collect();
    paging.reply(store, call, found.len(), page)
}

pub(crate) fn get(store: &Store, id: u64) -> Result<Reply, RestError> {
    match store.products.get(&id) {
        Some(product) => Reply::one(store.product_value(product)),
        None => Err(RestError::invalid_id("product", 404)),
    }
}

pub(crate) fn get_variation(store: &Store, parent: u64, id: u64) -> Result<Reply, RestError> {
    match store.products.get(&id).filter(|product| product.kind == Kind::Variation) {
        Some(product) if product.parent == parent => Reply::one(store.variation_value(product)),
        _ => Err(RestError::invalid_id("product_variation", 404)),
    }
}
