//! `cargo xtask bench`: the hub measured beside its floors.

use crate::child;
use crate::progress::Progress;
use crate::room::Room;
use crate::starts;
use clap::{Args, ValueEnum};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);
const RUN_LIMIT: Duration = Duration::from_secs(20 * 60);
/// The profile that is measured: release without link-time optimisation.
const PROFILE: &str = "fast";

/// What to measure.
#[derive(Args)]
pub struct Ask {
    /// Only this; everything without it.
    what: Option<What>,
    /// Runs of each side, instead of the usual number.
    #[arg(long, value_name = "NUMBER")]
    runs: Option<u32>,
}

/// A measurement.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum What {
    /// Signed deliveries to durable enqueue, beside a server that does only that.
    Ingest,
    /// Full synchronisation of 10,000 products, beside a loop that only fetches and parses.
    Sync,
    /// Full synchronisation of 10,000 products with three variants by a prepared file, beside a bare download.
    Bulk,
    /// Hot paths without a disk or a network.
    Micro,
    /// What one webhook asks of AWS from its delivery to the other shop's number, and what that costs.
    Calls,
    /// Size and start of every function as it is deployed, beside one that only says hello. Takes a long build.
    Functions,
}

impl What {
    const ALL: [Self; 6] = [Self::Ingest, Self::Sync, Self::Bulk, Self::Micro, Self::Calls, Self::Functions];

    fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Sync => "sync",
            Self::Bulk => "bulk",
            Self::Micro => "micro",
            Self::Calls => "calls",
            Self::Functions => "functions",
        }
    }
}

/// Builds, then measures one after the other; the tables go to standard output.
pub fn run(ask: &Ask) -> Result<ExitCode, String> {
    let room = Room::find()?;
    let chosen: Vec<What> = ask.what.map_or(What::ALL.to_vec(), |what| vec![what]);
    if chosen.iter().any(|what| !matches!(what, What::Micro | What::Functions)) {
        let mut cargo = room.cargo();
        cargo.args(["build", "--profile", PROFILE, "--package", "storeloom", "--package", "simulators"]);
        cargo.args(["--package", "bench", "--bins"]);
        step(&room, "build", &mut cargo, BUILD_LIMIT, false)?;
    }
    for what in chosen {
        let mut command = match what {
            What::Micro => {
                let mut cargo = room.cargo();
                cargo.args(["bench", "--package", "bench", "--bench", "hot"]);
                cargo
            }
            What::Functions => {
                println!("\n## functions\n");
                starts::run(&room, ask.runs)?;
                continue;
            }
            What::Ingest | What::Sync | What::Bulk | What::Calls => {
                let mut program = room.program(&room.target.join(PROFILE).join("bench"));
                program.arg(what.word());
                if let Some(runs) = ask.runs {
                    program.args(["--runs", &runs.max(1).to_string()]);
                }
                program
            }
        };
        println!("\n## {}\n", what.word());
        let limit = if what == What::Micro { BUILD_LIMIT } else { RUN_LIMIT };
        step(&room, what.word(), &mut command, limit, true)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command to its end within a limit; what it says is shown, or kept for when it fails.
fn step(
    room: &Room,
    name: &str,
    command: &mut std::process::Command,
    limit: Duration,
    shown: bool,
) -> Result<(), String> {
    let progress = Progress::begin(name);
    let end = if shown {
        child::Group::start_into(command, Stdio::inherit(), Stdio::inherit())
            .map_or_else(child::End::NotStarted, |group| group.wait(limit, &progress))
    } else {
        let log = room.log(&format!("bench-{name}"));
        let _ = std::fs::remove_file(&log);
        let end = child::run(command, limit, &log, &progress);
        if end.trouble().is_some() {
            eprintln!("{}", std::fs::read_to_string(&log).unwrap_or_default());
        }
        end
    };
    match end.trouble() {
        None => {
            progress.end("done");
            Ok(())
        }
        Some(trouble) => Err(format!("{name}: {trouble}")),
    }
}
