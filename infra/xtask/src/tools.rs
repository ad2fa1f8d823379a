//! Programs that the checks need and cargo does not bring: found on the path, or built once, outside the tree.

use crate::child::{self, End};
use crate::progress::Progress;
use crate::room::Room;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A program on the registry, and the version that the project was tried with.
pub struct Pin {
    /// Package and program name.
    pub name: &'static str,
    /// What is installed; a later patch of the same minor version found on the path serves as well.
    pub version: &'static str,
    /// What to call it with to hear its version.
    asked: &'static [&'static str],
}

/// Runs the tests, each in its own process.
pub const NEXTEST: Pin = Pin { name: "cargo-nextest", version: "0.9.143", asked: &["nextest", "--version"] };
/// Looks at licences, sources and forbidden dependencies.
pub const DENY: Pin = Pin { name: "cargo-deny", version: "0.20.2", asked: &["--version"] };
/// Finds dependencies that nobody uses.
pub const MACHETE: Pin = Pin { name: "cargo-machete", version: "0.9.2", asked: &["--version"] };

const PINS: [&Pin; 3] = [&NEXTEST, &DENY, &MACHETE];
const BUILD_LIMIT: Duration = Duration::from_secs(25 * 60);

/// The folder of the user's caches that is ours.
pub fn cache() -> Result<PathBuf, String> {
    let given = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    given("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| given("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("storeloom"))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME is set".to_owned())
}

/// Waits for other runs that install into the cache; the lock ends with the file.
pub fn alone(cache: &Path) -> Result<std::fs::File, String> {
    let path = cache.join("lock");
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    std::fs::create_dir_all(cache).map_err(told)?;
    let file = std::fs::File::options().create(true).append(true).open(&path).map_err(told)?;
    file.lock().map_err(told)?;
    Ok(file)
}

/// A number that names some content; the same on every machine.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    // FNV-1a with a separator: parts cannot flow into each other unnoticed by accident.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut eat = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        part.iter().copied().for_each(&mut eat);
        eat(0xff);
    }
    format!("{hash:016x}")
}

/// The program of a pin, installed when the machine has none that serves.
pub fn program(pin: &Pin, room: &Room, log: &Path, progress: &Progress) -> Result<PathBuf, String> {
    if serves(pin, Path::new(pin.name)) {
        return Ok(PathBuf::from(pin.name));
    }
    let cache = cache()?;
    let pins: Vec<&[u8]> = PINS.iter().flat_map(|p| [p.name.as_bytes(), p.version.as_bytes()]).collect();
    let folder = cache.join(format!("tools-{}", fingerprint(pins)));
    let built = folder.join("bin").join(pin.name);
    let _alone = alone(&cache)?;
    if !serves(pin, &built) {
        progress.doing(&format!("building {} {}", pin.name, pin.version));
        build(pin, room, &folder, log, progress)?;
    }
    if serves(pin, &built) { Ok(built) } else { Err(format!("{} was built but does not run", pin.name)) }
}

fn build(pin: &Pin, room: &Room, folder: &Path, log: &Path, progress: &Progress) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let workshop = folder.join(format!("building-{}", pin.name));
    let mut cargo = room.cargo();
    cargo.current_dir(folder);
    cargo.args(["install", "--locked", "--version", pin.version, "--root"]).arg(folder).arg(pin.name);
    cargo.env("CARGO_TARGET_DIR", &workshop).env_remove("RUSTFLAGS");
    // Built once and run for seconds: what counts is the time to build.
    for (key, value) in [("LTO", "false"), ("OPT_LEVEL", "1"), ("CODEGEN_UNITS", "16"), ("DEBUG", "0")] {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
    }
    let end = child::run(&mut cargo, BUILD_LIMIT, log, progress);
    let _ = std::fs::remove_dir_all(&workshop);
    match end {
        End::Well => Ok(()),
        other => Err(format!("{} cannot be installed: {}", pin.name, why(&other, log))),
    }
}

/// The reason in few words: the last line of a log that names an error, or how the child ended.
pub fn why(end: &End, log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let named = |line: &&str| {
        let low = line.to_lowercase();
        !low.contains("complete log")
            && (low.contains("error") || low.contains("could not") || low.contains("failed"))
    };
    let line = text.lines().map(str::trim).rfind(named).map(|line| line.chars().take(160).collect());
    line.or_else(|| end.trouble()).unwrap_or_default()
}

fn serves(pin: &Pin, program: &Path) -> bool {
    let said = Command::new(program).args(pin.asked).output();
    said.is_ok_and(|said| {
        said.status.success() && is_enough(&String::from_utf8_lossy(&said.stdout), pin.version)
    })
}

/// Whether the version in what a program said is the wanted one or a later patch of it.
fn is_enough(said: &str, wanted: &str) -> bool {
    let found = said.split_whitespace().find_map(version);
    match (found, version(wanted)) {
        (Some(found), Some(wanted)) => found[..2] == wanted[..2] && found[2] >= wanted[2],
        _ => false,
    }
}

fn version(word: &str) -> Option<[u64; 3]> {
    let mut parts = word.split('.').map(|part| part.parse().ok());
    let read = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_patch_serves_and_nothing_else_does() {
        assert!(is_enough("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)", "0.9.143"));
        assert!(is_enough("0.9.3", "0.9.2"));
        assert!(!is_enough("cargo-deny 0.20.1", "0.20.2"));
        assert!(!is_enough("cargo-deny 0.21.0", "0.20.2"));
        assert!(!is_enough("no such command", "0.20.2"));
    }

    #[test]
    fn a_fingerprint_tells_contents_apart() {
        let of = |parts: &[&str]| fingerprint(parts.iter().map(|p| p.as_bytes()));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
    }

    #[test]
    fn the_reason_is_the_last_error_named() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        std::fs::write(&log, "Updating\nerror: failed to fetch\n  no host\n").unwrap();
        assert_eq!(why(&End::Badly("exit status: 101".into()), &log), "error: failed to fetch");
        std::fs::write(&log, "").unwrap();
        assert_eq!(why(&End::Badly("exit status: 101".into()), &log), "exit status: 101");
    }
}
