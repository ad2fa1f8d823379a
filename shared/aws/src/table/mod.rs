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
use platform::Clock;
use ports::Result;

use crate::late::{Late, late};

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
#[derive(Clone)]
pub struct Table {
    client: Late<Client>,
    name: Arc<str>,
    clock: Option<Arc<dyn Clock>>,
    reading: bool,
}

impl Table {
    /// What a role must allow for this adapter. A transaction needs what its single writes need.
    pub const ACTIONS: &[&str] = &[
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    ];
    /// What a role must allow for this adapter when it only reads.
    pub const READING: &[&str] = &["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];

    /// The table of this name, reached through this client.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self::reached(late(|| client), name)
    }

    /// The table of this name, reached through a client that is made when it is first called.
    pub(crate) fn reached(client: Late<Client>, name: impl Into<String>) -> Self {
        Self { client, name: Arc::from(name.into()), clock: None, reading: false }
    }

    /// The same table, which hides what has expired. DynamoDB takes expired rows out hours or days later;
    /// without a clock they are shown until then.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// The same table for somebody who only reads: writes are refused before they are sent.
    #[must_use]
    pub fn reading(self) -> Self {
        Self { reading: true, ..self }
    }

    /// Refuses a write of somebody who only reads.
    pub(crate) fn may_write(&self, op: &'static str) -> Result<()> {
        if self.reading { Err(refused(op, "this function only reads the table")) } else { Ok(()) }
    }

    /// Now in seconds, if this table knows the time.
    pub(crate) fn now_seconds(&self) -> Option<u64> {
        self.clock.as_ref().and_then(|clock| u64::try_from(clock.now().as_second()).ok())
    }

    /// Whether a row has expired and only waits to be taken out.
    pub(crate) fn has_expired(&self, row: &Row) -> Result<bool> {
        let Some(now) = self.now_seconds() else { return Ok(false) };
        Ok(row.contains_key("expires") && count(row, "expires")? <= now)
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
    }
}
