//! Writing products and variations.

use super::super::args::Check;
use super::super::call::{Call, Reply};
use super::super::error::RestError;
use super::super::json::{Object, text, truth, whole};
use super::super::product::{Kind, Product, slug};
use super::super::store::Store;
use serde_json::{Value, json};

const STATUS: [&str; 6] = ["draft", "pending", "private", "publish", "future", "auto-draft"];

/// Properties that are kept as they were sent.
const KEPT: [&str; 27] = [
    "featured",
    "catalog_visibility",
    "description",
    "short_description",
    "virtual",
    "downloadable",
    "downloads",
    "download_limit",
    "download_expiry",
    "external_url",
    "button_text",
    "tax_status",
    "tax_class",
    "low_stock_amount",
    "sold_individually",
    "weight",
    "dimensions",
    "shipping_class",
    "reviews_allowed",
    "upsell_ids",
    "cross_sell_ids",
    "purchase_note",
    "tags",
    "default_attributes",
    "grouped_products",
    "menu_order",
    "global_unique_id",
];

fn check(call: &Call, variation: bool) -> Result<(), RestError> {
    if call.batched {
        return Ok(());
    }
    let mut check = Check::new(&call.args);
    check.text("name");
    check.text("slug");
    if !variation {
        check.one_of("type", &["simple", "grouped", "external", "variable"]);
    }
    check.one_of("status", &STATUS);
    for name in ["description", "short_description", "sku", "regular_price", "sale_price"] {
        check.text(name);
    }
    if call.text("manage_stock").as_deref() != Some("parent") || !variation {
        check.boolean("manage_stock");
    }
    check.int("stock_quantity", None, None);
    check.one_of("stock_status", &["instock", "outofstock", "onbackorder"]);
    check.one_of("backorders", &["no", "notify", "yes"]);
    check.done()
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    check(call, false)?;
    if call.args.get("id").and_then(whole).unwrap_or(0) > 0 {
        return Err(RestError::new(
            400,
            "woocommerce_rest_product_exists",
            "Cannot create existing product.",
        ));
    }
    let kind = call.text("type").and_then(|name| Kind::parse(&name)).unwrap_or(Kind::Simple);
    let mut product = Product::new(0, kind, store.now());
    product.name = "Product".into();
    if let Some(uncategorized) = store.categories.values().find(|row| row.slug == "uncategorized") {
        product.categories.push(uncategorized.id);
    }
    apply(store, &mut product, &call.args)?;
    save_new(store, call, product)
}

fn save_new(store: &mut Store, call: &Call, mut product: Product) -> Result<Reply, RestError> {
    product.id = store.post_id();
    product.fresh = true;
    if product.slug.is_empty() {
        product.slug = slug(&store.full_name(&product));
    }
    let (id, parent, quantity) = (product.id, product.parent, product.quantity);
    // The quantity is written through the log, so that every unit has an origin.
    product.quantity = None;
    store.insert_product(product);
    if let Some(quantity) = quantity {
        store.write_stock(id, quantity, &format!("api:{}", call.key));
    }
    if let Some(parent) = store.products.get_mut(&parent) {
        parent.variations.push(id);
    }
    store.fire("product.created", id);
    let product = &store.products[&id];
    if parent > 0 {
        let place = store.link(&format!("products/{parent}/variations/{id}"));
        return Reply::created(store.variation_value(product), place);
    }
    let mut value = store.product_value(product);
    store.add_edit_fields(&mut value, product);
    Reply::created(value, store.link(&format!("products/{id}")))
}

pub(crate) fn update(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    let Some(product) = store.products.get(&id) else { return Err(RestError::invalid_id("product", 400)) };
    if product.kind == Kind::Variation {
        return Err(RestError::new(
            404,
            "woocommerce_rest_invalid_product_id",
            "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.",
        ));
    }
    check(call, false)?;
    save(store, call, id)?;
    let product = &store.products[&id];
    let mut value = store.product_value(product);
    store.add_edit_fields(&mut value, product);
    Reply::one(value)
}

fn save(store: &mut Store, call: &Call, id: u64) -> Result<(), RestError> {
    let mut product = store.products[&id].clone();
    apply(store, &mut product, &call.args)?;
    product.fresh = true;
    let (quantity, sku) = (product.quantity, product.sku.clone());
    let before = &store.products[&id];
    product.quantity = before.quantity;
    product.sku = before.sku.clone();
    store.products.insert(id, product);
    store.rename_sku(id, &sku);
    match quantity {
        Some(quantity) => store.write_stock(id, quantity, &format!("api:{}", call.key)),
        None => store.products.get_mut(&id).unwrap().settle_stock(),
    }
    store.touch_product(id);
    Ok(())
}

pub(crate) fn create_variation(store: &mut Store, call: &Call, parent: u64) -> Result<Reply, RestError> {
    if store.products.get(&parent).is_none_or(|product| product.kind != Kind::Variable) {
        return Err(RestError::new(
            404,
            "woocommerce_rest_product_variation_invalid_parent",
            "Invalid parent product ID.",
        ));
    }
    check(call, true)?;
    let mut product = Product::new(0, Kind::Variation, store.now());
    product.parent = parent;
    apply(store, &mut product, &call.args)?;
    save_new(store, call, product)
}

fn own_variation(store: &Store, parent: u64, id: u64, status: u16) -> Result<(), RestError> {
    match store.products.get(&id) {
        Some(product) if product.kind == Kind::Variation && product.parent == parent => Ok(()),
        _ => Err(RestError::invalid_id("product_variation", status)),
    }
}

pub(crate) fn update_variation(
    store: &mut Store,
    call: &Call,
    parent: u64,
    id: u64,
) -> Result<Reply, RestError> {
    own_variation(store, parent, id, 404)?;
    check(call, true)?;
    save(store, call, id)?;
    Reply::one(store.variation_value(&store.products[&id]))
}

pub(crate) fn delete(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    let Some(product) = store.products.get(&id) else { return Err(RestError::invalid_id("product", 404)) };
    if product.kind == Kind::Variation {
        return Err(RestError::new(
            404,
            "woocommerce_rest_invalid_product_id",
            "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.",
        ));
    }
    let mut value = store.product_value(product);
    store.add_edit_fields(&mut value, product);
    remove(store, call, id)?;
    Reply::one(value)
}

pub(crate) fn delete_variation(
    store: &mut Store,
    call: &Call,
    parent: u64,
    id: u64,
) -> Result<Reply, RestError> {
    own_variation(store, parent, id, 404)?;
    let value = store.variation_value(&store.products[&id]);
    remove(store, call, id)?;
    Reply::one(value)
}

fn remove(store: &mut Store, call: &Call, id: u64) -> Result<(), RestError> {
    if call.flag("force") {
        store.remove_product(id);
        return Ok(());
    }
    if store.products[&id].status == "trash" {
        return Err(RestError::new(
            410,
            "woocommerce_rest_already_trashed",
            "The product has already been deleted.",
        ));
    }
    store.trash_product(id);
    Ok(())
}

impl Store {
    /// To the trash, variations too; each tells its webhooks.
    pub(crate) fn trash_product(&mut self, id: u64) {
        let now = self.now();
        let Some(product) = self.products.get_mut(&id) else { return };
        let children = product.variations.clone();
        let status = std::mem::replace(&mut product.status, "trash".into());
        product.modified = now;
        let rows = [("_wp_trash_meta_status", status.clone()), ("_wp_trash_meta_time", now.to_string())];
        product.status_before_trash = status;
        for (key, value) in rows {
            let meta = self.meta(key, value.into());
            self.products.get_mut(&id).unwrap().meta.push(meta);
        }
        self.fire("product.deleted", id);
        for child in children {
            self.trash_product(child);
        }
    }
}

fn apply(store: &mut Store, product: &mut Product, args: &Object) -> Result<(), RestError> {
    if let Some(name) = args.get("name") {
        product.name = text(name);
    }
    if let Some(given) = args.get("slug") {
        product.slug = slug(&text(given));
    }
    if let Some(status) = args.get("status") {
        product.status = text(status);
    }
    if let Some(kind) = args.get("type").map(text).and_then(|name| Kind::parse(&name))
        && product.kind != Kind::Variation
    {
        product.kind = kind;
    }
    if let Some(sku) = args.get("sku") {
        let sku = text(sku);
        let taken = store
            .with_sku(&sku)
            .into_iter()
            .find(|id| *id != product.id && store.products[id].status != "trash");
        if let Some(taken) = taken.filter(|_| !sku.is_empty()) {
            return Err(RestError::new(400, "product_invalid_sku", "Invalid or duplicated SKU.")
                .with("resource_id", taken)
                .with("unique_sku", format!("{sku}-1")));
        }
        product.sku = sku;
    }
    for (name, slot) in
        [("regular_price", &mut product.regular_price), ("sale_price", &mut product.sale_price)]
    {
        if let Some(price) = args.get(name) {
            *slot = text(price);
        }
    }
    apply_stock(store, product, args);
    if let Some(rows) = args.get("categories").and_then(Value::as_array) {
        let ids = rows.iter().filter_map(|row| row.get("id").and_then(whole)).map(|id| id as u64);
        product.categories = ids.filter(|id| store.categories.contains_key(id)).collect();
    }
    if let Some(rows) = args.get("attributes").and_then(Value::as_array) {
        product.attributes = rows.iter().map(|row| attribute(store, product.kind, row)).collect();
    }
    if let Some(rows) = args.get("images").and_then(Value::as_array) {
        let images: Vec<Value> = rows.iter().map(|row| image(store, row)).collect();
        product.more.insert("images".into(), images.into());
    }
    if let Some(row) = args.get("image").filter(|_| product.kind == Kind::Variation) {
        let shown = if row.is_object() { image(store, row) } else { Value::Null };
        product.more.insert("image".into(), shown);
    }
    for name in KEPT {
        if let Some(value) = args.get(name) {
            product.more.insert(name.into(), value.clone());
        }
    }
    if let Some(meta) = args.get("meta_data") {
        store.amend_meta(&mut product.meta, meta);
    }
    Ok(())
}

fn apply_stock(store: &Store, product: &mut Product, args: &Object) {
    let status = args.get("stock_status").map(text);
    if !store.manage_stock {
        if let Some(status) = status.filter(|_| product.kind != Kind::Variable) {
            product.stock_status = status;
        }
        return;
    }
    if let Some(manage) = args.get("manage_stock") {
        product.manage_stock = product.kind.can_manage_stock() && truth(manage).unwrap_or(false);
    }
    if let Some(backorders) = args.get("backorders") {
        product.backorders = text(backorders);
    }
    if !product.manage_stock {
        if let Some(status) = status {
            product.stock_status = status;
        }
        product.settle_stock();
        return;
    }
    let amount =
        |value: &Value| whole(value).or_else(|| text(value).parse::<f64>().ok().map(|float| float as i64));
    if let Some(quantity) = args.get("stock_quantity").filter(|value| !value.is_null()).and_then(amount) {
        product.quantity = Some(quantity);
    } else if let Some(delta) = args.get("inventory_delta").and_then(amount) {
        product.quantity = Some(product.quantity.unwrap_or(0) + delta);
    }
    product.settle_stock();
}

fn attribute(store: &Store, kind: Kind, row: &Value) -> Value {
    let id = row.get("id").and_then(whole).unwrap_or(0) as u64;
    let known = store.attributes.get(&id);
    let name = known.map_or_else(|| text(&row["name"]), |known| known.name.clone());
    let slug = known.map_or_else(|| name.clone(), |known| known.slug.clone());
    if kind == Kind::Variation {
        return json!({"id": id, "name": name, "slug": slug, "option": text(&row["option"])});
    }
    json!({
        "id": id,
        "name": name,
        "slug": slug,
        "position": row.get("position").and_then(whole).unwrap_or(0),
        "visible": row.get("visible").and_then(truth).unwrap_or(false),
        "variation": row.get("variation").and_then(truth).unwrap_or(false),
        "options": row.get("options").cloned().unwrap_or_else(|| json!([])),
    })
}

/// Every `src` makes a new attachment, every `id` keeps one.
fn image(store: &mut Store, row: &Value) -> Value {
    let now = store.now();
    let given = row.get("id").and_then(whole).filter(|id| *id > 0).map(|id| id as u64);
    let id = given.unwrap_or_else(|| store.post_id());
    json!({
        "id": id,
        "date_created": store.clock.local(now),
        "date_created_gmt": store.clock.gmt(now),
        "date_modified": store.clock.local(now),
        "date_modified_gmt": store.clock.gmt(now),
        "src": row.get("src").map(text).unwrap_or_default(),
        "name": row.get("name").map(text).unwrap_or_default(),
        "alt": row.get("alt").map(text).unwrap_or_default(),
        "srcset": "",
        "sizes": "",
        "thumbnail": "",
    })
}
