//! The suites over the adapters of the desk.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use conformance::queue::{Counter, InHand};
use conformance::{blobs, queue, schedules, vault};
use domain::message::Message;
use jiff::Timestamp;
use platform::Clock;
use ports::Queue;
use storeloom::blobs::FolderBlobs;
use storeloom::clock::{SystemClock, SystemDice};
use storeloom::queue::{FifoQueue, Receipt, Settings};
use storeloom::schedules::FileSchedules;
use storeloom::vault::FileVault;
use tempfile::TempDir;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

const MOST: u32 = 3;
const VISIBILITY: i64 = 30;

struct Desk {
    queue: FifoQueue,
    clock: Arc<Hand>,
    receipts: Mutex<HashMap<String, Receipt>>,
}

#[async_trait]
impl Counter for Desk {
    fn queue(&self) -> &dyn Queue {
        &self.queue
    }

    async fn take(&self, max: usize) -> Vec<InHand> {
        let mut hands = Vec::new();
        for one in self.queue.take(max, self.clock.now()).unwrap() {
            let receipt = format!("{:?}", one.receipt);
            self.receipts.lock().unwrap().insert(receipt.clone(), one.receipt);
            hands.push(InHand { message: one.message, count: one.receive_count, receipt });
        }
        hands
    }

    async fn ack(&self, receipt: &str) {
        let receipt = self.receipts.lock().unwrap()[receipt];
        assert!(self.queue.ack(&receipt));
    }

    async fn lapse(&self) {
        self.clock.0.fetch_add(VISIBILITY, Ordering::SeqCst);
    }

    async fn dead(&self) -> Vec<Message> {
        while self.queue.dead_len() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.queue.dead(10).unwrap().into_iter().filter_map(|letter| letter.message).collect()
    }

    fn most(&self) -> u32 {
        MOST
    }
}

#[tokio::test]
async fn the_queue() {
    let folder = TempDir::new().unwrap();
    let clock = Arc::new(Hand(AtomicI64::new(1_800_000_000)));
    let visibility = Duration::from_secs(VISIBILITY.unsigned_abs());
    let settings = Settings { visibility, max_receives: MOST, ..Settings::default() };
    let handed: Arc<dyn Clock> = Arc::<Hand>::clone(&clock);
    let queue = FifoQueue::open(folder.path(), settings, handed).unwrap();
    queue::suite(&Desk { queue, clock, receipts: Mutex::default() }).await;
}

#[tokio::test]
async fn the_vault() {
    let folder = TempDir::new().unwrap();
    vault::suite(&FileVault::open(folder.path(), Arc::new(SystemDice)).unwrap()).await;
}

#[tokio::test]
async fn the_blobs() {
    let folder = TempDir::new().unwrap();
    blobs::suite(&FolderBlobs::open(folder.path()).unwrap()).await;
}

#[tokio::test]
async fn the_schedules() {
    let folder = TempDir::new().unwrap();
    let queue =
        FifoQueue::open(&folder.path().join("queue"), Settings::default(), Arc::new(SystemClock)).unwrap();
    schedules::suite(&FileSchedules::open(folder.path(), Arc::new(queue), Arc::new(SystemClock)).unwrap())
        .await;
}
