//! The table: an embedded DynamoDB in this process, on a loopback port of its own, kept in one file.
//!
//! The adapter that runs in AWS runs here too; only who answers it differs. A write is answered once it is on
//! disk (see `barrier`).

mod barrier;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::barrier::{Barrier, DurableClient};
use crate::disk;

/// How long a stop waits for calls that are under way.
const STOP: Duration = Duration::from_secs(5);

/// Why the table cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DynamoError {
    /// The folder cannot be made, or no port is to be had.
    #[error("the table's folder or port cannot be had: check the owner of the data folder and its disk")]
    Files(#[from] io::Error),
    /// The table's file cannot be opened.
    #[error("the table's file cannot be opened: {0}; check its owner and the disk, or put a copy of it back")]
    Database(String),
}

/// Where the table is kept.
#[derive(Debug, Clone, Copy)]
pub enum Keep<'a> {
    /// In this folder: what was acknowledged survives a crash of the program and of the machine.
    Folder(&'a Path),
    /// In memory, for tests and the demo: gone when the program ends.
    Memory,
}

/// The running table.
pub struct Dynamo {
    client: Client,
    endpoint: String,
    database: Database,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), String>>,
}

impl std::fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dynamo").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Dynamo {
    /// Opens the table and serves it on a free loopback port.
    ///
    /// # Errors
    /// If its file cannot be opened or no port is to be had.
    pub async fn start(keep: Keep<'_>) -> Result<Self, DynamoError> {
        let refused = |error: dynoxide::DynoxideError| DynamoError::Database(error.to_string());
        let (database, barrier) = match keep {
            Keep::Memory => (Database::memory().map_err(refused)?, None),
            Keep::Folder(folder) => {
                disk::make_folder(folder)?;
                let path = folder.join("table.db");
                // Made here so that its owner alone can read it.
                drop(disk::open_private(&path)?);
                let name =
                    path.to_str().ok_or_else(|| io::Error::other("the folder's name is not Unicode"))?;
                let database = Database::new(name).map_err(refused)?;
                // The way to a commit that does not sync of its own: the barrier syncs, once for all who wait.
                database.enable_bulk_loading().map_err(refused)?;
                database.disable_bulk_loading().map_err(refused)?;
                (database, Some(Arc::new(Barrier::new(&path)?)))
            }
        };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = database.clone();
        let serving = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, served, async move {
            // A sender that is dropped means stop, too.
            let _ = stopped.await;
        }));
        let client = client(&endpoint, barrier);
        Ok(Self { client, endpoint, database, stop: Some(stop), serving })
    }

    /// A client of the table.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Where the table is served, for tools.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What takes out rows that have expired, as AWS does by itself.
    #[must_use]
    pub fn broom(&self) -> Broom {
        Broom(self.database.clone())
    }

    /// Stops serving; calls under way are answered.
    ///
    /// # Errors
    /// If serving had failed before.
    pub async fn stop(mut self) -> io::Result<()> {
        drop(self.stop.take());
        match tokio::time::timeout(STOP, &mut self.serving).await {
            Ok(Ok(served)) => served.map_err(io::Error::other),
            Ok(Err(error)) => Err(io::Error::other(error)),
            Err(_) => {
                self.serving.abort();
                Ok(())
            }
        }
    }
}

/// Takes out rows that have expired.
#[derive(Clone)]
pub struct Broom(Database);

impl std::fmt::Debug for Broom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Broom").finish_non_exhaustive()
    }
}

impl Broom {
    /// Takes them out, page by page between other calls; says how many there were.
    ///
    /// # Errors
    /// If the table's file cannot be read or written.
    pub async fn sweep(&self) -> io::Result<usize> {
        let database = self.0.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await?;
        swept.map_err(|error| io::Error::other(error.to_string()))
    }
}

/// A client with made-up credentials and short limits: the table is in this process.
fn client(endpoint: &str, barrier: Option<Arc<Barrier>>) -> Client {
    let limits = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("desk", "desk", None, None, "desk"))
        .endpoint_url(endpoint)
        .retry_config(
            RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(20)),
        )
        .timeout_config(limits)
        .http_client(DurableClient::new(barrier));
    Client::from_conf(config.build())
}

#[cfg(test)]
mod tests;
