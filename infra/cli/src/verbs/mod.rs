//! What each subcommand does.

pub(crate) mod catalog;
pub(crate) mod change;
pub(crate) mod connect;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod orders;
pub(crate) mod schedule;
pub(crate) mod start;
pub(crate) mod stock;
pub(crate) mod stores;
pub(crate) mod summary;
pub(crate) mod sync;
