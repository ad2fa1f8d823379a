//! The command line over the HTTP API.
//!
//! It knows the API by its addresses and JSON alone and tolerates fields that it does not know, so it speaks
//! to a hub of another version. A program merges [`Command`] next to its own subcommands and calls [`run`].

mod command;
mod connection;
mod hub;
mod progress;
mod run;
mod screen;
mod seat;
mod stock_command;
mod table;
mod trouble;
mod verbs;
mod view;
mod watch;
mod which;
mod words;

pub use command::Command;
pub use connection::Connection;
pub use run::{Outside, run, run_over};
pub use screen::{Screen, Terminal};
pub use seat::Seat;

#[cfg(test)]
mod tests;
