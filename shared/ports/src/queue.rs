//! Sending messages. FIFO per group; there is no delayed send: waiting is a due time in the table.

use async_trait::async_trait;
use domain::message::Message;

use crate::Result;

/// Names one logical send, so that a repeated call of the same send is stored once. It is not an event's
/// identity: that lives in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendName(pub String);

/// One message to be sent.
#[derive(Debug, Clone)]
pub struct Send {
    /// The message.
    pub message: Message,
    /// Messages of one group come in order, one at a time.
    pub group: String,
    /// Names this send.
    pub name: SendName,
}

/// A FIFO queue. When `send` returns, the message is on disk (or in SQS).
#[async_trait]
pub trait Queue: std::marker::Send + Sync {
    /// Sends one message.
    async fn send(&self, send: Send) -> Result<()>;

    /// Sends several messages at once: one result for each, in the order given. Those that were not stored may be
    /// sent again under their names.
    async fn send_all(&self, sends: &[Send]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(sends.len());
        for send in sends {
            results.push(self.send(send.clone()).await);
        }
        results
    }
}
