//! What must hold for every adapter of a port, written once: each suite takes the port as a trait and is run
//! for every adapter that there is.

pub mod blobs;
pub mod catalog;
pub mod claims;
pub mod decisions;
pub mod directory;
pub mod embedded;
pub mod fixtures;
pub mod journal;
pub mod lanes;
pub mod ledger;
pub mod queue;
pub mod runs;
pub mod schedules;
pub mod trials;
pub mod trouble;
pub mod vault;
