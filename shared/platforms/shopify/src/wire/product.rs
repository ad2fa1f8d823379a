//! What products and variants mean, whichever shape they came in.

use domain::money::{Currency, Money};
use domain::product::{self, Listing, Sku, Stock};
use domain::{OnHand, RemoteProductId, RemoteVariantId};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Unreadable;
use super::order::amount;

/// What the platform calls the variant of a product that has no options.
const ONLY: &str = "Default Title";

/// What a product says of itself.
#[derive(Debug, Default)]
pub(crate) struct ProductFacts {
    pub(crate) id: Option<String>,
    pub(crate) title: String,
    /// Its status, in small letters.
    pub(crate) status: String,
    pub(crate) url: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) updated_at: Option<Timestamp>,
}

impl ProductFacts {
    /// The product in the domain's words.
    pub(crate) fn product(self) -> Result<product::Product, Unreadable> {
        let id = self.id.ok_or_else(|| Unreadable::lacks("a product", None, "id"))?;
        let updated_at =
            self.updated_at.ok_or_else(|| Unreadable::lacks("product", Some(&id), "updated_at"))?;
        Ok(product::Product {
            remote: RemoteProductId::new(id),
            title: self.title,
            listing: if self.status == "active" { Listing::Published } else { Listing::Hidden },
            url: self.url,
            images: self.image.into_iter().collect(),
            updated_at,
        })
    }
}

/// What a variant says of itself.
#[derive(Debug, Default)]
pub(crate) struct VariantFacts {
    pub(crate) id: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) sku: Option<String>,
    /// The product's title and its own.
    pub(crate) title: String,
    pub(crate) price: Option<Decimal>,
    pub(crate) compare_at_price: Option<Decimal>,
    /// Whether the shop counts it.
    pub(crate) tracked: bool,
    /// The sum of what is available at its active locations.
    pub(crate) available: Option<Decimal>,
    pub(crate) updated_at: Option<Timestamp>,
}

impl VariantFacts {
    /// The variant in the domain's words.
    pub(crate) fn variant(self, currency: Option<Currency>) -> Result<product::Variant, Unreadable> {
        let id = self.id.ok_or_else(|| Unreadable::lacks("a variant", None, "id"))?;
        let lacks = |field| Unreadable::lacks("variant", Some(&id), field);
        let updated_at = self.updated_at.ok_or_else(|| lacks("updated_at"))?;
        let product = self.product.ok_or_else(|| lacks("product"))?;
        let money = |number: Option<Decimal>| Some(Money::new(amount(number?), currency?));
        // Only a higher price before it makes a price a sale.
        let before = self.compare_at_price.filter(|before| self.price.is_some_and(|price| *before > price));
        let stock = if self.tracked {
            Stock::Tracked { level: OnHand::new(self.available.unwrap_or_default()) }
        } else {
            Stock::Untracked { in_stock: true }
        };
        Ok(product::Variant {
            remote: RemoteVariantId::new(id),
            product: RemoteProductId::new(product),
            sku: self.sku.as_deref().and_then(Sku::read),
            title: self.title,
            options_only: false,
            price: money(self.price),
            regular_price: money(before.or(self.price)),
            stock,
            sellable: true,
            updated_at,
        })
    }
}

/// A variant's title with its product's.
pub(crate) fn named(product: &str, variant: &str) -> String {
    if variant.is_empty() || variant == ONLY { product.to_owned() } else { format!("{product} - {variant}") }
}

/// The same from the name that the platform puts together itself.
pub(crate) fn displayed(display_name: &str) -> String {
    let bare = display_name.strip_suffix(ONLY).and_then(|rest| rest.strip_suffix(" - "));
    bare.unwrap_or(display_name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_name_a_variant_alike() {
        assert_eq!(named("Mug", "Default Title"), displayed("Mug - Default Title"));
        assert_eq!(named("Mug", "Red / L"), displayed("Mug - Red / L"));
        assert_eq!(displayed("Mug"), "Mug");
    }

    #[test]
    fn a_sale_is_a_lower_price_than_before() {
        let prices = |price: &str, before: Option<&str>| {
            let facts = VariantFacts {
                id: Some("1".into()),
                product: Some("2".into()),
                price: price.parse().ok(),
                compare_at_price: before.and_then(|before| before.parse().ok()),
                updated_at: Some(Timestamp::UNIX_EPOCH),
                ..VariantFacts::default()
            };
            let variant = facts.variant("EUR".parse().ok()).unwrap();
            (variant.price.unwrap().to_string(), variant.regular_price.unwrap().to_string())
        };
        assert_eq!(prices("8.0", Some("10.00")), ("8.00 EUR".into(), "10.00 EUR".into()));
        assert_eq!(prices("8", None), ("8.00 EUR".into(), "8.00 EUR".into()));
        assert_eq!(prices("8", Some("0.00")), ("8.00 EUR".into(), "8.00 EUR".into()));
    }
}
