//! The vendor's own clients drive the simulated shop, so that it is not only we who believe it.

use crate::child::{self, End};
use crate::progress::Progress;
use crate::room::Room;
use crate::simulator::{self, Door, Platform};
use crate::step::Tally;
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const INSTALL_LIMIT: Duration = Duration::from_secs(5 * 60);
const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);
const DRIVE_LIMIT: Duration = Duration::from_secs(3 * 60);

/// A file of a judge's folder: its name and what stands in it.
type File = (String, Vec<u8>);

/// One of the languages in which the vendor publishes a client.
#[derive(Clone, Copy)]
pub enum Judge {
    /// The package for Node.
    Node,
    /// The package for Python.
    Python,
}

impl Judge {
    /// Name of the step; the folders below `tests/simulators/judges` end with it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Node => "judge.js",
            Self::Python => "judge.py",
        }
    }

    /// Variable that names the authority to trust.
    fn trust(self) -> &'static str {
        match self {
            Self::Node => "NODE_EXTRA_CA_CERTS",
            Self::Python => "REQUESTS_CA_BUNDLE",
        }
    }

    fn install(self, at: &Path) -> Vec<Command> {
        match self {
            Self::Node => {
                let mut npm = Command::new("npm");
                npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
                vec![npm]
            }
            Self::Python => {
                let mut venv = Command::new("python3");
                venv.args(["-m", "venv", "venv"]);
                let mut pip = Command::new(at.join("venv/bin/python"));
                pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement"]);
                pip.arg("requirements.txt");
                vec![venv, pip]
            }
        }
    }

    fn program(self, at: &Path) -> PathBuf {
        match self {
            Self::Node => PathBuf::from("node"),
            Self::Python => at.join("venv/bin/python"),
        }
    }
}

/// Lets the client of each platform drive one shop over http and one over https; each counts one, and so do the
/// signatures of Shopify's library for Python and ours.
pub fn run(judge: Judge, room: &Room, progress: &Progress) -> Tally {
    let log = room.log(judge.name());
    let mut tally = Tally::default();
    let mut notes = Vec::new();
    let program = match simulator::build(room, &log, progress) {
        Ok(program) => program,
        Err(why) => return Tally { failed: 4, note: why, ..Tally::default() },
    };
    for platform in [Platform::Woocommerce, Platform::Shopify] {
        let folder = match platform {
            Platform::Woocommerce => judge.name().to_owned(),
            Platform::Shopify => format!("shopify-{}", judge.name()),
        };
        let files = match files(&room.root.join("tests/simulators/judges").join(&folder)) {
            Ok(files) => files,
            Err(why) => {
                tally.failed += 2;
                notes.push(format!("{folder}: {why}"));
                continue;
            }
        };
        let at = match installed(judge, &folder, &files, &log, progress) {
            Ok(at) => at,
            Err(why) => {
                tally.left_out += 2;
                notes.push(format!("{folder}: {why}"));
                continue;
            }
        };
        if matches!((judge, platform), (Judge::Python, Platform::Shopify)) {
            progress.doing("the vendor's library and ours check each other's signatures");
            match signatures(room, &at, &log, progress) {
                Ok(()) => tally.passed += 1,
                Err(why) => {
                    tally.failed += 1;
                    notes.push(format!("{folder}: {why}"));
                }
            }
        }
        for https in [false, true] {
            let scheme = if https { "https" } else { "http" };
            progress.doing(&format!("{folder} drives a shop over {scheme}"));
            let driven = simulator::start(room, &program, platform, https, &log)
                .and_then(|shop| drive(judge, room, &at, &shop.door, &log, progress));
            match driven {
                Ok(()) => tally.passed += 1,
                Err(why) => {
                    tally.failed += 1;
                    notes.push(format!("{folder} over {scheme}: {why}"));
                }
            }
        }
    }
    tally.note = notes.join("; ");
    tally
}

fn drive(
    judge: Judge,
    room: &Room,
    at: &Path,
    door: &Door,
    log: &Path,
    progress: &Progress,
) -> Result<(), String> {
    let mut client = room.program(&judge.program(at));
    client.current_dir(at).arg(judge.script()).args([&door.url, &door.key, &door.secret]);
    // The shop is on this machine: a proxy has no business in between.
    client.env("NO_PROXY", "127.0.0.1,localhost").env("no_proxy", "127.0.0.1,localhost");
    if let Some(authority) = &door.authority {
        client.env(judge.trust(), authority);
    }
    match child::run(&mut client, DRIVE_LIMIT, log, progress).trouble() {
        None => Ok(()),
        Some(trouble) => Err(trouble),
    }
}

/// The library of the vendor signs queries that our crate must hold to be right, and holds those right that our crate
/// signs; changed ones are refused on both sides.
fn signatures(room: &Room, at: &Path, log: &Path, progress: &Progress) -> Result<(), String> {
    let folder = room.target.join("xtask").join(format!("signatures-{}", std::process::id()));
    let (theirs, ours) = (folder.join("shopify/theirs.json"), folder.join("ours.json"));
    std::fs::create_dir_all(folder.join("shopify")).map_err(|e| format!("{}: {e}", folder.display()))?;
    let step = |mut command: Command, out: Option<&Path>, limit: Duration| {
        let told = |e: std::io::Error| format!("{}: {e}", log.display());
        let err = std::fs::File::options().create(true).append(true).open(log).map_err(told)?;
        let out = match out {
            Some(out) => std::fs::File::create(out).map_err(told)?,
            None => err.try_clone().map_err(told)?,
        };
        let group = child::Group::start_into(&mut command, out.into(), err.into())?;
        group.wait(limit, progress).trouble().map_or(Ok(()), Err)
    };
    let library = |verb: &str, file: &Path| {
        let mut library = room.program(&Judge::Python.program(at));
        library.current_dir(at).arg("signatures.py").arg(verb).arg(file);
        library
    };
    let our_crate = |what: &str, path: &Path| {
        let mut cargo = room.cargo();
        cargo.args(["run", "--quiet", "--package", "xtask", "--example", "judge", "--", what]).arg(path);
        cargo
    };
    step(library("make", &theirs), None, DRIVE_LIMIT)?;
    step(our_crate("--reference", &folder), None, BUILD_LIMIT)
        .map_err(|why| format!("we do not hold a signature of the library right: {why}"))?;
    step(our_crate("--sign", &theirs), Some(&ours), BUILD_LIMIT)?;
    step(library("check", &ours), None, DRIVE_LIMIT)
        .map_err(|why| format!("the library does not hold our signatures right: {why}"))?;
    std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))
}

/// A copy of the judge's folder in the cache, with the packages it pins.
fn installed(
    judge: Judge,
    folder: &str,
    files: &[File],
    log: &Path,
    progress: &Progress,
) -> Result<PathBuf, String> {
    let named = files.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_slice()]);
    let cache = tools::cache()?;
    let at = cache.join(format!("judge-{folder}-{}", tools::fingerprint(named)));
    let _alone = tools::alone(&cache)?;
    let ready = at.join("ready");
    if ready.exists() {
        return Ok(at);
    }
    progress.doing("installing the vendor's client");
    let told = |e: std::io::Error| format!("{}: {e}", at.display());
    if at.exists() {
        std::fs::remove_dir_all(&at).map_err(told)?;
    }
    std::fs::create_dir_all(&at).map_err(told)?;
    for (name, text) in files {
        std::fs::write(at.join(name), text).map_err(told)?;
    }
    for mut command in judge.install(&at) {
        command.current_dir(&at);
        match child::run(&mut command, INSTALL_LIMIT, log, progress) {
            End::Well => {}
            other => return Err(format!("the client cannot be installed: {}", tools::why(&other, log))),
        }
    }
    std::fs::write(&ready, "").map_err(told)?;
    Ok(at)
}

fn files(folder: &Path) -> Result<Vec<File>, String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        if entry.file_type().map_err(told)?.is_file() {
            let text = std::fs::read(entry.path()).map_err(told)?;
            files.push((entry.file_name().to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}
