//! Values as PHP shops really send them: numbers as text, text as numbers, nothing as `""`, `[]` or `false`.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text; a number is taken as it was written, anything else is no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

/// An exact number from a number or a text; `None` for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Option<Decimal>);

/// The id of a record as its exact digits; `None` for nothing and for 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) Option<String>);

/// A list; `null`, `""`, `false` and `{}` are empty ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// An object that may be missing, `null`, `""`, `false` or `[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

/// A moment of a `..._gmt` field: UTC, written without a zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Option<Timestamp>);

impl Text {
    /// The text without white space around it; none if nothing remains.
    pub(crate) fn some(&self) -> Option<String> {
        let text = self.0.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Box::<RawValue>::deserialize(deserializer)?.get().to_owned())
}

/// The text of a JSON string, or of a number as it was written.
fn words(json: &str) -> Option<String> {
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    json.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit()).then(|| json.to_owned())
}

/// Reads a decimal exactly as it was written, exponents included.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}

/// Reads `2026-11-20T16:06:41` as UTC; a zone that is written all the same is honoured.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(words(&raw(deserializer)?).unwrap_or_default()))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = words(&raw(deserializer)?).unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        match decimal(&text) {
            Some(number) => Ok(Self(Some(number))),
            None => Err(serde::de::Error::custom("a number was expected")),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = words(&raw(deserializer)?).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() || text.bytes().all(|byte| byte == b'0') {
            return Ok(Self(None));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(Some(text.trim_start_matches('0').to_owned())))
        } else {
            Err(serde::de::Error::custom("an id of digits was expected"))
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = words(&raw(deserializer)?).unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        match moment(&text) {
            Some(moment) => Ok(Self(Some(moment))),
            None => Err(serde::de::Error::custom("a date and time was expected")),
        }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = raw(deserializer)?;
        if json.starts_with('[') {
            return serde_json::from_str(&json).map(Self).map_err(serde::de::Error::custom);
        }
        if json.starts_with('{') {
            // PHP writes a list with a hole in it as an object of numbered members.
            let members: std::collections::BTreeMap<String, T> =
                serde_json::from_str(&json).map_err(serde::de::Error::custom)?;
            return Ok(Self(members.into_values().collect()));
        }
        Ok(Self::default())
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = raw(deserializer)?;
        if json.starts_with('{') {
            return serde_json::from_str(&json).map(|it| Self(Some(it))).map_err(serde::de::Error::custom);
        }
        Ok(Self(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_exact() {
        let read = |json: &str| serde_json::from_str::<Number>(json).unwrap().0.map(|n| n.to_string());
        assert_eq!(read("12.5"), Some("12.5".into()));
        assert_eq!(read("\"12.50\""), Some("12.50".into()));
        assert_eq!(read("8.333333333333333333"), Some("8.333333333333333333".into()));
        assert_eq!(read("1.0e-2"), Some("0.010".into()));
        assert_eq!(read("null"), None);
        assert_eq!(read("\"\""), None);
        assert_eq!(read("[]"), None);
        assert!(serde_json::from_str::<Number>("\"many\"").is_err());
    }

    #[test]
    fn ids_are_digits_and_never_floats() {
        let read = |json: &str| serde_json::from_str::<Id>(json).unwrap().0;
        assert_eq!(read("9007199254740993"), Some("9007199254740993".into()));
        assert_eq!(read("\"007\""), Some("7".into()));
        assert_eq!(read("0"), None);
        assert_eq!(read("null"), None);
        assert!(serde_json::from_str::<Id>("1.5").is_err());
        assert!(serde_json::from_str::<Id>("-3").is_err());
    }

    #[test]
    fn lists_and_objects_may_be_anything_empty() {
        assert_eq!(serde_json::from_str::<List<Id>>("[1,2]").unwrap().0.len(), 2);
        assert_eq!(serde_json::from_str::<List<Id>>("{\"0\":1,\"2\":3}").unwrap().0.len(), 2);
        for empty in ["null", "\"\"", "false", "{}", "[]"] {
            assert!(serde_json::from_str::<List<Id>>(empty).unwrap().0.is_empty(), "{empty}");
        }
        assert_eq!(serde_json::from_str::<Maybe<List<Id>>>("[]").unwrap().0, None);
    }

    #[test]
    fn moments_are_utc() {
        let read = |json: &str| serde_json::from_str::<Moment>(json).unwrap().0.map(|at| at.to_string());
        assert_eq!(read("\"2026-11-20T16:06:41\""), Some("2026-11-20T16:06:41Z".into()));
        assert_eq!(read("\"2026-11-20T16:06:41Z\""), Some("2026-11-20T16:06:41Z".into()));
        assert_eq!(read("null"), None);
        assert!(serde_json::from_str::<Moment>("\"yesterday\"").is_err());
    }
}
