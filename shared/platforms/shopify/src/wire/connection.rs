//! Lists as the API pages them.

use serde::Deserialize;

/// A page of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection<T> {
    pub(crate) nodes: Vec<T>,
    #[serde(default)]
    pub(crate) page_info: PageEnd,
}

/// Where a page ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageEnd {
    has_next_page: bool,
    #[serde(default)]
    end_cursor: Option<String>,
}

impl PageEnd {
    /// Where to go on; none at the end.
    pub(crate) fn next(&self) -> Option<&str> {
        self.end_cursor.as_deref().filter(|_| self.has_next_page)
    }
}

/// A count that may be only a lower bound.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Count {
    pub(crate) count: u64,
}
