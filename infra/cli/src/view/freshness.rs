//! How fresh shops' numbers are, as the hub answers it.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Fresh {
    pub(crate) every_shop: Times,
    #[serde(default)]
    pub(crate) oldest_sale_ms: Option<u64>,
    pub(crate) stores: Vec<OfStore>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Times {
    pub(crate) samples: u64,
    #[serde(default)]
    pub(crate) p50_ms: Option<u64>,
    #[serde(default)]
    pub(crate) p95_ms: Option<u64>,
    #[serde(default)]
    pub(crate) p99_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfStore {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default)]
    pub(crate) oldest_sale_ms: Option<u64>,
    pub(crate) waiting: u64,
}
