//! Seeded chance: the same seed always throws the same.

use std::sync::{Mutex, PoisonError};

/// A seeded source of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Chance of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.any() % end.max(1)
    }

    /// Whether something happens that happens so often in a hundred.
    pub fn percent(&mut self, often: u64) -> bool {
        self.below(100) < often
    }
}

/// Chance as the hub is handed it.
#[derive(Debug)]
pub struct SeededDice(Mutex<Chance>);

impl SeededDice {
    /// Dice of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(Mutex::new(Chance::of(seed)))
    }
}

impl platform::Dice for SeededDice {
    fn fill(&self, bytes: &mut [u8]) {
        let mut chance = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for some in bytes.chunks_mut(8) {
            let fresh = chance.any().to_le_bytes();
            some.copy_from_slice(&fresh[..some.len()]);
        }
    }
}
