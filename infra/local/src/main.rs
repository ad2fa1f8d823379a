//! `storeloom`: the hub on one desk, the demo, and the command line over the hub's API.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use storeloom::clock::SystemClock;
use storeloom::demo::{DemoOptions, demo};
use storeloom::desk::Options;
use storeloom::serve::serve;
use storeloom::wiring::Wiring;
use storeloom_cli::{Command, Connection, Screen, Terminal};
use url::Url;

/// One ledger of stock, orders and products over every shop that a merchant sells in.
#[derive(Debug, Parser)]
#[command(name = "storeloom", version)]
struct Program {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Run the hub here (what happens without a command).
    Serve(Serve),
    /// Play four simulated shops, a minute of buyers, and see whether all numbers agree.
    Demo(Demo),
    /// Ask a running hub.
    #[command(flatten)]
    Ask(Command),
}

#[derive(Debug, Clone, Args)]
struct Serve {
    /// Where everything is kept.
    #[arg(long, default_value = ".storeloom", env = "STORELOOM_DATA")]
    data: PathBuf,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The address at which shops and browsers reach this hub, such as a tunnel's.
    #[arg(long, env = "STORELOOM_PUBLIC_URL")]
    public_url: Option<Url>,
    /// Let shops on this machine be called: for a test shop.
    #[arg(long)]
    allow_loopback: bool,
    /// Let a shop's name stand for a simulated shop on this machine: NAME=127.0.0.1:PORT
    #[arg(long = "stand-in", value_name = "NAME=ADDRESS", value_parser = stand_in, requires = "allow_loopback")]
    stand_ins: Vec<(String, SocketAddr)>,
    /// How often each stream of a store is read for changes, in seconds, if not as the template says.
    #[arg(long, value_parser = clap::value_parser!(u64).range(5..=86_400))]
    interval: Option<u64>,
    /// How often due work and left-overs are looked for, in seconds, if not as the template says.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    sweep: Option<u64>,
    /// Another template to be wired by than the one that this program was built with: to try it before it is
    /// deployed.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Only take deliveries and keep them; work on nothing until the next start without this. For the time in
    /// which the table is mended or put back: shops are answered, and no delivery is lost.
    #[arg(long)]
    intake_only: bool,
}

#[derive(Debug, Clone, Args)]
struct Demo {
    /// End after the report, with one line of JSON as the last line.
    #[arg(long)]
    once: bool,
    /// How long buyers come, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Decides the shops and the buyers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the hub keeps everything; without it a folder that is taken away again.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Another template to be wired by than the one that this program was built with.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let program = Program::parse();
    storeloom::log::begin(match &program.what {
        Some(What::Demo(_)) => storeloom::log::OF_A_DEMO,
        None | Some(What::Serve(_) | What::Ask(_)) => storeloom::log::OF_A_HUB,
    });
    let mut out = std::io::stdout();
    match program.what {
        None => run_serve(program.serve, program.connection).await,
        Some(What::Serve(options)) => run_serve(options, program.connection).await,
        Some(What::Demo(options)) => {
            let wiring = match wiring(options.template.as_deref()) {
                Ok(wiring) => wiring,
                Err(why) => return fail(&why),
            };
            let options = DemoOptions {
                wiring,
                data: options.data,
                listen: options.listen,
                once: options.once,
                buyers: Duration::from_secs(options.seconds),
                seed: options.seed,
            };
            match demo(&options, &mut out).await {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::FAILURE,
                Err(error) => fail(&*error),
            }
        }
        Some(What::Ask(command)) => {
            let (mut err, input) = (std::io::stderr(), std::io::stdin());
            let terminal =
                Terminal { input: input.is_terminal(), out: out.is_terminal(), err: err.is_terminal() };
            let mut input = input.lock();
            let mut screen = Screen { out: &mut out, err: &mut err, input: &mut input, terminal };
            storeloom_cli::run(&command, &program.connection, &mut screen, &SystemClock).await
        }
    }
}

async fn run_serve(options: Serve, connection: Connection) -> ExitCode {
    let wiring = match wiring(options.template.as_deref()) {
        Ok(wiring) => wiring,
        Err(why) => return fail(&why),
    };
    let mut extra_roots = Vec::new();
    if let Some(file) = &connection.extra_ca {
        match std::fs::read(file) {
            Ok(pem) => extra_roots.push(pem),
            Err(error) => return fail(&format!("--extra-ca {}: {error}", file.display())),
        }
    }
    let options = Options {
        data: options.data,
        listen: options.listen,
        public_url: options.public_url,
        allow_loopback: options.allow_loopback,
        extra_roots,
        stand_ins: options.stand_ins.into_iter().collect(),
        interval_seconds: options.interval.unwrap_or(wiring.interval_seconds),
        intake_only: options.intake_only,
        wiring: match options.sweep {
            Some(seconds) => wiring.sweeping_every(Duration::from_secs(seconds)),
            None => wiring,
        },
    };
    match serve(&options, &mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// The wiring of a template's file, or of the template that this program was built with.
fn wiring(template: Option<&Path>) -> Result<Wiring, String> {
    let Some(file) = template else {
        return Wiring::built_in().map_err(|error| format!("the template: {error}"));
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("--template {}: {error}", file.display()))?;
    Wiring::read(&text).map_err(|error| format!("--template {}: {error}", file.display()))
}

fn fail(error: &(impl std::fmt::Display + ?Sized)) -> ExitCode {
    // Nobody is left to tell if the terminal is gone.
    let _ = writeln!(std::io::stderr(), "storeloom: {error}");
    ExitCode::FAILURE
}

fn stand_in(text: &str) -> Result<(String, SocketAddr), String> {
    let (name, address) = text.split_once('=').ok_or("write it as NAME=ADDRESS:PORT")?;
    let address = address.parse().map_err(|_| format!("`{address}` is no address with a port"))?;
    Ok((name.trim().to_lowercase(), address))
}
