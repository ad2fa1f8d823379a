//! OAuth 1.0a with one leg, as WooCommerce checks it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha1::Sha1;
use sha2::Sha256;

/// The hash that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// What we send.
    Sha256,
    /// What older clients send.
    Sha1,
}

impl Hash {
    /// The name in `oauth_signature_method`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "HMAC-SHA256",
            Self::Sha1 => "HMAC-SHA1",
        }
    }

    /// The hash with a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha1].into_iter().find(|hash| hash.name() == name)
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters, as PHP's `rawurlencode` does.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The parameters in the order that is signed: by the bytes of the encoded name up to a bracket, and bracketed
/// ones of one name as they were given (the shop sorts only the outermost names of what PHP parsed).
pub(crate) fn sorted(params: &[(String, String)]) -> Vec<(String, String)> {
    let mut sorted = params.to_vec();
    sorted.sort_by_key(|(name, _)| encode(name.split('[').next().unwrap_or(name)));
    sorted
}

/// The text that is signed.
pub(crate) fn base_string(method: &str, address: &str, params: &[(String, String)]) -> String {
    let joined: Vec<String> = sorted(params)
        .iter()
        .map(|(name, value)| {
            let (name, value) = (encode(name), encode(value));
            format!("{}%3D{}", name.replace('%', "%25"), value.replace('%', "%25"))
        })
        .collect();
    format!("{}&{}&{}", method.to_ascii_uppercase(), encode(address), joined.join("%26"))
}

/// The signature of a text, in base 64.
pub(crate) fn sign(hash: Hash, consumer_secret: &str, text: &str) -> String {
    let key = format!("{consumer_secret}&");
    let bytes = match hash {
        Hash::Sha256 => hmac_of::<Hmac<Sha256>>(key.as_bytes(), text.as_bytes()),
        Hash::Sha1 => hmac_of::<Hmac<Sha1>>(key.as_bytes(), text.as_bytes()),
    };
    STANDARD.encode(bytes)
}

/// The keyed hash of a message; a key of any length is one.
pub(crate) fn hmac_of<M: hmac::Mac + hmac::KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    match <M as hmac::KeyInit>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

/// HMAC-SHA256, for webhooks.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac_of::<Hmac<Sha256>>(key, message)
}

/// What a signed request is made of.
pub(crate) struct Signing<'a> {
    /// The method that is sent.
    pub(crate) method: &'a str,
    /// The address as the shop believes it is, without a query.
    pub(crate) address: &'a str,
    /// `ck_...`
    pub(crate) consumer_key: &'a str,
    /// `cs_...`
    pub(crate) consumer_secret: &'a str,
    /// Used once.
    pub(crate) nonce: &'a str,
    /// Seconds since 1970.
    pub(crate) timestamp: i64,
}

impl Signing<'_> {
    /// All parameters to be sent, the signature last. There is no `oauth_version`: the shop would refuse it.
    pub(crate) fn params(&self, query: &[(String, String)]) -> Vec<(String, String)> {
        let mut params = query.to_vec();
        let own = [
            ("oauth_consumer_key", self.consumer_key.to_owned()),
            ("oauth_nonce", self.nonce.to_owned()),
            ("oauth_signature_method", Hash::Sha256.name().to_owned()),
            ("oauth_timestamp", self.timestamp.to_string()),
        ];
        params.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let mut params = sorted(&params);
        let text = base_string(self.method, self.address, &params);
        params.push(("oauth_signature".to_owned(), sign(Hash::Sha256, self.consumer_secret, &text)));
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn published_vectors_hold() {
        let table = [
            (Hash::Sha256, "tbZNDB6EiXrF9IE2e1RgzPS3TGl80jbkzwbPht6b1Ak="),
            (Hash::Sha1, "i/5p/FOxLpMqeWXHA+SEpICecLg="),
        ];
        for (hash, expected) in table {
            let params = pairs(&[
                ("oauth_consumer_key", "ck_0123456789abcdef"),
                ("oauth_timestamp", "1700000000"),
                ("oauth_nonce", "deadbeefdeadbeefdeadbeefdeadbeef"),
                ("oauth_signature_method", hash.name()),
                ("per_page", "100"),
                ("modified_after", "2026-11-01T00:00:00"),
                ("status", "any"),
            ]);
            let text = base_string("get", "http://woo.test/wp-json/wc/v3/orders", &params);
            assert!(
                text.contains("&modified_after%3D2026-11-01T00%253A00%253A00%26oauth_consumer_key"),
                "{text}"
            );
            assert_eq!(sign(hash, "cs_fedcba9876543210", &text), expected);
        }
    }

    #[test]
    fn the_request_signs_itself_like_the_vector() {
        let signing = Signing {
            method: "GET",
            address: "http://woo.test/wp-json/wc/v3/orders",
            consumer_key: "ck_0123456789abcdef",
            consumer_secret: "cs_fedcba9876543210",
            nonce: "deadbeefdeadbeefdeadbeefdeadbeef",
            timestamp: 1_700_000_000,
        };
        let query =
            pairs(&[("per_page", "100"), ("modified_after", "2026-11-01T00:00:00"), ("status", "any")]);
        let params = signing.params(&query);
        let (name, value) = params.last().unwrap();
        assert_eq!(
            (name.as_str(), value.as_str()),
            ("oauth_signature", "tbZNDB6EiXrF9IE2e1RgzPS3TGl80jbkzwbPht6b1Ak=")
        );
        assert!(params.iter().all(|(name, _)| name != "oauth_version"));
    }

    #[test]
    fn names_sort_by_bytes_and_brackets_stay() {
        let order = |names: &[&str]| -> Vec<String> {
            let params: Vec<_> = names.iter().map(|name| ((*name).to_owned(), String::new())).collect();
            sorted(&params).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(order(&["a1", "b[c]", "b[a]", "b[b]", "a2"]), ["a1", "a2", "b[c]", "b[a]", "b[b]"]);
        assert_eq!(order(&["a", "b[c]", "b[a]", "b[b]", "c"]), ["a", "b[c]", "b[a]", "b[b]", "c"]);
        assert_eq!(order(&["per_page", "_fields", "Page"]), ["Page", "_fields", "per_page"]);
    }

    #[test]
    fn values_are_encoded_twice_in_the_base_string() {
        let params = pairs(&[("search", "Café & \"x\"")]);
        assert_eq!(
            base_string("GET", "http://h/x", &params),
            "GET&http%3A%2F%2Fh%2Fx&search%3DCaf%25C3%25A9%2520%2526%2520%2522x%2522"
        );
    }
}
