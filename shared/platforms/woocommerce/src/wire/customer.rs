//! Customers.

use domain::RemoteCustomerId;
use domain::customer;
use serde::Deserialize;

use super::Unreadable;
use super::loose::{Id, Maybe, Moment, Text};

/// `GET customers/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    id: Id,
    #[serde(default)]
    email: Text,
    #[serde(default)]
    first_name: Text,
    #[serde(default)]
    last_name: Text,
    #[serde(default)]
    pub(crate) date_created_gmt: Moment,
    #[serde(default)]
    date_modified_gmt: Moment,
    #[serde(default)]
    billing: Maybe<Person>,
    #[serde(default)]
    shipping: Maybe<Person>,
}

/// A billing or shipping address.
#[derive(Debug, Deserialize)]
pub(crate) struct Person {
    #[serde(default)]
    first_name: Text,
    #[serde(default)]
    last_name: Text,
    #[serde(default)]
    company: Text,
    #[serde(default)]
    country: Text,
    #[serde(default)]
    email: Text,
    #[serde(default)]
    phone: Text,
}

impl Person {
    /// First and last name, else the company.
    pub(crate) fn name(&self) -> Option<String> {
        full_name(&self.first_name, &self.last_name).or_else(|| self.company.some())
    }

    pub(crate) fn country(&self) -> Option<String> {
        self.country.some()
    }

    pub(crate) fn email(&self) -> Option<String> {
        self.email.some()
    }

    pub(crate) fn phone(&self) -> Option<String> {
        self.phone.some()
    }
}

fn full_name(first: &Text, last: &Text) -> Option<String> {
    let parts: Vec<String> = [first.some(), last.some()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

impl TryFrom<Customer> for customer::Customer {
    type Error = Unreadable;

    fn try_from(wire: Customer) -> Result<Self, Unreadable> {
        let id = wire.id.0.ok_or_else(|| Unreadable::lacks("a customer", None, "id"))?;
        let (billing, shipping) = (wire.billing.0, wire.shipping.0);
        // An account that nobody changed has no date of change.
        let updated_at = wire
            .date_modified_gmt
            .0
            .or(wire.date_created_gmt.0)
            .ok_or_else(|| Unreadable::lacks("customer", Some(&id), "date_modified_gmt"))?;
        let billing = billing.as_ref();
        let shipping = shipping.as_ref();
        Ok(Self {
            remote: RemoteCustomerId::new(id),
            name: full_name(&wire.first_name, &wire.last_name)
                .or_else(|| billing.and_then(Person::name))
                .or_else(|| shipping.and_then(Person::name))
                .unwrap_or_default(),
            email: wire.email.some().or_else(|| billing.and_then(Person::email)),
            phone: billing.and_then(Person::phone).or_else(|| shipping.and_then(Person::phone)),
            country: billing.and_then(Person::country).or_else(|| shipping.and_then(Person::country)),
            registered_at: wire.date_created_gmt.0,
            updated_at,
        })
    }
}
