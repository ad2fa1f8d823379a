//! Reading long lists a page at a time: where to go on, and how many records the shop can bear.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use platform::{Ctx, ErrorKind, Extent, PlatformError, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::call::{Call, Shop};
use crate::limits::MOST_PER_PAGE;
use crate::read::{Answer, is_too_much};

/// Sizes to go down to when a page is too much.
const SIZES: [u32; 5] = [50, 25, 10, 5, 1];
/// The longest time for one page with all its tries.
const MOST_SECONDS: i64 = 150;

/// A cursor as it travels: opaque to everyone else, and versioned.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Kept<T> {
    /// The first version.
    #[serde(rename = "1")]
    V1 { at: T },
}

/// Writes a cursor.
pub(crate) fn cursor_text<T: Serialize>(at: T) -> Option<String> {
    let json = serde_json::to_vec(&Kept::V1 { at }).ok()?;
    Some(BASE64URL_NOPAD.encode(&json))
}

/// Reads a cursor; none is the start.
pub(crate) fn cursor_at<T: DeserializeOwned + Default>(op: &'static str, text: Option<&str>) -> Result<T> {
    let Some(text) = text else {
        return Ok(T::default());
    };
    let unreadable =
        || PlatformError::new(ErrorKind::Rejected, op, "the cursor is not one of this shop's; begin anew");
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| unreadable())?;
    let Kept::V1 { at } = serde_json::from_slice(&json).map_err(|_| unreadable())?;
    Ok(at)
}

/// A page of a list, as the shop gave it.
pub(crate) struct Page<T> {
    /// The records.
    pub(crate) rows: Vec<T>,
    /// How many records it stands for, counted as the shop counts: what the key may not see is counted too.
    pub(crate) count: u64,
    /// Where the next page begins; none at the end.
    pub(crate) next: Option<u64>,
    /// How many records the whole list has.
    pub(crate) total: Option<u64>,
    /// The shop's clock.
    pub(crate) shop_time: Option<Timestamp>,
    /// The size that worked.
    pub(crate) size: u32,
}

/// Reads a page of a list from an offset, asking for fewer records when the shop cannot bear so many.
///
/// An offset and not a page number: it stays right when the size changes in the middle of a list.
pub(crate) async fn read_page<T: DeserializeOwned>(
    ctx: &Ctx<'_>,
    shop: &Shop<'_>,
    call: &Call,
    offset: u64,
    size: u32,
) -> Result<Page<T>> {
    let begun = ctx.clock.now().as_second();
    let mut size = size.clamp(1, MOST_PER_PAGE);
    loop {
        let asked = call.clone().with("per_page", size).with("offset", offset);
        let error = match shop.ask(&asked).await {
            Ok(answer) => return page_of(&answer, offset, size),
            Err(error) => error,
        };
        let spent = ctx.clock.now().as_second() - begun;
        // A page that timed out cost a minute: go down by two steps.
        let steps = if error.code.as_deref() == Some("timeout") { 2 } else { 1 };
        let smaller = SIZES.into_iter().filter(|smaller| *smaller < size).take(steps).last();
        match smaller {
            Some(smaller) if is_too_much(&error) && spent < MOST_SECONDS => size = smaller,
            _ => return Err(error),
        }
    }
}

fn page_of<T: DeserializeOwned>(answer: &Answer, offset: u64, size: u32) -> Result<Page<T>> {
    let rows: Vec<T> = answer.shaped()?;
    let seen = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let end = offset.saturating_add(u64::from(size));
    // A short page is no end: records that the key may not see are left out and counted all the same.
    let (count, next) = match answer.total {
        Some(total) => (total.min(end).saturating_sub(offset), (end < total).then_some(end)),
        None => (seen, (seen > 0).then_some(end)),
    };
    Ok(Page { rows, count: count.max(seen), next, total: answer.total, shop_time: answer.shop_time, size })
}

/// The same call for a stretch of a list: everything with the newest first, or what changed after a time.
///
/// What changed is read by ascending id: rows that change meanwhile can then only repeat, never hide.
pub(crate) fn of_extent(call: Call, extent: Extent) -> Call {
    match extent {
        Extent::Full => call.with("orderby", "id").with("order", "desc"),
        Extent::Since(since) => call
            .with("orderby", "id")
            .with("order", "asc")
            .with("modified_after", stamp(since))
            .with("dates_are_gmt", "true"),
    }
}

/// A time as the shop compares it: UTC, whole seconds, no zone.
pub(crate) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_strangers_are_refused() {
        let text = cursor_text(7_u64).unwrap();
        assert_eq!(cursor_at::<u64>("t", Some(&text)).unwrap(), 7);
        assert_eq!(cursor_at::<u64>("t", None).unwrap(), 0);
        assert_eq!(text, "eyJ2IjoiMSIsImF0Ijo3fQ", "frozen: kept cursors must load for ever");
        assert_eq!(cursor_at::<u64>("t", Some("?")).unwrap_err().kind, ErrorKind::Rejected);
    }
}
