//! OAuth 1.0a in a few lines of its own, so that the store's check is judged by another writing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use simulators::woocommerce::Keys;

#[expect(clippy::disallowed_methods, reason = "a signature needs the time of now")]
/// Signs a recorded OAuth 1.0a URL anew, with our key and the time of now.
pub fn resign(home: &str, path: &str, keys: &Keys, name: &str) -> String {
    let (route, query) = path.split_once('?').unwrap_or((path, ""));
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let at = if name.contains("stale") { now - 1200 } else { now };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| *key != "oauth_signature")
        .map(|(key, value)| match key {
            "oauth_consumer_key" if !value.contains("nope") => (key.to_owned(), keys.consumer_key.clone()),
            "oauth_timestamp" => (key.to_owned(), at.to_string()),
            _ => (key.to_owned(), value.to_owned()),
        })
        .collect();
    pairs.sort();
    let url = format!("{home}/{route}");
    // The values are percent-encoded already; they are encoded once more in the base string.
    let params: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}%3D{}", value.replace('%', "%25").replace(',', "%252C")))
        .collect();
    let base = format!("GET&{}&{}", url.replace(':', "%3A").replace('/', "%2F"), params.join("%26"));
    let secret = format!("{}&", keys.consumer_secret);
    let signature = if base.contains("HMAC-SHA1") {
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(base.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    } else {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(base.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    };
    let query: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("{url}?{}&oauth_signature={signature}", query.join("&"))
}
