//! What a hub that was killed has kept: read from its queue's folder, after recovery as at a start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use domain::message::{Body, Message, MessageV1};
use jiff::Timestamp;
use serde_json::Value;
use storeloom::clock::SystemClock;
use storeloom::queue::{FifoQueue, Settings};

use crate::Failure;

/// The ids of the orders in the inbox of a data folder, each with how often it is there; takes them out.
///
/// # Errors
/// If the queue cannot be read.
pub fn drain(data: &Path) -> Result<BTreeMap<u64, u64>, Failure> {
    let queue =
        FifoQueue::open(&data.join("queues").join("inbox"), Settings::default(), Arc::new(SystemClock))?;
    let mut orders = BTreeMap::new();
    loop {
        let taken = queue.take(64, Timestamp::now())?;
        if taken.is_empty() {
            return Ok(orders);
        }
        for one in taken {
            let Message::V1(message) = &one.message;
            if let MessageV1::Inbox(inbox) = message
                && let Body::Text(text) = &inbox.raw.body
            {
                let order: Value = serde_json::from_str(text)?;
                *orders.entry(order["id"].as_u64().ok_or("an order without an id")?).or_insert(0) += 1;
            }
            queue.ack(&one.receipt);
        }
    }
}
