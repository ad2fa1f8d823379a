//! Getting tokens: for a code, for a refresh token, and for an app's own id and secret.

use jiff::Timestamp;
use platform::{Ctx, ErrorKind, PlatformError, Response, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::call::{address, post};
use crate::credentials::{Grant, Token};
use crate::read::{Asked, page};
use crate::refusal;
use crate::wire::loose::Number;

/// How long a token lasts that does not say it, though it can be refreshed.
const UNSAID: i64 = 3600;

/// A token as the shop gives it.
#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    expires_in: Number,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    refresh_token_expires_in: Number,
}

/// What the shop says when it gives none.
#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Option<String>,
}

impl Given {
    fn seconds(number: &Number) -> Option<i64> {
        number.whole().and_then(|seconds| i64::try_from(seconds).ok())
    }

    /// A grant of our app.
    pub(crate) fn code(self, now: Timestamp) -> Grant {
        let said = Self::seconds(&self.expires_in);
        let seconds = said.or_else(|| self.refresh_token.is_some().then_some(UNSAID));
        let refresh_expires_at = Self::seconds(&self.refresh_token_expires_in)
            .and_then(|seconds| now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok());
        Grant::Code {
            token: Token::lasting(self.access_token, now, seconds),
            refresh_token: self.refresh_token,
            refresh_expires_at,
        }
    }

    /// A token of a merchant's own app.
    pub(crate) fn client(self, now: Timestamp) -> Token {
        let seconds = Self::seconds(&self.expires_in).unwrap_or(UNSAID);
        Token::lasting(self.access_token, now, Some(seconds))
    }
}

/// The token for a code that the owner's browser brought.
pub(crate) async fn for_code(ctx: &Ctx<'_>, op: &'static str, app: &App, code: &str) -> Result<Given> {
    let body = json!({
        "client_id": app.client_id, "client_secret": app.client_secret, "code": code, "expiring": "1",
    });
    ask(ctx, op, &body, Asking::Code).await
}

/// The next token for a refresh token. The one before stays good until the next one is used: a lost answer is no loss.
pub(crate) async fn refresh(ctx: &Ctx<'_>, op: &'static str, app: &App, token: &str) -> Result<Given> {
    let body = json!({
        "client_id": app.client_id, "client_secret": app.client_secret,
        "grant_type": "refresh_token", "refresh_token": token,
    });
    ask(ctx, op, &body, Asking::Refresh).await
}

/// A token for a merchant's own app.
pub(crate) async fn for_client(ctx: &Ctx<'_>, op: &'static str, id: &str, secret: &str) -> Result<Given> {
    let body = json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": secret });
    ask(ctx, op, &body, Asking::Client).await
}

/// For what a token is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    Code,
    Refresh,
    Client,
}

async fn ask(ctx: &Ctx<'_>, op: &'static str, body: &Value, asking: Asking) -> Result<Given> {
    let url = address(ctx, op, "admin/oauth/access_token")?;
    let asked = Asked { op, writes: false };
    let response = post(ctx, asked, url, body, None).await?;
    given(asked, asking, &response)
}

/// Reads what the shop gives.
pub(crate) fn given(asked: Asked, asking: Asking, response: &Response) -> Result<Given> {
    let status = response.status.as_u16();
    let text = String::from_utf8_lossy(&response.body);
    if response.status.is_success() {
        let given: Given = serde_json::from_str(&text).map_err(|_| page(asked, &text))?;
        return if given.access_token.is_empty() { Err(asked.unreadable("no token")) } else { Ok(given) };
    }
    let refusal = serde_json::from_str::<Refusal>(&text).ok().and_then(|refusal| refusal.error);
    let error = |kind, message: &str| {
        let code = refusal.clone().unwrap_or_else(|| status.to_string());
        PlatformError::new(kind, asked.op, message).code(refusal::shown(&code))
    };
    let wrong_app = refusal.as_deref() == Some("invalid_client");
    match (status, asking) {
        (400 | 401 | 403, Asking::Code) if wrong_app => Err(error(
            ErrorKind::Rejected,
            "the shop does not accept the app's client secret; give the app's credentials anew",
        )),
        (400 | 401 | 403, Asking::Code) => Err(error(
            ErrorKind::Rejected,
            "the shop does not accept the code: it was used or is too old; begin connecting the store anew",
        )),
        (400 | 401 | 403, Asking::Client) => Err(error(
            ErrorKind::Unauthorized,
            "the shop does not accept the app's client id and secret: see that both are right, and that the app is \
             installed in this shop and of the same organisation",
        )),
        (400 | 401 | 403, Asking::Refresh) if wrong_app => Err(error(
            ErrorKind::Unauthorized,
            "the shop does not accept the app's client secret; give the app's credentials anew, then connect the \
             store again",
        )),
        // Every word that was met with a dead refresh token; a page is none of them.
        (400 | 401 | 403, Asking::Refresh) if refusal.is_some() => Err(error(
            ErrorKind::Unauthorized,
            "the shop does not renew the token any more; connect the store again",
        )),
        (400 | 401 | 403, Asking::Refresh) => Err(error(
            ErrorKind::Unavailable,
            "the token could not be renewed now; it is tried again with the same one",
        )),
        _ => Err(refusal::of_status(asked, status, &text)),
    }
}
