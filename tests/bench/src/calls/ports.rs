//! The other ports, counted: queues that are drained by hand, blobs, and the way to shops.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::OrgId;
use platform::{Http, HttpError, Request, Response};
use ports::{Blobs, Queue, Result, Send};

use super::tally::Tally;

/// SQS counts each 64 KB of a message as a request.
const CHUNK: usize = 64 * 1024;
/// Messages that SQS takes in one request.
const BATCH: usize = 10;

/// A queue that is drained by hand. Clones share what is in it.
#[derive(Clone)]
pub struct Line {
    tally: Tally,
    name: &'static str,
    waiting: Arc<Mutex<VecDeque<Send>>>,
}

impl Line {
    pub fn new(name: &'static str, tally: &Tally) -> Self {
        Self { tally: tally.clone(), name, waiting: Arc::default() }
    }

    /// Takes the oldest message out.
    pub fn next(&self) -> Option<Send> {
        self.waiting.lock().unwrap().pop_front()
    }

    fn requests(&self, sends: &[Send]) {
        let bytes: usize =
            sends.iter().map(|send| serde_json::to_string(&send.message).unwrap_or_default().len()).sum();
        for _ in 0..bytes.div_ceil(CHUNK).max(1) {
            self.tally.call("SendMessage", self.name);
        }
    }
}

#[async_trait]
impl Queue for Line {
    async fn send(&self, send: Send) -> Result<()> {
        self.requests(std::slice::from_ref(&send));
        self.waiting.lock().unwrap().push_back(send);
        Ok(())
    }

    async fn send_all(&self, sends: &[Send]) -> Vec<Result<()>> {
        for batch in sends.chunks(BATCH) {
            self.requests(batch);
            self.waiting.lock().unwrap().extend(batch.iter().cloned());
        }
        sends.iter().map(|_| Ok(())).collect()
    }
}

/// Something, with a count of what is asked of it.
pub struct Counted<T> {
    pub inner: T,
    pub tally: Tally,
}

#[async_trait]
impl<T: Blobs> Blobs for Counted<T> {
    async fn put(&self, org: &OrgId, key: &str, bytes: &[u8]) -> Result<()> {
        self.tally.call("PutObject", "");
        self.inner.put(org, key, bytes).await
    }

    async fn remove(&self, org: &OrgId, key: &str) -> Result<()> {
        self.tally.call("DeleteObject", "");
        self.inner.remove(org, key).await
    }

    async fn get(&self, org: &OrgId, key: &str) -> Result<Option<Vec<u8>>> {
        self.tally.call("GetObject", "");
        self.inner.get(org, key).await
    }
}

#[async_trait]
impl<T: Http> Http for Counted<T> {
    async fn send(&self, request: Request) -> std::result::Result<Response, HttpError> {
        self.tally.call("shop", "");
        self.inner.send(request).await
    }
}
