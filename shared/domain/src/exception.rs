//! What a person should look at: never hidden in a log, always with what to do next.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ExceptionId, OrgId, StoreId};

/// What kind of thing needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionKind {
    /// A variant has no SKU, so it cannot be matched.
    MissingSku,
    /// Two variants of one store have the same SKU.
    DuplicateSku,
    /// A SKU matches in more than one way.
    AmbiguousSku,
    /// Two stores showed different counts when they joined.
    CountDiffers,
    /// An order sells something that matches no item.
    UnmatchedLine,
    /// A message could not be read; while it is about an order, its store's raises are held.
    ParkedEvent,
    /// A shop's number differs from ours and no order explains it; its raises are held.
    Unexplained,
    /// A shop refuses a write.
    WriteRefused,
    /// A synchronisation failed.
    SyncFailed,
    /// A shop's webhooks are missing or were switched off.
    WebhooksMissing,
    /// A shop no longer accepts our credentials.
    StoreHeld,
    /// A shop is set up in a way that keeps stock from being written.
    StoreSetup,
    /// Most numbers of a store that owns its count fell to zero together; the books did not follow.
    FellToZero,
    /// Too many numbers of a store would be raised within a while; its raises are held.
    RaisesHeld,
    /// An order has stood unpaid for long and its shop leaves it open; its units stay set aside.
    UnpaidOrder,
}

/// Something that a person should look at. Its id is derived from what it is about, so it opens once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Derived from kind and subject.
    pub id: ExceptionId,
    /// The merchant.
    pub org: OrgId,
    /// The store, if it is about one.
    pub store: Option<StoreId>,
    /// What kind it is.
    pub kind: ExceptionKind,
    /// What it is about: a variant, an order, an event.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub advice: String,
    /// Facts that help to decide.
    pub facts: BTreeMap<String, String>,
    /// When it was first seen.
    pub opened_at: Timestamp,
    /// When it was settled.
    pub resolved_at: Option<Timestamp>,
}

impl Exception {
    /// The id of an exception of a kind about a subject.
    #[must_use]
    pub fn id_of(org: &OrgId, kind: ExceptionKind, store: Option<&StoreId>, subject: &str) -> ExceptionId {
        let store = store.map_or("", StoreId::as_str);
        ExceptionId::derive(&[org.as_str(), &format!("{kind:?}"), store, subject])
    }
}
