//! What items are made of as the hub answers it.

use serde::Deserialize;

use super::Number;

#[derive(Debug, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) sku: String,
    pub(crate) parts: Vec<PartView>,
    pub(crate) available: Number,
    pub(crate) used_in: Vec<UsedIn>,
}

/// A part of a bundle, with what there is of it.
#[derive(Debug, Deserialize)]
pub(crate) struct PartView {
    pub(crate) sku: String,
    pub(crate) title: String,
    pub(crate) units: Number,
    pub(crate) available: Number,
    pub(crate) enough_for: Number,
}

/// A bundle that an item is a part of.
#[derive(Debug, Deserialize)]
pub(crate) struct UsedIn {
    pub(crate) sku: String,
    pub(crate) units: Number,
}
