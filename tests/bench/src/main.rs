//! Measures the hub beside its floors; started by `cargo xtask bench`.

use std::net::SocketAddr;
use std::path::PathBuf;

use bench::Failure;
use bench::bulk::Download;
use bench::fetch::Fetch;
use bench::load::Load;
use bench::reading::Reading;
use clap::{Parser, Subcommand};

/// Measures the hub beside its floors.
#[derive(Parser)]
struct Program {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Intake: signed orders of 5 KB to durable enqueue.
    Ingest {
        /// Runs of each side at each number of connections.
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Full synchronisation of a large shop.
    Sync {
        /// Runs of each side.
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Products of the shop.
        #[arg(long, default_value_t = 10_000)]
        products: usize,
    },
    /// Full synchronisation of a large shop by a file that it prepares.
    Bulk {
        /// Runs of each side.
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Products of the shop, each with three variants.
        #[arg(long, default_value_t = 10_000)]
        products: usize,
    },
    /// The floor of that: downloads and parses.
    Download(Download),
    /// The part of it that reads: the platform's own code, nothing kept.
    Reading(Reading),
    /// The floor of intake, until it is killed.
    Floor {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        secret: String,
        #[arg(long)]
        file: PathBuf,
    },
    /// Sends deliveries and says what came of it.
    Load(Load),
    /// The floor of synchronisation: fetches and parses.
    Fetch(Fetch),
    /// What one webhook asks of AWS, and what that costs.
    Calls {
        /// Sales that are counted.
        #[arg(long, default_value_t = 20)]
        runs: usize,
        /// Also the calls themselves.
        #[arg(long)]
        each: bool,
    },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match Program::parse().what {
        What::Ingest { runs } => bench::ingest::run(runs).await,
        What::Sync { runs, products } => bench::sync::run(runs, products).await,
        What::Bulk { runs, products } => bench::bulk::run(runs, products).await,
        What::Calls { runs, each } => bench::calls::run(runs, each).await,
        What::Download(from) => {
            println!("{}", serde_json::to_string(&bench::bulk::download(&from).await?)?);
            Ok(())
        }
        What::Reading(from) => {
            println!("{}", serde_json::to_string(&bench::reading::read(&from).await?)?);
            Ok(())
        }
        What::Floor { listen, secret, file } => bench::floor::serve(listen, &secret, &file).await,
        What::Load(load) => {
            println!("{}", serde_json::to_string(&bench::load::send(&load).await?)?);
            Ok(())
        }
        What::Fetch(from) => {
            println!("{}", serde_json::to_string(&bench::fetch::fetch(&from).await?)?);
            Ok(())
        }
    }
}
