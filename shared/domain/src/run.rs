//! A synchronisation run: what it reads, how far it is, how it ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{OrgId, RunId, StoreId};

/// What is read from a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// Products, variants, and the stock they show.
    Catalog,
    /// Orders with their refunds.
    Orders,
    /// Customers.
    Customers,
}

impl Stream {
    /// All streams, in the order a full synchronisation reads them.
    pub const ALL: [Self; 3] = [Self::Catalog, Self::Orders, Self::Customers];

    /// The stream's name in keys, paths and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Orders => "orders",
            Self::Customers => "customers",
        }
    }
}

impl std::str::FromStr for Stream {
    type Err = UnknownStream;

    fn from_str(text: &str) -> Result<Self, UnknownStream> {
        Self::ALL.into_iter().find(|stream| stream.as_str() == text).ok_or(UnknownStream)
    }
}

/// The text names no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stream is one of `catalog`, `orders`, `customers`")]
pub struct UnknownStream;

/// How much of a stream a run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Everything, newest first; what is not met any more is gone.
    Full,
    /// What changed since the last reading, with an overlap.
    Incremental,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// It reads, or waits for its turn.
    Running,
    /// All that the store counts was seen.
    Completed,
    /// It could not be finished; its message says why.
    Failed,
    /// Its owner stopped it.
    Cancelled,
}

/// A synchronisation run. Its cursor is its checkpoint: a crash continues there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The merchant.
    pub org: OrgId,
    /// The store that is read.
    pub store: StoreId,
    /// What is read.
    pub stream: Stream,
    /// How much is read.
    pub extent: Extent,
    /// Where it stands.
    pub state: RunState,
    /// Records seen so far.
    pub done: u64,
    /// Records the store says it has, once it said so.
    pub expected: Option<u64>,
    /// Pages asked for so far.
    pub pages: u64,
    /// Where to go on; opaque, the platform's.
    pub cursor: Option<String>,
    /// Only what changed after this, for an incremental run.
    pub since: Option<Timestamp>,
    /// How many times it was begun anew, because the store's count changed under it.
    pub passes: u32,
    /// What to tell a person about its end.
    pub message: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Counts the changes of this record; a change names the version that it read.
    pub version: u64,
}
