//! Products and variations as REST shows them.

use super::clock::Seconds;
use super::json::Object;
use super::product::{Kind, Meta, Product};
use super::store::Store;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const ITEM_METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl Store {
    /// `{home}/wp-json/wc/v3/{path}`, or its plain form.
    pub(crate) fn link(&self, path: &str) -> String {
        if self.config.plain_permalinks {
            return format!("{}/index.php?rest_route=/wc/v3/{path}", self.home);
        }
        format!("{}/wp-json/wc/v3/{path}", self.home)
    }

    /// `_links` with self, collection and perhaps up.
    pub(crate) fn links(&self, item: &str, collection: &str, up: Option<&str>) -> Object {
        self.links_allowing(&ITEM_METHODS, item, collection, up)
    }

    pub(crate) fn links_allowing(
        &self,
        methods: &[&str],
        item: &str,
        collection: &str,
        up: Option<&str>,
    ) -> Object {
        let mut links = Object::new();
        links.insert("self".into(), json!([{"href": self.link(item), "targetHints": {"allow": methods}}]));
        links.insert("collection".into(), json!([{"href": self.link(collection)}]));
        if let Some(up) = up {
            links.insert("up".into(), json!([{"href": self.link(up)}]));
        }
        links
    }

    pub(crate) fn local(&self, at: Option<Seconds>) -> Value {
        at.map_or(Value::Null, |at| self.clock.local(at).into())
    }

    pub(crate) fn gmt(&self, at: Option<Seconds>) -> Value {
        at.map_or(Value::Null, |at| self.clock.gmt(at).into())
    }

    pub(crate) fn full_name(&self, product: &Product) -> String {
        let Some(parent) = self.products.get(&product.parent) else { return product.name.clone() };
        format!("{} - {}", parent.name, options(product))
    }

    /// The status buyers see: own, the parent's, or for a variable product that of its children.
    pub(crate) fn stock_status(&self, product: &Product) -> String {
        match self.stock_holder(product.id) {
            Some(holder) if holder != product.id => self.products[&holder].stock_status.clone(),
            None if product.kind == Kind::Variable => {
                let children: Vec<String> =
                    self.children(product).map(|child| self.stock_status(child)).collect();
                let best = ["instock", "onbackorder"]
                    .into_iter()
                    .find(|status| children.iter().any(|own| own == status));
                match best {
                    Some(status) => status.into(),
                    None if children.is_empty() => product.stock_status.clone(),
                    None => "outofstock".into(),
                }
            }
            _ => product.stock_status.clone(),
        }
    }

    pub(crate) fn children<'a>(&'a self, product: &'a Product) -> impl Iterator<Item = &'a Product> {
        product.variations.iter().filter_map(|child| self.products.get(child))
    }

    fn permalink(&self, product: &Product) -> String {
        match self.products.get(&product.parent) {
            None => format!("{}/product/{}/", self.home, product.slug),
            Some(parent) => {
                let chosen: Vec<String> = product
                    .attributes
                    .iter()
                    .map(|attribute| {
                        let slug = super::product::slug(&super::json::text(&attribute["option"]));
                        format!("attribute_{}={slug}", super::json::text(&attribute["slug"]))
                    })
                    .collect();
                format!("{}/product/{}/?{}", self.home, parent.slug, chosen.join("&"))
            }
        }
    }

    fn price_html(&self, price: &str) -> String {
        let Ok(amount) = price.parse::<Decimal>() else { return String::new() };
        format!(
            "<span class=\"woocommerce-Price-amount amount\"><bdi><span class=\"woocommerce-Price-currencySymbol\">{}</span>{}</bdi></span>",
            super::currency::entity(&self.config.currency),
            self.round(amount),
        )
    }

    fn shown_price(&self, product: &Product) -> String {
        if product.kind != Kind::Variable {
            return product.price().to_owned();
        }
        let lowest = self
            .children(product)
            .filter_map(|child| Some((child.price().parse::<Decimal>().ok()?, child.price())))
            .min_by_key(|(amount, _)| *amount);
        lowest.map_or(String::new(), |(_, price)| price.to_owned())
    }

    fn dates(&self, out: &mut Object, product: &Product) {
        out.insert("date_created".into(), self.local(Some(product.created)));
        out.insert("date_created_gmt".into(), self.gmt(Some(product.created)));
        out.insert("date_modified".into(), self.local(Some(product.modified)));
        out.insert("date_modified_gmt".into(), self.gmt(Some(product.modified)));
    }

    /// `(managed, quantity, backorders)` as shown: managed may be the word `parent`.
    fn shown_stock(&self, product: &Product) -> (Value, Value, String) {
        match self.stock_holder(product.id) {
            Some(holder) if holder == product.id => {
                (true.into(), product.quantity.into(), product.backorders.clone())
            }
            Some(holder) => {
                let parent = &self.products[&holder];
                ("parent".into(), parent.quantity.into(), parent.backorders.clone())
            }
            None => (false.into(), product.quantity.into(), product.backorders.clone()),
        }
    }

    /// A row as `/products` shows it; a variation too, as webhooks send it.
    pub(crate) fn product_value(&self, product: &Product) -> Value {
        let price = self.shown_price(product);
        let (managed, quantity, backorders) = self.shown_stock(product);
        let variation = product.kind == Kind::Variation;
        let virtual_ = product.more.get("virtual").and_then(Value::as_bool).unwrap_or(false);
        let allowed = backorders != "no";
        let backordered = allowed && quantity.as_i64().is_some_and(|left| left < 0);
        let mut out = Object::new();
        out.insert("id".into(), product.id.into());
        out.insert("name".into(), self.full_name(product).into());
        out.insert("slug".into(), product.slug.clone().into());
        out.insert("permalink".into(), self.permalink(product).into());
        self.dates(&mut out, product);
        let categories: Vec<Value> = product
            .categories
            .iter()
            .filter_map(|id| self.categories.get(id))
            .map(|row| json!({"id": row.id, "name": row.name, "slug": row.slug}))
            .collect();
        let rest = json!({
            "type": product.kind.name(),
            "status": product.status,
            "featured": false,
            "catalog_visibility": "visible",
            "description": "",
            "short_description": "",
            "sku": product.sku,
            "price": price,
            "regular_price": product.regular_price,
            "sale_price": product.sale_price,
            "date_on_sale_from": null,
            "date_on_sale_from_gmt": null,
            "date_on_sale_to": null,
            "date_on_sale_to_gmt": null,
            "on_sale": !product.sale_price.is_empty(),
            "purchasable": !price.is_empty() && product.status == "publish",
            "total_sales": if variation { json!(product.total_sales.to_string()) } else { json!(product.total_sales) },
            "virtual": false,
            "downloadable": false,
            "downloads": [],
            "download_limit": -1,
            "download_expiry": -1,
            "external_url": "",
            "button_text": "",
            "tax_status": "taxable",
            "tax_class": "",
            "manage_stock": managed,
            "stock_quantity": quantity,
            "backorders": backorders,
            "backorders_allowed": allowed,
            "backordered": backordered,
            "low_stock_amount": null,
            "sold_individually": false,
            "weight": "",
            "dimensions": {"length": "", "width": "", "height": ""},
            "shipping_required": !virtual_,
            "shipping_taxable": !virtual_,
            "shipping_class": "",
            "shipping_class_id": 0,
            "reviews_allowed": !variation,
            "average_rating": if product.fresh { "0" } else { "0.00" },
            "rating_count": 0,
            "upsell_ids": [],
            "cross_sell_ids": [],
            "parent_id": product.parent,
            "purchase_note": "",
            "categories": categories,
            "brands": [],
            "tags": [],
            "images": [],
            "attributes": product.attributes,
            "default_attributes": [],
            "variations": product.variations,
            "grouped_products": [],
            "menu_order": 0,
            "price_html": self.price_html(&price),
            "related_ids": [],
            "meta_data": meta(&product.meta),
            "stock_status": self.stock_status(product),
            "has_options": product.kind == Kind::Variable,
            "post_password": "",
            "global_unique_id": "",
        });
        take(&mut out, rest);
        overlay(&mut out, &product.more);
        let item = format!("products/{}", product.id);
        let up = (product.parent > 0).then(|| format!("products/{}", product.parent));
        out.insert("_links".into(), self.links(&item, "products", up.as_deref()).into());
        out.into()
    }

    /// What only an answer to a write shows.
    pub(crate) fn add_edit_fields(&self, value: &mut Value, product: &Product) {
        let Value::Object(out) = value else { return };
        let links = out.shift_remove("_links");
        out.insert("permalink_template".into(), format!("{}/product/%pagename%/", self.home).into());
        out.insert("generated_slug".into(), product.slug.clone().into());
        if let Some(links) = links {
            out.insert("_links".into(), links);
        }
    }

    /// A row as `/products/{id}/variations` shows it.
    pub(crate) fn variation_value(&self, product: &Product) -> Value {
        let (managed, quantity, backorders) = self.shown_stock(product);
        let allowed = backorders != "no";
        let backordered = allowed && quantity.as_i64().is_some_and(|left| left < 0);
        let mut out = Object::new();
        out.insert("id".into(), product.id.into());
        out.insert("type".into(), "variation".into());
        self.dates(&mut out, product);
        let rest = json!({
            "description": "",
            "permalink": self.permalink(product),
            "sku": product.sku,
            "global_unique_id": "",
            "price": product.price(),
            "regular_price": product.regular_price,
            "sale_price": product.sale_price,
            "date_on_sale_from": null,
            "date_on_sale_from_gmt": null,
            "date_on_sale_to": null,
            "date_on_sale_to_gmt": null,
            "on_sale": !product.sale_price.is_empty(),
            "status": product.status,
            "purchasable": !product.price().is_empty() && product.status == "publish",
            "virtual": false,
            "downloadable": false,
            "downloads": [],
            "download_limit": -1,
            "download_expiry": -1,
            "tax_status": "taxable",
            "tax_class": if product.fresh { "parent" } else { "" },
            "manage_stock": managed,
            "stock_quantity": quantity,
            "stock_status": self.stock_status(product),
            "backorders": backorders,
            "backorders_allowed": allowed,
            "backordered": backordered,
            "low_stock_amount": null,
            "weight": "",
            "dimensions": {"length": "", "width": "", "height": ""},
            "shipping_class": "",
            "shipping_class_id": 0,
            "image": null,
            "attributes": product.attributes,
            "menu_order": 0,
            "meta_data": meta(&product.meta),
            "name": options(product),
            "parent_id": product.parent,
        });
        take(&mut out, rest);
        overlay(&mut out, &product.more);
        let up = format!("products/{}", product.parent);
        let collection = format!("{up}/variations");
        let item = format!("{collection}/{}", product.id);
        out.insert("_links".into(), self.links(&item, &collection, Some(&up)).into());
        out.into()
    }
}

/// `Red, S`: the options of a variation as its name.
pub(crate) fn options(product: &Product) -> String {
    let words: Vec<String> =
        product.attributes.iter().map(|attribute| super::json::text(&attribute["option"])).collect();
    words.join(", ")
}

pub(crate) fn take(out: &mut Object, more: Value) {
    if let Value::Object(more) = more {
        out.extend(more);
    }
}

fn overlay(out: &mut Object, more: &Object) {
    for (key, value) in more {
        if let Some(slot) = out.get_mut(key) {
            *slot = value.clone();
        }
    }
}

/// `meta_data` rows.
pub(crate) fn meta(rows: &[Meta]) -> Vec<Value> {
    rows.iter().map(|row| json!({"id": row.id, "key": row.key, "value": row.value})).collect()
}
