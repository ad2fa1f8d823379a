//! What a step says when it is done.

use crate::child::End;
use std::time::Duration;

/// How many checks of a step passed, failed or were left out, and what to tell about them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that hold.
    pub passed: u64,
    /// Checks that do not.
    pub failed: u64,
    /// Checks that nobody made.
    pub left_out: u64,
    /// A few words for the table.
    pub note: String,
}

impl Tally {
    /// A step that is one check, and holds.
    pub fn passed() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// A step that is one check, and does not hold.
    pub fn failed(why: impl Into<String>) -> Self {
        Self { failed: 1, note: why.into(), ..Self::default() }
    }

    /// A step that was not made, and why.
    pub fn left_out(why: impl Into<String>) -> Self {
        Self { left_out: 1, note: why.into(), ..Self::default() }
    }

    /// A step that is one command.
    pub fn of(end: &End) -> Self {
        end.trouble().map_or_else(Self::passed, Self::failed)
    }

    /// Adds the checks of another.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.left_out += other.left_out;
    }

    /// What is left out counts as failed.
    pub fn strictly(mut self) -> Self {
        if self.left_out > 0 {
            let lead = format!("{} left out", self.left_out);
            self.note = if self.note.is_empty() { lead } else { format!("{lead}: {}", self.note) };
            self.failed += std::mem::take(&mut self.left_out);
        }
        self
    }

    /// One word for the whole.
    pub fn word(&self) -> &'static str {
        match (self.failed, self.left_out, self.passed) {
            (1.., _, _) => "FAILED",
            (0, 1.., 0) => "left out",
            (0, 0, 0) => "empty",
            _ => "passed",
        }
    }
}

/// One step that is done.
pub struct Done {
    /// Its name.
    pub name: String,
    /// What it found.
    pub tally: Tally,
    /// How long it took.
    pub took: Duration,
}
