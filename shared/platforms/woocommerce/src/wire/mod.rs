//! The shop's records as they stand on the wire: private, and turned into the domain's words at once.

pub(crate) mod customer;
pub(crate) mod loose;
pub(crate) mod order;
pub(crate) mod product;
pub(crate) mod site;
pub(crate) mod webhook;

use domain::money::{Currency, Money};
use rust_decimal::Decimal;

/// Why a record could not be understood: the record's kind, its id if it has one, and the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Unreadable {
    /// A record of a kind lacks a field that it cannot do without.
    pub(crate) fn lacks(kind: &str, id: Option<&str>, field: &str) -> Self {
        Self(format!("{kind} {} has no readable `{field}`", id.unwrap_or("without an id")))
    }
}

/// Money in a currency, where both are there.
pub(crate) fn money(amount: Option<Decimal>, currency: Option<Currency>) -> Option<Money> {
    Some(Money::new(amount?, currency?))
}

/// A currency code; made-up ones (points, vouchers) become `XXX`, ISO 4217's word for none.
pub(crate) fn currency(text: &str) -> Option<Currency> {
    let text = text.trim().to_ascii_uppercase();
    if text.is_empty() { None } else { text.parse().or_else(|_| "XXX".parse()).ok() }
}
