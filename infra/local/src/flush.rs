//! One batch on its way to the disk, and those who wait for it.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

const UNDERWAY: u8 = 0;
const STORED: u8 = 1;
const FAILED: u8 = 2;

/// One batch on its way to the disk.
#[derive(Debug, Default)]
pub(crate) struct Flush {
    state: AtomicU8,
    settled: Notify,
}

impl Flush {
    /// Waits until the batch is on disk; false if it did not get there.
    pub(crate) async fn stored(&self) -> bool {
        loop {
            // Made before the look, so a settling in between is not missed.
            let settled = self.settled.notified();
            match self.state.load(Ordering::Acquire) {
                UNDERWAY => settled.await,
                state => return state == STORED,
            }
        }
    }

    /// Says how it ended, once.
    pub(crate) fn settle(&self, stored: bool) {
        self.state.store(if stored { STORED } else { FAILED }, Ordering::Release);
        self.settled.notify_waiters();
    }
}
