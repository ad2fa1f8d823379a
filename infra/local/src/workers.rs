//! The workers: on each queue as many as the template lets run and one machine carries, each with as many messages as
//! the template hands over, and the sweep as often as it says.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use hub::Outside;
use jiff::SignedDuration;
use lambda::Worker;
use platform::Clock;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::queue::{FifoQueue, Received};
use crate::queues::Queues;
use crate::wiring::{SWEEP, Wiring, WiringError};

/// The functions that work on messages of a queue.
const WORKERS: [&str; 2] = ["ingest", "lane"];
/// In AWS each run has a processor of its own. Here all share one machine with the shops that call it: no more than so
/// many of a queue's at once.
const CARRIED: usize = 6;
/// A queue that cannot be read is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// Begins the workers of all queues and the sweep.
///
/// # Errors
/// If the template names a function that does no such work in this version.
pub(crate) fn begin(
    tasks: &mut JoinSet<()>,
    wiring: &Wiring,
    outside: &Outside,
    queues: &Queues,
    stopped: &watch::Receiver<bool>,
) -> Result<(), WiringError> {
    let worker = Worker::new(outside);
    for consumer in &wiring.consumers {
        if !WORKERS.contains(&consumer.function.as_str()) {
            return Err(nothing_to_do(&consumer.function, "works on no queue"));
        }
        let queue = queues.get(&consumer.queue)?;
        let patience = wiring.queue(&consumer.queue)?.visibility;
        for _ in 0..consumer.at_once.min(CARRIED) {
            let worker = worker.clone();
            let handle = move |received: Received| {
                let worker = worker.clone();
                async move { worker.handle(&received.message).await.is_ok() }
            };
            let hand = Hand { queue: Arc::clone(&queue), batch: consumer.batch, patience };
            tasks.spawn(hand.work(handle, Arc::clone(&outside.clock), stopped.clone()));
        }
    }
    for schedule in &wiring.schedules {
        if schedule.function != SWEEP {
            return Err(nothing_to_do(&schedule.function, "is begun by no schedule"));
        }
        tasks.spawn(sweep(worker.clone(), schedule.every, stopped.clone()));
    }
    Ok(())
}

fn nothing_to_do(function: &str, what: &str) -> WiringError {
    WiringError::new(function, format!("this function {what} in this version"))
}

/// One pair of hands on a queue.
struct Hand {
    queue: Arc<FifoQueue>,
    batch: usize,
    /// What failed comes again after this at most.
    patience: Duration,
}

impl Hand {
    /// Works on batch after batch; in each, messages side by side: they are of different groups.
    async fn work<F, R>(self, handle: F, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>)
    where
        F: Fn(Received) -> R + Send,
        R: Future<Output = bool> + Send,
    {
        loop {
            let received = tokio::select! {
                _ = stopped.changed() => return,
                received = self.queue.receive(self.batch) => received,
            };
            match received {
                Ok(received) => {
                    join_all(received.into_iter().map(|message| self.one(message, &handle, &*clock))).await;
                }
                Err(error) => {
                    tracing::error!(%error, "a queue cannot be read");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Each message is answered by itself: what went well is acknowledged, what failed is put off.
    async fn one<F, R>(&self, message: Received, handle: &F, clock: &dyn Clock)
    where
        F: Fn(Received) -> R + Send,
        R: Future<Output = bool> + Send,
    {
        let (receipt, count) = (message.receipt, message.receive_count);
        if handle(message).await {
            self.queue.ack(&receipt);
        } else {
            self.queue.nack(&receipt, clock.now() + pause(count, self.patience));
        }
    }
}

/// After how long a message that failed in passing comes again: 2, 4, 8 seconds and so on, and never later than it
/// would without a word from us.
fn pause(count: u32, patience: Duration) -> SignedDuration {
    let most = i64::try_from(patience.as_secs()).unwrap_or(i64::MAX);
    let wait = 1_i64.checked_shl(count).filter(|wait| *wait > 0).unwrap_or(most);
    SignedDuration::from_secs(wait.min(most))
}

/// Sweeps again and again.
async fn sweep(worker: Worker, every: Duration, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = worker.sweep().await {
            tracing::warn!(%error, "the sweep goes on the next time");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use domain::message::{Message, MessageV1};
    use domain::{OrgId, StoreId};
    use ports::{Queue as _, Send, SendName};
    use tokio::sync::Notify;

    use super::*;
    use crate::clock::SystemClock;
    use crate::queue::Settings;

    #[test]
    fn pauses_grow_and_end_with_the_queues_patience() {
        let secs = |count| pause(count, Duration::from_secs(60)).as_secs();
        assert_eq!([1, 2, 3, 5, 6, 40, 63, 64, 200].map(secs), [2, 4, 8, 32, 60, 60, 60, 60, 60]);
    }

    async fn filled(folder: &std::path::Path, messages: usize) -> Arc<FifoQueue> {
        let queue = FifoQueue::open(folder, Settings::default(), Arc::new(SystemClock)).unwrap();
        for number in 0..messages {
            let (org, store) = (OrgId::derive(&["o"]), StoreId::derive(&[&number.to_string()]));
            let (group, name) = (store.to_string(), SendName(format!("n{number}")));
            let message = Message::V1(MessageV1::Doorbell { org, store });
            queue.send(Send { message, group, name }).await.unwrap();
        }
        Arc::new(queue)
    }

    /// Lets one pair of hands work; every message waits until as many are in hand as `together`.
    async fn seen_together(batch: usize, together: usize) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let queue = filled(folder.path(), 7).await;
        let (stop, stopped) = watch::channel(false);
        let state = Arc::new((Mutex::new((0_usize, 0_usize)), Notify::new(), Notify::new()));
        let inside = Arc::clone(&state);
        let handle = move |_: Received| {
            let state = Arc::clone(&inside);
            async move {
                {
                    let mut counts = state.0.lock().unwrap();
                    counts.0 += 1;
                    counts.1 = counts.1.max(counts.0);
                    if counts.0 >= together {
                        state.1.notify_one();
                    }
                }
                state.2.notified().await;
                state.0.lock().unwrap().0 -= 1;
                true
            }
        };
        let hand = Hand { queue: Arc::clone(&queue), batch, patience: Duration::from_secs(60) };
        let working = tokio::spawn(hand.work(handle, Arc::new(SystemClock), stopped));
        state.1.notified().await;
        let most = state.0.lock().unwrap().1;
        assert_eq!(queue.in_flight(), most, "what is not in hand was not taken");
        stop.send(true).unwrap();
        while !working.is_finished() {
            state.2.notify_waiters();
            tokio::task::yield_now().await;
        }
        most
    }

    #[tokio::test]
    async fn no_more_messages_are_taken_together_than_the_batch() {
        assert_eq!(seen_together(3, 3).await, 3);
        assert_eq!(seen_together(1, 1).await, 1);
        assert_eq!(seen_together(10, 7).await, 7);
    }
}
