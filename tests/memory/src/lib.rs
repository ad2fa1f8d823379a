//! The ports in memory: plain maps behind one lock, no disk, no runtime, no wire.
//!
//! Every call is done when it is first polled. A copy of a [`Memory`] is a snapshot: what is written to one is
//! not seen by the other. Each adapter is held to the suites that every adapter of its port is held to.

mod blobs;
mod bundle;
mod catalog;
mod decisions;
mod directory;
mod journal;
mod lanes;
mod ledger;
mod links;
mod look;
mod orders;
mod pages;
mod queue;
mod runs;
mod schedules;
mod state;
mod trials;
mod vault;

pub use blobs::MemoryBlobs;
pub use queue::{InHand, MemoryQueue};
pub use schedules::MemorySchedules;
pub use state::Memory;
pub use vault::MemoryVault;
