//! Processes: started, looked at through `/proc`, ended.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// Clock ticks of `/proc/PID/stat` in a second: 100 on Linux, whatever the kernel's own tick.
const TICKS: f64 = 100.0;

/// A process that is killed when it is dropped.
pub struct Process {
    child: Child,
    /// What it said while it started, line by line.
    pub said: Vec<String>,
}

impl Process {
    /// Starts a command and reads what it says until a line holds `ready`.
    ///
    /// # Errors
    /// If it does not start, or ends before.
    pub fn start(command: &mut Command, ready: &str) -> Result<Self, Failure> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut process = Self { child, said: Vec::new() };
        for line in lines.by_ref() {
            let line = line?;
            let last = line.contains(ready);
            process.said.push(line);
            if last {
                // What it says later is read and forgotten, so that it never waits for us.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(process);
            }
        }
        Err(format!("a process ended before it was ready: {:?}", process.said).into())
    }

    /// What follows a word on one of the lines.
    #[must_use]
    pub fn value(&self, word: &str) -> Option<String> {
        let lines = self.said.iter();
        lines.filter_map(|line| line.split_once(word)).map(|(_, rest)| rest.trim().to_owned()).next()
    }

    /// User and system time so far, in seconds.
    ///
    /// # Errors
    /// If the process is gone.
    pub fn cpu(&self) -> Result<f64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let rest = stat.rsplit_once(')').ok_or("odd stat")?.1;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / TICKS)
    }

    /// The most memory that it ever held, in MiB.
    ///
    /// # Errors
    /// If the process is gone.
    pub fn peak_mib(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.split("VmHWM:").nth(1).and_then(|rest| rest.split_whitespace().next());
        Ok(line.ok_or("no VmHWM")?.parse::<f64>()? / 1024.0)
    }

    /// Kills it as a power cut would: nothing is asked.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub fn kill(mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits for its end, at most for `limit`.
    ///
    /// # Errors
    /// If it does not end in time, or badly.
    pub fn wait(mut self, limit: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        while began.elapsed() < limit {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("a process failed: {status}").into()),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
        Err("a process did not end in time".into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that lies beside this one.
///
/// # Errors
/// If it was not built.
pub fn beside(name: &str) -> Result<Command, Failure> {
    let path = std::env::current_exe()?.with_file_name(name);
    if !path.is_file() {
        return Err(format!("{name} is not built: run `cargo xtask bench`").into());
    }
    let mut command = Command::new(path);
    command.env_remove("RUST_LOG").env_remove("STORELOOM_DATA").env_remove("STORELOOM_PUBLIC_URL");
    Ok(command)
}
