//! The project's own commands: `cargo xtask help` lists them.

mod bench;
mod child;
mod closing;
mod deploy;
mod disk;
mod emulator;
mod functions;
mod nextest;
mod progress;
mod python;
mod races;
mod room;
mod simulator;
mod skeleton;
mod starts;
mod step;
mod test;
mod tools;
mod vendor;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything that must hold, in order; the last line counts passed, failed and left out.
    ///
    /// Tools that this machine lacks are built, pinned, into the user's cache folder. What cannot be had is
    /// left out and named; with CI=true whatever is left out counts as failed.
    Test(test::Ask),
    /// Measure the hub beside floors that do only what must be done; tests/bench/README.md says what was found.
    Bench(bench::Ask),
    /// Play very many seeded histories of the real hub and check them against the shops' own truth.
    Races(races::Ask),
    /// Try what adding a platform costs: makes a little one in a clone, with its simulator, function and tests, runs
    /// them, and prints what was touched.
    Skeleton(skeleton::Ask),
    /// Build the functions as they are deployed, into target/lambda; `sam deploy` takes them from there.
    BuildFunctions(functions::Ask),
    /// Deploy the template to an emulator of AWS on this machine, with binaries built here, and drive the whole.
    DeployTest,
    /// Read recorded wire samples with the platforms' own parsers and say what each was read as; hold the GraphQL
    /// documents that are sent to a whole schema.
    Judge {
        /// The folder of samples: one folder per platform, or the samples of one platform themselves.
        #[arg(long, value_name = "DIR", required_unless_present = "schema")]
        reference: Option<PathBuf>,
        /// A whole schema of Shopify's Admin API, in the schema language.
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    child::end_all_on_signal();
    let said = match Cli::parse().command {
        Command::Test(ask) => test::run(&ask),
        Command::Bench(ask) => bench::run(&ask),
        Command::Races(ask) => races::run(&ask),
        Command::Skeleton(ask) => skeleton::run(&ask),
        Command::BuildFunctions(ask) => functions::run(&ask),
        Command::DeployTest => deploy::run(),
        Command::Judge { reference, schema } => judge(&[("--reference", reference), ("--schema", schema)]),
    };
    said.unwrap_or_else(|trouble| {
        eprintln!("xtask: {trouble}");
        ExitCode::FAILURE
    })
}

/// Starts the judge, which is an example of its own: so that this program needs no platform to be built.
fn judge(asked: &[(&str, Option<PathBuf>)]) -> Result<ExitCode, String> {
    let room = room::Room::find()?;
    let mut cargo = room.cargo();
    cargo.args(["run", "--quiet", "--package", "xtask", "--example", "judge", "--"]);
    for (what, path) in asked.iter().filter_map(|(what, path)| Some((what, path.as_ref()?))) {
        let path = std::path::absolute(path).map_err(|e| format!("{}: {e}", path.display()))?;
        cargo.arg(what).arg(path);
    }
    let end = cargo.status().map_err(|e| format!("cargo does not start: {e}"))?;
    Ok(if end.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
