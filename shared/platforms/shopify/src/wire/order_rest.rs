//! Orders as deliveries carry them.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::loose::{Id, Moment, Number};
use super::order::{LineFacts, OrderFacts, Refunded, first_said, full_name, is_restocked};

/// An order, whole.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: Id,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    updated_at: Moment,
    #[serde(default)]
    cancelled_at: Moment,
    #[serde(default)]
    financial_status: Option<String>,
    #[serde(default)]
    fulfillment_status: Option<String>,
    #[serde(default)]
    taxes_included: bool,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    total_price: Number,
    #[serde(default)]
    total_price_set: Option<Bag>,
    #[serde(default)]
    total_tax: Number,
    #[serde(default)]
    total_tax_set: Option<Bag>,
    #[serde(default)]
    total_shipping_price_set: Option<Bag>,
    #[serde(default)]
    total_discounts: Number,
    #[serde(default)]
    total_discounts_set: Option<Bag>,
    #[serde(default)]
    customer: Option<Person>,
    #[serde(default)]
    billing_address: Option<Address>,
    #[serde(default)]
    shipping_address: Option<Address>,
    /// None where the payload was trimmed: then the order must be fetched.
    #[serde(default)]
    line_items: Option<Vec<Line>>,
    #[serde(default)]
    refunds: Option<Vec<Refund>>,
}

/// An amount in the shop's currency.
#[derive(Debug, Clone, Deserialize)]
struct Bag {
    shop_money: Money,
}

#[derive(Debug, Clone, Deserialize)]
struct Money {
    #[serde(default)]
    amount: Number,
    #[serde(default)]
    currency_code: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Person {
    id: Id,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Address {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    country_code: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Line {
    id: Id,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    quantity: Number,
    #[serde(default)]
    current_quantity: Number,
    #[serde(default)]
    gift_card: bool,
    #[serde(default)]
    product_id: Id,
    #[serde(default)]
    variant_id: Id,
    #[serde(default)]
    product_exists: Option<bool>,
    #[serde(default)]
    price: Number,
    #[serde(default)]
    price_set: Option<Bag>,
    #[serde(default)]
    discount_allocations: Vec<Allocation>,
    #[serde(default)]
    tax_lines: Vec<TaxLine>,
}

#[derive(Debug, Clone, Deserialize)]
struct Allocation {
    #[serde(default)]
    amount: Number,
    #[serde(default)]
    amount_set: Option<Bag>,
}

#[derive(Debug, Clone, Deserialize)]
struct TaxLine {
    #[serde(default)]
    price: Number,
    #[serde(default)]
    price_set: Option<Bag>,
}

/// A refund, whole.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Refund {
    #[serde(default)]
    pub(crate) order_id: Id,
    #[serde(default)]
    refund_line_items: Vec<RefundLine>,
}

#[derive(Debug, Clone, Deserialize)]
struct RefundLine {
    #[serde(default)]
    quantity: Number,
    #[serde(default)]
    restock_type: Option<String>,
    #[serde(default)]
    line_item_id: Id,
}

impl Refund {
    /// Adds its lines to what the refunds of its order say.
    pub(crate) fn add_to(&self, refunded: &mut Refunded) {
        for line in &self.refund_line_items {
            if let (Some(id), Some(units)) = (&line.line_item_id.0, line.quantity.0) {
                let restocked = is_restocked(line.restock_type.as_deref().unwrap_or_default(), None);
                refunded.add(id, units, restocked);
            }
        }
    }
}

/// An amount of a set, or the plain one beside it, which is in the shop's currency too.
fn amount(set: Option<&Bag>, plain: Number) -> Option<Decimal> {
    set.and_then(|bag| bag.shop_money.amount.0).or(plain.0)
}

impl Order {
    /// What it says of itself and what its refunds say; none if it was trimmed of what matters.
    pub(crate) fn whole(self) -> Option<(OrderFacts, Refunded)> {
        let lines = self.line_items?;
        let mut refunded = Refunded::default();
        for refund in &self.refunds? {
            refund.add_to(&mut refunded);
        }
        let said = self.total_price_set.as_ref().and_then(|bag| bag.shop_money.currency_code.clone());
        let (billing, shipping) = (self.billing_address, self.shipping_address);
        let name = |address: &Option<Address>| address.as_ref().and_then(|it| it.name.clone());
        let country = |address: &Option<Address>| address.as_ref().and_then(|it| it.country_code.clone());
        let person = self.customer.as_ref();
        let account = person.and_then(|it| full_name(it.first_name.as_deref(), it.last_name.as_deref()));
        let facts = OrderFacts {
            id: self.id.0,
            name: self.name.unwrap_or_default(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            cancelled: self.cancelled_at.0.is_some(),
            financial: self.financial_status.unwrap_or_default(),
            fulfilment: self.fulfillment_status.unwrap_or_default(),
            taxes_included: self.taxes_included,
            currency: said.or(self.currency).unwrap_or_default(),
            total: amount(self.total_price_set.as_ref(), self.total_price),
            tax: amount(self.total_tax_set.as_ref(), self.total_tax),
            shipping: amount(self.total_shipping_price_set.as_ref(), Number::default()),
            discount: amount(self.total_discounts_set.as_ref(), self.total_discounts),
            customer: person.and_then(|person| person.id.0.clone()),
            buyer: first_said([name(&billing), name(&shipping), account]).unwrap_or_default(),
            email: self.email,
            country: first_said([country(&billing), country(&shipping)]),
            lines: lines.into_iter().map(Line::facts).collect(),
        };
        Some((facts, refunded))
    }
}

impl Line {
    fn facts(self) -> LineFacts {
        // The number of a product that was deleted stays in the line; the API leaves it out, and so do we.
        let exists = self.product_exists.unwrap_or(true);
        LineFacts {
            id: self.id.0,
            product: self.product_id.0.filter(|_| exists),
            variant: self.variant_id.0.filter(|_| exists),
            gift_card: self.gift_card,
            sku: self.sku,
            title: first_said([self.name, self.title]).unwrap_or_default(),
            quantity: self.quantity.0.unwrap_or_default(),
            current: self.current_quantity.0,
            unit_price: amount(self.price_set.as_ref(), self.price),
            discounts: self
                .discount_allocations
                .iter()
                .filter_map(|it| amount(it.amount_set.as_ref(), it.amount))
                .sum(),
            taxes: self.tax_lines.iter().filter_map(|it| amount(it.price_set.as_ref(), it.price)).sum(),
        }
    }
}
