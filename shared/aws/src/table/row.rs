//! Rows: writing and reading their attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ports::{ErrorKind, PortError, Result};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::corrupt;

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

/// Adds a whole document and the version of its shape to a row.
pub(crate) fn put_document<T: Serialize>(row: &mut Row, value: &T) -> Result<()> {
    row.insert("doc".into(), s(document(value)?));
    row.insert("v".into(), n(1_u64));
    Ok(())
}

/// Reads the document of a row, of any version that was ever written.
pub(crate) fn read_document<T: DeserializeOwned>(row: &Row) -> Result<T> {
    match count(row, "v")? {
        1 => parsed(text(row, "doc")?),
        other => Err(corrupt(format!("its version {other} is newer than this program: update the program"))),
    }
}

/// Reads a text as JSON; the error names no content.
pub(crate) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        corrupt(format!("its document cannot be read ({:?} at column {})", error.classify(), error.column()))
    })
}
