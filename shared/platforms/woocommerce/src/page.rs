//! Reading long lists a page at a time: where to go on, and how many records the shop can bear.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use platform::{Ask, Ctx, ErrorKind, Extent, PlatformError, Result};
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
    V1 {
        at: T,
        /// The most records to ask for, where the shop could not bear as many as it was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<u32>,
    },
}

/// Writes a cursor; `most` is what the shop can bear, if that is less than it was asked for.
pub(crate) fn cursor_text<T: Serialize>(at: T, most: Option<u32>) -> Option<String> {
    let json = serde_json::to_vec(&Kept::V1 { at, most }).ok()?;
    Some(BASE64URL_NOPAD.encode(&json))
}

/// Reads the cursor of what is asked for, and how many records to ask for; no cursor is the start.
pub(crate) fn cursor_at<T: DeserializeOwned + Default>(op: &'static str, ask: &Ask) -> Result<(T, u32)> {
    let size = ask.size.clamp(1, MOST_PER_PAGE);
    let Some(text) = ask.cursor.as_deref() else {
        return Ok((T::default(), size));
    };
    let unreadable =
        || PlatformError::new(ErrorKind::Rejected, op, "the cursor is not one of this shop's; begin anew");
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| unreadable())?;
    let Kept::V1 { at, most } = serde_json::from_slice(&json).map_err(|_| unreadable())?;
    Ok((at, most.map_or(size, |most| size.min(most.max(1)))))
}

/// What a cursor keeps of the size that worked: the next page begins with it, or each would time out anew.
pub(crate) fn bearable(ask: &Ask, worked: u32) -> Option<u32> {
    (worked < ask.size.clamp(1, MOST_PER_PAGE)).then_some(worked)
}

/// A page of a list, as the shop gave it.
pub(crate) struct Page<T> {
    /// The records.
    pub(crate) rows: Vec<T>,
    /// How many records it holds.
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
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let end = offset.saturating_add(u64::from(size));
    // A short page is no end: the shop leaves out what the key may not see, and counts it in the total all the same.
    let next = match answer.total {
        Some(total) => (end < total).then_some(end),
        None => (count > 0).then_some(end),
    };
    Ok(Page { rows, count, next, total: answer.total, shop_time: answer.shop_time, size })
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
        let ask =
            |cursor: Option<&str>, size| Ask { extent: Extent::Full, cursor: cursor.map(Into::into), size };
        let read = |cursor, size| cursor_at::<u64>("t", &ask(cursor, size));
        assert_eq!(read(None, 100).unwrap(), (0, 100));
        // Frozen: kept cursors must load for ever.
        let (plain, small) = ("eyJ2IjoiMSIsImF0Ijo3fQ", "eyJ2IjoiMSIsImF0Ijo3LCJtb3N0IjoxMH0");
        assert_eq!(cursor_text(7_u64, None).as_deref(), Some(plain));
        assert_eq!(cursor_text(7_u64, Some(10)).as_deref(), Some(small));
        assert_eq!(read(Some(plain), 500).unwrap(), (7, 100));
        assert_eq!(read(Some(small), 100).unwrap(), (7, 10));
        assert_eq!(read(Some(small), 5).unwrap(), (7, 5));
        assert_eq!(read(Some("?"), 5).unwrap_err().kind, ErrorKind::Rejected);
    }
}
