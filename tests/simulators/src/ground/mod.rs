//! The ground that every simulated shop stands on: listening, certificates, calling out, chance, query strings. Nothing of
//! it is a platform's own.

mod calls;
mod countdown;
mod gate;
mod query;
pub(crate) mod random;
mod serving;
mod tls;

pub(crate) use calls::{chain, client};
pub(crate) use countdown::hits;
pub(crate) use gate::Gate;
pub(crate) use query::{decode, encode, pairs};
pub(crate) use serving::Serving;
pub(crate) use tls::Tls;

/// Why a shop could not start, or a page refused.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
