//! `cargo xtask races`: very many seeded histories of the real hub, or one of them step by step.

use crate::room::Room;
use clap::Args;
use std::process::ExitCode;

/// Release without link-time optimisation.
const PROFILE: &str = "fast";

/// Which histories to play.
#[derive(Args)]
pub struct Ask {
    /// So many histories.
    #[arg(long, default_value_t = 100_000)]
    histories: u64,
    /// Any number: the same seed gives the same histories.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many at the same time.
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Show one history step by step: by the seed that was printed, or as a file has it.
    #[arg(long, value_name = "SEED|FILE")]
    replay: Option<String>,
    /// With --replay: make a history that fails as small as can be found.
    #[arg(long)]
    shrink: bool,
    /// Plant a mistake, to see it caught: another name lists them.
    #[arg(long, value_name = "BUG")]
    planted: Option<String>,
}

/// Builds, then plays; the last line says how many violations there were.
pub fn run(ask: &Ask) -> Result<ExitCode, String> {
    let room = Room::find()?;
    let mut cargo = room.cargo();
    cargo.args(["run", "--quiet", "--profile", PROFILE, "--package", "races", "--"]);
    match &ask.replay {
        Some(what) if ask.shrink => cargo.args(["--shrink", what]),
        Some(what) => cargo.args(["--replay", what]),
        None => {
            let numbers = [("--histories", ask.histories), ("--seed", ask.seed), ("--threads", ask.threads)];
            for (name, number) in numbers {
                cargo.arg(name).arg(number.to_string());
            }
            &mut cargo
        }
    };
    if let Some(bug) = &ask.planted {
        cargo.args(["--planted", bug]);
    }
    let end = cargo.status().map_err(|e| format!("cargo does not start: {e}"))?;
    Ok(if end.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
