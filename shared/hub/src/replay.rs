//! Replaying an event: its message goes through the queue again, and the books take only what they lack.

use std::sync::Arc;

use domain::event::EventState;
use domain::message::{Body, Message, MessageV1};
use domain::{EventId, OrgId};
use platform::Dice;
use ports::{EventRecord, Journal, Queue, Send, SendName};

use crate::ingest::REPLAYS;
use crate::{HubError, Outside, Result};

/// Replaying events.
#[derive(Clone)]
pub struct Replay {
    journal: Arc<dyn Journal>,
    inbox: Arc<dyn Queue>,
    dice: Arc<dyn Dice>,
}

impl Replay {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            journal: Arc::clone(&outside.journal),
            inbox: Arc::clone(&outside.inbox),
            dice: Arc::clone(&outside.dice),
        }
    }

    /// Queues an event's message again.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such event, or it was kept long enough; [`HubError::Conflict`] if its
    /// message was erased.
    pub async fn event(&self, org: &OrgId, id: &EventId) -> Result<EventRecord> {
        let mut record =
            self.journal.event(org, id).await?.ok_or_else(|| HubError::not_found("event", id))?;
        if is_erased(&record.inbox.raw.body) {
            return Err(HubError::Conflict(
                "its message was erased, as its buyer or its shop asked: it cannot be read again, and what it booked \
                 stands"
                    .into(),
            ));
        }
        if record.state != EventState::Parked {
            self.journal.mark(org, id, EventState::Taken, Some("replayed")).await?;
            record.state = EventState::Taken;
        }
        let mut inbox = record.inbox.clone();
        inbox.raw.headers.retain(|(name, _)| name != REPLAYS);
        if record.state == EventState::Parked {
            // Only when it was read is it no longer parked: its store's raises stay held until then.
            inbox.raw.headers.push((REPLAYS.to_owned(), id.to_string()));
        }
        let group = format!("{}#replay", inbox.store);
        let name = SendName(data_encoding::HEXLOWER.encode(&self.dice.ten()));
        self.inbox.send(Send { message: Message::V1(MessageV1::Inbox(inbox)), group, name }).await?;
        Ok(record)
    }
}

/// Whether what a message said was taken out of its record. No platform sends an event that says nothing.
fn is_erased(body: &Body) -> bool {
    matches!(body, Body::Text(text) | Body::Base64(text) if text.is_empty())
}
