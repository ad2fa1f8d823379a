//! The list of platforms: every neighbour that this crate's manifest depends on. Each crate of a platform offers
//! `platform()`, and the build script writes the calls.

use platform::Platform;

/// Every platform that there is.
#[must_use]
pub fn all() -> Vec<Box<dyn Platform>> {
    include!(concat!(env!("OUT_DIR"), "/platforms.rs"))
}
