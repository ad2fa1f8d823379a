//! What the hub needs from outside, as small traits by ability.
//!
//! The same hub runs over AWS and over the embedded stand-ins; each adapter is held to the same
//! conformance suites. Every row belongs to one organisation, so nearly every call names one; the few
//! that do not (a shop's address, a key's hash, a one-time state) hold only the id they lead to.

mod blobs;
mod catalog;
mod decisions;
mod directory;
mod error;
mod journal;
mod lanes;
mod ledger;
mod page;
mod queue;
mod runs;
mod schedules;
mod trials;
mod vault;

pub use blobs::Blobs;
pub use catalog::{Catalog, Put, Seen, Stored, VariantRecord};
pub use decisions::{Decisions, OwnAuthority, RAISES_TOGETHER};
pub use directory::{ApiKey, Directory, PendingConnect, Written};
pub use error::{ErrorKind, PortError, Result};
pub use journal::{Counter, EventRecord, Journal, Taken};
pub use lanes::{Lanes, Lease};
pub use ledger::{
    Allot, BookedEffect, Claim, Claimed, Compose, Contain, Fenced, Finish, Guard, Handling, ItemRecord,
    Ledger, LinkChange, Moved, Movement, Opening, OrderRecord, Settlement, Unapplied,
};
pub use page::{Ask, Page};
pub use queue::{Queue, Send, SendName};
pub use runs::Runs;
pub use schedules::{Schedule, Schedules};
pub use trials::{
    Answer, PreventedSale, Propagation, Rehearsal, RehearsedWrite, Shadow, ShadowDay, ShadowWrite, Shadowing,
    Trials, WriteNote,
};
pub use vault::{Secret, Vault, VaultWrite};
