//! The use-cases of Storeloom: what is decided, for whom and in what order.
//!
//! Platforms translate and ports keep; here is what happens between them. The path of a sale:
//! [`receive`] checks a delivery and queues it, [`ingest`] reads it, [`book`] moves the ledger,
//! [`fan_out`] says which shops must be looked at, [`dispatch`] rings their lanes, and [`lane`] calls them.

pub mod access;
pub mod alerts;
pub mod allocate;
pub mod archive;
pub mod authority;
pub mod book;
pub mod bundle;
pub mod connect;
pub mod daybook;
pub mod dispatch;
pub mod drift;
pub mod erase;
pub mod error;
pub mod fan_out;
pub mod freshness;
pub mod hold;
pub mod ingest;
pub mod keys;
pub mod lane;
pub mod listings;
pub mod locations;
mod margin;
pub mod outside;
pub mod overview;
pub mod person;
pub mod platforms;
mod raises;
pub mod receive;
pub mod rehearse;
pub mod replay;
pub mod rules;
pub mod settle;
pub mod shadow;
pub mod ship;
pub mod stock_room;
pub mod stores;
pub mod sweep;
pub mod sync;
pub mod target;
pub mod trail;
pub mod undo;
pub mod why;

pub use error::{HubError, Result};
pub use outside::{Outside, Settings};
pub use platforms::Platforms;
