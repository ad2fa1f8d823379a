//! `cargo xtask test`: everything that must hold, in order.

use crate::child;
use crate::closing;
use crate::deploy;
use crate::disk;
use crate::emulator;
use crate::nextest;
use crate::progress::Progress;
use crate::python;
use crate::room::Room;
use crate::step::{Done, Tally};
use crate::tools::{self, Pin};
use crate::vendor::{self, Judge};
use clap::Args;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// All steps together; a step that would begin later is left out.
const WHOLE_LIMIT: Duration = Duration::from_secs(80 * 60);

/// What to check.
#[derive(Args)]
pub struct Ask {
    /// Only what cargo itself does: fmt, clippy, tests (the house rules among them) and document tests.
    #[arg(long)]
    quick: bool,
    /// Only these packages; steps that look at the whole tree still do.
    #[arg(long, short, value_name = "NAME")]
    package: Vec<String>,
}

/// One step: its name, its limit in minutes, whether `--quick` makes it, and how.
struct Step {
    name: &'static str,
    minutes: u64,
    quick: bool,
    work: fn(&Bench<'_>) -> Tally,
}

/// What a step works with.
struct Bench<'a> {
    room: &'a Room,
    ask: &'a Ask,
    name: &'static str,
    limit: Duration,
    progress: &'a Progress,
}

const STEPS: [Step; 13] = [
    Step { name: "fmt", minutes: 3, quick: true, work: fmt },
    Step { name: "clippy", minutes: 40, quick: true, work: clippy },
    Step { name: "tests", minutes: 50, quick: true, work: tests },
    Step { name: "doctests", minutes: 20, quick: true, work: document_tests },
    Step { name: "doc", minutes: 20, quick: false, work: documents },
    Step { name: "deny", minutes: 10, quick: false, work: deny },
    Step { name: "machete", minutes: 5, quick: false, work: machete },
    Step { name: "skeleton", minutes: 20, quick: false, work: skeleton },
    Step { name: "node", minutes: 20, quick: false, work: node },
    Step { name: "python", minutes: 20, quick: false, work: python },
    Step { name: "template", minutes: 15, quick: false, work: template },
    Step { name: "emulator", minutes: 25, quick: false, work: emulated },
    Step { name: "deploy-test", minutes: 35, quick: false, work: deployed },
];

/// Runs the steps, shows the table and closes with the sums.
pub fn run(ask: &Ask) -> Result<ExitCode, String> {
    let room = Room::find()?;
    // Of a few packages nobody knows beforehand what they take.
    if ask.package.is_empty() {
        disk::look(&room, ask.quick)?;
    }
    let strict = std::env::var("CI").is_ok_and(|v| !matches!(v.as_str(), "" | "0" | "false"));
    let begun = Instant::now();
    let mut done = Vec::new();
    for step in STEPS.iter().filter(|step| step.quick || !ask.quick) {
        let progress = Progress::begin(step.name);
        let _ = std::fs::remove_file(room.log(step.name));
        let left = WHOLE_LIMIT.saturating_sub(begun.elapsed());
        let limit = Duration::from_secs(step.minutes * 60).min(left);
        let bench = Bench { room: &room, ask, name: step.name, limit, progress: &progress };
        let found = if left.is_zero() { Tally::left_out("no time left") } else { (step.work)(&bench) };
        let mut tally = if strict { found.strictly() } else { found };
        if let (1.., Some(full)) = (tally.failed, disk::full(&room)) {
            tally.note = format!("{full}; {}", tally.note);
        }
        progress.end(tally.word());
        if tally.failed > 0 {
            show(&room, step.name);
        }
        done.push(Done { name: step.name.to_owned(), tally, took: progress.elapsed() });
    }
    let sum = closing::sum(&done);
    println!("\n{}\n{}", closing::table(&done), closing::line(&sum));
    Ok(if sum.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Shows the whole output of a step that failed.
fn show(room: &Room, step: &str) {
    let text = std::fs::read(room.log(step)).unwrap_or_default();
    println!("\n---- {step} said ----\n{}---- end of {step} ----\n", String::from_utf8_lossy(&text));
}

/// The packages to look at, as cargo and nextest want to hear it.
pub fn scope(packages: &[String]) -> Vec<String> {
    if packages.is_empty() {
        return vec!["--workspace".to_owned()];
    }
    packages.iter().flat_map(|name| ["--package".to_owned(), name.clone()]).collect()
}

impl Bench<'_> {
    fn run(&self, command: &mut Command) -> Tally {
        Tally::of(&child::run(command, self.limit, &self.room.log(self.name), self.progress))
    }

    fn tool(&self, pin: &Pin, arguments: &[&str]) -> Tally {
        match tools::program(pin, self.room, &self.room.log(self.name), self.progress) {
            Ok(program) => self.run(self.room.program(&program).args(arguments)),
            Err(why) => Tally::left_out(why),
        }
    }
}

fn fmt(bench: &Bench<'_>) -> Tally {
    let mut cargo = bench.room.cargo();
    let packages = &bench.ask.package;
    let scope = if packages.is_empty() { vec!["--all".to_owned()] } else { scope(packages) };
    bench.run(cargo.arg("fmt").args(scope).arg("--check"))
}

fn clippy(bench: &Bench<'_>) -> Tally {
    let mut cargo = bench.room.cargo();
    cargo.arg("clippy").args(scope(&bench.ask.package)).args(["--all-targets", "--", "-D", "warnings"]);
    bench.run(&mut cargo)
}

fn tests(bench: &Bench<'_>) -> Tally {
    nextest::run(bench.room, &bench.ask.package, bench.limit, bench.progress)
}

fn document_tests(bench: &Bench<'_>) -> Tally {
    let asked = &bench.ask.package;
    let chosen: Vec<String> = asked.iter().filter(|p| bench.room.libraries.contains(p)).cloned().collect();
    if chosen.is_empty() && !asked.is_empty() {
        return Tally { note: "no library among these".to_owned(), ..Tally::default() };
    }
    bench.run(bench.room.cargo().args(["test", "--doc"]).args(scope(&chosen)))
}

fn documents(bench: &Bench<'_>) -> Tally {
    let mut cargo = bench.room.cargo();
    cargo.args(["doc", "--no-deps"]).args(scope(&bench.ask.package)).env("RUSTDOCFLAGS", "-D warnings");
    bench.run(&mut cargo)
}

fn deny(bench: &Bench<'_>) -> Tally {
    bench.tool(&tools::DENY, &["--workspace", "check", "bans", "licenses", "sources"])
}

fn machete(bench: &Bench<'_>) -> Tally {
    bench.tool(&tools::MACHETE, &["--with-metadata", "."])
}

/// A platform is added to a clone of the last commit: it costs a line, and what is made builds and passes its tests.
fn skeleton(bench: &Bench<'_>) -> Tally {
    let mut git = Command::new("git");
    git.arg("-C").arg(&bench.room.root).args(["rev-parse", "--quiet", "--verify", "HEAD"]);
    if !git.output().is_ok_and(|said| said.status.success()) {
        return Tally::left_out("no commit here to clone");
    }
    // The same place each time: what was built for it serves the next run.
    let into = bench.room.target.join("xtask").join("skeleton");
    if let Err(error) = std::fs::remove_dir_all(&into)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Tally::failed(format!("{}: {error}", into.display()));
    }
    let xtask = match std::env::current_exe() {
        Ok(xtask) => xtask,
        Err(error) => return Tally::failed(format!("this program does not find itself: {error}")),
    };
    bench.run(bench.room.program(&xtask).args(["skeleton", "bazaar", "--into"]).arg(&into))
}

fn node(bench: &Bench<'_>) -> Tally {
    vendor::run(Judge::Node, bench.room, bench.progress)
}

fn python(bench: &Bench<'_>) -> Tally {
    vendor::run(Judge::Python, bench.room, bench.progress)
}

fn emulated(bench: &Bench<'_>) -> Tally {
    emulator::suites(bench.room, &bench.room.log(bench.name), bench.limit, bench.progress)
}

/// The template is read by two that know AWS's own rules; each counts one.
fn template(bench: &Bench<'_>) -> Tally {
    let (room, log) = (bench.room, bench.room.log(bench.name));
    let programs = match python::environment("template", room, &log, bench.progress) {
        Ok(programs) => programs,
        Err(why) => return Tally { left_out: 2, note: why, ..Tally::default() },
    };
    let mut tally = Tally::default();
    let calls: [(&str, &[&str]); 2] = [
        ("cfn-lint", &["--regions", "us-east-1", "--", "template.yaml"]),
        ("sam", &["validate", "--lint", "--region", "us-east-1", "--template", "template.yaml"]),
    ];
    for (name, arguments) in calls {
        let mut command = room.program(&programs.join(name));
        command.args(arguments).env("SAM_CLI_TELEMETRY", "0");
        let found = bench.run(&mut command);
        tally.add(&found);
        if found.failed > 0 {
            tally.note = format!("{name}: {}", found.note);
        }
    }
    tally
}

fn deployed(bench: &Bench<'_>) -> Tally {
    let log = bench.room.log(bench.name);
    deploy::test(bench.room, &log, bench.limit, deploy::Built::LikeTests, bench.progress)
}
