//! The real command line, as somebody at a desk types it.

use std::process::ExitCode;

use clap::Parser;
use storeloom::clock::SystemClock;
use storeloom_cli::{Command, Connection, Screen, Terminal};

use crate::Mixed;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: Command,
}

/// Runs a command line against the hub: whether it was done, and what it said.
pub async fn storeloom(world: &Mixed, line: &[&str], typed: &str) -> (bool, String) {
    let url = world.url("");
    let door = ["storeloom", "--hub", &url, "--api-key", &world.key];
    let program = Program::try_parse_from(door.iter().chain(line)).unwrap_or_else(|error| panic!("{error}"));
    let (mut out, mut err, mut input) = (Vec::new(), Vec::new(), typed.as_bytes());
    let mut screen =
        Screen { out: &mut out, err: &mut err, input: &mut input, terminal: Terminal::default() };
    let code = storeloom_cli::run(&program.command, &program.connection, &mut screen, &SystemClock).await;
    let said = String::from_utf8(out).unwrap() + &String::from_utf8(err).unwrap();
    (code == ExitCode::SUCCESS, said)
}
