//! Every call to the outside passes the gate: there a task stops, meets trouble, or goes on.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use jiff::{SignedDuration, Timestamp};
use ports::{ErrorKind, PortError};

/// When all histories begin.
pub const BEGIN: i64 = 1_790_000_000_000;

/// How long a call to a shop takes, in milliseconds.
const SHOP: i64 = 60;

/// What the last call of a turn meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Somebody else wrote at the same time; a shop answers 500 and did nothing.
    Conflict,
    /// Too much at once.
    Throttle,
    /// It is not done, and the caller cannot know.
    Fails,
    /// It is done, and the answer is lost.
    Lost,
    /// The worker dies after it.
    Crash,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 5] = [Self::Conflict, Self::Throttle, Self::Fails, Self::Lost, Self::Crash];
}

/// Where tasks stop.
#[derive(Debug)]
pub struct Gate(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    millis: i64,
    skew: i64,
    left: u32,
    fault: Option<Fault>,
    /// The fault waits for a call that goes to a shop.
    at_shop: bool,
    loses: bool,
    stopped_at: &'static str,
    met: Option<(Fault, &'static str)>,
    calls: u64,
    /// Who is on its turn.
    worker: u64,
    /// Workers that noted a write, or something else of a link, and did not put the ends of all writes down yet.
    writing: BTreeSet<u64>,
    /// Whether one of them met trouble: what its write did was found out, or guessed, by others.
    unended: bool,
    /// The calls of the turn, if somebody listens.
    heard: Option<Vec<&'static str>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            millis: BEGIN,
            skew: 0,
            left: u32::MAX,
            fault: None,
            at_shop: false,
            loses: false,
            stopped_at: "",
            met: None,
            calls: 0,
            worker: 0,
            writing: BTreeSet::new(),
            unended: false,
            heard: None,
        }))
    }
}

impl Gate {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens for so many calls of a worker whose clock goes wrong by so much; the last of them meets the fault.
    pub fn open(&self, worker: u64, calls: u32, skew: i64, fault: Option<Fault>) {
        let mut inner = self.inner();
        inner.worker = worker;
        inner.left = calls;
        inner.skew = skew;
        inner.fault = fault.filter(|fault| *fault != Fault::Crash);
        inner.loses = false;
        inner.met = None;
    }

    /// The fault does not wait for the last call, but for the first one that goes to a shop.
    pub fn at_shop(&self) {
        self.inner().at_shop = true;
    }

    /// Closes: no worker is on its turn. Returns the call at which it stopped and the trouble that it met.
    pub fn close(&self) -> (&'static str, Option<(Fault, &'static str)>) {
        let mut inner = self.inner();
        inner.skew = 0;
        inner.fault = None;
        inner.at_shop = false;
        (inner.stopped_at, inner.met.take())
    }

    /// The true time, in milliseconds.
    pub fn millis(&self) -> i64 {
        self.inner().millis
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        at(self.millis())
    }

    /// Lets time pass.
    pub fn wait(&self, millis: i64) {
        self.inner().millis += millis;
    }

    /// Sets the time; for a copy of a world.
    pub fn set(&self, millis: i64) {
        self.inner().millis = millis;
    }

    /// A worker died.
    pub fn died(&self, worker: u64) {
        let mut inner = self.inner();
        inner.unended |= inner.writing.remove(&worker);
    }

    /// Whether the end of some write was not put down by whoever wrote.
    pub fn unended(&self) -> bool {
        self.inner().unended
    }

    /// Who is on its turn.
    pub fn worker(&self) -> u64 {
        self.inner().worker
    }

    /// From here on calls are listened to.
    pub fn listen(&self) {
        self.inner().heard = Some(Vec::new());
    }

    /// The calls since it was asked last.
    pub fn heard(&self) -> Option<Vec<&'static str>> {
        self.inner().heard.as_mut().map(std::mem::take)
    }

    /// All calls so far.
    pub fn calls(&self) -> u64 {
        self.inner().calls
    }

    /// Waits until a call may be made; an error is the trouble that it meets.
    pub fn pass(&self, op: &'static str) -> Pass<'_> {
        Pass { gate: self, op, millis: 2 }
    }

    /// The same for a call that goes to a shop, which takes longer.
    pub fn pass_out(&self, op: &'static str) -> Pass<'_> {
        Pass { gate: self, op, millis: SHOP }
    }

    /// Whether the answer of the call that just passed is lost.
    pub fn loses(&self) -> bool {
        std::mem::take(&mut self.inner().loses)
    }

    /// Fails if the answer of the call that just passed is lost.
    pub fn answered(&self, op: &'static str) -> Result<(), PortError> {
        if self.loses() {
            Err(PortError::new(ErrorKind::Unavailable, op, "the answer is lost"))
        } else {
            Ok(())
        }
    }
}

impl platform::Clock for Gate {
    fn now(&self) -> Timestamp {
        let inner = self.inner();
        at(inner.millis + inner.skew)
    }
}

/// A time in milliseconds.
#[must_use]
pub fn at(millis: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
}

/// Waiting at the gate.
#[derive(Debug)]
pub struct Pass<'a> {
    gate: &'a Gate,
    op: &'static str,
    millis: i64,
}

impl Future for Pass<'_> {
    type Output = Result<(), Fault>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inner = self.gate.inner();
        if inner.left == 0 {
            inner.stopped_at = self.op;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        inner.left -= 1;
        inner.calls += 1;
        inner.millis += self.millis;
        let op = self.op;
        if let Some(heard) = &mut inner.heard {
            heard.push(op);
        }
        let fires = if inner.at_shop { self.millis == SHOP } else { inner.left == 0 };
        let fault = if fires { inner.fault.take() } else { None };
        let worker = inner.worker;
        match op {
            // Whoever dies between the note of a write and the write leaves the same question.
            "Ledger.change_link" | "push_stock" => _ = inner.writing.insert(worker),
            // It looks for more work: all is put down.
            "Lanes.due" => _ = inner.writing.remove(&worker),
            _ => inner.unended |= fault.is_some() && inner.writing.contains(&worker),
        }
        match fault {
            None => Poll::Ready(Ok(())),
            Some(fault) => {
                inner.met = Some((fault, self.op));
                if fault == Fault::Lost {
                    inner.loses = true;
                    Poll::Ready(Ok(()))
                } else {
                    Poll::Ready(Err(fault))
                }
            }
        }
    }
}

impl Fault {
    /// The fault as a port tells it.
    #[must_use]
    pub fn of_port(self, op: &'static str) -> PortError {
        let (kind, why) = match self {
            Self::Conflict => (ErrorKind::Conflict, "somebody else wrote at the same time"),
            Self::Throttle => (ErrorKind::Throttled, "too much at once"),
            Self::Fails | Self::Lost | Self::Crash => (ErrorKind::Unavailable, "no answer"),
        };
        PortError::new(kind, op, why)
    }
}
