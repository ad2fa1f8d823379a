//! Webhook bodies: REST-shaped, numeric ids, times in the shop's zone, money as text.

use super::gid::gid;
use super::goods::{Product, Variant};
use super::store::Store;
use super::subscription::About;
use serde_json::{Value, json};

/// Bodies list so many variants and leave out the rest.
const VARIANTS_LISTED: usize = 100;

impl Store {
    /// The body of a webhook as things stand now; none when what it is about is gone.
    pub(crate) fn payload(&self, about: About) -> Option<Value> {
        Some(match about {
            About::Product(id) => self.product_body(self.products.get(&id)?),
            About::GoneProduct(id) | About::GoneOrder(id) | About::GoneCustomer(id) => json!({"id": id}),
            About::GoneItem(id) => {
                json!({"id": id, "admin_graphql_api_id": gid("InventoryItem", id)})
            }
            About::Level(item, location) => self.level_body(item, location)?,
            About::Item(id) => self.item_body(id)?,
            About::Order(id) => self.order_body(self.orders.get(&id)?),
            About::Refund(order, id) => {
                let order = self.orders.get(&order)?;
                self.refund_body(order, order.refunds.iter().find(|row| row.id == id)?)
            }
            About::Fulfillment(order, id) => {
                let order = self.orders.get(&order)?;
                self.fulfillment_body(order, order.fulfillments.iter().find(|row| row.id == id)?)
            }
            About::Customer(id) => self.customer_body(id)?,
            About::Location(id) => self.location_body(id)?,
            About::Bulk(id) => self.bulk_body(id)?,
            About::Shop => self.shop_body(),
            About::Scopes => {
                let scopes: Vec<&String> = self.grants.scopes.iter().collect();
                json!({
                    "id": self.grants.app.api_client_id, "previous": self.grants.app.scopes, "current": scopes,
                    "updated_at": self.clock.local(self.now()),
                })
            }
        })
    }

    fn product_body(&self, product: &Product) -> Value {
        let at = |at| self.clock.local(at);
        let variants: Vec<Value> = product
            .variants
            .iter()
            .take(VARIANTS_LISTED)
            .enumerate()
            .filter_map(|(index, id)| Some(self.variant_body(self.variants.get(id)?, index + 1)))
            .collect();
        let images: Vec<Value> = product
            .pictures
            .iter()
            .enumerate()
            .map(|(index, picture)| {
                json!({
                    "id": picture.id, "product_id": product.id, "position": index + 1,
                    "created_at": at(product.created), "updated_at": at(product.created), "alt": picture.alt,
                    "width": 480, "height": 270, "src": picture.src, "variant_ids": [],
                    "admin_graphql_api_id": gid("ProductImage", picture.id),
                })
            })
            .collect();
        let options: Vec<Value> = product
            .choices
            .iter()
            .enumerate()
            .map(|(index, choice)| {
                let values: Vec<&String> = choice.values.iter().map(|value| &value.1).collect();
                json!({
                    "name": choice.name, "id": choice.id, "product_id": product.id, "position": index + 1,
                    "values": values,
                })
            })
            .collect();
        json!({
            "admin_graphql_api_id": gid("Product", product.id),
            "body_html": product.html,
            "created_at": at(product.created),
            "handle": product.handle,
            "id": product.id,
            "product_type": product.kind,
            "published_at": product.published.map(at),
            "template_suffix": product.template.clone().unwrap_or_default(),
            "title": product.title,
            "updated_at": at(product.changed.at),
            "vendor": product.vendor,
            "status": product.status.to_lowercase(),
            "published_scope": "global",
            "tags": product.tags.join(", "),
            "variants": variants,
            "options": options,
            "images": images,
            "image": images.first(),
            "media": [],
            "variant_gids": product.variants.iter().filter_map(|id| {
                let variant = self.variants.get(id)?;
                Some(json!({
                    "admin_graphql_api_id": gid("ProductVariant", *id), "updated_at": super::clock::z(variant.changed.at),
                }))
            }).collect::<Vec<_>>(),
            "has_variants_that_requires_components": false,
            "category": null,
        })
    }

    fn variant_body(&self, variant: &Variant, position: usize) -> Value {
        let at = |at| self.clock.local(at);
        let item = self.items.get(&variant.item);
        let quantity = self.available(variant.id);
        let sku = item.map(|item| item.sku.clone()).filter(|sku| !sku.is_empty());
        json!({
            "admin_graphql_api_id": gid("ProductVariant", variant.id),
            "barcode": variant.barcode,
            "compare_at_price": variant.compare_at.map(super::money::spell),
            "created_at": at(variant.created),
            "id": variant.id,
            "inventory_policy": if variant.sells_on { "continue" } else { "deny" },
            "position": position,
            "price": super::money::spell(variant.price),
            "product_id": variant.product,
            "sku": sku,
            "taxable": variant.taxable,
            "title": variant.title(),
            "updated_at": at(variant.changed.at),
            "option1": variant.values.first(),
            "option2": variant.values.get(1),
            "option3": variant.values.get(2),
            "image_id": null,
            "inventory_item_id": variant.item,
            "inventory_quantity": quantity,
            "old_inventory_quantity": quantity,
        })
    }

    fn level_body(&self, item: u64, location: u64) -> Option<Value> {
        let row = self.items.get(&item)?;
        let level = row.levels.get(&location)?;
        let number = self.locations.get(&location)?.level_number;
        Some(json!({
            "inventory_item_id": item,
            "location_id": location,
            "available": row.tracked.then_some(level.available),
            "updated_at": self.clock.local(level.changed),
            "admin_graphql_api_id": format!("gid://shopify/InventoryLevel/{number}?inventory_item_id={item}"),
        }))
    }

    fn item_body(&self, id: u64) -> Option<Value> {
        let item = self.items.get(&id)?;
        Some(json!({
            "id": id, "sku": item.sku, "created_at": self.clock.local(item.created),
            "updated_at": self.clock.local(item.changed.at), "requires_shipping": item.ships,
            "cost": item.cost.map(super::money::spell), "country_code_of_origin": null,
            "province_code_of_origin": null, "harmonized_system_code": null, "tracked": item.tracked,
            "country_harmonized_system_codes": [], "weight_value": item.grams as f64 / 1000.0, "weight_unit": "kg",
            "admin_graphql_api_id": gid("InventoryItem", id),
        }))
    }

    fn location_body(&self, id: u64) -> Option<Value> {
        let place = self.locations.get(&id)?;
        Some(json!({
            "id": id, "name": place.name, "address1": null, "address2": null, "city": null, "zip": null,
            "province": null, "country": place.country, "phone": null,
            "created_at": self.clock.local(place.created), "updated_at": self.clock.local(place.changed),
            "country_code": place.country, "country_name": place.country, "province_code": null, "legacy": false,
            "active": place.active, "admin_graphql_api_id": gid("Location", id),
        }))
    }

    fn bulk_body(&self, id: u64) -> Option<Value> {
        let bulk = self.bulks.get(&id)?;
        Some(json!({
            "admin_graphql_api_id": gid("BulkOperation", id),
            "completed_at": bulk.completed.map(|at| self.clock.local(at)),
            "created_at": self.clock.local(bulk.created),
            "error_code": bulk.error.as_ref().map(|code| code.to_lowercase()),
            "status": bulk.status.to_lowercase(),
            "type": "query",
        }))
    }

    pub(crate) fn shop_body(&self) -> Value {
        let config = &self.config;
        json!({
            "id": self.shop_id, "name": config.name, "email": "owner@example.test", "domain": config.domain,
            "province": null, "country": config.country, "address1": "1 High Street", "zip": "N1 1AA",
            "city": "London", "source": null, "phone": null, "latitude": null, "longitude": null,
            "primary_locale": "en", "address2": null, "created_at": self.clock.local(self.created),
            "updated_at": self.clock.local(self.created), "country_code": config.country,
            "country_name": config.country, "currency": config.currency, "customer_email": "owner@example.test",
            "timezone": config.zone, "iana_timezone": config.zone, "shop_owner": "The Owner",
            "money_format": "{{amount}}", "weight_unit": "kg", "plan_name": "basic",
            "plan_display_name": "Basic", "myshopify_domain": config.domain,
            "enabled_presentment_currencies": self.currencies(),
        })
    }

    /// Every currency buyers may pay in.
    pub(crate) fn currencies(&self) -> Vec<String> {
        let mut out = vec![self.config.currency.clone()];
        out.extend(self.config.presentment.iter().map(|(currency, _)| currency.clone()));
        out
    }
}
