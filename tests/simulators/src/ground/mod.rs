//! The ground that every simulated shop stands on: listening, certificates, calling out, chance, query strings. Nothing of
//! it is a platform's own.

mod calls;
mod countdown;
mod gate;
mod query;
pub(crate) mod random;
mod serving;
mod tls;

pub use calls::{chain, client};
pub use countdown::hits;
pub use gate::Gate;
pub use query::{decode, encode, pairs};
pub use serving::Serving;
pub use tls::Tls;

/// Why a shop could not start, or a page refused.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
