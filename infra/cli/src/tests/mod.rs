//! Every subcommand over a scripted hub: what is asked, what is shown, how it ends.

mod allocate;
mod answers;
mod apps;
mod browser;
mod failures;
mod fake;
mod keys;
mod person;
mod ruled;
mod ship;
mod shown;
mod stage;
mod stock_room;
#[cfg(target_os = "linux")]
mod terminal;
mod trust;
mod undone;
mod waiting;
