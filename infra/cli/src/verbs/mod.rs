//! What each subcommand does.

pub(crate) mod allocate;
pub(crate) mod app;
pub(crate) mod authority;
pub(crate) mod catalog;
pub(crate) mod change;
pub(crate) mod claim;
pub(crate) mod connect;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod freshness;
pub(crate) mod join;
pub(crate) mod orders;
pub(crate) mod person;
pub(crate) mod rehearse;
pub(crate) mod runs;
pub(crate) mod schedule;
pub(crate) mod shadow;
pub(crate) mod ship;
pub(crate) mod start;
pub(crate) mod stock;
pub(crate) mod stores;
pub(crate) mod summary;
pub(crate) mod sync;
pub(crate) mod why;
