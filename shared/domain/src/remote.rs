//! Names that platforms gave: opaque, told apart by type, normalised inside the platform crate.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! remote {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the platform's own text, as the platform crate normalised it.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The platform's own text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

remote! {
    /// The name of a platform, such as `woocommerce`: a newtype, so that the next platform edits no `match`.
    PlatformSlug;
    /// What a platform calls a shop: its domain, its address, its seller number.
    RemoteShop;
    /// A product in a platform's words.
    RemoteProductId;
    /// A sellable variant (or a product without variants) in a platform's words.
    RemoteVariantId;
    /// What a platform counts, where it names that apart from the variant that sells it.
    RemoteStockId;
    /// A place where a platform keeps stock.
    RemoteLocationId;
    /// An order in a platform's words.
    RemoteOrderId;
    /// A customer in a platform's words.
    RemoteCustomerId;
}
