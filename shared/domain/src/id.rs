//! Ids: a prefix that says what they name, and a body that is either time-sortable or derived.
//!
//! An id *made* by us carries its time and ten random bytes, so ids sort as they came. An id *caused*
//! by something is derived from that cause, so the same cause always has the same id and nothing can
//! be booked under two names.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

/// Why a text is not the id it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text starts with another prefix than the id's kind.
    #[error("`{text}` is not an id that starts with `{prefix}`")]
    Prefix {
        /// The text that was read.
        text: String,
        /// The prefix that was expected.
        prefix: &'static str,
    },
    /// The part behind the prefix is not 26 lower-case letters and digits.
    #[error("`{text}` has no 26 lower-case letters and digits behind its prefix")]
    Body {
        /// The text that was read.
        text: String,
    },
}

const BODY: usize = 26;

/// The body of a made id: 48 bits of milliseconds, then 80 bits of randomness, in Crockford's base 32.
fn made(now: Timestamp, random: [u8; 10]) -> String {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let mut bytes = [0_u8; 16];
    for (slot, byte) in bytes.iter_mut().zip(millis.to_be_bytes().into_iter().skip(2).chain(random)) {
        *slot = byte;
    }
    encode(u128::from_be_bytes(bytes))
}

/// The body of a derived id: the first 128 bits of SHA-256 over the parts, each with its length.
fn derived(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(prefix.as_bytes());
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    for (slot, byte) in bytes.iter_mut().zip(digest.iter()) {
        *slot = *byte;
    }
    encode(u128::from_be_bytes(bytes))
}

fn encode(value: u128) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0..BODY)
        .rev()
        .map(|place| {
            let index = usize::try_from((value >> (5 * place)) & 31).unwrap_or(0);
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        })
        .collect()
}

fn check(text: &str, prefix: &'static str) -> Result<(), IdError> {
    let body = text.strip_prefix(prefix).ok_or_else(|| IdError::Prefix { text: shown(text), prefix })?;
    if body.len() == BODY && body.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err(IdError::Body { text: shown(text) })
    }
}

/// At most 40 characters of a foreign text, for an error message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident, $prefix:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The letters every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id that sorts by `now`.
            #[must_use]
            pub fn make(now: Timestamp, random: [u8; 10]) -> Self {
                Self(format!("{}{}", $prefix, made(now, random)))
            }

            /// Derives the id of what `parts` name: the same parts always give the same id.
            #[must_use]
            pub fn derive(parts: &[&str]) -> Self {
                Self(format!("{}{}", $prefix, derived($prefix, parts)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check(text, $prefix)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/// A merchant: every row, message and write belongs to one.
    OrgId, "org_");
id!(/// A shop that has been joined.
    StoreId, "sto_");
id!(/// What is stocked: one SKU of the merchant.
    ItemId, "itm_");
id!(/// One item as listed in one store.
    LinkId, "lnk_");
id!(/// Something a platform told us, derived from its content.
    EventId, "evt_");
id!(/// A piece of lane work, derived from what it is about.
    TaskId, "tsk_");
id!(/// A synchronisation run.
    RunId, "run_");
id!(/// A line of the ledger, derived from its cause.
    EntryId, "ent_");
id!(/// An order, derived from its store and the platform's id.
    OrderId, "ord_");
id!(/// A customer, derived from its store and the platform's id.
    CustomerId, "cus_");
id!(/// Something that a person should look at, derived from what it is about.
    ExceptionId, "exc_");
id!(/// An API key.
    KeyId, "key_");
id!(/// The document behind lines of the ledger, derived from what it documents.
    VoucherId, "vou_");
id!(/// One write of a number to a shop.
    WriteId, "wri_");
id!(/// A place where items lie.
    LocationId, "loc_");

impl LocationId {
    /// The main location of every merchant: it always exists, and all lies there that no other place is named for.
    #[must_use]
    pub fn main() -> Self {
        Self(format!("{}{}", Self::PREFIX, "0".repeat(BODY)))
    }

    /// Whether it is the main location.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.0.strip_prefix(Self::PREFIX).is_some_and(|body| body.bytes().all(|byte| byte == b'0'))
    }
}

impl Default for LocationId {
    fn default() -> Self {
        Self::main()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_sort_by_time() {
        let early = StoreId::make(Timestamp::from_millisecond(1_700_000_000_000).unwrap(), [255; 10]);
        let late = StoreId::make(Timestamp::from_millisecond(1_700_000_000_001).unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_str().len(), 30);
    }

    #[test]
    fn derived_ids_keep_parts_apart() {
        assert_eq!(EventId::derive(&["a", "bc"]), EventId::derive(&["a", "bc"]));
        assert_ne!(EventId::derive(&["a", "bc"]), EventId::derive(&["ab", "c"]));
        assert_ne!(EventId::derive(&["a"]).as_str().get(4..), OrderId::derive(&["a"]).as_str().get(4..));
    }

    #[test]
    fn the_main_location_is_one_id() {
        let main = LocationId::main();
        assert_eq!(main.as_str().parse(), Ok(main.clone()));
        assert!(main.is_main() && !LocationId::derive(&["shelf"]).is_main());
    }

    #[test]
    fn foreign_text_is_refused() {
        let id = ItemId::derive(&["x"]);
        assert_eq!(id.as_str().parse::<ItemId>(), Ok(id.clone()));
        assert!(matches!(id.as_str().parse::<StoreId>(), Err(IdError::Prefix { .. })));
        assert!(matches!("itm_short".parse::<ItemId>(), Err(IdError::Body { .. })));
        assert!(matches!("itm_0000000000000000000000000#".parse::<ItemId>(), Err(IdError::Body { .. })));
        assert!(serde_json::from_str::<ItemId>("\"sto_x\"").is_err());
    }
}
