//! One line that says what is being done and for how long.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often the line is told again where it cannot be rewritten.
const REMINDER: u64 = 60;

/// The line of one step: rewritten every second on a terminal, told at the start and every minute elsewhere.
pub struct Progress {
    name: String,
    started: Instant,
    told: Cell<u64>,
    way: Way,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Rewritten,
    Added,
    #[cfg(test)]
    Silent,
}

impl Progress {
    /// Begins the line of a step.
    pub fn begin(name: &str) -> Self {
        let way = if std::io::stderr().is_terminal() { Way::Rewritten } else { Way::Added };
        let line = Self { name: name.to_owned(), started: Instant::now(), told: Cell::new(0), way };
        line.tell("...");
        line
    }

    /// A line that nobody sees.
    #[cfg(test)]
    pub fn quiet() -> Self {
        Self { name: String::new(), started: Instant::now(), told: Cell::new(0), way: Way::Silent }
    }

    /// How long the step has been running.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Says what within the step is being done.
    pub fn doing(&self, what: &str) {
        self.tell(what);
    }

    /// Tells the time when it is time to.
    pub fn tick(&self) {
        let seconds = self.elapsed().as_secs();
        let every = if self.way == Way::Rewritten { 1 } else { REMINDER };
        if seconds >= self.told.get() + every {
            self.told.set(seconds);
            self.tell(&format!("{seconds} s"));
        }
    }

    /// Ends the line with how it went.
    pub fn end(&self, how: &str) {
        self.tell(&format!("{how} in {:.1} s", self.elapsed().as_secs_f64()));
        if self.way == Way::Rewritten {
            eprintln!();
        }
    }

    fn tell(&self, what: &str) {
        match self.way {
            Way::Rewritten => {
                eprint!("\r\x1b[2K{}: {what}", self.name);
                let _ = std::io::stderr().flush();
            }
            Way::Added => eprintln!("{}: {what}", self.name),
            #[cfg(test)]
            Way::Silent => {}
        }
    }
}
