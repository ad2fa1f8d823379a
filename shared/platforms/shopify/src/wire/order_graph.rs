//! Orders as the API answers with them.

use serde::Deserialize;

use super::connection::Connection;
use super::loose::{Id, Moment, Number};
use super::order::{LineFacts, OrderFacts, Refunded, first_said, full_name, is_restocked};

/// An order with the first of its lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) id: Id,
    #[serde(default)]
    name: String,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    pub(crate) updated_at: Moment,
    #[serde(default)]
    cancelled_at: Moment,
    #[serde(default)]
    display_financial_status: Option<String>,
    #[serde(default)]
    display_fulfillment_status: Option<String>,
    #[serde(default)]
    taxes_included: bool,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    total_price_set: Option<Bag>,
    #[serde(default)]
    total_tax_set: Option<Bag>,
    #[serde(default)]
    total_shipping_price_set: Option<Bag>,
    #[serde(default)]
    total_discounts_set: Option<Bag>,
    #[serde(default)]
    customer: Option<Person>,
    #[serde(default)]
    billing_address: Option<Address>,
    #[serde(default)]
    shipping_address: Option<Address>,
    /// Its lines, or the first of them; none where they come apart.
    #[serde(default)]
    pub(crate) line_items: Option<Connection<Line>>,
}

/// An amount in the shop's currency.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bag {
    shop_money: Money,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Money {
    #[serde(default)]
    amount: Number,
    #[serde(default)]
    currency_code: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: Id,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    country_code_v2: Option<String>,
}

/// A line of an order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    id: Id,
    #[serde(default)]
    name: String,
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    quantity: Number,
    #[serde(default)]
    current_quantity: Number,
    #[serde(default)]
    is_gift_card: bool,
    #[serde(default)]
    product: Option<OnlyId>,
    #[serde(default)]
    variant: Option<OnlyId>,
    #[serde(default)]
    original_unit_price_set: Option<Bag>,
    #[serde(default)]
    discount_allocations: Vec<Allocation>,
    #[serde(default)]
    tax_lines: Vec<TaxLine>,
}

/// A record that only says its id.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OnlyId {
    pub(crate) id: Id,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    allocated_amount_set: Bag,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaxLine {
    price_set: Bag,
}

/// A refund with the first of its lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refund {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) refund_line_items: Option<Connection<RefundLine>>,
}

/// A line of a refund.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundLine {
    #[serde(default)]
    quantity: Number,
    #[serde(default)]
    restock_type: String,
    #[serde(default)]
    restocked: Option<bool>,
    line_item: OnlyId,
}

impl RefundLine {
    /// Adds it to what the refunds of its order say.
    pub(crate) fn add_to(&self, refunded: &mut Refunded) {
        if let (Some(line), Some(units)) = (&self.line_item.id.0, self.quantity.0) {
            refunded.add(line, units, is_restocked(&self.restock_type, self.restocked));
        }
    }
}

impl Order {
    /// What it says of itself, with these lines.
    pub(crate) fn facts(self, lines: Vec<Line>) -> OrderFacts {
        let amount = |bag: &Option<Bag>| bag.as_ref().and_then(|bag| bag.shop_money.amount.0);
        let currency = self.total_price_set.as_ref().map(|bag| bag.shop_money.currency_code.clone());
        let (billing, shipping) = (self.billing_address, self.shipping_address);
        let name = |address: &Option<Address>| address.as_ref().and_then(|it| it.name.clone());
        let country = |address: &Option<Address>| address.as_ref().and_then(|it| it.country_code_v2.clone());
        let person = self.customer.as_ref();
        let account = person.and_then(|it| full_name(it.first_name.as_deref(), it.last_name.as_deref()));
        OrderFacts {
            id: self.id.0,
            name: self.name,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            cancelled: self.cancelled_at.0.is_some(),
            financial: self.display_financial_status.unwrap_or_default().to_ascii_lowercase(),
            fulfilment: self.display_fulfillment_status.unwrap_or_default().to_ascii_lowercase(),
            taxes_included: self.taxes_included,
            currency: currency.unwrap_or_default(),
            total: amount(&self.total_price_set),
            tax: amount(&self.total_tax_set),
            shipping: amount(&self.total_shipping_price_set),
            discount: amount(&self.total_discounts_set),
            customer: person.and_then(|person| person.id.0.clone()),
            buyer: first_said([name(&billing), name(&shipping), account]).unwrap_or_default(),
            email: self.email,
            country: first_said([country(&billing), country(&shipping)]),
            lines: lines.into_iter().map(Line::facts).collect(),
        }
    }
}

impl Line {
    fn facts(self) -> LineFacts {
        let amount = |bag: &Bag| bag.shop_money.amount.0.unwrap_or_default();
        LineFacts {
            id: self.id.0,
            product: self.product.and_then(|it| it.id.0),
            variant: self.variant.and_then(|it| it.id.0),
            gift_card: self.is_gift_card,
            sku: self.sku,
            title: self.name,
            quantity: self.quantity.0.unwrap_or_default(),
            current: self.current_quantity.0,
            unit_price: self.original_unit_price_set.as_ref().and_then(|bag| bag.shop_money.amount.0),
            discounts: self.discount_allocations.iter().map(|it| amount(&it.allocated_amount_set)).sum(),
            taxes: self.tax_lines.iter().map(|it| amount(&it.price_set)).sum(),
        }
    }
}
