//! How fast, beside floors that do only what must be done.
//!
//! Each side is a process of its own: the hub, its floor, the shop, the load. `cargo xtask bench` builds and
//! runs them; the README says what was found.

pub mod body;
pub mod bulk;
pub mod calls;
pub mod fetch;
pub mod floor;
pub mod hub_process;
pub mod ingest;
pub mod kept;
pub mod load;
pub mod proc;
pub mod reading;
pub mod sync;
pub mod table;

/// Why a measurement could not be made.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
