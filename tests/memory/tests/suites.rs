//! The suites of every adapter, over the ports in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use conformance::queue::{Counter, InHand};
use conformance::{blobs, catalog, claims, directory, fixtures, journal, lanes, ledger, queue, runs};
use conformance::{schedules, vault};
use domain::message::Message;
use jiff::{SignedDuration, Timestamp};
use memory::{Memory, MemoryBlobs, MemoryQueue, MemorySchedules, MemoryVault};
use platform::Clock;
use ports::Queue;

#[tokio::test]
async fn the_directory() {
    directory::suite(&Memory::new()).await;
}

#[tokio::test]
async fn the_catalogue() {
    catalog::suite(&Memory::new()).await;
}

#[tokio::test]
async fn the_claims() {
    claims::suite(&Memory::new()).await;
}

#[tokio::test]
async fn the_ledger() {
    ledger::suite(&Memory::new()).await;
}

#[tokio::test]
async fn the_journal() {
    journal::suite(&Memory::new()).await;
}

#[tokio::test]
async fn the_lanes() {
    lanes::suite(&Memory::new()).await;
}

#[tokio::test]
async fn the_runs() {
    runs::suite(&Memory::new()).await;
}

#[tokio::test]
async fn nothing_of_one_merchant_is_ever_anothers() {
    let memory = Memory::new();
    for name in ["x", "a#b", "é:/ ._-z"] {
        let (ours, theirs, store) = (fixtures::org(), fixtures::org(), fixtures::store_id());
        ledger::nothing_of_ours_is_ever_theirs(&memory, &ours, &theirs, &store, name).await;
    }
}

#[tokio::test]
async fn the_vault() {
    vault::suite(&MemoryVault::default()).await;
}

#[tokio::test]
async fn the_blobs() {
    blobs::suite(&MemoryBlobs::default()).await;
}

#[tokio::test]
async fn the_schedules() {
    schedules::suite(&MemorySchedules::default()).await;
}

const MOST: u32 = 3;
const VISIBILITY: i64 = 30;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Desk {
    queue: MemoryQueue,
    clock: Arc<Hand>,
}

#[async_trait]
impl Counter for Desk {
    fn queue(&self) -> &dyn Queue {
        &self.queue
    }

    async fn take(&self, max: usize) -> Vec<InHand> {
        let taken = std::iter::from_fn(|| self.queue.take(0)).take(max);
        let hand = |one: memory::InHand| InHand {
            message: one.message,
            count: one.count,
            receipt: one.receipt.to_string(),
        };
        taken.map(hand).collect()
    }

    async fn ack(&self, receipt: &str) {
        assert!(self.queue.ack(receipt.parse().unwrap()));
    }

    async fn lapse(&self) {
        self.clock.0.fetch_add(VISIBILITY, Ordering::SeqCst);
    }

    async fn dead(&self) -> Vec<Message> {
        self.queue.dead()
    }

    fn most(&self) -> u32 {
        MOST
    }
}

#[tokio::test]
async fn the_queue() {
    let clock = Arc::new(Hand(AtomicI64::new(1_800_000_000)));
    let handed: Arc<dyn Clock> = Arc::<Hand>::clone(&clock);
    let queue = MemoryQueue::new(handed, SignedDuration::from_secs(VISIBILITY), MOST);
    queue::suite(&Desk { queue, clock }).await;
}
