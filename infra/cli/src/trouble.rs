//! What went wrong, for the person at the keyboard: what is wrong, and what to do next.

use std::process::ExitCode;

use http::StatusCode;

/// Why a command did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    what: String,
    next: Option<String>,
    ending: Ending,
}

/// How the program ends, and who may go on all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It failed.
    Failed,
    /// It failed because nobody answered, or nobody could just now: a wait may go on.
    Passing,
    /// It failed with this status of the hub.
    Refused(StatusCode),
    /// It was called in a way that cannot be right.
    Usage,
    /// It is said already; only the exit code is left.
    Told,
}

pub(crate) type Result<T, E = Trouble> = std::result::Result<T, E>;

impl Trouble {
    /// Something failed.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), next: None, ending: Ending::Failed }
    }

    /// The hub did not answer, or could not just now.
    pub(crate) fn passing(what: impl Into<String>) -> Self {
        Self { ending: Ending::Passing, ..Self::new(what) }
    }

    /// The hub refused.
    pub(crate) fn refused(status: StatusCode, what: impl Into<String>) -> Self {
        Self { ending: Ending::Refused(status), ..Self::new(what) }
    }

    /// The command was called in a way that cannot be right.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { ending: Ending::Usage, ..Self::new(what) }
    }

    /// What is wrong was shown already.
    pub(crate) fn told() -> Self {
        Self { ending: Ending::Told, ..Self::new("") }
    }

    /// The same with what to do next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Whether a wait may go on: nobody answered just now.
    pub(crate) fn is_passing(&self) -> bool {
        self.ending == Ending::Passing
    }

    /// Whether the hub said that the thing is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        self.ending == Ending::Refused(StatusCode::NOT_FOUND)
    }

    /// What is wrong, in one line.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// The lines for standard error; none if it was said already.
    pub(crate) fn lines(&self) -> Vec<String> {
        if self.ending == Ending::Told {
            return Vec::new();
        }
        let what = format!("error: {}", self.what);
        std::iter::once(what).chain(self.next.iter().map(|next| format!("next:  {next}"))).collect()
    }

    /// 2 for a wrong call, 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.ending {
            Ending::Usage => ExitCode::from(2),
            Ending::Failed | Ending::Passing | Ending::Refused(_) | Ending::Told => ExitCode::FAILURE,
        }
    }
}

impl From<std::io::Error> for Trouble {
    /// The only thing that is written to or read from here is the terminal or the pipe.
    fn from(error: std::io::Error) -> Self {
        // Whoever read the answer has seen enough, as `head` has: there is nobody to tell.
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::told();
        }
        Self::new(format!("the answer could not be written: {error}"))
    }
}
