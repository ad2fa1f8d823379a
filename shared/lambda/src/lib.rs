//! Requests in, answers out.
//!
//! The routers that the desk serves on its port and that functions serve behind API Gateway, the one function
//! that turns errors into HTTP answers, and the worker that turns queue messages into use-cases. In a function
//! [`start`] reads the environment, [`Parts`] are put together, and [`serve`], [`consume`], [`sweep`],
//! [`take_events`] or [`make_keys`] is what it does.

mod auth;
mod batch;
mod budget;
mod desk;
mod environment;
mod metric;
mod nothing;
mod oauth;
mod offer_forms;
mod outside;
mod pages;
mod parts;
mod problem;
#[cfg(test)]
mod samples;
mod start;
mod stock_forms;
mod undo_forms;
mod v1;
mod watch;
mod webhooks;
mod worker;

pub use batch::{Batch, Leftover};
pub use desk::{Desk, api_of_books, api_of_stores, buses, console, oauth, webhooks};
pub use environment::{Environment, EnvironmentError};
pub use outside::{SystemClock, SystemDice};
pub use parts::Parts;
pub use problem::Problem;
pub use start::{StartError, consume, make_keys, serve, start, sweep, take_events};
pub use worker::Worker;
