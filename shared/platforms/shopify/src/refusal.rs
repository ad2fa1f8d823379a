//! What a shop's refusals mean, and what to do about each.

use std::time::Duration;

use platform::{ErrorKind, PlatformError, Retry};
use serde::Deserialize;

use crate::cost::Cost;
use crate::read::{Asked, GraphError};

/// How long a shop that is closed is left alone.
const CLOSED: Duration = Duration::from_secs(15 * 60);
/// How long a shop is left alone that holds us for an attacker.
const SUSPECTED: Duration = Duration::from_secs(60);

const DEAD: &str = "the shop no longer accepts the token: the app was uninstalled or the token revoked; connect the \
                    store again";
const FROZEN: &str =
    "the shop is frozen: its owner must settle an open bill with Shopify; nothing is lost meanwhile";
const LOCKED: &str =
    "the shop is locked by Shopify; its owner must ask Shopify why; nothing is lost meanwhile";

/// The error of a status that is no success.
pub(crate) fn of_status(asked: Asked, status: u16, text: &str) -> PlatformError {
    let error = |kind, message: &str| PlatformError::new(kind, asked.op, message).code(status.to_string());
    let closed = |message| error(ErrorKind::Unavailable, message).retry(Retry::After(CLOSED));
    let is_page = text.trim_start().starts_with('<');
    match status {
        300..=399 => error(
            ErrorKind::Rejected,
            "the shop sends its callers on to another address; connect the store again with the address that ends in \
             .myshopify.com",
        ),
        401 => error(ErrorKind::Unauthorized, DEAD),
        402 => closed(FROZEN),
        423 => closed(LOCKED),
        403 if is_page => error(
            ErrorKind::Unavailable,
            "something in front of the shop refuses the call; if it goes on, ask Shopify whether this address is \
             blocked",
        ),
        403 => error(
            ErrorKind::Unauthorized,
            "the shop refuses this app: it was closed, or the app may no longer call it; connect the store again",
        ),
        // Never `NotFound`: that would say that a record is gone.
        404 => error(
            ErrorKind::Rejected,
            "there is no shop at this address; it was closed or renamed: connect the store again with the address \
             that ends in .myshopify.com",
        ),
        408 | 500..=599 => error(
            ErrorKind::Unavailable,
            "Shopify answers that it cannot answer now; it is asked again later",
        ),
        429 => error(ErrorKind::RateLimited, "the shop is called too often; the call waits"),
        430 => error(ErrorKind::RateLimited, "Shopify holds the calls for an attack; they wait")
            .retry(Retry::After(SUSPECTED)),
        400 | 406 | 413 | 414 | 415 | 422 => {
            error(ErrorKind::Unexpected, "the shop does not take the call as it is made; report this")
        }
        _ => error(
            ErrorKind::Unexpected,
            "the shop answers with a status that means nothing here; report this",
        ),
    }
}

/// The error of an answer that says what is wrong in its body.
pub(crate) fn of_errors(asked: Asked, errors: &[&GraphError], cost: Option<&Cost>) -> PlatformError {
    let has = |code: &str| errors.iter().find(|error| error.code() == code);
    let made = |kind, code: &str, message: String| PlatformError::new(kind, asked.op, message).code(code);
    if has("THROTTLED").is_some() {
        let wait = cost.map_or(Duration::from_secs(2), Cost::wait_again);
        return made(
            ErrorKind::RateLimited,
            "THROTTLED",
            "the shop is called too often; the call waits".into(),
        )
        .retry(Retry::After(wait));
    }
    if has("MAX_COST_EXCEEDED").is_some() {
        let message = "the call costs more than one call may; it is asked for less at a time".into();
        return made(ErrorKind::Rejected, "MAX_COST_EXCEEDED", message);
    }
    if has("SHOP_INACTIVE").is_some() {
        return made(ErrorKind::Unavailable, "SHOP_INACTIVE", FROZEN.into()).retry(Retry::After(CLOSED));
    }
    if let Some(denied) = has("ACCESS_DENIED") {
        let scopes = scopes_in(&denied.message);
        let what = if scopes.is_empty() { "what it asks for".to_owned() } else { format!("`{scopes}`") };
        let message = format!(
            "the app may not do this in the shop: it lacks {what}; allow it in the app's settings and connect the \
             store again"
        );
        return made(ErrorKind::Rejected, "ACCESS_DENIED", message);
    }
    if errors.iter().any(|error| error.message.contains("Invalid API key or access token")) {
        return made(ErrorKind::Unauthorized, "401", DEAD.into());
    }
    let passing = ["INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"];
    if let Some(code) = passing.iter().find(|code| has(code).is_some()) {
        let message = "Shopify failed at the call; it is asked again later".into();
        let error = made(ErrorKind::Unavailable, code, message);
        return if asked.writes { error.unsure() } else { error };
    }
    let code = errors.iter().map(|error| error.code()).find(|code| !code.is_empty()).unwrap_or("errors");
    let said = errors.first().map(|error| shown(&error.message)).unwrap_or_default();
    let message = format!("the shop does not understand the call ({said}); report this");
    made(ErrorKind::Unexpected, code, message)
}

/// The scopes that a refusal names.
fn scopes_in(message: &str) -> String {
    let is_scope = |word: &&str| {
        (word.starts_with("read_") || word.starts_with("write_"))
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let mut scopes: Vec<&str> =
        message.split(|sign: char| !sign.is_ascii_lowercase() && sign != '_').filter(is_scope).collect();
    scopes.dedup();
    scopes.join("`, `")
}

/// At most 160 characters of the platform's words, without control characters.
pub(crate) fn shown(message: &str) -> String {
    message.chars().filter(|sign| !sign.is_control()).take(160).collect()
}

/// What is wrong with one part of a write that was understood and refused.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UserError {
    #[serde(default)]
    pub(crate) field: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) code: Option<String>,
}

impl UserError {
    /// The platform's word for it.
    pub(crate) fn code(&self) -> &str {
        self.code.as_deref().unwrap_or("")
    }
}

/// Nothing if a write was not refused.
pub(crate) fn accepted(op: &'static str, errors: &[UserError]) -> Result<(), PlatformError> {
    let Some(first) = errors.first() else { return Ok(()) };
    let field = first.field.iter().flatten().next_back().map(|field| format!("`{}`: ", shown(field)));
    let message = format!("the shop refuses: {}{}", field.unwrap_or_default(), shown(&first.message));
    let code = first.code.clone().unwrap_or_else(|| "refused".to_owned());
    Err(PlatformError::new(ErrorKind::Rejected, op, message).code(code))
}
