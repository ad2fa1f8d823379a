//! What travels through queues: versioned, so that what is queued today can be read for ever.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::run::Stream;
use crate::{OrgId, PlatformSlug, StoreId};

/// Where the body of a raw message is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// In the message: valid UTF-8.
    Text(String),
    /// In the message, as base64: anything else.
    Base64(String),
    /// In the blob store, under this key.
    Blob(String),
}

impl std::fmt::Debug for Body {
    /// Shows how much there is, never what: bodies hold people's data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Base64(text) => write!(f, "Base64({} characters)", text.len()),
            Self::Blob(key) => write!(f, "Blob({key})"),
        }
    }
}

/// A verified message of a platform, as it came. Made from a `Verified` delivery and from nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    /// The headers that its platform needs to read it, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: Body,
}

/// A platform's message on its way to the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// The merchant.
    pub org: OrgId,
    /// The store that it came from.
    pub store: StoreId,
    /// The platform that can read it.
    pub platform: PlatformSlug,
    /// When it reached us.
    pub received_at: Timestamp,
    /// The message.
    pub raw: Raw,
}

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum Message {
    /// The first version.
    #[serde(rename = "1")]
    V1(MessageV1),
}

/// What a message of the first version says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum MessageV1 {
    /// A platform's message, to be booked.
    Inbox(Inbox),
    /// A store's lane has work that is due.
    Doorbell {
        /// The merchant.
        org: OrgId,
        /// The store.
        store: StoreId,
    },
    /// A schedule says: read what changed.
    Tick {
        /// The merchant.
        org: OrgId,
        /// The store.
        store: StoreId,
        /// The stream.
        stream: Stream,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: these texts were queued once and must load for ever.
    const FROZEN: [&str; 3] = [
        r#"{"v":"1","kind":"inbox","org":"org_00000000000000000000000001","store":"sto_00000000000000000000000001","platform":"woocommerce","received_at":"2026-11-20T10:00:00Z","raw":{"headers":[["x-wc-webhook-topic","order.created"]],"body":{"text":"{\"id\":1}"}}}"#,
        r#"{"v":"1","kind":"doorbell","org":"org_00000000000000000000000001","store":"sto_00000000000000000000000001"}"#,
        r#"{"v":"1","kind":"tick","org":"org_00000000000000000000000001","store":"sto_00000000000000000000000001","stream":"orders"}"#,
    ];

    #[test]
    fn frozen_messages_load_and_are_written_alike() {
        for text in FROZEN {
            let message: Message = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&message).unwrap(), text);
        }
    }

    #[test]
    fn a_debug_print_holds_no_body() {
        let message: Message = serde_json::from_str(FROZEN[0]).unwrap();
        assert!(!format!("{message:?}").contains("\"id\""));
    }
}
