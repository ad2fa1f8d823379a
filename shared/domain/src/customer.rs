//! A customer that a shop knows by an account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::RemoteCustomerId;

/// A customer of one shop. Guests are not customers: they stand in their orders.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The platform's id.
    pub remote: RemoteCustomerId,
    /// First and last name.
    pub name: String,
    /// The address the shop writes to.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Country, as ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When the account was made.
    pub registered_at: Option<Timestamp>,
    /// When the platform last changed it.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for Customer {
    /// Names no person: a debug print may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Customer").field("remote", &self.remote).finish_non_exhaustive()
    }
}
