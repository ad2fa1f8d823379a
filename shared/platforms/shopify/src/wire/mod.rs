//! The shop's records as they stand on the wire: private, and turned into the domain's words at once.
//!
//! Answers of the API and deliveries carry the same records in two shapes (`..._graph` and `..._rest`); what they mean
//! is written once.

pub(crate) mod connection;
pub(crate) mod customer;
pub(crate) mod loose;
pub(crate) mod order;
pub(crate) mod order_graph;
pub(crate) mod order_rest;
pub(crate) mod product;
pub(crate) mod product_graph;
pub(crate) mod product_rest;

use platform::{ErrorKind, PlatformError};

/// Why a record could not be understood: the record's kind, its id if it has one, and the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(String);

impl Unreadable {
    /// A record of a kind lacks a field that it cannot do without.
    pub(crate) fn lacks(kind: &str, id: Option<&str>, field: &str) -> Self {
        Self(format!("{kind} {} has no readable `{field}`", id.unwrap_or("without an id")))
    }

    /// The error of a call that met the record.
    pub(crate) fn error(&self, op: &'static str) -> PlatformError {
        PlatformError::new(ErrorKind::Malformed, op, format!("{self}; report this")).code("shape")
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
