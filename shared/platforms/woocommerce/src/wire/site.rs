//! The index of the REST API, and the settings that matter.

use serde::Deserialize;

use super::loose::{List, Number, Text};

/// `GET /wp-json/`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Index {
    #[serde(default)]
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) url: Text,
    #[serde(default)]
    pub(crate) home: Text,
    #[serde(default)]
    pub(crate) gmt_offset: Number,
    #[serde(default)]
    pub(crate) timezone_string: Text,
    #[serde(default)]
    pub(crate) namespaces: List<Text>,
}

impl Index {
    /// The shop's time zone as it states it: a name, or its offset from UTC.
    pub(crate) fn zone(&self) -> Option<String> {
        self.timezone_string.some().or_else(|| {
            let offset = self.gmt_offset.0?;
            Some(if offset.is_sign_negative() { format!("UTC{offset}") } else { format!("UTC+{offset}") })
        })
    }

    /// Whether WooCommerce's third REST API is there.
    pub(crate) fn has_woocommerce(&self) -> bool {
        self.namespaces.0.iter().any(|name| name.0 == "wc/v3")
    }

    /// Whether this is an index at all.
    pub(crate) fn is_one(&self) -> bool {
        !self.namespaces.0.is_empty()
    }
}

/// `GET settings/{group}/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Setting {
    #[serde(default)]
    pub(crate) id: Text,
    #[serde(default)]
    pub(crate) value: Text,
}

/// `GET data/currencies/current`.
#[derive(Debug, Deserialize)]
pub(crate) struct CurrentCurrency {
    pub(crate) code: Text,
}
