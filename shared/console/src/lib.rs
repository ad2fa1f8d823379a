//! The web pages: server-rendered, without script.
//!
//! Everything that comes from a shop or a person is escaped by the templates; the pages need no more than
//! `style-src 'unsafe-inline'` of a content security policy, and their forms go to the hub itself.

mod bundle;
mod card;
mod command;
mod drift;
mod exception;
mod figure;
mod frame;
mod freshness;
mod login;
mod message;
mod offers;
mod overview;
mod rehearsal;
mod run;
mod shadow;
mod stock_room;
mod store;
mod undo;
mod why;
mod words;

pub use drift::{drift, drift_of_item};
pub use freshness::freshness;
pub use login::login;
pub use message::message;
pub use offers::{RefusedOffer, TypedOffer};
pub use overview::overview;
pub use rehearsal::rehearsal;
pub use shadow::shadow;
pub use store::{StorePage, store};
pub use undo::{UndoPage, UndoStep, undo};
pub use why::{ItemPage, why_of_item, why_of_order};

#[cfg(test)]
mod offers_tests;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trust_tests;
#[cfg(test)]
mod undo_tests;
