//! The table: how rows are named, read and written.

mod batch;
mod create;
mod cursor;
mod error;
pub(crate) mod key;
mod pause;
mod query;
mod row;
mod single;
mod transaction;
mod write;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

pub(crate) use error::{corrupt, refused};
pub(crate) use key::Key;
pub(crate) use pause::{Pause, nonce};
pub(crate) use query::Query;
pub(crate) use row::{
    Row, count, decimal, document, flag, maybe_moment, maybe_text, moment, n, parsed, put_document,
    read_document, s, text, units, yes,
};
pub(crate) use single::Took;
pub(crate) use transaction::{All, MOST_ACTIONS, MOST_BYTES};
pub(crate) use write::Write;

/// One DynamoDB table that holds everything but secrets, queues and large bodies.
///
/// It implements every port over state. Cloning it is cheap; clones share one client.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
}

impl Table {
    /// The table of this name, reached through this client.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: Arc::from(name.into()) }
    }
}
