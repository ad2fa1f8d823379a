//! Webhooks as the shop lists them.

use serde::Deserialize;

use super::loose::{Id, Text};

/// `GET webhooks`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) status: Text,
    #[serde(default)]
    pub(crate) topic: Text,
    #[serde(default)]
    pub(crate) delivery_url: Text,
}
