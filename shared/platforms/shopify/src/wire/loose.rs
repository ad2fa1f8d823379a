//! Values as they come: ids as numbers, as text or as `gid://`, amounts as text or as numbers, times with an offset.

use std::borrow::Cow;

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The id of a record as its exact digits, without what stands before and after them in a `gid://`; `None` for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) Option<String>);

/// An exact number from a number or a text; `None` for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Option<Decimal>);

/// A moment, written with its offset; `None` for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Option<Timestamp>);

impl Number {
    /// The number without its decimals, if it is not below zero.
    pub(crate) fn whole(&self) -> Option<u64> {
        self.0?.floor().to_u64()
    }
}

/// The global id of a record of a kind.
pub(crate) fn gid(kind: &str, id: &str) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The kind and the digits of a global id.
pub(crate) fn parts(gid: &str) -> Option<(&str, &str)> {
    let (kind, rest) = gid.strip_prefix("gid://")?.split_once('/')?.1.split_once('/')?;
    let digits = rest.split('?').next()?;
    is_digits(digits).then_some((kind, digits))
}

/// Whether a text is the canonical digits of an id.
pub(crate) fn is_digits(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of an id in any of its shapes.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let text = parts(text).map_or(text, |(_, digits)| digits);
    if !is_digits(text) {
        return None;
    }
    let text = text.trim_start_matches('0');
    (!text.is_empty()).then(|| text.to_owned())
}

/// The text of a JSON string, or of a number as it was written; nothing for anything else.
fn words(json: &RawValue) -> Cow<'_, str> {
    let json = json.get();
    if let Some(text) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        // Only what is escaped differs from its text.
        return if text.contains('\\') {
            serde_json::from_str(json).map_or(Cow::Borrowed(""), Cow::Owned)
        } else {
            Cow::Borrowed(text)
        };
    }
    let number = json.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit());
    Cow::Borrowed(if number { json } else { "" })
}

/// Reads a decimal exactly as it was written, exponents included.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = words(&raw);
        if text.trim().is_empty() || text == "0" {
            return Ok(Self(None));
        }
        match digits(&text) {
            Some(digits) => Ok(Self(Some(digits))),
            None => Err(serde::de::Error::custom("an id of digits was expected")),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = words(&raw);
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        match decimal(&text) {
            Some(number) => Ok(Self(Some(number))),
            None => Err(serde::de::Error::custom("a number was expected")),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = words(&raw);
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        match text.trim().parse() {
            Ok(moment) => Ok(Self(Some(moment))),
            Err(_) => Err(serde::de::Error::custom("a date and time with its offset was expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_in_every_shape_and_never_floats() {
        let read = |json: &str| serde_json::from_str::<Id>(json).unwrap().0;
        assert_eq!(read("820982911946154508"), Some("820982911946154508".into()));
        assert_eq!(read("\"820982911946154508\""), Some("820982911946154508".into()));
        assert_eq!(read("\"gid://shopify/Order/820982911946154508\""), Some("820982911946154508".into()));
        assert_eq!(read(r#""gid:\/\/shopify\/Order\/7""#), Some("7".into()));
        assert_eq!(read("\"gid://shopify/InventoryLevel/9?inventory_item_id=8\""), Some("9".into()));
        assert_eq!(read("null"), None);
        assert_eq!(read("0"), None);
        for odd in ["8.2e17", "1.5", "-3", "\"x\"", "\"gid://shopify/Order/x\""] {
            assert!(serde_json::from_str::<Id>(odd).is_err(), "{odd}");
        }
        assert_eq!(parts("gid://shopify/Order/7?x=1"), Some(("Order", "7")));
        assert_eq!(parts("gid://shopify/Order/"), None);
        assert_eq!(parts("Order/7"), None);
    }

    #[test]
    fn numbers_stay_exact() {
        let read = |json: &str| serde_json::from_str::<Number>(json).unwrap().0.map(|n| n.to_string());
        assert_eq!(read("195.66"), Some("195.66".into()));
        assert_eq!(read("\"199.00\""), Some("199.00".into()));
        assert_eq!(read("null"), None);
        assert!(serde_json::from_str::<Number>("\"many\"").is_err());
        assert_eq!(serde_json::from_str::<Number>("\"2000.7\"").unwrap().whole(), Some(2000));
        assert_eq!(serde_json::from_str::<Number>("-3").unwrap().whole(), None);
    }

    #[test]
    fn moments_carry_their_offset() {
        let read = |json: &str| serde_json::from_str::<Moment>(json).unwrap().0.map(|at| at.to_string());
        assert_eq!(read("\"2026-11-20T11:38:15-05:00\""), Some("2026-11-20T16:38:15Z".into()));
        assert_eq!(read("\"2026-11-20T16:38:15Z\""), Some("2026-11-20T16:38:15Z".into()));
        assert_eq!(read("null"), None);
        assert!(serde_json::from_str::<Moment>("\"2026-11-20T11:38:15\"").is_err());
    }
}
