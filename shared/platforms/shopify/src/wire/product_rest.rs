//! Products and variants as deliveries carry them.

use domain::money::Currency;
use domain::product::Listings;
use serde::{Deserialize, Deserializer};

use super::Unreadable;
use super::loose::{Id, Moment, Number};
use super::product::{ProductFacts, VariantFacts, named};

/// A delivery carries no more variants of a product than these.
pub(crate) const MOST_VARIANTS: usize = 100;

/// A product with the first hundred of its variants.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: Id,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    updated_at: Moment,
    #[serde(default)]
    images: Vec<Image>,
    /// None where the payload was trimmed.
    #[serde(default)]
    variants: Option<Vec<Variant>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Image {
    #[serde(default)]
    position: Number,
    #[serde(default)]
    src: Option<String>,
}

/// A variant.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Variant {
    id: Id,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    price: Number,
    #[serde(default)]
    compare_at_price: Number,
    #[serde(default)]
    inventory_quantity: Number,
    /// Who counts it; absent where the version of the payload no longer says.
    #[serde(default, deserialize_with = "said")]
    inventory_management: Option<Option<String>>,
    #[serde(default)]
    updated_at: Moment,
}

/// Tells a `null` from nothing at all.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

impl Variant {
    /// Its id, its stock and who counts it, in a few words.
    pub(crate) fn name(&self) -> Option<String> {
        let level = self.inventory_quantity.0.unwrap_or_default();
        Some(match &self.inventory_management {
            Some(Some(_)) => format!("{} level {level}", self.id.0.as_ref()?),
            Some(None) => format!("{} uncounted", self.id.0.as_ref()?),
            None => format!("{} of which nothing says whether it is counted", self.id.0.as_ref()?),
        })
    }
}

impl Product {
    /// The product and its variants in the domain's words; none if the payload does not say enough of the variants.
    pub(crate) fn listings(&self, currency: Option<Currency>) -> Result<Option<Listings>, Unreadable> {
        let Some(variants) = &self.variants else { return Ok(None) };
        let title = self.title.clone().unwrap_or_default();
        let leading = self.images.iter().min_by_key(|image| image.position.0.unwrap_or_default());
        let product = ProductFacts {
            id: self.id.0.clone(),
            title: title.clone(),
            status: self.status.clone().unwrap_or_default(),
            url: None,
            image: leading.and_then(|image| image.src.clone()),
            updated_at: self.updated_at.0,
        }
        .product()?;
        let mut listings = Listings { products: vec![product], variants: Vec::with_capacity(variants.len()) };
        for variant in variants {
            let Some(counted_by) = &variant.inventory_management else { return Ok(None) };
            let facts = VariantFacts {
                id: variant.id.0.clone(),
                product: self.id.0.clone(),
                sku: variant.sku.clone(),
                title: named(&title, variant.title.as_deref().unwrap_or_default()),
                price: variant.price.0,
                compare_at_price: variant.compare_at_price.0,
                tracked: counted_by.is_some(),
                available: variant.inventory_quantity.0,
                updated_at: variant.updated_at.0,
            };
            listings.variants.push(facts.variant(currency)?);
        }
        Ok(Some(listings))
    }

    /// Whether it may have more variants than the delivery carries.
    pub(crate) fn may_have_more(&self) -> bool {
        self.variants.as_ref().is_some_and(|variants| variants.len() >= MOST_VARIANTS)
    }
}
