//! `cargo xtask bench functions`: what each deployable function weighs, and how long it takes until it asks for work.
//!
//! A function is started as its runtime would start it, with a runtime interface on a loopback port that notes when
//! the first request for work comes. Beside them stands a function that only says hello.

use crate::functions::{self, Machine};
use crate::room::Room;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The function that only says hello.
const FLOOR: &str = "hello";
const RUNS: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(10);
const ASKS_FOR_WORK: &str = "GET /2018-06-01/runtime/invocation/next";
/// What the runtime and the template set. Nothing listens at any of these: a start reaches nobody.
const ENVIRONMENT: [(&str, &str); 20] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "measured"),
    ("AWS_SECRET_ACCESS_KEY", "measured"),
    ("AWS_SESSION_TOKEN", "measured"),
    ("LOG", "info"),
    ("TABLE", "measured"),
    ("SECRETS", "measured"),
    ("SEAL_KEY", "measured"),
    ("BUCKET", "measured"),
    ("INBOX_URL", "https://sqs.us-east-1.amazonaws.com/1/inbox.fifo"),
    ("INBOX_ARN", "arn:aws:sqs:us-east-1:1:inbox.fifo"),
    ("DOORBELL_URL", "https://sqs.us-east-1.amazonaws.com/1/doorbell.fifo"),
    ("TICK_GROUP", "measured"),
    ("TICK_ROLE_ARN", "arn:aws:iam::1:role/tick"),
    ("PUBLIC_URL", "https://hub.example/"),
    ("APP_NAME", "Storeloom"),
    ("INTERVAL_SECONDS", "120"),
];

/// What was found of one function.
struct Found {
    name: String,
    megabytes: f64,
    /// Until it asked for work, in milliseconds, sorted.
    starts: Vec<f64>,
    /// Memory at that moment, in MiB.
    memory: f64,
}

/// Builds everything as it is deployed, for this machine's kind, and measures.
pub fn run(room: &Room, runs: Option<u32>) -> Result<(), String> {
    let mut names = functions::names(room)?;
    names.insert(0, FLOOR.to_owned());
    let into = room.target.join("xtask").join("lambda");
    functions::build(room, Machine::here(), &names, &into)?;
    let mut found = Vec::new();
    for name in names {
        let program = functions::program(&into, &name);
        let megabytes = functions::megabytes(&program)?;
        found.push((program, Found { name, megabytes, starts: Vec::new(), memory: 0.0 }));
    }
    // One after the other in turns, so that a busy moment of the machine falls on all alike; the first turn only
    // brings the programs into memory.
    for turn in 0..=runs.unwrap_or(RUNS).max(5) {
        for (program, found) in &mut found {
            let (took, memory) = start(program).map_err(|why| format!("{}: {why}", found.name))?;
            if turn > 0 {
                found.starts.push(took.as_secs_f64() * 1e3);
                found.memory = memory;
            }
        }
    }
    let found = found.into_iter().map(|(_, mut found)| {
        found.starts.sort_by(f64::total_cmp);
        found
    });
    println!("{}", table(&found.collect::<Vec<_>>()));
    Ok(())
}

/// Starts a function once: how long until it asked for work, and how much memory it held then.
fn start(program: &Path) -> Result<(Duration, f64), String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| format!("no port: {e}"))?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let at = Instant::now();
            let mut line = String::new();
            let mut reader = BufReader::new(stream);
            if reader.read_line(&mut line).is_ok() && line.starts_with(ASKS_FOR_WORK) {
                // The connection stays open with the one who waits for it.
                let _ = tell.send((at, reader));
                return;
            }
        }
    });
    let mut command = Command::new(program);
    command.env_clear().envs(ENVIRONMENT).env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|e| format!("it does not start: {e}"))?;
    let asked = told.recv_timeout(PATIENCE);
    let memory = memory(&child);
    let _ = child.kill();
    let _ = child.wait();
    match asked {
        Ok((at, _)) => Ok((at.duration_since(begun), memory)),
        Err(_) => Err(format!("it did not ask for work within {} s", PATIENCE.as_secs())),
    }
}

/// The most memory that a process held so far, in MiB.
fn memory(child: &Child) -> f64 {
    let status = std::fs::read_to_string(PathBuf::from(format!("/proc/{}/status", child.id())));
    let kib = status
        .ok()
        .and_then(|text| text.split("VmHWM:").nth(1)?.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

fn table(found: &[Found]) -> String {
    let floor = found.first().map_or(f64::NAN, |floor| median(&floor.starts));
    let mut text = String::from(
        "| function | size, MB | start, ms: median (range) | times hello's | memory, MiB |\n|---|---|---|---|---|\n",
    );
    for one in found {
        let (least, most) = (one.starts.first().copied(), one.starts.last().copied());
        text.push_str(&format!(
            "| {} | {:.2} | {:.2} ({:.2} .. {:.2}) | {:.2} | {:.1} |\n",
            one.name,
            one.megabytes,
            median(&one.starts),
            least.unwrap_or(f64::NAN),
            most.unwrap_or(f64::NAN),
            median(&one.starts) / floor,
            one.memory,
        ));
    }
    text
}

/// The middle of sorted figures.
fn median(sorted: &[f64]) -> f64 {
    match (sorted.get(sorted.len() / 2), sorted.get(sorted.len().saturating_sub(1) / 2)) {
        (Some(upper), Some(lower)) => f64::midpoint(*upper, *lower),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_figures_is_found() {
        assert!((median(&[1.0, 2.0, 9.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[1.0, 2.0, 4.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_start_counts_until_it_asks_for_work_and_no_other_request_counts() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("bootstrap");
        let asks = "#!/bin/bash\nIFS=: read host port <<< \"$AWS_LAMBDA_RUNTIME_API\"\n\
            ask() { exec 3<>/dev/tcp/$host/$port; printf 'GET %s HTTP/1.1\\r\\n\\r\\n' \"$1\" >&3; }\n\
            [ -n \"$TABLE\" ] || exit 1\nask /ping\nsleep 0.2\nask /2018-06-01/runtime/invocation/next\nsleep 20\n";
        std::fs::write(&script, asks).unwrap();
        let mut rights = std::fs::metadata(&script).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
        std::fs::set_permissions(&script, rights).unwrap();
        let (took, memory) = start(&script).unwrap();
        assert!(took >= Duration::from_millis(200) && took < PATIENCE, "{took:?}");
        assert!(memory > 0.0);
        assert!(start(Path::new("/nowhere/at-all")).is_err());
    }
}
