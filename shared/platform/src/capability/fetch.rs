//! Reading one record afresh.

use async_trait::async_trait;
use domain::event::{About, Event};

use crate::{Ctx, Result};

/// Reading one record afresh.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// The latest state of a record, whole; a record that is not there any more answers with its `...Gone` event.
    async fn fetch(&self, ctx: &Ctx<'_>, about: &About) -> Result<Vec<Event>>;
}
