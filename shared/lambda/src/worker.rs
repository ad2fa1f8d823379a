//! The worker of queue messages: each message becomes one use-case.

use domain::message::{Message, MessageV1};
use hub::daybook::Openings;
use hub::ingest::Ingest;
use hub::lane::Lane;
use hub::sweep::Sweep;
use hub::sync::Sync;
use hub::{Outside, Result};

/// The worker of queue messages.
#[derive(Clone)]
pub struct Worker {
    ingest: Ingest,
    lane: Lane,
    sync: Sync,
    sweep: Sweep,
    openings: Openings,
}

impl Worker {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            ingest: Ingest::new(outside),
            lane: Lane::new(outside),
            sync: Sync::new(outside),
            sweep: Sweep::new(outside),
            openings: Openings::new(outside),
        }
    }

    /// Does what a message says. When it returns, the message may be acknowledged; an error means: again.
    ///
    /// # Errors
    /// What the use-case says; it is logged here, once.
    pub async fn handle(&self, message: &Message) -> Result<()> {
        let Message::V1(message) = message;
        let done = match message {
            MessageV1::Inbox(inbox) => self.ingest.ingest(inbox).await,
            MessageV1::Doorbell { org, store } => self.lane.answer(org, store).await,
            MessageV1::Tick { org, store, stream } => self.sync.tick(org, store, *stream).await,
        };
        if let Err(error) = &done {
            if error.is_passing() {
                tracing::warn!(%error, "a message is worked on again later");
            } else {
                tracing::error!(%error, "a message failed");
            }
        }
        done
    }

    /// Sweeps once, and goes on with keeping the balances with which the day opened.
    ///
    /// # Errors
    /// What the ports say of the sweep. An opening that cannot be kept just now holds nothing up: it is gone on with
    /// the next time.
    pub async fn sweep(&self) -> Result<()> {
        let swept = self.sweep.sweep().await;
        if let Err(error) = self.openings.keep().await {
            tracing::warn!(%error, "the opening of the day is kept later");
        }
        swept
    }
}
