//! A write is answered once it is on disk: one sync for all who wait at the same time.
//!
//! The database commits into its write-ahead log without a sync of its own (SQLite's `synchronous=NORMAL`: a
//! power cut can lose the last commits, never half of one). The answer of each write is held here until that
//! log has been synced after the commit, which is what `synchronous=FULL` gives, without one sync for each
//! commit and without blocking the thread that serves the table.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::flush::Flush;

/// Calls that change the table.
const WRITES: [&str; 8] = [
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactWriteItems",
    "BatchWriteItem",
    "CreateTable",
    "UpdateTable",
    "UpdateTimeToLive",
];

/// Syncs the write-ahead log for those who wait.
#[derive(Debug)]
pub(super) struct Barrier {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    next: Mutex<Next>,
    work: Condvar,
}

#[derive(Debug, Default)]
struct Next {
    flush: Arc<Flush>,
    wanted: bool,
    closing: bool,
}

impl Barrier {
    /// Starts the thread that syncs the log of a database.
    pub(super) fn new(database: &Path) -> io::Result<Self> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let log = PathBuf::from(log);
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new().name("table-sync".to_owned()).spawn(move || theirs.run(&log))?;
        Ok(Self { shared })
    }

    /// Waits until all that is committed by now is on disk.
    async fn pass(&self) -> bool {
        let flush = {
            let mut next = self.shared.next.lock().unwrap_or_else(PoisonError::into_inner);
            if !std::mem::replace(&mut next.wanted, true) {
                self.shared.work.notify_one();
            }
            Arc::clone(&next.flush)
        };
        flush.stored().await
    }
}

impl Shared {
    fn run(&self, log: &Path) {
        let mut file = None;
        loop {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            while !next.wanted && !next.closing {
                next = self.work.wait(next).unwrap_or_else(PoisonError::into_inner);
            }
            if !next.wanted {
                return;
            }
            next.wanted = false;
            let flush = std::mem::take(&mut next.flush);
            drop(next);
            let synced = sync(&mut file, log);
            if let Err(error) = &synced {
                tracing::error!(%error, "the table's log cannot be synced: check its disk, then start again");
            }
            flush.settle(synced.is_ok());
        }
    }
}

/// Syncs the log, which the database keeps for as long as it is open.
fn sync(file: &mut Option<File>, log: &Path) -> io::Result<()> {
    let file = match file {
        Some(file) => file,
        None => file.insert(File::options().read(true).write(true).open(log)?),
    };
    file.sync_data()
}

impl Drop for Barrier {
    fn drop(&mut self) {
        self.shared.next.lock().unwrap_or_else(PoisonError::into_inner).closing = true;
        self.shared.work.notify_one();
    }
}

/// The SDK's plain HTTP client, with the barrier behind each write.
#[derive(Debug)]
pub(super) struct DurableClient {
    inner: SharedHttpClient,
    barrier: Option<Arc<Barrier>>,
}

impl DurableClient {
    pub(super) fn new(barrier: Option<Arc<Barrier>>) -> Self {
        let inner = Builder::new().build_with_connector_fn(|settings, _components| {
            let mut builder = Connector::builder().enable_tcp_nodelay(true);
            builder.set_connector_settings(settings.cloned());
            builder.build_http()
        });
        Self { inner, barrier }
    }
}

impl HttpClient for DurableClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        match &self.barrier {
            None => inner,
            Some(barrier) => SharedHttpConnector::new(Durable { inner, barrier: Arc::clone(barrier) }),
        }
    }
}

#[derive(Debug)]
struct Durable {
    inner: SharedHttpConnector,
    barrier: Arc<Barrier>,
}

impl HttpConnector for Durable {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let writes = target.rsplit('.').next().is_some_and(|call| WRITES.contains(&call));
        let answer = self.inner.call(request);
        if !writes {
            return answer;
        }
        let barrier = Arc::clone(&self.barrier);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            if answer.status().is_success() && !barrier.pass().await {
                return Err(ConnectorError::io("the table's log cannot be put on disk".into()));
            }
            Ok(answer)
        })
    }
}
