//! What workers of a world are busy with.

use domain::bundle::Part;
use domain::message::Inbox;
use domain::run::Stream;
use domain::store::Store;
use domain::{ExceptionId, ItemId, LinkId, OrgId, StoreId};
use hub::settle::Right;

/// What a worker is busy with.
#[derive(Debug, Clone)]
pub enum Job {
    /// Taking a delivery: the shop's place and the name of what it tells.
    Receive(usize, u64),
    /// Booking a message.
    Ingest(Box<Inbox>),
    /// Answering a doorbell.
    Ring(OrgId, StoreId),
    /// Sweeping.
    Sweep,
    /// Reading what changed.
    Tick(OrgId, StoreId, Stream),
    /// Settling an exception.
    Settle(OrgId, ExceptionId, Right),
    /// Beginning to write.
    Start(OrgId, StoreId),
    /// Beginning to read a store's catalogue whole.
    Read(Box<Store>),
    /// Making an item a bundle of these parts, or of none.
    Make(OrgId, ItemId, Vec<Part>),
    /// Giving so many units to a link alone.
    Allot(OrgId, LinkId, i64),
}

impl Job {
    /// What the worker does, in a word.
    pub(crate) fn named(&self) -> String {
        match self {
            Self::Receive(shop, name) => format!("receives message {name} of shop {shop}"),
            Self::Ingest(inbox) => match &inbox.raw.body {
                domain::message::Body::Text(text) => format!("books message {text}"),
                _ => "books a message".to_owned(),
            },
            Self::Ring(_, store) => format!("works in the lane of {store}"),
            Self::Sweep => "sweeps".to_owned(),
            Self::Tick(_, store, stream) => format!("plans to read {} of {store}", stream.as_str()),
            Self::Settle(_, exception, right) => format!("settles {exception} ({right:?})"),
            Self::Start(_, store) => format!("begins to write to {store}"),
            Self::Read(store) => format!("begins to read {} whole", store.name),
            Self::Make(_, item, parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!("{} of {}", part.units, part.item)).collect();
                format!("makes {item} of {}", parts.join(" and "))
            }
            Self::Allot(_, link, units) => format!("gives {units} unit(s) to {link} alone"),
        }
    }
}
