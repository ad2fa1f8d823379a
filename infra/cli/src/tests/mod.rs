//! Every subcommand over a scripted hub: what is asked, what is shown, how it ends.

mod answers;
mod failures;
mod fake;
mod keys;
mod shown;
mod stage;
mod waiting;
