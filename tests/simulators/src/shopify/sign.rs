//! Signatures: webhook bodies and the queries that lead back to the app.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn mac(secret: &str, bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length keys an HMAC");
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// base64(HMAC-SHA256(secret, body)).
pub(crate) fn body(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(mac(secret, body))
}

/// Hex of the HMAC over the sorted pairs, joined as a query is, percent and ampersand escaped.
pub(crate) fn query(secret: &str, pairs: &[(String, String)]) -> String {
    let mut rows: Vec<String> = pairs
        .iter()
        .filter(|(key, _)| key != "hmac" && key != "signature")
        .map(|(key, value)| format!("{}={}", escape(key).replace('=', "%3D"), escape(value)))
        .collect();
    rows.sort();
    mac(secret, rows.join("&").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('&', "%26")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn signs_queries_as_the_published_vector_does() {
        let rows = pairs(&[
            ("shop", "some-shop.myshopify.com"),
            ("code", "a94a110d86d2452eb3e2af4cfb8a3828"),
            ("timestamp", "1337178173"),
        ]);
        assert_eq!(query("hush", &rows), "2cb1a277650a659f1b11e92a4a64275b128e037f2c3390e3c8fd2d8721dac9e2");
    }

    #[test]
    fn signs_bodies_as_the_published_unit_test_does() {
        let signature = body("kitties are cute", br#"{"foo": "bar"}"#);
        assert_eq!(signature, "whZTLhA7huY97fFO2wQU8i6CSxBGsM289q1MWkxqp2g=");
    }
}
