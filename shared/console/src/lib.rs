//! The web pages: server-rendered, without script.
//!
//! Everything that comes from a shop or a person is escaped by the templates; the pages need no more than
//! `style-src 'unsafe-inline'` of a content security policy, and their forms go to the hub itself.

mod card;
mod command;
mod exception;
mod frame;
mod login;
mod message;
mod overview;
mod run;
mod words;

pub use login::login;
pub use message::message;
pub use overview::overview;

#[cfg(test)]
mod tests;
