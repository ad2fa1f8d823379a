//! Customers, as the API answers with them and as deliveries carry them.

use domain::RemoteCustomerId;
use domain::customer;
use jiff::Timestamp;
use serde::Deserialize;

use super::Unreadable;
use super::loose::{Id, Moment};
use super::order::{first_said, full_name};

/// A customer of the API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Graph {
    pub(crate) id: Id,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    updated_at: Moment,
    #[serde(default)]
    default_email_address: Option<Mail>,
    #[serde(default)]
    default_phone_number: Option<Phone>,
    #[serde(default)]
    default_address: Option<GraphAddress>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    #[serde(default)]
    email_address: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Phone {
    #[serde(default)]
    phone_number: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GraphAddress {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    country_code_v2: Option<String>,
}

/// A customer of a delivery.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Rest {
    pub(crate) id: Id,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    updated_at: Moment,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    default_address: Option<RestAddress>,
}

#[derive(Debug, Clone, Deserialize)]
struct RestAddress {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    country_code: Option<String>,
}

/// What a customer says of itself; every word about a person may be missing.
struct Facts {
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    country: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl Facts {
    fn customer(self) -> Result<customer::Customer, Unreadable> {
        let id = self.id.ok_or_else(|| Unreadable::lacks("a customer", None, "id"))?;
        let updated_at = self
            .updated_at
            .or(self.created_at)
            .ok_or_else(|| Unreadable::lacks("customer", Some(&id), "updated_at"))?;
        Ok(customer::Customer {
            remote: RemoteCustomerId::new(id),
            name: self.name.unwrap_or_default(),
            email: self.email,
            phone: self.phone,
            country: self.country,
            registered_at: self.created_at,
            updated_at,
        })
    }
}

impl TryFrom<Graph> for customer::Customer {
    type Error = Unreadable;

    fn try_from(wire: Graph) -> Result<Self, Unreadable> {
        let address = wire.default_address.as_ref();
        Facts {
            id: wire.id.0,
            name: first_said([
                full_name(wire.first_name.as_deref(), wire.last_name.as_deref()),
                address.and_then(|address| address.name.clone()),
            ]),
            email: first_said([wire.default_email_address.and_then(|mail| mail.email_address)]),
            phone: first_said([
                wire.default_phone_number.and_then(|phone| phone.phone_number),
                address.and_then(|address| address.phone.clone()),
            ]),
            country: first_said([address.and_then(|address| address.country_code_v2.clone())]),
            created_at: wire.created_at.0,
            updated_at: wire.updated_at.0,
        }
        .customer()
    }
}

impl TryFrom<Rest> for customer::Customer {
    type Error = Unreadable;

    fn try_from(wire: Rest) -> Result<Self, Unreadable> {
        let address = wire.default_address.as_ref();
        Facts {
            id: wire.id.0,
            name: first_said([
                full_name(wire.first_name.as_deref(), wire.last_name.as_deref()),
                address.and_then(|address| address.name.clone()),
            ]),
            email: first_said([wire.email]),
            phone: first_said([wire.phone, address.and_then(|address| address.phone.clone())]),
            country: first_said([address.and_then(|address| address.country_code.clone())]),
            created_at: wire.created_at.0,
            updated_at: wire.updated_at.0,
        }
        .customer()
    }
}
