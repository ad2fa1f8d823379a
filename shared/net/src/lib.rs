//! The one HTTP client and its layers: time limit, size limit, egress guard.
//!
//! A merchant types a shop's address, so every address is a stranger's: names are resolved here, every
//! address of the answer is checked after it was resolved, and a redirect is a new address to be checked.
//! The client trusts the roots that it carries (Mozilla's) and those it is given, so it works where there is
//! no system store. It reads no proxy from the environment and keeps no cookies.

mod address;
mod answer;
mod body;
mod client;
mod failure;
mod guard;
mod redirect;
mod settings;

pub use address::refusal;
pub use client::Client;
pub use settings::{Settings, SettingsError};
