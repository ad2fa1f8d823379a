//! Runs a command line over a scripted hub and keeps what was shown.

use std::cell::{Cell, RefCell};
use std::io;
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use platform::Clock;
use secrecy::SecretString;
use url::Url;

use super::fake::FakeHub;
use crate::{Command, Connection, Outside, Screen, Seat, Terminal};

/// A program that merges the subcommands.
#[derive(Parser)]
struct Program {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: Command,
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }
}

pub(super) fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// What a command came to.
pub(super) struct Played {
    pub(super) code: ExitCode,
    pub(super) out: String,
    pub(super) err: String,
    /// The pages that the browser was asked for.
    pub(super) opened: Vec<String>,
}

/// Where the command is run, and what is typed into it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Stage<'t> {
    pub(super) terminal: Terminal,
    /// What comes through standard input.
    pub(super) typed: &'t str,
    /// What is typed unseen, line after line; a terminal without any cannot be kept from showing it.
    pub(super) unseen: &'t [&'t str],
    pub(super) no_browser: bool,
}

/// A machine that says what it was asked for.
struct Chair<'t> {
    stage: Stage<'t>,
    asked: Cell<usize>,
    opened: RefCell<Vec<String>>,
}

impl Seat for Chair<'_> {
    fn read_unseen(&self) -> io::Result<SecretString> {
        let line = self.stage.unseen.get(self.asked.replace(self.asked.get() + 1));
        line.map(|line| SecretString::from(*line)).ok_or_else(|| io::Error::other("no such device"))
    }

    fn open(&self, page: &Url) -> io::Result<()> {
        self.opened.borrow_mut().push(page.to_string());
        if self.stage.no_browser { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(()) }
    }
}

/// Runs a command line in a pipe, with a key.
pub(super) async fn play(hub: &FakeHub, line: &[&str]) -> Played {
    play_on(Stage::default(), hub, line).await
}

pub(super) async fn play_on(stage: Stage<'_>, hub: &FakeHub, line: &[&str]) -> Played {
    let keyed = ["--api-key", "slk_test"];
    play_bare(stage, hub, &[line, &keyed].concat()).await
}

/// The same without a key.
pub(super) async fn play_bare(stage: Stage<'_>, hub: &FakeHub, line: &[&str]) -> Played {
    let whole = ["storeloom", "--hub", "http://127.0.0.1:8787"];
    let program = Program::try_parse_from(whole.iter().chain(line)).unwrap_or_else(|error| panic!("{error}"));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut input = stage.typed.as_bytes();
    let mut screen = Screen { out: &mut out, err: &mut err, input: &mut input, terminal: stage.terminal };
    let chair = Chair { stage, asked: Cell::new(0), opened: RefCell::default() };
    let outside = Outside { http: hub, clock: &Still, seat: &chair };
    let code = crate::run_over(outside, &program.command, &program.connection, &mut screen).await;
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    Played { code, out, err, opened: chair.opened.into_inner() }
}

/// Whether clap takes a command line.
pub(super) fn parses(line: &[&str]) -> Result<(), clap::Error> {
    Program::try_parse_from(["storeloom"].iter().chain(line)).map(drop)
}

/// The whole help of a subcommand, with its lines joined.
pub(super) fn help(verb: &str) -> String {
    let error = parses(&["help", verb]).expect_err("help is shown instead of a command");
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Played {
    pub(super) fn done(&self) -> &Self {
        assert_eq!(self.code, ExitCode::SUCCESS, "{}{}", self.out, self.err);
        assert_eq!(self.err, "");
        self
    }

    pub(super) fn failed(&self) -> &Self {
        assert_eq!(self.code, ExitCode::FAILURE, "{}{}", self.out, self.err);
        self
    }

    pub(super) fn called_wrongly(&self) -> &Self {
        assert_eq!(self.code, ExitCode::from(2), "{}{}", self.out, self.err);
        self
    }

    /// The whole as it would stand on a screen.
    pub(super) fn whole(&self, line: &[&str]) -> String {
        format!("$ storeloom {}\n{}{}", line.join(" "), self.out, self.err)
    }

    /// Standard output as the one JSON document that it must be.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}
