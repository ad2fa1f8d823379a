//! Cursor pagination: `?limit=` and `?after=` in, `items` and `next` out.

use axum::Json;
use axum::http::StatusCode;
use ports::{Ask, Page};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The query of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Cursor {
    limit: Option<String>,
    after: Option<String>,
}

impl Cursor {
    /// What to ask for: 50 records, or as many as asked for up to 200.
    pub(crate) fn ask(self) -> Result<Ask, Problem> {
        let limit = match self.limit.as_deref() {
            None => 50,
            Some(text) => {
                text.parse::<u32>().ok().filter(|limit| (1..=200).contains(limit)).ok_or_else(|| {
                    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "`limit` is a number from 1 to 200")
                })?
            }
        };
        Ok(Ask::after(limit, self.after))
    }
}

/// The answer of a list.
#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    items: Vec<T>,
    next: Option<String>,
}

pub(crate) fn list<T>(page: Page<T>) -> Json<List<T>> {
    Json(List { items: page.items, next: page.next })
}
