//! Cuts rows into pages with opaque cursors.

use super::thing::{Call, Fail, Page, Row};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// The most rows of one page.
const LARGEST: i64 = 250;
/// Variants of one product may come all at once.
pub(crate) const LARGEST_OF_ONE: i64 = 2_048;
/// Pages of a list end here.
const DEEPEST: usize = 25_000;

/// The opaque place of a row.
pub(crate) fn cursor(row: &Row) -> String {
    STANDARD.encode(json!({"last_id": row.id, "last_value": row.key.text()}).to_string())
}

fn place(rows: &[Row], cursor: &str, reverse: bool) -> Option<Result<usize, usize>> {
    let bytes = STANDARD.decode(cursor).ok()?;
    let told: Json = serde_json::from_slice(&bytes).ok()?;
    let id = told["last_id"].as_u64()?;
    if let Some(at) = rows.iter().position(|row| row.id == id) {
        return Some(Ok(at));
    }
    // The row is gone: the place where it would be.
    let value = told["last_value"].as_str()?.to_owned();
    let before = |row: &Row| {
        let ordering = match &row.key {
            super::thing::Key::Number(number) => number.cmp(&value.parse().unwrap_or(0)),
            super::thing::Key::Text(text) => text.as_str().cmp(&value),
        };
        let ordering = ordering.then(row.id.cmp(&id));
        if reverse { ordering.is_gt() } else { ordering.is_lt() }
    };
    Some(Err(rows.partition_point(before)))
}

/// The page that was asked for.
pub(crate) fn page(mut rows: Vec<Row>, call: &Call<'_>, largest: i64) -> Result<Page, Fail> {
    let largest = largest.max(LARGEST);
    let reverse = call.flag("reverse");
    if reverse {
        rows.reverse();
    }
    let invalid = |name: &str| {
        Fail::new("BAD_REQUEST", format!("Invalid cursor for current pagination sort. ({name})"))
    };
    let (mut start, mut end) = (0, rows.len());
    if let Some(after) = call.text("after") {
        start = match place(&rows, after, reverse).ok_or_else(|| invalid("after"))? {
            Ok(at) => at + 1,
            Err(at) => at,
        };
    }
    if let Some(before) = call.text("before") {
        end = match place(&rows, before, reverse).ok_or_else(|| invalid("before"))? {
            Ok(at) | Err(at) => at,
        };
    }
    let (first, last) = (call.whole("first"), call.whole("last"));
    let size = match (first, last) {
        (None, None) => return Err(Fail::new("BAD_REQUEST", "you must provide one of first or last")),
        (Some(_), Some(_)) => {
            return Err(Fail::new("BAD_REQUEST", "providing both first and last is not supported"));
        }
        (Some(size), None) | (None, Some(size)) => size,
    };
    if size < 0 || size > largest {
        let name = if first.is_some() { "first" } else { "last" };
        return Err(Fail::new(
            "BAD_REQUEST",
            format!("{name} must be between 0 and {largest}, {size} was given"),
        ));
    }
    if start > DEEPEST {
        return Err(Fail::new(
            "BAD_REQUEST",
            format!("cannot go past {DEEPEST} objects; use a bulk operation"),
        ));
    }
    let end = end.max(start);
    let (from, to) = match first {
        Some(size) => (start, end.min(start + size as usize)),
        None => (end.saturating_sub(size as usize).max(start), end),
    };
    let (next, previous) = (to < rows.len(), from > 0);
    let rows = rows.drain(from..to).collect();
    Ok(Page { rows, next, previous })
}

#[cfg(test)]
mod tests {
    use super::super::thing::Thing;
    use super::*;
    use serde_json::Map;

    fn cut(args: Json) -> (Vec<u64>, bool, bool) {
        let rows = (1..=5).map(|id| Row::new(id * 10, Thing::Product(id))).collect();
        let args: Map<String, Json> = args.as_object().unwrap().clone();
        let page = page(rows, &Call { field: "x", args: &args }, 0).unwrap();
        (page.rows.iter().map(|row| row.id).collect(), page.next, page.previous)
    }

    #[test]
    fn pages_go_both_ways() {
        let at = |id: u64| cursor(&Row::new(id, Thing::Shop));
        assert_eq!(cut(json!({"first": 2})), (vec![10, 20], true, false));
        assert_eq!(cut(json!({"first": 9, "after": at(30)})), (vec![40, 50], false, true));
        assert_eq!(cut(json!({"last": 2})), (vec![40, 50], false, true));
        assert_eq!(cut(json!({"last": 1, "before": at(20)})), (vec![10], true, false));
        assert_eq!(cut(json!({"first": 2, "reverse": true})), (vec![50, 40], true, false));
    }

    #[test]
    fn a_cursor_of_a_deleted_row_still_has_a_place() {
        let gone = cursor(&Row::new(25, Thing::Shop));
        assert_eq!(cut(json!({"first": 1, "after": gone})).0, [30]);
        assert_eq!(cut(json!({"first": 1, "after": gone, "reverse": true})).0, [20]);
    }
}
