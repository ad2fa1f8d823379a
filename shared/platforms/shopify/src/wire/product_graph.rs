//! Products and variants as the API answers with them.

use domain::money::Currency;
use domain::product;
use serde::Deserialize;

use super::Unreadable;
use super::connection::Connection;
use super::loose::{Id, Moment, Number};
use super::order_graph::OnlyId;
use super::product::{ProductFacts, VariantFacts, displayed};

/// A product, maybe with the first of its variants.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) id: Id,
    #[serde(default)]
    title: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    online_store_url: Option<String>,
    #[serde(default)]
    pub(crate) updated_at: Moment,
    #[serde(default)]
    featured_media: Option<Media>,
    #[serde(default)]
    pub(crate) variants: Option<Connection<Variant>>,
}

/// A picture; anything else says nothing here.
#[derive(Debug, Clone, Deserialize)]
struct Media {
    #[serde(default)]
    image: Option<Image>,
}

#[derive(Debug, Clone, Deserialize)]
struct Image {
    #[serde(default)]
    url: Option<String>,
}

/// A variant.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Variant {
    pub(crate) id: Id,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    pub(crate) price: Number,
    #[serde(default)]
    pub(crate) compare_at_price: Number,
    #[serde(default)]
    inventory_quantity: Number,
    #[serde(default)]
    updated_at: Moment,
    #[serde(default)]
    inventory_item: Option<Item>,
    /// Its product, where it comes without it.
    #[serde(default)]
    pub(crate) product: Option<OnlyId>,
    /// The same in a file of a bulk operation.
    #[serde(default, rename = "__parentId")]
    parent: Id,
}

#[derive(Debug, Clone, Deserialize)]
struct Item {
    #[serde(default)]
    tracked: bool,
}

impl Product {
    /// The product in the domain's words, without its variants.
    pub(crate) fn product(&self) -> Result<product::Product, Unreadable> {
        let leading = self.featured_media.as_ref().and_then(|media| media.image.as_ref());
        ProductFacts {
            id: self.id.0.clone(),
            title: self.title.clone(),
            status: self.status.to_ascii_lowercase(),
            url: self.online_store_url.clone(),
            image: leading.and_then(|image| image.url.clone()),
            updated_at: self.updated_at.0,
        }
        .product()
    }
}

impl Variant {
    /// The variant in the domain's words; `product` is its product where it comes below it.
    pub(crate) fn variant(
        &self,
        product: Option<&str>,
        currency: Option<Currency>,
    ) -> Result<product::Variant, Unreadable> {
        let own = self.product.as_ref().and_then(|product| product.id.0.clone());
        let item = self
            .inventory_item
            .as_ref()
            .ok_or_else(|| Unreadable::lacks("variant", self.id.0.as_deref(), "inventoryItem"))?;
        VariantFacts {
            id: self.id.0.clone(),
            product: product.map(str::to_owned).or(own).or_else(|| self.parent.0.clone()),
            sku: self.sku.clone(),
            title: displayed(&self.display_name),
            price: self.price.0,
            compare_at_price: self.compare_at_price.0,
            tracked: item.tracked,
            available: self.inventory_quantity.0,
            updated_at: self.updated_at.0,
        }
        .variant(currency)
    }
}
