//! The credentials of our app: one document per hub, used for every shop that let the app in.

use std::collections::BTreeMap;

use platform::{ErrorKind, PlatformError, Result};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// What an app asks for if its owner names no scopes.
pub(crate) const SCOPES: [&str; 9] = [
    "read_products",
    "write_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_orders",
    "read_customers",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
];

/// The document as it is kept: every version that was ever kept must load for ever.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Document {
    /// The first version.
    #[serde(rename = "1")]
    V1(App),
}

/// The credentials of our app.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct App {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// The secret before this one: the platform goes on signing with it until it is revoked.
    #[serde(default)]
    pub(crate) old_client_secret: Option<String>,
    pub(crate) scopes: Vec<String>,
}

impl App {
    /// The app made of fields that its owner gave.
    pub(crate) fn of(fields: &BTreeMap<String, SecretString>) -> Result<Self> {
        let client_id = needed(fields, "client_id")?;
        let client_secret = needed(fields, "client_secret")?;
        let old_client_secret = field(fields, "old_client_secret")?;
        let named = fields.get("scopes").map(|scopes| scopes.expose_secret().to_owned()).unwrap_or_default();
        let mut scopes: Vec<String> = named
            .split([',', ' ', '\n'])
            .map(str::trim)
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect();
        if let Some(odd) = scopes.iter().find(|scope| !is_scope(scope)) {
            let odd: String = odd.chars().take(40).collect();
            return Err(wrong(format!(
                "`{odd}` is no scope; name scopes such as `read_products`, with commas"
            )));
        }
        if scopes.is_empty() {
            scopes = SCOPES.map(str::to_owned).to_vec();
        }
        Ok(Self { client_id, client_secret, old_client_secret, scopes })
    }

    /// Reads the document.
    pub(crate) fn read(document: &SecretString) -> Result<Self> {
        let Document::V1(app) = serde_json::from_str(document.expose_secret()).map_err(|_| {
            PlatformError::new(
                ErrorKind::Rejected,
                "app",
                "the kept credentials of the app cannot be read; give them again",
            )
        })?;
        Ok(app)
    }

    /// The app of a session, which the call cannot do without.
    pub(crate) fn needed(document: Option<&SecretString>, op: &'static str) -> Result<Self> {
        let document = document.ok_or_else(|| {
            PlatformError::new(
                ErrorKind::Rejected,
                op,
                "this hub has no Shopify app yet; give it one, or connect the shop with a token of its own",
            )
        })?;
        Self::read(document)
    }

    /// Writes the document.
    pub(crate) fn write(self) -> Result<SecretString> {
        serde_json::to_string(&Document::V1(self)).map(SecretString::from).map_err(|cause| {
            PlatformError::new(ErrorKind::Unexpected, "app", "the app's credentials cannot be written")
                .because(cause)
        })
    }

    /// The secrets that a signature may have been made with.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        std::iter::once(self.client_secret.as_str()).chain(self.old_client_secret.as_deref()).collect()
    }
}

fn wrong(message: String) -> PlatformError {
    PlatformError::new(ErrorKind::Rejected, "app", message)
}

fn is_scope(text: &str) -> bool {
    (text.starts_with("read_") || text.starts_with("write_"))
        && text.len() < 80
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// A field that may be left out: one word of printable characters.
pub(crate) fn field(fields: &BTreeMap<String, SecretString>, name: &str) -> Result<Option<String>> {
    let text = fields.get(name).map(|field| field.expose_secret().trim().to_owned()).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > 200 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong(format!("`{name}` cannot be right; paste the whole of it, without spaces")));
    }
    Ok(Some(text))
}

fn needed(fields: &BTreeMap<String, SecretString>, name: &str) -> Result<String> {
    field(fields, name)?.ok_or_else(|| {
        wrong(format!("`{name}` is missing; it stands in the Dev Dashboard, in the settings of the app"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, SecretString> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect()
    }

    /// Frozen: this document was kept once and must load for ever.
    const FROZEN: &str = r#"{"v":"1","client_id":"id","client_secret":"new","old_client_secret":"old","scopes":["read_products"]}"#;

    #[test]
    fn the_frozen_document_loads_and_is_written_alike() {
        let app = App::read(&SecretString::from(FROZEN)).unwrap();
        assert_eq!(app.secrets(), ["new", "old"]);
        assert_eq!(app.write().unwrap().expose_secret(), FROZEN);
        assert_eq!(App::read(&SecretString::from("{}")).err().unwrap().kind, ErrorKind::Rejected);
    }

    #[test]
    fn an_app_is_made_of_its_fields() {
        let app = App::of(&fields(&[("client_id", " id "), ("client_secret", "s")])).unwrap();
        assert_eq!((app.client_id.as_str(), app.scopes.len()), ("id", SCOPES.len()));
        let app =
            App::of(&fields(&[("client_id", "id"), ("client_secret", "s"), ("scopes", "read_a, write_b")]));
        assert_eq!(app.unwrap().scopes, ["read_a", "write_b"]);
        for (pairs, named) in [
            (vec![("client_id", "id")], "client_secret"),
            (vec![("client_secret", "s")], "client_id"),
            (vec![("client_id", "a b"), ("client_secret", "s")], "client_id"),
            (vec![("client_id", "a"), ("client_secret", "s"), ("scopes", "all")], "all"),
        ] {
            let error = App::of(&fields(&pairs)).err().unwrap();
            assert_eq!(error.kind, ErrorKind::Rejected);
            assert!(error.message.contains(named), "{}", error.message);
        }
    }
}
