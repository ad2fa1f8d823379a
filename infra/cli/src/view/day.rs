//! A replayed day as the hub answers it.

use jiff::Timestamp;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Replayed {
    pub(crate) until: Option<Timestamp>,
    pub(crate) vouchers: u64,
    pub(crate) lines: u64,
    pub(crate) before_vouchers: u64,
    pub(crate) items: u64,
    pub(crate) orders: u64,
    pub(crate) books: String,
    pub(crate) replay: String,
    pub(crate) same: bool,
    pub(crate) different: u64,
    pub(crate) differences: Vec<Difference>,
}

/// Where the books and what was written again differ.
#[derive(Debug, Deserialize)]
pub(crate) struct Difference {
    pub(crate) sku: Option<String>,
    pub(crate) item: String,
    pub(crate) what: String,
    pub(crate) name: String,
    pub(crate) books: Option<String>,
    pub(crate) replay: Option<String>,
}
