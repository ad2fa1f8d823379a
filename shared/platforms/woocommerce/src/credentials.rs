//! A store's credentials, with what connecting found out about how it is to be called.

use platform::{Dice, ErrorKind, PlatformError, Result};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// The document as it is kept: every version that was ever kept must load for ever.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Document {
    /// The first version.
    #[serde(rename = "1")]
    V1(Credentials),
}

/// The credentials of a store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// `ck_` and 40 hexadecimal digits.
    pub(crate) consumer_key: String,
    /// `cs_` and 40 hexadecimal digits.
    pub(crate) consumer_secret: String,
    /// What the shop signs its deliveries with: letters and digits only. Empty until it is made.
    #[serde(default)]
    pub(crate) webhook_secret: String,
    /// What the key may do, as the shop said when it made it or as writing showed.
    #[serde(default)]
    pub(crate) permissions: Option<Permissions>,
    /// How the shop is to be called, once it was proved.
    #[serde(default)]
    pub(crate) route: Option<Route>,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Permissions {
    /// Only read.
    Read,
    /// Only write.
    Write,
    /// Both.
    ReadWrite,
}

/// How a request shows whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// The `Authorization` header, over HTTPS.
    Basic,
    /// Key and secret in the query, over HTTPS, where something strips the header.
    Query,
    /// OAuth 1.0a with one leg: over HTTP, and where the shop does not notice that it is on HTTPS.
    Oauth1,
}

/// How a shop is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Route {
    /// The shop's address without a slash at its end.
    pub(crate) address: String,
    /// Whether `/wp-json/` works; else the path goes into `?rest_route=`.
    pub(crate) pretty: bool,
    /// How a request shows whose it is.
    pub(crate) way: Way,
    /// The address that OAuth 1.0a signs: the shop's own idea of its home, with the scheme it believes in.
    pub(crate) signed_home: String,
    /// Whether the shop lists the variations of all products at once (WooCommerce 10.3 and later).
    pub(crate) variations: bool,
}

impl std::fmt::Debug for Credentials {
    /// Shows the way to call, never a key or a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("route", &self.route).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the document.
    pub(crate) fn read(document: &SecretString) -> Result<Self> {
        let unreadable = || {
            PlatformError::new(
                ErrorKind::Unauthorized,
                "credentials",
                "the kept credentials cannot be read; connect the store again",
            )
        };
        let Document::V1(credentials) =
            serde_json::from_str(document.expose_secret()).map_err(|_| unreadable())?;
        if credentials.consumer_key.is_empty() || credentials.consumer_secret.is_empty() {
            return Err(unreadable());
        }
        Ok(credentials)
    }

    /// Writes the document.
    pub(crate) fn write(self) -> Result<SecretString> {
        serde_json::to_string(&Document::V1(self)).map(SecretString::from).map_err(|cause| {
            PlatformError::new(ErrorKind::Unexpected, "credentials", "the credentials cannot be written")
                .because(cause)
        })
    }

    /// The way to call that was proved, or what is most likely for the address.
    pub(crate) fn route(&self, address: &str) -> Route {
        self.route.clone().unwrap_or_else(|| Route::likely(address))
    }
}

impl Route {
    /// What is most likely for an address that nothing is known about.
    pub(crate) fn likely(address: &str) -> Self {
        let address = address.trim_end_matches('/').to_owned();
        let way = if address.starts_with("https://") { Way::Basic } else { Way::Oauth1 };
        Self { signed_home: address.clone(), address, pretty: true, way, variations: true }
    }
}

/// A secret for webhooks: letters and digits only, since the shop decodes HTML entities in it before signing.
pub(crate) fn make_webhook_secret(dice: &dyn Dice) -> String {
    let mut bytes = [0_u8; 32];
    dice.fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: these documents were kept once and must load for ever.
    const FROZEN: [&str; 2] = [
        r#"{"v":"1","consumer_key":"ck_a","consumer_secret":"cs_b"}"#,
        r#"{"v":"1","consumer_key":"ck_a","consumer_secret":"cs_b","webhook_secret":"s","permissions":"read_write","route":{"address":"https://shop.example/x","pretty":false,"way":"oauth1","signed_home":"http://shop.example/x","variations":false}}"#,
    ];

    #[test]
    fn frozen_documents_load() {
        for text in FROZEN {
            let credentials = Credentials::read(&SecretString::from(text)).unwrap();
            assert_eq!(credentials.consumer_key, "ck_a");
        }
        let whole = Credentials::read(&SecretString::from(FROZEN[1])).unwrap();
        assert_eq!(whole.write().unwrap().expose_secret(), FROZEN[1]);
    }

    #[test]
    fn unreadable_documents_ask_for_a_new_connection() {
        for text in ["", "{}", r#"{"v":"9"}"#, r#"{"v":"1","consumer_key":"","consumer_secret":""}"#] {
            let error = Credentials::read(&SecretString::from(text)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unauthorized);
        }
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let credentials = Credentials::read(&SecretString::from(FROZEN[1])).unwrap();
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("ck_a") && !shown.contains("cs_b"), "{shown}");
    }
}
