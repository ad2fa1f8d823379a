//! An emulator of AWS on a loopback port, for as long as somebody needs it.

use crate::child::{self, Group};
use crate::progress::Progress;
use crate::python;
use crate::room::Room;
use crate::step::Tally;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(90);
const BUILD_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The emulator while it runs; dropped, it ends.
pub struct Emulator {
    _group: Group,
    /// Where it answers for all services.
    pub endpoint: String,
}

impl Emulator {
    /// Starts one on a free port of this machine and waits until it answers.
    pub fn start(programs: &Path, room: &Room, log: &Path) -> Result<Self, String> {
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let folder = room.target.join("xtask").join(format!("emulator-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut command = room.program(&programs.join("ministack"));
        command.current_dir(&folder);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        let mut group = Group::start(&mut command, log)?;
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = group.ended()? {
                return Err(format!("the emulator ended at its start: {status}"));
            }
            if is_well(port) {
                return Ok(Self { _group: group, endpoint });
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("the emulator was not up after {} s", START_LIMIT.as_secs()))
    }
}

/// Runs the suites of the ports over the AWS adapters; each suite counts one.
pub fn suites(room: &Room, log: &Path, limit: Duration, progress: &Progress) -> Tally {
    let programs = match python::environment("emulator", room, log, progress) {
        Ok(programs) => programs,
        Err(why) => return Tally::left_out(why),
    };
    let mut cargo = room.cargo();
    cargo.args(["build", "--package", "emulated", "--bin", "suites"]);
    if let Some(trouble) = child::run(&mut cargo, BUILD_LIMIT, log, progress).trouble() {
        return Tally::failed(format!("the suites cannot be built: {trouble}"));
    }
    let emulator = match Emulator::start(&programs, room, log) {
        Ok(emulator) => emulator,
        Err(why) => return Tally::failed(why),
    };
    progress.doing("the suites over the AWS adapters");
    let said = room.target.join("xtask").join("suites.txt");
    let told = |e: std::io::Error| Tally::failed(format!("{}: {e}", said.display()));
    let (out, err) = match (std::fs::File::create(&said), std::fs::File::options().append(true).open(log)) {
        (Ok(out), Ok(err)) => (out, err),
        (Err(e), _) | (_, Err(e)) => return told(e),
    };
    let mut command = room.program(&room.target.join("debug").join("suites"));
    command.arg(&emulator.endpoint);
    let end = match Group::start_into(&mut command, out.into(), err.into()) {
        Ok(group) => group.wait(limit, progress),
        Err(why) => return Tally::failed(why),
    };
    let text = std::fs::read_to_string(&said).unwrap_or_default();
    let mut tally = read_suites(&text);
    if let (0, Some(trouble)) = (tally.failed, end.trouble()) {
        tally.failed = 1;
        tally.note = trouble;
    }
    tally
}

/// Counts what the suites said; a suite that said nothing has failed.
fn read_suites(said: &str) -> Tally {
    let passed = said.lines().filter(|line| line.starts_with("ok ")).count();
    let failed: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("FAILED ")).collect();
    let last = said.lines().last().and_then(|line| line.strip_suffix(" suites")).and_then(|n| n.parse().ok());
    let Some(wanted) = last.filter(|wanted: &usize| *wanted > 0) else {
        return Tally::failed("the suites did not come to their end");
    };
    let silent = wanted.saturating_sub(passed + failed.len());
    let names: Vec<&str> = failed.iter().map(|line| line.split(':').next().unwrap_or(line)).collect();
    Tally {
        passed: passed as u64,
        failed: (failed.len() + silent) as u64,
        note: names.join(", "),
        ..Tally::default()
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> Result<u16, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = TcpListener::bind(address).map_err(|e| format!("no port is to be had: {e}"))?;
    listener.local_addr().map(|address| address.port()).map_err(|e| e.to_string())
}

/// Whether the emulator says that it is well.
fn is_well(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_counted_one_by_one() {
        let tally = read_suites("ok a\nok b\nFAILED c: it broke: badly\n3 suites\n");
        assert_eq!((tally.passed, tally.failed, tally.note.as_str()), (2, 1, "c"));
        let silent = read_suites("ok a\n3 suites\n");
        assert_eq!((silent.passed, silent.failed), (1, 2), "who says nothing has failed");
        assert_eq!(read_suites("ok a\nok b\n").failed, 1, "it did not come to its end");
        assert_eq!(read_suites("0 suites\n").failed, 1);
    }

    #[test]
    fn nobody_is_well_where_nobody_listens() {
        assert!(!is_well(free_port().unwrap()));
    }
}
