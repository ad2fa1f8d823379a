//! Waiting a little before trying again, and names that nobody else makes.

use std::time::Duration;

/// How often something that passes is tried, before its caller hears of it.
pub(crate) const ATTEMPTS: u32 = 8;

/// Grows from about ten milliseconds to about half a second, each time by chance, so that those who met
/// once do not meet again.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    times: u32,
}

impl Pause {
    /// Waits, unless it was waited too often already: then false.
    pub(crate) async fn again(&mut self) -> bool {
        self.times += 1;
        if self.times >= ATTEMPTS {
            return false;
        }
        let ceiling = (10_u64 << self.times.min(6)).min(500);
        tokio::time::sleep(Duration::from_millis(rand::random_range(1..=ceiling))).await;
        true
    }
}

/// A name that nobody else makes: it tells a write's own earlier effect from somebody else's. It decides
/// nothing and is no secret, so it needs no dice from outside.
pub(crate) fn nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}
