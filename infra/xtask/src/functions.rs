//! `cargo xtask build-functions`: the functions as they are deployed, in `target/lambda`.

use crate::child;
use crate::progress::Progress;
use crate::python;
use crate::room::Room;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Whole-program optimisation takes its time: a minute and more for each function.
const BUILD_LIMIT: Duration = Duration::from_secs(120 * 60);

/// A panic ends a function: what unwinding would need is a tenth of a program.
const FLAGS: &str = "-C force-unwind-tables=no";

/// What to build for.
#[derive(Args)]
pub struct Ask {
    /// For Intel's and AMD's processors, instead of Arm's.
    #[arg(long = "x86-64")]
    x86_64: bool,
    /// Only these functions.
    #[arg(long, short, value_name = "NAME")]
    package: Vec<String>,
}

/// What a function runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// What the template asks for by default.
    Arm64,
    /// What `Architecture=x86_64` asks for.
    X86_64,
}

impl Machine {
    /// This machine's own kind.
    pub fn here() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 }
    }

    fn flag(self) -> &'static str {
        match self {
            Self::Arm64 => "--arm64",
            Self::X86_64 => "--x86-64",
        }
    }

    /// The name of the compiler's target.
    pub fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

/// The command by itself.
pub fn run(ask: &Ask) -> Result<ExitCode, String> {
    let room = Room::find()?;
    let all = names(&room)?;
    if let Some(unknown) = ask.package.iter().find(|name| !all.contains(name)) {
        return Err(format!("there is no function {unknown}; there are {}", all.join(", ")));
    }
    let wanted = if ask.package.is_empty() { all } else { ask.package.clone() };
    let machine = if ask.x86_64 { Machine::X86_64 } else { Machine::Arm64 };
    let into = room.root.join("target").join("lambda");
    build(&room, machine, &wanted, &into)?;
    for name in &wanted {
        let program = program(&into, name);
        println!("{:>6.2} MB  {}", megabytes(&program)?, program.display());
    }
    println!("Next: sam deploy --guided --parameter-overrides Architecture={}", machine.word());
    Ok(ExitCode::SUCCESS)
}

/// Builds packages as they are deployed, each into a folder of its own.
pub fn build(room: &Room, machine: Machine, packages: &[String], into: &Path) -> Result<(), String> {
    let progress = Progress::begin("functions");
    let log = room.log("functions");
    let _ = std::fs::remove_file(&log);
    let programs = python::environment("lambda", room, &log, &progress)?;
    has_target(room, machine)?;
    progress.doing(&format!("building {} for {}", packages.len(), machine.word()));
    let mut build = room.program(&programs.join("cargo-lambda"));
    build.args(["lambda", "build", "--release", "--locked", machine.flag(), "--lambda-dir"]).arg(into);
    for name in packages {
        build.args(["--package", name]);
    }
    // The linker is a module of the Python that stands beside it.
    build.env("PATH", before_path(&programs)?);
    build.env("RUSTFLAGS", FLAGS);
    match child::run(&mut build, BUILD_LIMIT, &log, &progress).trouble() {
        None => {
            progress.end("built");
            Ok(())
        }
        Some(trouble) => {
            progress.end("FAILED");
            eprintln!("{}", std::fs::read_to_string(&log).unwrap_or_default());
            Err(format!("the functions cannot be built: {trouble}"))
        }
    }
}

/// Where a function's program lies after its build.
pub fn program(into: &Path, name: &str) -> PathBuf {
    into.join(name).join("bootstrap")
}

/// How large a file is.
pub fn megabytes(path: &Path) -> Result<f64, String> {
    let size = std::fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?.len();
    Ok(size as f64 / 1e6)
}

/// The packages of `functions/`, each named like its folder.
pub fn names(room: &Room) -> Result<Vec<String>, String> {
    let folder = room.root.join("functions");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    if names.is_empty() { Err("there are no functions".to_owned()) } else { Ok(names) }
}

/// The standard library of the target is there, or is fetched.
fn has_target(room: &Room, machine: Machine) -> Result<(), String> {
    let target = machine.target();
    let mut ask = room.program(Path::new("rustc"));
    let said = ask.args(["--print", "target-libdir", "--target", target]).output();
    let folder = said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default();
    if !folder.is_empty() && Path::new(&folder).is_dir() {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    let added = add.current_dir(&room.root).args(["target", "add", target]).output();
    match added {
        Ok(said) if said.status.success() => Ok(()),
        _ => Err(format!("Rust's standard library for {target} is missing: rustup target add {target}")),
    }
}

fn before_path(folder: &Path) -> Result<std::ffi::OsString, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(all).map_err(|e| format!("{}: {e}", folder.display()))
}
