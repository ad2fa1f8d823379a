//! Reading lists a page at a time: where to go on, and how many records one call may ask for.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use platform::{Ask, ErrorKind, PlatformError, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Shop;
use crate::documents::Document;
use crate::limits::MOST_PER_PAGE;
use crate::read::{Answer, Asked};

/// The longest time for one page with all its tries.
const MOST_SECONDS: i64 = 100;

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

/// Reads the cursor of what is asked for; no cursor is the start.
pub(crate) fn cursor_at<T: DeserializeOwned + Default>(op: &'static str, ask: &Ask) -> Result<T> {
    let Some(text) = ask.cursor.as_deref() else {
        return Ok(T::default());
    };
    let unreadable =
        || PlatformError::new(ErrorKind::Rejected, op, "the cursor is not one of this shop's; begin anew");
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| unreadable())?;
    let Kept::V1 { at } = serde_json::from_slice(&json).map_err(|_| unreadable())?;
    Ok(at)
}

/// Where the reading of what changed stands.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed {
    /// The shop's own cursor; none at the start.
    pub(crate) after: Option<String>,
    /// How many records to ask for; 0 if nothing is known yet.
    pub(crate) size: u32,
}

impl Changed {
    /// How many records to ask for: what worked before, or a number that any shop can bear.
    pub(crate) fn size(&self, ask: &Ask, first: u32) -> u32 {
        let size = if self.size == 0 { first } else { self.size };
        size.clamp(1, ask.size.clamp(1, MOST_PER_PAGE))
    }

    /// Where the next page begins, grown or shrunk by what this one cost.
    pub(crate) fn next(ask: &Ask, after: Option<&str>, size: u32, answer: &Answer) -> Option<Self> {
        let most = ask.size.clamp(1, MOST_PER_PAGE);
        let size = answer.cost.map_or(size, |cost| cost.next_size(size, most));
        after.map(|after| Self { after: Some(after.to_owned()), size })
    }
}

/// Asks for a page, and for a smaller one where the shop cannot bear so much.
pub(crate) async fn list(
    shop: &Shop<'_>,
    op: &'static str,
    document: Document,
    size: u32,
    variables: impl Fn(u32) -> Value,
) -> Result<(Answer, u32)> {
    let begun = shop.ctx.clock.now().as_second();
    let mut size = size;
    loop {
        let error = match shop.ask(op, document, variables(size)).await {
            Ok(answer) => return Ok((answer, size)),
            Err(error) => error,
        };
        let late = shop.ctx.clock.now().as_second() - begun > MOST_SECONDS;
        // A page that timed out cost a minute: go down in larger steps.
        let part = if error.code.as_deref() == Some("timeout") { 4 } else { 2 };
        match size {
            2.. if is_too_much(&error) && !late => size = (size / part).max(1),
            _ => return Err(error),
        }
    }
}

#[derive(Deserialize)]
struct Nodes<T> {
    nodes: Vec<Option<T>>,
}

/// Reads records by their global ids, some at a time, in the order given; `None` for those that are gone.
pub(crate) async fn nodes<T: DeserializeOwned>(
    shop: &Shop<'_>,
    op: &'static str,
    document: Document,
    ids: &[String],
    first: u32,
    more: &Value,
) -> Result<Vec<Option<T>>> {
    let mut found = Vec::with_capacity(ids.len());
    let mut size = first;
    let mut rest = ids;
    while !rest.is_empty() {
        let take = |size: u32| usize::try_from(size).unwrap_or(1).clamp(1, rest.len());
        let variables = |size: u32| {
            let mut variables = more.clone();
            if let Some(map) = variables.as_object_mut() {
                map.insert("ids".to_owned(), rest.get(..take(size)).unwrap_or_default().into());
            }
            variables
        };
        let (answer, worked) = list(shop, op, document, size, variables).await?;
        let asked = take(worked);
        let page: Nodes<T> = answer.shaped()?;
        if page.nodes.len() != asked {
            return Err(Asked { op, writes: false }.unreadable("other records than asked for"));
        }
        found.extend(page.nodes);
        rest = rest.get(asked..).unwrap_or_default();
        let asked = u32::try_from(asked).unwrap_or(worked);
        size = answer.cost.map_or(worked, |cost| cost.next_size(asked, MOST_PER_PAGE));
    }
    Ok(found)
}

/// Whether asking for fewer records may help.
fn is_too_much(error: &PlatformError) -> bool {
    const CODES: [&str; 8] =
        ["MAX_COST_EXCEEDED", "TIMEOUT", "timeout", "broken", "too-large", "502", "504", "520"];
    error.code.as_deref().is_some_and(|code| CODES.contains(&code))
}

/// The search for what changed since a time: UTC, in quotes, to the second.
pub(crate) fn changed_since(since: Timestamp) -> String {
    format!("updated_at:>='{}'", since.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

#[cfg(test)]
mod tests {
    use platform::Extent;

    use super::*;

    #[test]
    fn cursors_come_back_and_strangers_are_refused() {
        let ask =
            |cursor: Option<&str>| Ask { extent: Extent::Full, cursor: cursor.map(Into::into), size: 9 };
        assert_eq!(cursor_at::<Changed>("t", &ask(None)).unwrap(), Changed::default());
        // Frozen: kept cursors must load for ever.
        let frozen = "eyJ2IjoiMSIsImF0Ijp7ImFmdGVyIjoieCIsInNpemUiOjh9fQ";
        let at = Changed { after: Some("x".into()), size: 8 };
        assert_eq!(cursor_text(at.clone()).as_deref(), Some(frozen));
        assert_eq!(cursor_at::<Changed>("t", &ask(Some(frozen))).unwrap(), at);
        assert_eq!(at.size(&ask(None), 3), 8);
        assert_eq!(Changed::default().size(&ask(None), 3), 3);
        let error = cursor_at::<Changed>("t", &ask(Some("?"))).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Rejected);
    }

    #[test]
    fn a_search_is_in_utc_and_quoted() {
        let at = "2026-11-20T11:38:15.9-05:00".parse().unwrap();
        assert_eq!(changed_since(at), "updated_at:>='2026-11-20T16:38:15Z'");
    }
}
