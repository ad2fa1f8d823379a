//! Who calls: key pair in the query, Basic, or OAuth 1.0a, by the store's own rules.

use super::error::RestError;
use super::key::Keys;
use super::store::Store;
use crate::ground::{decode, encode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use std::collections::BTreeMap;

/// What authentication looks at.
pub(crate) struct Knock<'a> {
    pub(crate) method: &'a str,
    /// The full URL without its query.
    pub(crate) url: &'a str,
    /// Query and form pairs, decoded.
    pub(crate) pairs: &'a [(String, String)],
    pub(crate) authorization: Option<&'a str>,
    pub(crate) is_ssl: bool,
}

/// Seconds a timestamp may be off.
const WINDOW: i64 = 15 * 60;

/// The key of a caller; none is an anonymous caller.
pub(crate) fn authenticate(store: &mut Store, knock: &Knock) -> Result<Option<Keys>, RestError> {
    if knock.is_ssl
        && let Some(keys) = plain(store, knock)?
    {
        return Ok(Some(keys));
    }
    oauth(store, knock)
}

/// The method check of the key itself.
pub(crate) fn permit(keys: &Keys, method: &str) -> Result<(), RestError> {
    let (allowed, what) = match method {
        "GET" | "HEAD" => (keys.may_read(), "read"),
        "OPTIONS" => (true, ""),
        _ => (keys.may_write(), "write"),
    };
    if allowed {
        return Ok(());
    }
    let message = format!("The API key provided does not have {what} permissions.");
    Err(RestError::unauthenticated(&message))
}

fn plain(store: &Store, knock: &Knock) -> Result<Option<Keys>, RestError> {
    let of = |name: &str| knock.pairs.iter().rev().find(|pair| pair.0 == name).map(|pair| pair.1.clone());
    let mut pair = (of("consumer_key").unwrap_or_default(), of("consumer_secret").unwrap_or_default());
    if pair.0.is_empty() || pair.1.is_empty() {
        pair = knock.authorization.and_then(basic).unwrap_or_default();
    }
    if pair.0.is_empty() || pair.1.is_empty() {
        return Ok(None);
    }
    match store.keys.get(&pair.0) {
        None => Ok(None),
        Some(keys) if keys.consumer_secret == pair.1 => Ok(Some(keys.clone())),
        Some(_) => Err(RestError::unauthenticated("Consumer secret is invalid.")),
    }
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, coded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

const OAUTH: [&str; 5] =
    ["oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"];

fn oauth(store: &mut Store, knock: &Knock) -> Result<Option<Keys>, RestError> {
    let mut pairs = knock.pairs.to_vec();
    if let Some(header) = knock.authorization.and_then(|header| header.strip_prefix("OAuth ")) {
        for part in header.split(',') {
            if let Some((key, value)) = part.trim().split_once('=') {
                pairs.push((decode(key), decode(value.trim_matches('"'))));
            }
        }
        pairs.retain(|pair| pair.0 != "realm");
    }
    let of = |name: &str| pairs.iter().rev().find(|pair| pair.0 == name).map(|pair| pair.1.clone());
    let missing: Vec<&str> =
        OAUTH.into_iter().filter(|name| of(name).is_none_or(|text| text.is_empty())).collect();
    if missing.len() == OAUTH.len() {
        return Ok(None);
    }
    if !missing.is_empty() {
        let many = if missing.len() == 1 { "" } else { "s" };
        let message = format!("Missing OAuth parameter{many} {}", missing.join(", "));
        return Err(RestError::new(401, "woocommerce_rest_authentication_missing_parameter", message));
    }
    let given = |name: &str| of(name).unwrap_or_default();
    let Some(keys) = store.keys.get(&given("oauth_consumer_key")).cloned() else {
        return Err(RestError::unauthenticated("Consumer key is invalid."));
    };
    let base = base_string(knock.method, knock.url, &pairs);
    let expected = match given("oauth_signature_method").as_str() {
        "HMAC-SHA1" => sha1(&keys.consumer_secret, &base),
        "HMAC-SHA256" => sha256(&keys.consumer_secret, &base),
        _ => return Err(RestError::unauthenticated("Invalid signature - signature method is invalid.")),
    };
    if expected != given("oauth_signature").replace(' ', "+") {
        return Err(RestError::unauthenticated("Invalid signature - provided signature does not match."));
    }
    once(store, &keys, &given("oauth_timestamp"), &given("oauth_nonce"))?;
    Ok(Some(keys))
}

/// Fresh and not seen: one nonce is kept for each second, the later one overwrites.
fn once(store: &mut Store, keys: &Keys, timestamp: &str, nonce: &str) -> Result<(), RestError> {
    let now = store.now();
    let at: i64 = timestamp.parse().unwrap_or(0);
    if at < now - WINDOW || at > now + WINDOW {
        return Err(RestError::unauthenticated("Invalid timestamp."));
    }
    let seen = store.nonces.entry(keys.consumer_key.clone()).or_default();
    if seen.values().any(|used| used == nonce) {
        return Err(RestError::unauthenticated("Invalid nonce - nonce has already been used."));
    }
    seen.insert(at, nonce.to_owned());
    seen.retain(|at, _| *at >= now - WINDOW);
    Ok(())
}

/// `METHOD&url&params`, everything encoded as PHP's `rawurlencode` does.
pub(crate) fn base_string(method: &str, url: &str, pairs: &[(String, String)]) -> String {
    let mut sorted: BTreeMap<String, &str> = BTreeMap::new();
    let mut unnamed: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, value) in pairs.iter().filter(|pair| pair.0 != "oauth_signature") {
        let key = match key.strip_suffix("[]") {
            Some(name) => {
                let at = unnamed.entry(name).or_insert(0);
                *at += 1;
                format!("{name}[{}]", *at - 1)
            }
            None => key.clone(),
        };
        sorted.insert(key, value);
    }
    let twice = |text: &str| encode(text).replace('%', "%25");
    let params: Vec<String> =
        sorted.iter().map(|(key, value)| format!("{}%3D{}", twice(key), twice(value))).collect();
    format!("{method}&{}&{}", encode(url), params.join("%26"))
}

fn sha1(secret: &str, base: &str) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn sha256(secret: &str, base: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(more: &[(&str, &str)]) -> Vec<(String, String)> {
        let fixed = [
            ("oauth_consumer_key", "ck_0123456789abcdef"),
            ("oauth_timestamp", "1700000000"),
            ("oauth_nonce", "deadbeefdeadbeefdeadbeefdeadbeef"),
            ("per_page", "100"),
            ("modified_after", "2026-11-01T00:00:00"),
            ("status", "any"),
        ];
        fixed.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn signs_with_both_methods_as_the_vendors_clients_do() {
        let url = "http://woo.test/wp-json/wc/v3/orders";
        let base = base_string("GET", url, &pairs(&[("oauth_signature_method", "HMAC-SHA256")]));
        assert!(base.starts_with("GET&http%3A%2F%2Fwoo.test%2Fwp-json%2Fwc%2Fv3%2Forders&modified_after%3D2026-11-01T00%253A00%253A00%26oauth_"));
        assert_eq!(sha256("cs_fedcba9876543210", &base), "tbZNDB6EiXrF9IE2e1RgzPS3TGl80jbkzwbPht6b1Ak=");
        let base = base_string("GET", url, &pairs(&[("oauth_signature_method", "HMAC-SHA1")]));
        assert_eq!(sha1("cs_fedcba9876543210", &base), "i/5p/FOxLpMqeWXHA+SEpICecLg=");
    }

    #[test]
    fn unnamed_brackets_are_numbered_before_they_are_sorted() {
        let pairs = vec![("b[]".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())];
        assert!(base_string("GET", "http://x", &pairs).ends_with("&a%3D1%26b%255B0%255D%3D2"));
    }
}
