//! The real clock and the real randomness of a function.

use jiff::Timestamp;
use platform::{Clock, Dice};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that is handed in everywhere else")]
        Timestamp::now()
    }
}

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(
            clippy::expect_used,
            reason = "without randomness no id and no state may be made: better to stop"
        )]
        aws_lc_rs::rand::fill(bytes).expect("the system gives no randomness");
    }
}
