//! Registered customers; a guest is only an order's billing address.

use super::clock::Seconds;
use super::json::Object;
use super::product::Meta;
use serde_json::{Value, json};

/// A registered customer.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) id: u64,
    pub(crate) created: Seconds,
    pub(crate) modified: Option<Seconds>,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) username: String,
    pub(crate) role: String,
    pub(crate) billing: Object,
    pub(crate) shipping: Object,
    pub(crate) paying: bool,
    pub(crate) meta: Vec<Meta>,
}

const ORDER_ADDRESS: [&str; 11] = [
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "state",
    "postcode",
    "country",
    "email",
    "phone",
];

const CUSTOMER_ADDRESS: [&str; 11] = [
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "postcode",
    "country",
    "state",
    "email",
    "phone",
];

/// An order's address with every field present.
pub(crate) fn order_address(given: Option<&Value>, with_email: bool) -> Object {
    address(&ORDER_ADDRESS, given, with_email)
}

/// A customer's address with every field present.
pub(crate) fn customer_address(given: Option<&Value>, with_email: bool) -> Object {
    address(&CUSTOMER_ADDRESS, given, with_email)
}

fn address(fields: &[&str], given: Option<&Value>, with_email: bool) -> Object {
    fields
        .iter()
        .filter(|field| with_email || **field != "email")
        .map(|field| {
            let value = given.and_then(|given| given.get(*field)).map(super::json::text);
            ((*field).to_owned(), json!(value.unwrap_or_default()))
        })
        .collect()
}

/// Overwrites the fields given.
pub(crate) fn amend_address(address: &mut Object, given: &Value) {
    for (field, value) in address.iter_mut() {
        if let Some(new) = given.get(field.as_str()) {
            *value = super::json::text(new).into();
        }
    }
}
