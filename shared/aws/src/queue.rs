//! The queue over SQS FIFO: sending. Receiving is the platform's (an event source mapping), not ours.

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use ports::{ErrorKind, PortError, Queue, Result, Send};

use crate::answer::read;
use crate::late::Late;

const OP: &str = "send";
const SERVICE: &str = "the queue";
/// SQS takes at most so many entries at once.
const ENTRIES: usize = 10;
/// SQS takes at most so many bytes in a message, and in a batch (1 MiB since August 2025).
const BYTES: usize = 1024 * 1024;
/// SQS takes names of groups and sends up to this length.
const NAME: usize = 128;

/// A FIFO queue of SQS.
///
/// A send's name is its deduplication id: for five minutes SQS stores a second send of that name nowhere, even if
/// the first message is gone already. The SDK's own retries repeat it.
#[derive(Clone)]
pub struct FifoQueue {
    client: Late<Client>,
    url: String,
}

impl FifoQueue {
    /// What a role must allow for this adapter: a batch needs the same as a single message.
    pub const ACTIONS: &[&str] = &["sqs:SendMessage"];

    pub(crate) fn new(client: Late<Client>, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    async fn batch(&self, sends: &[&Send], bodies: &[String]) -> Vec<Result<()>> {
        let mut entries = Vec::with_capacity(sends.len());
        for (place, (send, body)) in sends.iter().zip(bodies).enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_body(body)
                .message_group_id(&send.group)
                .message_deduplication_id(&send.name.0)
                .build();
            match entry {
                Ok(entry) => entries.push(entry),
                Err(_) => return sends.iter().map(|_| Err(refused("an entry could not be built"))).collect(),
            }
        }
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return sends.iter().map(|_| Err(read(OP, SERVICE, &error))).collect(),
        };
        let stored: Vec<&str> = answer.successful().iter().map(|entry| entry.id()).collect();
        let result_of = |place: usize| {
            let id = place.to_string();
            if stored.contains(&id.as_str()) {
                return Ok(());
            }
            let failed = answer.failed().iter().find(|entry| entry.id() == id);
            let ours = failed.is_some_and(|entry| entry.sender_fault());
            let kind = if ours { ErrorKind::Refused } else { ErrorKind::Unavailable };
            let code = failed.map_or("no result", |entry| entry.code());
            Err(PortError::new(kind, OP, "the queue did not store one message of several")
                .because(code.to_owned()))
        };
        (0..sends.len()).map(result_of).collect()
    }
}

#[async_trait]
impl Queue for FifoQueue {
    async fn send(&self, send: Send) -> Result<()> {
        let body = body(&send)?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .message_group_id(send.group)
            .message_deduplication_id(send.name.0)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| read(OP, SERVICE, &error))
    }

    async fn send_all(&self, sends: &[Send]) -> Vec<Result<()>> {
        let bodies: Vec<Result<String>> = sends.iter().map(body).collect();
        let mut results: Vec<Result<()>> = Vec::with_capacity(sends.len());
        let mut batch: (Vec<&Send>, Vec<String>) = Default::default();
        let mut places = Vec::new();
        let mut size = 0_usize;
        for (place, (send, body)) in sends.iter().zip(bodies).enumerate() {
            let body = match body {
                Ok(body) => body,
                Err(error) => {
                    results.push(Err(error));
                    continue;
                }
            };
            // Holds the place until the batch says what became of it.
            results.push(Ok(()));
            if batch.0.len() == ENTRIES || size.saturating_add(body.len()) > BYTES {
                fill(&mut results, &places, self.batch(&batch.0, &batch.1).await);
                (batch, places, size) = (Default::default(), Vec::new(), 0);
            }
            size = size.saturating_add(body.len());
            places.push(place);
            batch.0.push(send);
            batch.1.push(body);
        }
        if !places.is_empty() {
            fill(&mut results, &places, self.batch(&batch.0, &batch.1).await);
        }
        results
    }
}

fn fill(results: &mut [Result<()>], places: &[usize], outcomes: Vec<Result<()>>) {
    for (place, outcome) in places.iter().zip(outcomes) {
        if let Some(slot) = results.get_mut(*place) {
            *slot = outcome;
        }
    }
}

/// The message as SQS takes it, if it takes it.
fn body(send: &Send) -> Result<String> {
    for name in [&send.group, &send.name.0] {
        if name.is_empty() || name.len() > NAME || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused("a group and a send have names of 1 to 128 printable characters"));
        }
    }
    let text = serde_json::to_string(&send.message).map_err(|_| refused("the message cannot be written"))?;
    let text = escaped(text);
    if text.len() > BYTES {
        let message = format!("the message has {} bytes, the queue takes {BYTES}", text.len());
        return Err(PortError::new(ErrorKind::TooLarge, OP, message));
    }
    Ok(text)
}

/// SQS refuses a message with U+FFFE or U+FFFF in it. They can only stand inside a JSON string, where an escape
/// says the same.
fn escaped(text: String) -> String {
    if !text.contains(['\u{fffe}', '\u{ffff}']) {
        return text;
    }
    text.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

fn refused(why: &str) -> PortError {
    PortError::new(ErrorKind::Refused, OP, why)
}

impl std::fmt::Debug for FifoQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FifoQueue").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::message::{Body, Inbox, Message, MessageV1, Raw};
    use domain::{OrgId, PlatformSlug, StoreId};
    use ports::SendName;

    fn send(text: &str) -> Send {
        let inbox = Inbox {
            org: OrgId::derive(&["o"]),
            store: StoreId::derive(&["s"]),
            platform: PlatformSlug::new("shop"),
            received_at: jiff::Timestamp::UNIX_EPOCH,
            raw: Raw { headers: Vec::new(), body: Body::Text(text.to_owned()) },
        };
        let message = Message::V1(MessageV1::Inbox(inbox));
        Send { message, group: "g#1".to_owned(), name: SendName("n".to_owned()) }
    }

    #[test]
    fn characters_that_sqs_refuses_are_escaped_and_come_back() {
        let text = "a\u{ffff}b\u{fffe}\u{0}\u{1f}\u{7f}\u{1f600}\"\\";
        let body = body(&send(text)).unwrap();
        let taken = |sign: char| {
            matches!(sign, '\u{9}' | '\u{a}' | '\u{d}' | '\u{20}'..='\u{fffd}') || sign >= '\u{10000}'
        };
        assert!(body.chars().all(taken), "{body:?}");
        let back: Message = serde_json::from_str(&body).unwrap();
        assert_eq!(back, send(text).message);
    }

    #[test]
    fn what_is_too_large_is_told_before_it_is_sent() {
        assert_eq!(body(&send(&"x".repeat(BYTES))).unwrap_err().kind, ErrorKind::TooLarge);
    }
}
