//! Orders, their lines and their refunds.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::order::{self, Buyer, Fence, OrderLine, OrderState};
use domain::product::Sku;
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId, RemoteVariantId};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::customer::Person;
use super::loose::{Id, List, Maybe, Moment, Number, Text, decimal};
use super::{Unreadable, currency, money};

/// What is asked for of an order.
pub(crate) const ORDER_FIELDS: &str = "id,number,status,currency,date_created_gmt,date_modified_gmt,date_paid_gmt,\
                                       date_completed_gmt,total,total_tax,shipping_total,discount_total,customer_id,\
                                       billing,shipping,line_items,refunds";
/// What is asked for of a refund.
pub(crate) const REFUND_FIELDS: &str = "id,line_items";

/// `GET orders/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: Id,
    #[serde(default)]
    number: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    date_created_gmt: Moment,
    #[serde(default)]
    date_modified_gmt: Moment,
    #[serde(default)]
    date_paid_gmt: Moment,
    #[serde(default)]
    date_completed_gmt: Moment,
    #[serde(default)]
    total: Number,
    #[serde(default)]
    total_tax: Number,
    #[serde(default)]
    shipping_total: Number,
    #[serde(default)]
    discount_total: Number,
    #[serde(default)]
    customer_id: Id,
    #[serde(default)]
    billing: Maybe<Person>,
    #[serde(default)]
    shipping: Maybe<Person>,
    #[serde(default)]
    line_items: List<Line>,
    #[serde(default)]
    refunds: List<RefundNote>,
}

/// A line of an order or of a refund.
#[derive(Debug, Deserialize)]
struct Line {
    id: Id,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    product_id: Id,
    #[serde(default)]
    variation_id: Id,
    #[serde(default)]
    quantity: Number,
    #[serde(default)]
    total: Number,
    #[serde(default)]
    price: Text,
    #[serde(default)]
    sku: Text,
    #[serde(default)]
    meta_data: List<Meta>,
}

/// What plugins and the shop itself note on a line; values may be anything.
#[derive(Debug, Deserialize)]
struct Meta {
    #[serde(default)]
    key: Text,
    value: Option<Box<RawValue>>,
}

/// What an order says of its refunds.
#[derive(Debug, Deserialize)]
struct RefundNote {
    #[serde(default, rename = "id")]
    _id: Id,
}

/// `GET orders/{id}/refunds`.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    #[serde(default)]
    pub(crate) id: Id,
    #[serde(default)]
    line_items: List<Line>,
}

impl Line {
    /// A number that the shop noted under a key: as text, as number, or not at all.
    fn noted(&self, key: &str) -> Decimal {
        self.meta_data
            .0
            .iter()
            .filter(|meta| meta.key.0 == key)
            .find_map(|meta| serde_json::from_str::<Number>(meta.value.as_ref()?.get()).ok()?.0)
            .unwrap_or(Decimal::ZERO)
    }
}

/// Units paid back, by the line of the order that they belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refunded(BTreeMap<String, Decimal>);

impl Refunded {
    /// Adds up what refunds say. A refund of money alone has no lines.
    pub(crate) fn of(refunds: &[Refund]) -> Self {
        let mut units = BTreeMap::new();
        for line in refunds.iter().flat_map(|refund| &refund.line_items.0) {
            // The line of a refund names the line of the order; its quantity is below zero.
            let item = line.noted("_refunded_item_id");
            let quantity = line.quantity.0.unwrap_or(Decimal::ZERO).abs();
            if item > Decimal::ZERO && quantity > Decimal::ZERO {
                *units.entry(item.normalize().to_string()).or_insert(Decimal::ZERO) += quantity;
            }
        }
        Self(units)
    }

    /// How many units were paid back in all.
    pub(crate) fn units(&self) -> Decimal {
        self.0.values().sum()
    }
}

impl Order {
    /// Whether its refunds must be read for it to be whole.
    pub(crate) fn has_refunds(&self) -> bool {
        !self.refunds.0.is_empty()
    }

    /// Where it stands. A status that a plugin made is judged by what the order itself proves.
    fn state(&self) -> OrderState {
        match self.status.0.strip_prefix("wc-").unwrap_or(&self.status.0) {
            "checkout-draft" | "auto-draft" | "draft" => OrderState::Draft,
            "pending" => OrderState::Pending,
            "processing" | "on-hold" => OrderState::Open,
            "completed" => OrderState::Fulfilled,
            "refunded" => OrderState::Refunded,
            "cancelled" => OrderState::Cancelled,
            "failed" => OrderState::Failed,
            "trash" => OrderState::Removed,
            _ if self.date_completed_gmt.0.is_some() => OrderState::Fulfilled,
            _ if self.date_paid_gmt.0.is_some() || self.takes() => OrderState::Open,
            _ => OrderState::Pending,
        }
    }

    /// Whether it has taken its units and waits for its payment, as by bank transfer: on hold means that
    /// (documentation of order statuses, 2026-11), unless somebody put a paid order on hold.
    fn is_unpaid(&self) -> bool {
        self.status.0.strip_prefix("wc-").unwrap_or(&self.status.0) == "on-hold"
            && self.date_paid_gmt.0.is_none()
    }

    fn takes(&self) -> bool {
        self.line_items.0.iter().any(|line| line.noted("_reduced_stock") > Decimal::ZERO)
    }

    /// The order in the domain's words, with what its refunds say.
    pub(crate) fn with(self, refunded: &Refunded) -> Result<order::Order, Unreadable> {
        let id = self.id.0.clone().ok_or_else(|| Unreadable::lacks("an order", None, "id"))?;
        let lacks = |field| Unreadable::lacks("order", Some(&id), field);
        if self.status.0.is_empty() {
            return Err(lacks("status"));
        }
        let (state, unpaid) = (self.state(), self.is_unpaid());
        let currency = currency(&self.currency.0).ok_or_else(|| lacks("currency"))?;
        let placed_at = self.date_created_gmt.0.or(self.date_modified_gmt.0);
        let placed_at = placed_at.ok_or_else(|| lacks("date_created_gmt"))?;
        let total = self.total.0.ok_or_else(|| lacks("total"))?;
        let (billing, shipping) = (self.billing.0, self.shipping.0);
        let person = |field: fn(&Person) -> Option<String>| {
            billing.as_ref().and_then(field).or_else(|| shipping.as_ref().and_then(field))
        };
        let mut lines = Vec::with_capacity(self.line_items.0.len());
        for line in self.line_items.0 {
            lines.push(line_of(line, refunded, currency).ok_or_else(|| lacks("line_items"))?);
        }
        Ok(order::Order {
            number: self.number.some().unwrap_or_else(|| id.clone()),
            remote: RemoteOrderId::new(id),
            state,
            fence: Fence { updated_at: self.date_modified_gmt.0.unwrap_or(placed_at), revision: 0 },
            placed_at,
            total: Money::new(total, currency),
            tax: money(self.total_tax.0, Some(currency)),
            shipping: money(self.shipping_total.0, Some(currency)),
            discount: money(self.discount_total.0, Some(currency)),
            buyer: Buyer {
                customer: self.customer_id.0.map(RemoteCustomerId::new),
                name: person(Person::name).unwrap_or_default(),
                email: person(Person::email),
                country: person(Person::country),
            },
            lines,
            unpaid,
        })
    }
}

fn line_of(line: Line, refunded: &Refunded, currency: Currency) -> Option<OrderLine> {
    let id = line.id.0.clone()?;
    let product = line.product_id.0.clone();
    let variant = line.variation_id.0.clone().or_else(|| product.clone());
    Some(OrderLine {
        product: product.map(RemoteProductId::new),
        variant: variant.map(RemoteVariantId::new),
        sku: Sku::read(&line.sku.0),
        title: line.name.0.clone(),
        quantity: line.quantity.0.unwrap_or(Decimal::ZERO),
        refunded: refunded.0.get(&id).copied().unwrap_or(Decimal::ZERO),
        // The shop adds up here what refunds put back, and takes the same off `_reduced_stock`.
        restocked: line.noted("_restock_refunded_items"),
        taken: line.noted("_reduced_stock"),
        unit_price: money(decimal(&line.price.0), Some(currency)),
        total: money(line.total.0, Some(currency)),
        remote: id,
    })
}
