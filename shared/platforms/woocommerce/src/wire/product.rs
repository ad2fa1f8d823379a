//! Products and variations: one shape on the wire, three kinds of records here.

use domain::money::Currency;
use domain::product::{self, Listing, Listings, Sku, Stock, Variant};
use domain::{OnHand, RemoteProductId, RemoteVariantId};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::loose::{Id, List, Maybe, Moment, Number, Text, decimal};
use super::{Unreadable, money};

/// What is asked for of a product.
pub(crate) const PRODUCT_FIELDS: &str = "id,parent_id,name,permalink,type,status,sku,price,regular_price,manage_stock,\
                                         stock_quantity,stock_status,images,attributes,date_created_gmt,date_modified_gmt";
/// What is asked for of a variation.
pub(crate) const VARIATION_FIELDS: &str = "id,parent_id,name,permalink,type,status,sku,price,regular_price,manage_stock,\
                                           stock_quantity,stock_status,attributes,date_created_gmt,date_modified_gmt";

/// `GET products/{id}`, `GET products/{id}/variations/{id}`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) parent_id: Id,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    permalink: Text,
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    sku: Text,
    #[serde(default)]
    price: Text,
    #[serde(default)]
    regular_price: Text,
    #[serde(default)]
    manage_stock: Managed,
    #[serde(default)]
    pub(crate) stock_quantity: Number,
    #[serde(default)]
    stock_status: Text,
    #[serde(default)]
    images: List<Image>,
    #[serde(default)]
    attributes: List<Attribute>,
    #[serde(default)]
    date_created_gmt: Moment,
    #[serde(default)]
    date_modified_gmt: Moment,
    /// Only in the answer of a batch, where a row was refused.
    #[serde(default)]
    pub(crate) error: Maybe<crate::read::Complaint>,
}

/// `manage_stock`: `true`, `false`, or `"parent"` where the parent counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Managed {
    /// It counts.
    Itself,
    /// The parent counts.
    ByParent,
    /// Nobody counts.
    #[default]
    No,
}

impl<'de> Deserialize<'de> for Managed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(match raw.get() {
            "true" | "\"true\"" | "\"yes\"" | "1" | "\"1\"" => Self::Itself,
            "\"parent\"" => Self::ByParent,
            _ => Self::No,
        })
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Image {
    #[serde(default)]
    src: Text,
}

#[derive(Debug, Clone, Deserialize)]
struct Attribute {
    #[serde(default)]
    option: Text,
}

impl Product {
    /// Who counts its stock.
    pub(crate) fn managed(&self) -> Managed {
        self.manage_stock
    }

    /// Its id, or why it cannot be used.
    pub(crate) fn id(&self) -> Result<&str, Unreadable> {
        self.id.0.as_deref().ok_or_else(|| Unreadable::lacks("a product", None, "id"))
    }

    /// Whether it is a variation of a product.
    pub(crate) fn is_variation(&self) -> bool {
        self.kind.0 == "variation" || self.kind.0 == "subscription_variation"
    }

    /// Whether its variations are what is bought.
    pub(crate) fn is_variable(&self) -> bool {
        self.kind.0 == "variable" || self.kind.0 == "variable-subscription"
    }

    /// Whether it lies in the shop's bin.
    pub(crate) fn is_trashed(&self) -> bool {
        self.status.0 == "trash"
    }

    /// The number that the shop shows for it, where it counts it itself.
    pub(crate) fn level(&self) -> Option<OnHand> {
        (self.manage_stock == Managed::Itself)
            .then(|| OnHand::new(self.stock_quantity.0.unwrap_or(Decimal::ZERO)))
    }

    fn listing(&self) -> Listing {
        match self.status.0.as_str() {
            "publish" => Listing::Published,
            "trash" => Listing::Removed,
            _ => Listing::Hidden,
        }
    }

    fn updated_at(&self) -> Result<jiff::Timestamp, Unreadable> {
        self.date_modified_gmt
            .0
            .or(self.date_created_gmt.0)
            .ok_or_else(|| Unreadable::lacks("product", self.id.0.as_deref(), "date_modified_gmt"))
    }

    /// Whether the shop sells it where nobody counts it.
    fn untracked(&self) -> Stock {
        Stock::Untracked { in_stock: self.stock_status.0 != "outofstock" }
    }

    fn variant(&self, product: &str, currency: Option<Currency>) -> Result<Variant, Unreadable> {
        let id = self.id()?;
        // Only these two are counted: a group has no number of its own, an external product is sold elsewhere.
        let uncounted = matches!(self.kind.0.as_str(), "grouped" | "external");
        let stock = match (uncounted, self.manage_stock, self.level()) {
            (false, Managed::Itself, Some(level)) => Stock::Tracked { level },
            (false, Managed::ByParent, _) => Stock::Pooled { holder: RemoteVariantId::new(product) },
            _ => self.untracked(),
        };
        Ok(Variant {
            remote: RemoteVariantId::new(id),
            product: RemoteProductId::new(product),
            sku: Sku::read(&self.sku.0),
            title: self.title(),
            options_only: self.options().is_some(),
            price: money(decimal(&self.price.0), currency),
            regular_price: money(decimal(&self.regular_price.0), currency),
            stock,
            sellable: !self.is_variable() && self.kind.0 != "grouped",
            updated_at: self.updated_at()?,
        })
    }

    /// A variation is called by its options, whichever call it came from; anything else by its name.
    fn title(&self) -> String {
        let named = || self.name.some().unwrap_or_else(|| self.sku.some().unwrap_or_default());
        self.options().unwrap_or_else(named)
    }

    /// What tells a variation from the others of its product, if it says so.
    fn options(&self) -> Option<String> {
        let of_another = self.is_variation() || self.parent_id.0.is_some();
        let options = || self.attributes.0.iter().filter_map(|it| it.option.some()).collect::<Vec<_>>();
        Some(options()).filter(|options| of_another && !options.is_empty()).map(|options| options.join(", "))
    }

    /// The records it stands for. `parent` is the product whose list it came from, where the shop does not say.
    pub(crate) fn listings(
        &self,
        parent: Option<&str>,
        currency: Option<Currency>,
    ) -> Result<Listings, Unreadable> {
        let id = self.id()?;
        if self.is_variation() || (parent.is_some() && self.kind.0.is_empty()) {
            let parent = self
                .parent_id
                .0
                .as_deref()
                .or(parent)
                .ok_or_else(|| Unreadable::lacks("variation", Some(id), "parent_id"))?;
            return Ok(Listings { products: Vec::new(), variants: vec![self.variant(parent, currency)?] });
        }
        if self.kind.0.is_empty() {
            return Err(Unreadable::lacks("product", Some(id), "type"));
        }
        let record = product::Product {
            remote: RemoteProductId::new(id),
            title: self.title(),
            listing: self.listing(),
            url: self.permalink.some(),
            images: self.images.0.iter().filter_map(|image| image.src.some()).collect(),
            updated_at: self.updated_at()?,
        };
        // A variable product is no variant; where it counts, it holds the number of its variations.
        let holds = !self.is_variable() || self.manage_stock == Managed::Itself;
        let variants = if holds { vec![self.variant(id, currency)?] } else { Vec::new() };
        Ok(Listings { products: vec![record], variants })
    }
}
