//! Reading long lists a page at a time.

/// How much to read, and after what.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// At most so many records; the adapter may give fewer.
    pub limit: u32,
    /// The `next` of the page before; opaque.
    pub after: Option<String>,
}

impl Ask {
    /// The first page of at most so many records.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }

    /// The page after the one whose `next` is given.
    #[must_use]
    pub fn after(limit: u32, next: Option<String>) -> Self {
        Self { limit, after: next }
    }
}

/// A page of records. An empty page with a `next` is not the end.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page of something else.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
