//! The signature over a query string, with which the platform signs what a browser brings.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use platform::{ErrorKind, PlatformError, Result};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// How far the time of a signed request may lie from now, in seconds.
const LATE: i64 = 90;

/// A parameter as it came, and decoded.
struct Param {
    raw: (String, String),
    name: String,
    value: String,
}

/// The parameters of a query string whose signature was right.
#[derive(Debug)]
pub(crate) struct Signed(Vec<(String, String)>);

impl Signed {
    /// A parameter's text.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// HMAC-SHA256.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        // HMAC takes keys of every length.
        Err(_) => Vec::new(),
    }
}

/// Checks a query string's signature against the secrets that are valid now.
pub(crate) fn check(op: &'static str, query: &str, secrets: &[&str]) -> Result<Signed> {
    let wrong = |message: &str| PlatformError::new(ErrorKind::Unauthorized, op, message);
    let mut params = params(query).ok_or_else(|| wrong("the request's query cannot be read"))?;
    let at = params.iter().position(|param| param.name == "hmac").ok_or_else(|| {
        wrong("the request has no signature; begin connecting the store anew, from the shop's admin")
    })?;
    let shown = params.remove(at).value.to_ascii_lowercase();
    params.retain(|param| param.name != "signature");
    let texts = canonical(params.as_slice()).ok_or_else(|| wrong("the request names a parameter twice"))?;
    let mut equal = subtle::Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        for text in &texts {
            let expected = HEXLOWER.encode(&hmac_sha256(secret.as_bytes(), text.as_bytes()));
            equal |= expected.as_bytes().ct_eq(shown.as_bytes());
        }
    }
    if !bool::from(equal) {
        return Err(wrong("the request's signature is wrong; begin connecting the store anew"));
    }
    Ok(Signed(params.into_iter().map(|param| (param.name, param.value)).collect()))
}

/// Refuses a signed request that is too old, or of a clock that is far off.
pub(crate) fn check_time(op: &'static str, signed: &Signed, now: Timestamp) -> Result<()> {
    let said = signed.get("timestamp").and_then(|text| text.parse::<i64>().ok());
    match said {
        Some(at) if at.abs_diff(now.as_second()) <= LATE.unsigned_abs() => Ok(()),
        _ => Err(PlatformError::new(
            ErrorKind::Unauthorized,
            op,
            "the request is too old; begin connecting the store anew, and see that this machine's clock is right",
        )),
    }
}

/// A parameter of a query string, unchecked.
pub(crate) fn unchecked(query: &str, name: &str) -> Option<String> {
    let mut found = params(query)?.into_iter().filter(|param| param.name == name);
    let value = found.next()?.value;
    found.next().is_none().then_some(value)
}

/// The form in which the library for Python signs a query: with few escapes.
pub(crate) fn signed_text(query: &str) -> Option<String> {
    let mut params = params(query)?;
    params.retain(|param| !matches!(param.name.as_str(), "hmac" | "signature"));
    canonical(&params).map(|[_, escaped, _]| escaped)
}

/// What may have been signed: official libraries differ in how they encode, so each of their forms is tried. They
/// also differ in what they sort: the names, or, where few characters are escaped, the whole pairs.
fn canonical(params: &[Param]) -> Option<[String; 3]> {
    let mut groups: Vec<(&str, Vec<&Param>)> = Vec::new();
    for param in params {
        match groups.iter_mut().find(|(name, _)| *name == param.name) {
            Some((name, many)) if name.ends_with("[]") => many.push(param),
            Some(_) => return None,
            None => groups.push((&param.name, vec![param])),
        }
    }
    groups.sort_by(|a, b| a.0.cmp(b.0));
    let pairs = |one: fn(&Param) -> (String, String), name: fn(&str) -> String| -> Vec<String> {
        let pairs = groups.iter().map(|(key, many)| match key.strip_suffix("[]") {
            // A list is signed under its bare name, as a list of quoted texts.
            Some(bare) => {
                let values: Vec<String> = many.iter().map(|param| format!("\"{}\"", one(param).1)).collect();
                format!("{}=[{}]", name(bare), values.join(", "))
            }
            None => {
                many.iter().map(|param| one(param)).map(|(key, value)| format!("{key}={value}")).collect()
            }
        });
        pairs.collect()
    };
    let mut escaped = pairs(|param| (escape_name(&param.name), escape(&param.value)), escape_name);
    escaped.sort();
    Some([
        pairs(|param| param.raw.clone(), str::to_owned).join("&"),
        escaped.join("&"),
        pairs(|param| (encode(&param.name), encode(&param.value)), encode).join("&"),
    ])
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('&', "%26")
}

fn escape_name(text: &str) -> String {
    escape(text).replace('=', "%3D")
}

/// Percent-encodes all but unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn params(query: &str) -> Option<Vec<Param>> {
    let query = query.strip_prefix('?').unwrap_or(query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some(Param {
                raw: (name.to_owned(), value.to_owned()),
                name: decode(name)?,
                value: decode(value)?,
            })
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next()?.to_ascii_uppercase(), rest.next()?.to_ascii_uppercase()];
                *data_encoding::HEXUPPER.decode(&pair).ok()?.first()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs a text as the platform would.
    fn sign(secret: &str, text: &str) -> String {
        HEXLOWER.encode(&hmac_sha256(secret.as_bytes(), text.as_bytes()))
    }

    fn is_right(query: &str, signed: &str) -> bool {
        let query = format!("{query}&hmac={}", sign("quiet", signed));
        check("t", &query, &["loud", "quiet"]).is_ok()
    }

    #[test]
    fn the_platforms_forms_are_known() {
        // As it came, decoded with few escapes, and encoded anew.
        assert!(is_right("shop=a.myshopify.com&code=1", "code=1&shop=a.myshopify.com"));
        assert!(is_right("state=a%20b&code=1", "code=1&state=a%20b"));
        assert!(is_right("state=a%20b&code=1", "code=1&state=a b"));
        assert!(is_right("state=a+b&code=1", "code=1&state=a%20b"));
        assert!(is_right("state=a%26b%25&x%3Dy=1", "state=a%26b%25&x%3Dy=1"));
        assert!(is_right("ids[]=2&ids[]=1&a=b", "a=b&ids=[\"2\", \"1\"]"));
        assert!(is_right("ids%5B%5D=2&ids%5B%5D=1&a=b", "a=b&ids=[\"2\", \"1\"]"));
        assert!(is_right("code=1&signature=old&later=known", "code=1&later=known"));
        // Names are sorted, or the whole pairs.
        assert!(is_right("state=a&state2=b", "state=a&state2=b"));
        assert!(is_right("state=a&state2=b", "state2=b&state=a"));
    }

    #[test]
    fn what_was_changed_is_refused() {
        let hmac = sign("quiet", "code=1&shop=a.myshopify.com");
        for query in [
            format!("code=2&shop=a.myshopify.com&hmac={hmac}"),
            format!("code=1&shop=a.myshopify.com&more=1&hmac={hmac}"),
            format!("code=1&code=1&shop=a.myshopify.com&hmac={hmac}"),
            format!("code=1&shop=a.myshopify.com&hmac={hmac}0"),
            format!("code=1&shop=a.myshopify.com&hmac={hmac}&hmac={hmac}"),
            "code=1&shop=a.myshopify.com".to_owned(),
            format!("code=%zz&hmac={hmac}"),
            String::new(),
        ] {
            assert_eq!(check("t", &query, &["quiet"]).unwrap_err().kind, ErrorKind::Unauthorized, "{query}");
        }
        let right = format!("code=1&shop=a.myshopify.com&hmac={}", hmac.to_uppercase());
        assert!(check("t", &right, &["quiet"]).is_ok());
        assert!(check("t", &right, &["", "loud"]).is_err());
        assert!(check("t", &format!("code=1&hmac={}", sign("", "code=1")), &[""]).is_err());
    }

    #[test]
    fn old_requests_are_refused() {
        let now = Timestamp::from_second(1_795_190_000).unwrap();
        let signed = |at: &str| Signed(vec![("timestamp".to_owned(), at.to_owned())]);
        for at in ["1795190000", "1795189910", "1795190090"] {
            assert!(check_time("t", &signed(at), now).is_ok(), "{at}");
        }
        for at in ["1795189909", "1795190091", "", "now"] {
            assert!(check_time("t", &signed(at), now).is_err(), "{at}");
        }
    }

    #[test]
    fn one_parameter_is_read_alone() {
        assert_eq!(unchecked("a=1&state=x%2Dy", "state").as_deref(), Some("x-y"));
        assert_eq!(unchecked("state=1&state=2", "state"), None);
        assert_eq!(unchecked("a=1", "state"), None);
    }
}
