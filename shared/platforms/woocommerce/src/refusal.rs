//! What a shop's refusals mean, and what to do about each.

use std::time::Duration;

use platform::{ErrorKind, PlatformError, Retry};

use crate::read::{Asked, Complaint};

const CLOSED: &str = "a plugin closes the shop's REST API; allow `wc/v3` in the security plugin's settings";
const WALL: &str = "a firewall or security plugin in front of the shop refuses the call; ask its host to allow `/wp-json/wc/`";

/// The error of WordPress's own error object.
pub(crate) fn of_complaint(asked: Asked, status: u16, complaint: &Complaint) -> PlatformError {
    let code = complaint.code.0.as_str();
    let said = complaint.message.0.as_str();
    match status {
        401 | 403 => of_denial(asked, status, code, said),
        _ => of_fault(asked, status, code, said).code(code),
    }
}

/// A 401 or 403 with a reason. WooCommerce words them in the site's language: English ones are told apart.
fn of_denial(asked: Asked, status: u16, code: &str, said: &str) -> PlatformError {
    let error = |kind, word: &str, message: &str| PlatformError::new(kind, asked.op, message).code(word);
    if code == "woocommerce_rest_authentication_error" {
        let said = said.to_ascii_lowercase();
        let has = |words: &str| said.contains(words);
        if has("write permission") {
            return error(
                ErrorKind::Rejected,
                "read-only-key",
                "the API key may only read; make a key with Read/Write permission and connect the store with it",
            );
        }
        if has("read permission") {
            return error(
                ErrorKind::Unauthorized,
                "write-only-key",
                "the API key may not read; make a key with Read/Write permission and connect the store with it",
            );
        }
        if has("consumer secret") {
            return error(
                ErrorKind::Unauthorized,
                "wrong-secret",
                "the consumer secret does not belong to the consumer key; make a new key and connect the store again",
            );
        }
        if has("consumer key") {
            return error(
                ErrorKind::Unauthorized,
                "unknown-key",
                "the shop does not know the consumer key; it was removed: make a new key and connect the store again",
            );
        }
        if has("timestamp") {
            return error(
                ErrorKind::Unavailable,
                "clock",
                "the clocks of the shop's server and of this one differ by more than 15 minutes; set them right",
            );
        }
        if has("nonce") {
            return error(ErrorKind::Unavailable, "nonce", "the shop saw the request twice; it is sent anew")
                .retry(Retry::After(Duration::from_secs(2)));
        }
        if has("signature") {
            return error(
                ErrorKind::Unauthorized,
                "signature",
                "the shop computes another signature; the secret is wrong, or a proxy changes the address",
            );
        }
        return error(
            ErrorKind::Unauthorized,
            "authentication",
            "the shop does not accept the API key; make a new key and connect the store again",
        );
    }
    if code.starts_with("woocommerce_rest_cannot_") || code == "woocommerce_rest_forbidden" {
        if status == 403 {
            let kind = if asked.writes { ErrorKind::Rejected } else { ErrorKind::Unauthorized };
            return error(
                kind,
                "no-rights",
                "the user of the API key has no right to do this; make the key as an administrator or shop manager",
            );
        }
        return error(
            ErrorKind::Unauthorized,
            "anonymous",
            "the shop does not see a valid API key: the key was removed, or something before the shop strips it; \
             make a new key and connect the store again",
        );
    }
    error(ErrorKind::Unauthorized, "closed", CLOSED)
}

/// Any other error object.
fn of_fault(asked: Asked, status: u16, code: &str, said: &str) -> PlatformError {
    let error = |kind, message: &str| PlatformError::new(kind, asked.op, message);
    match (status, code) {
        (404, "rest_no_route") => error(
            ErrorKind::Unsupported,
            "the shop's WooCommerce does not have this call; update WooCommerce, and see that it is switched on",
        ),
        (_, "woocommerce_rest_invalid_product_id") => error(
            ErrorKind::Rejected,
            "the shop keeps this record as a variation of a product; read the catalog again",
        ),
        (400 | 404 | 410, code) if is_gone(code) => {
            error(ErrorKind::NotFound, "the shop does not have this record any more; it was deleted")
        }
        (404 | 410, _) => error(ErrorKind::NotFound, "the shop does not have this record"),
        (400 | 409 | 422, "product_invalid_sku" | "woocommerce_rest_product_not_created") => error(
            ErrorKind::Rejected,
            "the shop has another product with this SKU; give one of them another SKU",
        ),
        (400, "rest_invalid_param" | "rest_missing_callback_param") => error(
            ErrorKind::Rejected,
            "the shop refuses a value that it was sent; see its settings and limits",
        ),
        (413, _) => error(ErrorKind::Rejected, "the shop takes fewer rows at once"),
        (429, _) => error(ErrorKind::RateLimited, "the shop's host asks for fewer calls"),
        (408 | 425, _) => error(ErrorKind::Unavailable, "the shop took too long; it is asked again"),
        (405 | 501, _) => error(ErrorKind::Unsupported, "the shop cannot do this to such a record"),
        (503, _) => {
            error(ErrorKind::Unavailable, "the shop is closed for maintenance; it is asked again later")
        }
        (500..=599, "wp_die") if said.contains("database") => {
            error(ErrorKind::Unavailable, "the shop's database does not answer; ask its host")
        }
        (500..=599, _) => error(
            ErrorKind::Unavailable,
            "the shop failed inside (often a plugin); its log stands under WooCommerce, Status, Logs",
        ),
        (400 | 402 | 406 | 409 | 412 | 414 | 415 | 422, _) => {
            error(ErrorKind::Rejected, "the shop refuses what it was sent; its code says why")
        }
        _ => error(ErrorKind::Unexpected, "the shop answered in a way that is not known; see its code"),
    }
}

/// Whether a code says that the record is not there.
fn is_gone(code: &str) -> bool {
    code.ends_with("_invalid_id")
        || matches!(
            code,
            "woocommerce_rest_invalid_order_id" | "rest_post_invalid_id" | "woocommerce_rest_term_invalid"
        )
}

/// The error of an answer that holds no JSON.
pub(crate) fn of_page(asked: Asked, status: u16, body: &str) -> PlatformError {
    let (kind, retry, message) = meaning_of_page(status, body);
    let word = match (status, kind) {
        (200..=299, ErrorKind::Unavailable) => "wait-page".to_owned(),
        (200..=299, _) if begins_json(body) => "cut-off".to_owned(),
        (200..=299, _) => "page".to_owned(),
        (500..=599, _) if beginning(body).contains("database") => "database".to_owned(),
        _ => status.to_string(),
    };
    let error = PlatformError::new(kind, asked.op, message).code(word);
    match retry {
        Some(retry) => error.retry(retry),
        None => error,
    }
}

fn meaning_of_page(status: u16, body: &str) -> (ErrorKind, Option<Retry>, &'static str) {
    let text = beginning(body);
    let has = |words: &str| text.contains(words);
    match status {
        200..=299 if begins_json(body) => (
            ErrorKind::Malformed,
            Some(Retry::Backoff),
            "the shop's answer is cut off; it is asked for less at a time",
        ),
        200..=299 if has("just a moment") || has("challenge") || has("captcha") => (
            ErrorKind::Unavailable,
            None,
            "a bot check stands before the shop; ask its host to let `/wp-json/wc/` pass",
        ),
        200..=299 if has("maintenance") || has("coming soon") => {
            (ErrorKind::Unavailable, None, "the shop is closed for maintenance; it is asked again later")
        }
        200..=299 if has("wp-login") || has("user_login") => (
            ErrorKind::Malformed,
            None,
            "the shop shows a login page instead of its REST API; open `/wp-json/wc/` to callers",
        ),
        200..=299 => (
            ErrorKind::Malformed,
            None,
            "the shop answers with a web page instead of data; see that the address is the shop's and its REST API is on",
        ),
        300..=399 => (
            ErrorKind::Rejected,
            None,
            "the shop sends its callers on to another address; connect it with the address that it shows itself",
        ),
        401 => (
            ErrorKind::Unauthorized,
            None,
            "the shop's server asks for a password of its own; lift it for `/wp-json/wc/`",
        ),
        403 | 405 | 406 | 501 => (ErrorKind::Unavailable, None, WALL),
        404 | 410 => (
            ErrorKind::Unsupported,
            None,
            "there is no REST API at this address; save the shop's permalinks once (Settings, Permalinks), and check the address",
        ),
        413 => (ErrorKind::Rejected, None, "the shop's server takes smaller requests only"),
        429 => (ErrorKind::RateLimited, None, "the shop's host asks for fewer calls"),
        408 | 425 => (ErrorKind::Unavailable, None, "the shop took too long; it is asked again"),
        500..=599 if has("database") => {
            (ErrorKind::Unavailable, None, "the shop's database does not answer; ask its host")
        }
        503 => (ErrorKind::Unavailable, None, "the shop is closed for maintenance; it is asked again later"),
        500..=599 => (ErrorKind::Unavailable, None, "the shop's server fails; it is asked again later"),
        _ => (ErrorKind::Unexpected, None, "the shop answered in a way that is not known; see its status"),
    }
}

/// What a page begins with, in lower case: enough for its title.
fn beginning(body: &str) -> String {
    body.get(..body.floor_char_boundary(4096)).unwrap_or_default().to_ascii_lowercase()
}

/// Whether a body was meant to be JSON.
fn begins_json(body: &str) -> bool {
    body.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}
