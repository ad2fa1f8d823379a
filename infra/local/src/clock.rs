//! The one real clock and the one real source of randomness, which the desk shares with the functions.

pub use lambda::{SystemClock, SystemDice};
