//! `cargo xtask deploy-test`: the template, deployed to an emulator with binaries that are built here, and driven.

use crate::child::{self, Group};
use crate::disk;
use crate::emulator::Emulator;
use crate::functions;
use crate::progress::Progress;
use crate::python;
use crate::room::Room;
use crate::step::Tally;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
const DRIVE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// How the functions are built that are deployed.
#[derive(Clone, Copy)]
pub enum Built {
    /// As the tests are: the code is the same, and its dependencies are built already.
    LikeTests,
    /// Optimised, but for what takes a release its many minutes.
    Fast,
}

impl Built {
    /// The profile, and the folder below the target folder that cargo puts it into.
    fn profile(self) -> (&'static str, &'static str) {
        match self {
            Self::LikeTests => ("dev", "debug"),
            Self::Fast => ("fast", "fast"),
        }
    }
}

/// The command by itself: with the profile that comes nearest to what is deployed and is still built in minutes.
pub fn run() -> Result<ExitCode, String> {
    let room = Room::find()?;
    let progress = Progress::begin("deploy-test");
    let log = room.log("deploy-test");
    let _ = std::fs::remove_file(&log);
    disk::look(&room, false)?;
    let tally = test(&room, &log, DRIVE_LIMIT, Built::Fast, &progress);
    progress.end(tally.word());
    if tally.failed + tally.left_out > 0 {
        eprintln!("{}", std::fs::read_to_string(&log).unwrap_or_default());
    }
    print!("{}", std::fs::read_to_string(said(&room)).unwrap_or_default());
    println!("{} passed, {} failed, {} left out  {}", tally.passed, tally.failed, tally.left_out, tally.note);
    Ok(if tally.failed + tally.left_out > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn said(room: &Room) -> std::path::PathBuf {
    room.target.join("xtask").join("deployment.txt")
}

/// Builds the functions as they are, deploys them, and drives them; each thing that is seen to hold counts one.
pub fn test(room: &Room, log: &Path, limit: Duration, built: Built, progress: &Progress) -> Tally {
    let programs = match python::environment("emulator", room, log, progress) {
        Ok(programs) => programs,
        Err(why) => return Tally::left_out(why),
    };
    let functions = match functions::names(room) {
        Ok(functions) => functions,
        Err(why) => return Tally::failed(why),
    };
    progress.doing("building the functions");
    let begun = Instant::now();
    let mut cargo = room.cargo();
    let (profile, folder) = built.profile();
    cargo.args(["build", "--profile", profile, "--package", "emulated", "--bins"]);
    functions.iter().for_each(|name| {
        cargo.args(["--package", name]);
    });
    if let Some(trouble) = child::run(&mut cargo, BUILD_LIMIT, log, progress).trouble() {
        return Tally::failed(format!("the functions cannot be built: {trouble}"));
    }
    let building = begun.elapsed();
    let emulator = match Emulator::start(&programs, room, log) {
        Ok(emulator) => emulator,
        Err(why) => return Tally::failed(why),
    };
    progress.doing("deploying and driving");
    let path = said(room);
    let (out, err) = match (std::fs::File::create(&path), std::fs::File::options().append(true).open(log)) {
        (Ok(out), Ok(err)) => (out, err),
        (Err(e), _) | (_, Err(e)) => return Tally::failed(format!("{}: {e}", path.display())),
    };
    let binaries = room.target.join(folder);
    let mut command = room.program(&binaries.join("deployment"));
    command.arg(&emulator.endpoint).arg(room.root.join("template.yaml")).arg(&binaries);
    let end = match Group::start_into(&mut command, out.into(), err.into()) {
        Ok(group) => group.wait(limit, progress),
        Err(why) => return Tally::failed(why),
    };
    let mut tally = read_checks(&std::fs::read_to_string(&path).unwrap_or_default());
    if tally.failed == 0 {
        let driving = begun.elapsed().saturating_sub(building);
        tally.note =
            format!("{profile}: built in {} s, driven in {} s", building.as_secs(), driving.as_secs());
    }
    if let (0, Some(trouble)) = (tally.failed, end.trouble()) {
        tally.failed = 1;
        tally.note = trouble;
    }
    tally
}

/// Counts what was seen to hold. The first that does not ends the drive, before its last line.
fn read_checks(said: &str) -> Tally {
    let held = said.lines().filter(|line| line.starts_with("ok ")).count();
    let last = said.lines().last().and_then(|line| line.strip_suffix(" checks")?.parse().ok());
    let whole = last == Some(held) && held > 0;
    let after = said.lines().rfind(|line| line.starts_with("ok ")).unwrap_or("the start");
    let note =
        if whole { String::new() } else { format!("it broke after: {}", after.trim_start_matches("ok ")) };
    Tally { passed: held as u64, failed: u64::from(!whole), note, ..Tally::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_that_does_not_end_has_failed() {
        let whole = read_checks("ok deployed\nok joined\n2 checks\n");
        assert_eq!((whole.passed, whole.failed), (2, 0));
        let cut = read_checks("ok deployed\nok joined\n");
        assert_eq!((cut.passed, cut.failed, cut.note.as_str()), (2, 1, "it broke after: joined"));
        assert_eq!(read_checks("").failed, 1);
        assert_eq!(read_checks("0 checks\n").failed, 1);
        assert_eq!(read_checks("ok one\n2 checks\n").failed, 1);
    }
}
