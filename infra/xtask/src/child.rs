//! Children that cannot be left behind: each is a process group with a time limit.

use crate::progress::Progress;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Groups that are running now, by the pid that leads them.
static RUNNING: Mutex<Vec<i32>> = Mutex::new(Vec::new());
/// How long a group may take to end by itself when asked to.
const GRACE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(40);

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// It said that all is well.
    Well,
    /// It said that something is not.
    Badly(String),
    /// It had not ended when its time was over, and was ended.
    TooLate(Duration),
    /// It could not be started.
    NotStarted(String),
}

impl End {
    /// What to tell about it; nothing when it went well.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Well => None,
            Self::Badly(how) => Some(how.clone()),
            Self::TooLate(limit) => Some(format!("not done after {} s: ended", limit.as_secs())),
            Self::NotStarted(why) => Some(format!("cannot be started: {why}")),
        }
    }
}

/// A child with all that it starts; dropped, the whole group ends.
pub struct Group {
    child: Child,
    lead: i32,
    over: bool,
}

impl Group {
    /// Starts a command as the leader of its own group; both outputs are added to the file `log`.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self, String> {
        let into = appended(log)?;
        let also = into.try_clone().map_err(|e| e.to_string())?;
        Self::start_into(command, into.into(), also.into())
    }

    /// Starts a command as the leader of its own group, with its outputs where they are told to go.
    pub fn start_into(command: &mut Command, out: Stdio, err: Stdio) -> Result<Self, String> {
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        let mut running = RUNNING.lock().map_err(|e| e.to_string())?;
        let child =
            command.spawn().map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
        let lead = i32::try_from(child.id()).map_err(|e| e.to_string())?;
        running.push(lead);
        Ok(Self { child, lead, over: false })
    }

    /// Looks whether the leader has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        self.child.try_wait().map_err(|e| e.to_string())
    }

    /// Waits for the leader to end, at most for `limit`; then ends the group.
    pub fn wait(mut self, limit: Duration, progress: &Progress) -> End {
        let started = Instant::now();
        loop {
            match self.ended() {
                Err(why) => return End::Badly(why),
                Ok(Some(status)) if status.success() => return End::Well,
                Ok(Some(status)) => return End::Badly(status.to_string()),
                Ok(None) if started.elapsed() >= limit => {
                    self.end();
                    return End::TooLate(limit);
                }
                Ok(None) => {
                    progress.tick();
                    std::thread::sleep(LOOK);
                }
            }
        }
    }

    /// Asks the group to end, then insists.
    pub fn end(&mut self) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        signal(self.lead, Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < GRACE && self.is_there() {
            std::thread::sleep(LOOK);
        }
        signal(self.lead, Signal::KILL);
        let _ = self.child.wait();
        if let Ok(mut running) = RUNNING.lock() {
            running.retain(|lead| *lead != self.lead);
        }
    }

    /// Whether anything of the group still runs; takes the leader's end into account.
    fn is_there(&mut self) -> bool {
        let _ = self.child.try_wait();
        group(self.lead).is_some_and(|pid| test_kill_process_group(pid).is_ok())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command, limit: Duration, log: &Path, progress: &Progress) -> End {
    match Group::start(command, log) {
        Ok(group) => group.wait(limit, progress),
        Err(why) => End::NotStarted(why),
    }
}

/// On an interrupt, a hang-up or a request to end: ends every group, then this program.
pub fn end_all_on_signal() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(number) = signals.forever().next() {
            end_all();
            std::process::exit(128 + number);
        }
    });
}

fn end_all() {
    // The lock is kept: nothing new starts while we leave.
    let Ok(running) = RUNNING.lock() else { return };
    running.iter().for_each(|lead| signal(*lead, Signal::TERM));
    let asked = Instant::now();
    let any_there =
        || running.iter().filter_map(|l| group(*l)).any(|pid| test_kill_process_group(pid).is_ok());
    while asked.elapsed() < GRACE && any_there() {
        std::thread::sleep(LOOK);
    }
    running.iter().for_each(|lead| signal(*lead, Signal::KILL));
}

fn signal(lead: i32, which: Signal) {
    if let Some(pid) = group(lead) {
        // A group that is gone already needs no signal.
        let _ = kill_process_group(pid, which);
    }
}

fn group(lead: i32) -> Option<Pid> {
    Pid::from_raw(lead)
}

fn appended(log: &Path) -> Result<File, String> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    File::options().create(true).append(true).open(log).map_err(|e| format!("{}: {e}", log.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }

    #[test]
    fn tells_well_from_badly_and_keeps_what_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("logs/step.log");
        let quiet = Progress::quiet();
        let minute = Duration::from_secs(60);
        assert_eq!(run(&mut shell("echo one"), minute, &log, &quiet), End::Well);
        let badly = run(&mut shell("echo two >&2; exit 3"), minute, &log, &quiet);
        assert_eq!(badly, End::Badly("exit status: 3".into()));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "one\ntwo\n");
        let none = run(&mut Command::new("/nowhere/at-all"), minute, &log, &quiet);
        assert!(matches!(none, End::NotStarted(_)), "{none:?}");
    }

    #[test]
    fn whoever_is_too_late_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("step.log");
        let mut slow = shell("sleep 300 & echo $!; wait");
        let end = run(&mut slow, Duration::from_millis(400), &log, &Progress::quiet());
        assert_eq!(end, End::TooLate(Duration::from_millis(400)));
        let grandchild: i32 = std::fs::read_to_string(&log).unwrap().trim().parse().unwrap();
        let left = rustix::process::test_kill_process(Pid::from_raw(grandchild).unwrap());
        let zombie = std::fs::read_to_string(format!("/proc/{grandchild}/stat"))
            .is_ok_and(|stat| stat.contains(") Z "));
        assert!(left.is_err() || zombie, "the child of the child still runs");
    }

    #[test]
    fn what_outlives_its_leader_is_ended_too() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("step.log");
        let end = run(&mut shell("sleep 300 & echo $!"), Duration::from_secs(60), &log, &Progress::quiet());
        assert_eq!(end, End::Well);
        let orphan = std::fs::read_to_string(&log).unwrap().trim().to_owned();
        let stat = std::fs::read_to_string(format!("/proc/{orphan}/stat"));
        assert!(stat.is_err() || stat.is_ok_and(|s| s.contains(") Z ")), "an orphan still runs");
    }
}
