//! Seeded simulation of concurrent histories: the real hub over memory, checked against the shops' own truth.

pub mod asked;
pub mod bend;
pub mod bent_ledger;
pub mod bundled;
pub mod check;
pub mod crowd;
pub mod decided;
pub mod dice;
pub mod gate;
pub mod gated;
mod halted;
pub mod history;
pub mod job;
pub mod mall;
mod no_http;
pub mod planted;
pub mod play;
pub mod quiet;
pub mod recorded;
pub mod replayed;
pub mod shares;
mod shelf;
pub mod shop;
pub mod shrink;
pub mod world;
