//! What a real terminal shows while a secret is typed, and how it is left.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use secrecy::ExposeSecret as _;

use crate::seat::{Here, Seat as _};

/// Set for the process inside the terminal.
const INSIDE: &str = "STORELOOM_TEST_INSIDE_TERMINAL";
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal in which a process reads secrets.
struct Desk {
    process: Child,
    /// The end at which a person types.
    keyboard: File,
    /// What is shown, piece by piece.
    pieces: Receiver<Vec<u8>>,
    /// What was shown so far.
    shown: String,
    /// Kept, so that the terminal outlives the process.
    inside: File,
    /// How the terminal was before the process.
    before: LocalModes,
}

impl Desk {
    /// Starts this very program in a terminal of its own, to read two secrets there.
    fn new() -> Self {
        let outside = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&outside).unwrap();
        unlockpt(&outside).unwrap();
        let name = OsString::from_vec(ptsname(&outside, Vec::new()).unwrap().into_bytes());
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let inside = File::from(rustix::fs::open(&name, flags, Mode::empty()).unwrap());
        let before = tcgetattr(&inside).unwrap().local_modes;
        let process = Command::new("setsid")
            .args(["--ctty", "--wait"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "tests::terminal::what_is_typed_is_not_shown"])
            .env(INSIDE, "1")
            .stdin(inside.try_clone().unwrap())
            .stdout(inside.try_clone().unwrap())
            .stderr(inside.try_clone().unwrap())
            .spawn()
            .expect("`setsid` of util-linux starts a process in a terminal of its own");
        let keyboard = File::from(outside);
        let mut screen = keyboard.try_clone().unwrap();
        let (tell, pieces) = channel();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut piece) {
                let _ = tell.send(piece[..read].to_vec());
            }
        });
        Self { process, keyboard, pieces, shown: String::new(), inside, before }
    }

    fn modes(&self) -> LocalModes {
        tcgetattr(&self.inside).unwrap().local_modes
    }

    /// Waits until some words were shown.
    fn until(&mut self, words: &str) {
        while !self.shown.contains(words) {
            let piece = self.pieces.recv_timeout(PATIENCE);
            let piece = piece.unwrap_or_else(|_| panic!("{words} in {}", self.shown));
            self.shown.push_str(&String::from_utf8(piece).unwrap());
        }
    }

    /// Types as soon as it is not shown.
    fn type_unseen(&mut self, text: &str) {
        let begun = Instant::now();
        while self.modes().contains(LocalModes::ECHO) {
            assert!(begun.elapsed() < PATIENCE, "the terminal goes on showing what is typed");
            std::thread::yield_now();
        }
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        let begun = Instant::now();
        while status.is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::yield_now();
            status = self.process.try_wait().unwrap();
        }
        status.unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

fn read_two_secrets() {
    let here = Here::default();
    for question in ["first?", "second?"] {
        println!("{question}");
        let typed = here.read_unseen().unwrap();
        let letters = typed.expose_secret().chars().filter(char::is_ascii_lowercase).count();
        println!("{letters} of {}", typed.expose_secret().len());
    }
}

#[test]
fn what_is_typed_is_not_shown() {
    if std::env::var_os(INSIDE).is_some() {
        return read_two_secrets();
    }
    let mut desk = Desk::new();
    desk.until("first?");
    desk.type_unseen("wrong\u{15}hushhush\n");
    desk.until("8 of 8");
    desk.until("second?");
    // Ctrl-D: nothing is typed.
    desk.type_unseen("\u{4}");
    desk.until("0 of 0");
    assert!(!desk.shown.contains("hush") && !desk.shown.contains("wrong"), "{}", desk.shown);
    assert!(desk.ended().success());
    assert_eq!(desk.modes(), desk.before);
}

#[test]
fn a_terminal_that_is_left_with_control_c_shows_again_what_is_typed() {
    for first in ["", "hush\n"] {
        let mut desk = Desk::new();
        desk.until("first?");
        if !first.is_empty() {
            desk.type_unseen(first);
            desk.until("second?");
        }
        desk.type_unseen("hu\u{3}");
        assert!(!desk.ended().success());
        assert_eq!(desk.modes(), desk.before);
    }
}
