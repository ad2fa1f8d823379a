//! Locations: the places where a merchant's items lie.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::LocationId;

/// A place where items lie: a shop floor, a warehouse, a shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// What people call it.
    pub name: String,
    /// When it was first named.
    pub created_at: Timestamp,
}

impl Location {
    /// What the main location is called until somebody gives it another name.
    pub const MAIN: &str = "Main";

    /// The main location of a merchant that has not named it.
    #[must_use]
    pub fn main() -> Self {
        Self { id: LocationId::main(), name: Self::MAIN.to_owned(), created_at: Timestamp::UNIX_EPOCH }
    }
}
