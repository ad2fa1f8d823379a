//! A store's credentials, with what connecting found out about it.

use jiff::{SignedDuration, Timestamp};
use platform::{ErrorKind, PlatformError, Result};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// The longest time before its end at which a token is renewed.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

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
    /// How the shop was opened.
    pub(crate) grant: Grant,
    /// What was found out when the shop was called first.
    #[serde(default)]
    pub(crate) found: Option<Found>,
}

/// How the shop was opened.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Grant {
    /// A custom app's token, pasted by the shop's owner: it does not run out.
    Pasted {
        access_token: String,
        /// Signs the shop's deliveries.
        #[serde(default)]
        api_secret: Option<String>,
    },
    /// Our app, allowed in by the owner's browser.
    Code {
        token: Token,
        /// Gets the next token; none for a token that does not run out.
        #[serde(default)]
        refresh_token: Option<String>,
        #[serde(default)]
        refresh_expires_at: Option<Timestamp>,
    },
    /// The merchant's own app, which opens the shop by its own id and secret.
    Client { client_id: String, client_secret: String, token: Option<Token> },
}

/// A token and how long it opens the shop.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) access_token: String,
    /// None for a token that does not run out.
    pub(crate) expires_at: Option<Timestamp>,
    /// When it should be replaced.
    pub(crate) renew_at: Option<Timestamp>,
}

/// What was found out about a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// The shop's number.
    pub(crate) shop: String,
    /// The scopes that were granted.
    pub(crate) scopes: Vec<String>,
    /// The one active location; none if there are several.
    pub(crate) location: Option<String>,
}

impl Token {
    /// A token that opens the shop for so many seconds from now on; none for ever.
    pub(crate) fn lasting(access_token: String, now: Timestamp, seconds: Option<i64>) -> Self {
        let Some(seconds) = seconds else {
            return Self { access_token, expires_at: None, renew_at: None };
        };
        let life = SignedDuration::from_secs(seconds.clamp(0, 400 * 24 * 3600));
        let margin = MARGIN.min(life / 10);
        let expires_at = now.checked_add(life).unwrap_or(now);
        Self { access_token, expires_at: Some(expires_at), renew_at: Some(expires_at - margin) }
    }
}

impl std::fmt::Debug for Credentials {
    /// Shows what was found out, never a token or a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("found", &self.found).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Credentials of a shop that was not called yet.
    pub(crate) fn new(grant: Grant) -> Self {
        Self { grant, found: None }
    }

    /// Reads the document.
    pub(crate) fn read(document: &SecretString) -> Result<Self> {
        let Document::V1(credentials) = serde_json::from_str(document.expose_secret()).map_err(|_| {
            PlatformError::new(
                ErrorKind::Unauthorized,
                "credentials",
                "the kept credentials cannot be read; connect the store again",
            )
        })?;
        Ok(credentials)
    }

    /// Writes the document.
    pub(crate) fn write(self) -> Result<SecretString> {
        serde_json::to_string(&Document::V1(self)).map(SecretString::from).map_err(|cause| {
            PlatformError::new(ErrorKind::Unexpected, "credentials", "the credentials cannot be written")
                .because(cause)
        })
    }

    /// The token that opens the shop.
    pub(crate) fn token(&self) -> Result<&str> {
        let token = match &self.grant {
            Grant::Pasted { access_token, .. } => Some(access_token.as_str()),
            Grant::Code { token, .. } => Some(token.access_token.as_str()),
            Grant::Client { token, .. } => token.as_ref().map(|token| token.access_token.as_str()),
        };
        token.filter(|token| !token.is_empty()).ok_or_else(|| {
            PlatformError::new(
                ErrorKind::Unauthorized,
                "credentials",
                "the store has no token yet; connect the store again",
            )
        })
    }

    /// When the token should be replaced; none if it does not run out.
    pub(crate) fn renew_at(&self) -> Option<Timestamp> {
        match &self.grant {
            Grant::Pasted { .. } => None,
            Grant::Code { token, .. } => token.renew_at,
            Grant::Client { token, .. } => {
                token.as_ref().map_or(Some(Timestamp::UNIX_EPOCH), |token| token.renew_at)
            }
        }
    }

    /// The secret of the store's own app, which signs the shop's deliveries.
    pub(crate) fn own_secret(&self) -> Option<&str> {
        match &self.grant {
            Grant::Pasted { api_secret, .. } => api_secret.as_deref(),
            Grant::Code { .. } => None,
            Grant::Client { client_secret, .. } => Some(client_secret),
        }
    }

    /// Whether a scope was granted; unknown scopes count as granted, the shop itself refuses what it does not allow.
    pub(crate) fn allows(&self, scope: &str) -> bool {
        self.found.as_ref().is_none_or(|found| has_scope(&found.scopes, scope))
    }
}

/// Whether a scope is among those granted: to write is also to read.
pub(crate) fn has_scope(granted: &[String], scope: &str) -> bool {
    let write = scope.strip_prefix("read_").map(|noun| format!("write_{noun}"));
    granted.iter().any(|it| it == scope || write.as_ref() == Some(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: these documents were kept once and must load for ever.
    const FROZEN: [&str; 4] = [
        r#"{"v":"1","grant":{"kind":"pasted","access_token":"shpat_a","api_secret":"s"},"found":{"shop":"7","scopes":["read_products"],"location":"9"}}"#,
        r#"{"v":"1","grant":{"kind":"code","token":{"access_token":"shpat_a","expires_at":"2026-11-21T11:00:00Z","renew_at":"2026-11-21T10:55:00Z"},"refresh_token":"shprt_b","refresh_expires_at":"2027-02-19T10:00:00Z"},"found":null}"#,
        r#"{"v":"1","grant":{"kind":"client","client_id":"c","client_secret":"s","token":null},"found":null}"#,
        r#"{"v":"1","grant":{"kind":"code","token":{"access_token":"shpat_a","expires_at":null,"renew_at":null},"refresh_token":null,"refresh_expires_at":null},"found":null}"#,
    ];

    #[test]
    fn frozen_documents_load_and_are_written_alike() {
        for text in FROZEN {
            let credentials = Credentials::read(&SecretString::from(text)).unwrap();
            assert!(!format!("{credentials:?}").contains("shpat_a"));
            assert_eq!(credentials.write().unwrap().expose_secret(), text);
        }
    }

    #[test]
    fn tokens_are_renewed_before_they_run_out() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let at = |seconds| Token::lasting("t".into(), now, seconds).renew_at.map(|at| at.to_string());
        assert_eq!(at(Some(3600)), Some("2026-11-21T10:55:00Z".into()));
        assert_eq!(at(Some(60)), Some("2026-11-21T10:00:54Z".into()));
        assert_eq!(at(None), None);
        let due = |text: &str| Credentials::read(&SecretString::from(text)).unwrap().renew_at();
        assert_eq!(due(FROZEN[0]), None);
        assert_eq!(due(FROZEN[2]), Some(Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn to_write_is_also_to_read() {
        let granted = ["write_products".to_owned(), "read_orders".to_owned()];
        assert!(has_scope(&granted, "read_products") && has_scope(&granted, "read_orders"));
        assert!(!has_scope(&granted, "write_orders") && !has_scope(&granted, "read_all_orders"));
    }

    #[test]
    fn unreadable_documents_ask_for_a_new_connection() {
        for text in ["", "{}", r#"{"v":"9"}"#] {
            let error = Credentials::read(&SecretString::from(text)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unauthorized);
        }
        let error = Credentials::read(&SecretString::from(FROZEN[2])).unwrap().token().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthorized);
    }
}
