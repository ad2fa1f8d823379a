//! The one real clock and the one real source of randomness.

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
            reason = "without randomness no id, no state and no seal may be made: better to stop"
        )]
        aws_lc_rs::rand::fill(bytes).expect("the system gives no randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_do_not_repeat() {
        assert_ne!(SystemDice.ten(), SystemDice.ten());
    }

    #[test]
    fn the_clock_does_not_run_backwards_over_a_reading() {
        assert!(SystemClock.now() <= SystemClock.now());
    }
}
