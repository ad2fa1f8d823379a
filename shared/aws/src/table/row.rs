//! Rows: writing and reading their attributes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ports::{ErrorKind, PortError, Result};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::corrupt;

/// Texts of so many bytes are packed. What is shorter fits into the first kilobyte as it is; what is longer than a row
/// may be is refused, however well it would pack.
const PACKED: RangeInclusive<usize> = 700..=400_000;
/// How hard it is tried, from 0 to 10.
const PACKING: u8 = 6;

/// The attributes of a row by name.
pub(crate) type Row = HashMap<String, AttributeValue>;

/// A text.
pub(crate) fn s(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

/// A flag that is set.
pub(crate) fn yes() -> AttributeValue {
    AttributeValue::Bool(true)
}

/// A whole number.
pub(crate) fn n(number: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// Units, exactly: the table adds decimals without rounding.
pub(crate) fn units(number: Decimal) -> AttributeValue {
    AttributeValue::N(number.normalize().to_string())
}

/// A time as text of fixed width, so that texts sort as times do.
pub(crate) fn moment(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// A text that must be there.
pub(crate) fn text<'a>(row: &'a Row, name: &str) -> Result<&'a str> {
    maybe_text(row, name).ok_or_else(|| corrupt(format!("attribute `{name}` is missing")))
}

/// A text that may be there.
pub(crate) fn maybe_text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

/// A count; 0 if it is not there.
pub(crate) fn count(row: &Row, name: &str) -> Result<u64> {
    match row.get(name).map(AttributeValue::as_n) {
        None => Ok(0),
        Some(Ok(digits)) => {
            digits.parse().map_err(|_| corrupt(format!("attribute `{name}` is no whole number")))
        }
        Some(Err(_)) => Err(corrupt(format!("attribute `{name}` is no number"))),
    }
}

/// Units that may be there.
pub(crate) fn decimal(row: &Row, name: &str) -> Result<Option<Decimal>> {
    let Some(value) = row.get(name) else { return Ok(None) };
    let digits = value.as_n().map_err(|_| corrupt(format!("attribute `{name}` is no number")))?;
    digits
        .parse()
        .or_else(|_| Decimal::from_scientific(digits))
        .map(Some)
        .map_err(|_| corrupt(format!("attribute `{name}` is no number of units")))
}

/// Whether a flag is set.
pub(crate) fn flag(row: &Row, name: &str) -> bool {
    row.get(name).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false)
}

/// A time that may be there.
pub(crate) fn maybe_moment(row: &Row, name: &str) -> Result<Option<Timestamp>> {
    maybe_text(row, name)
        .map(|text| text.parse().map_err(|_| corrupt(format!("attribute `{name}` is no time"))))
        .transpose()
}

/// A document as text.
pub(crate) fn document<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| {
        PortError::new(ErrorKind::Refused, "write", "the record has no JSON form").because(error)
    })
}

/// A text as an attribute: packed where that makes it smaller by much. A write is charged by the kilobyte, each time.
fn packed(text: String) -> AttributeValue {
    if !PACKED.contains(&text.len()) {
        return AttributeValue::S(text);
    }
    let packed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), PACKING);
    if packed.len() > text.len() / 4 * 3 {
        AttributeValue::S(text)
    } else {
        AttributeValue::B(Blob::new(packed))
    }
}

/// The text of an attribute, packed or not.
fn unpacked<'a>(row: &'a Row, name: &str) -> Result<Cow<'a, str>> {
    let Some(AttributeValue::B(packed)) = row.get(name) else { return text(row, name).map(Cow::Borrowed) };
    let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(packed.as_ref(), *PACKED.end());
    let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Cow::Owned).ok_or_else(|| corrupt(format!("attribute `{name}` cannot be unpacked")))
}

/// Adds a whole document and the version of its shape to a row.
pub(crate) fn put_document<T: Serialize>(row: &mut Row, value: &T) -> Result<()> {
    row.insert("doc".into(), packed(document(value)?));
    row.insert("v".into(), n(1_u64));
    Ok(())
}

/// Reads the document of a row, of any version that was ever written.
pub(crate) fn read_document<T: DeserializeOwned>(row: &Row) -> Result<T> {
    match count(row, "v")? {
        1 => parsed(&unpacked(row, "doc")?),
        other => Err(corrupt(format!("its version {other} is newer than this program: update the program"))),
    }
}

/// Reads a text as JSON; the error names no content.
pub(crate) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        corrupt(format!("its document cannot be read ({:?} at column {})", error.classify(), error.column()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row_of(value: &str) -> Row {
        let mut row = Row::new();
        put_document(&mut row, &value).unwrap();
        row
    }

    #[test]
    fn documents_come_back_whole_packed_or_not() {
        let order = "{\"line\": 1, \"sku\": \"\u{fc}\u{1f600}\"}, ".repeat(60);
        for text in ["", "short", &order, &"x".repeat(390_000)] {
            assert_eq!(read_document::<String>(&row_of(text)).unwrap(), text);
        }
        let packed = row_of(&order);
        let bytes = packed.get("doc").and_then(|doc| doc.as_b().ok()).map(|blob| blob.as_ref().len());
        assert!(bytes.is_some_and(|bytes| bytes < order.len() / 4), "{bytes:?} of {}", order.len());
        assert!(row_of("short").get("doc").is_some_and(AttributeValue::is_s));
    }

    #[test]
    fn what_is_too_large_stays_too_large() {
        assert!(row_of(&"x".repeat(500_000)).get("doc").is_some_and(AttributeValue::is_s));
    }

    #[test]
    fn what_was_kept_unpacked_is_read_and_what_is_damaged_is_not() {
        let mut row = Row::from([("v".to_owned(), n(1_u64)), ("doc".to_owned(), s("\"kept\""))]);
        assert_eq!(read_document::<String>(&row).unwrap(), "kept");
        row.insert("doc".to_owned(), AttributeValue::B(Blob::new(vec![1, 2, 3])));
        assert_eq!(read_document::<String>(&row).unwrap_err().kind, ErrorKind::Corrupt);
    }
}
