//! Long lists a page at a time. A cursor says which list it belongs to, and is refused by every other.

use jiff::Timestamp;
use ports::{Ask, ErrorKind, Page, PortError, Result};

/// A page of records that come with what they are sorted by, in the order of that.
pub(crate) fn page<T>(
    scope: &str,
    mut rows: Vec<(String, T)>,
    newest_first: bool,
    ask: &Ask,
) -> Result<Page<T>> {
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    if newest_first {
        rows.reverse();
    }
    if let Some(after) = after(scope, ask)? {
        rows.retain(|(key, _)| if newest_first { key.as_str() < after } else { key.as_str() > after });
    }
    let limit = usize::try_from(ask.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(key, _)| format!("{scope}\n{key}"));
    Ok(Page { items: rows.into_iter().map(|(_, row)| row).collect(), next })
}

/// What the page before ended with.
pub(crate) fn after<'a>(scope: &str, ask: &'a Ask) -> Result<Option<&'a str>> {
    let Some(cursor) = &ask.after else { return Ok(None) };
    match cursor.split_once('\n') {
        Some((of, key)) if of == scope => Ok(Some(key)),
        _ => Err(PortError::new(ErrorKind::Refused, "page", "the cursor is not one of this list")),
    }
}

/// A time as text that sorts as times do.
pub(crate) fn sorts(at: Timestamp) -> String {
    format!("{:025}", at.as_nanosecond())
}
