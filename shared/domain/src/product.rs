//! What a shop lists: products, and the variants that can be bought.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::{OnHand, RemoteProductId, RemoteVariantId};

/// A stock keeping unit as the merchant wrote it, without the white space around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sku(String);

impl Sku {
    /// Reads a SKU; nothing remains of white space alone.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The SKU as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether buyers see a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listing {
    /// Buyers see it.
    Published,
    /// It exists and is not shown: a draft, private or pending one.
    Hidden,
    /// It is gone, or in the shop's bin.
    Removed,
}

/// A product of a shop, without its variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The platform's id.
    pub remote: RemoteProductId,
    /// Its title.
    pub title: String,
    /// Whether buyers see it.
    pub listing: Listing,
    /// Its page in the shop.
    pub url: Option<String>,
    /// Addresses of its pictures, the first one leads.
    pub images: Vec<String>,
    /// When the platform last changed it: an older state never replaces a newer one.
    pub updated_at: Timestamp,
}

/// How a variant's stock is kept by its shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Stock {
    /// The shop counts it.
    Tracked {
        /// The number the shop shows.
        level: OnHand,
    },
    /// It is counted together with others, at the variant that is named.
    Pooled {
        /// Where the number is kept.
        holder: RemoteVariantId,
    },
    /// The shop does not count it.
    Untracked {
        /// Whether the shop sells it.
        in_stock: bool,
    },
}

/// What can be bought: a variant, or a product that has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The platform's id.
    pub remote: RemoteVariantId,
    /// The product it belongs to.
    pub product: RemoteProductId,
    /// The merchant's SKU, if there is one.
    pub sku: Option<Sku>,
    /// Its title, with its options.
    pub title: String,
    /// Whether its title says its options only, and not what the product is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub options_only: bool,
    /// What it costs now.
    pub price: Option<Money>,
    /// What it costs when it is not on sale.
    pub regular_price: Option<Money>,
    /// How its stock is kept.
    pub stock: Stock,
    /// False for a product that only holds the stock of its variants.
    pub sellable: bool,
    /// When the platform last changed it: an older state never replaces a newer one.
    pub updated_at: Timestamp,
}

impl Variant {
    /// The variant at which the stock of this one is kept.
    #[must_use]
    pub fn stock_holder(&self) -> &RemoteVariantId {
        match &self.stock {
            Stock::Pooled { holder } => holder,
            Stock::Tracked { .. } | Stock::Untracked { .. } => &self.remote,
        }
    }

    /// The number the shop shows for it, where the shop counts it here.
    #[must_use]
    pub fn level(&self) -> Option<OnHand> {
        match &self.stock {
            Stock::Tracked { level } => Some(*level),
            Stock::Pooled { .. } | Stock::Untracked { .. } => None,
        }
    }
}

/// Products and variants read together; a variant may come without its product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listings {
    /// Products, without their variants.
    pub products: Vec<Product>,
    /// Variants, each naming its product.
    pub variants: Vec<Variant>,
}
