//! A table for tests: the adapter over an embedded DynamoDB on a loopback port.

use std::path::Path;

use aws::Table;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Keeps the embedded table up; it stops when this is dropped.
pub struct Guard {
    endpoint: String,
    _stop: oneshot::Sender<()>,
}

impl Guard {
    /// Where the embedded table listens.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// A client for a table at an address on this machine.
pub fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(20)))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .build();
    Client::from_conf(config)
}

/// A table in memory.
pub async fn table() -> (Table, Guard) {
    serve(Database::memory().expect("a table in memory")).await
}

/// A table in a file, with one flush per commit.
pub async fn table_in(file: &Path) -> (Table, Guard) {
    let file = file.to_str().expect("a path of letters");
    serve(Database::new(file).expect("a table in a file")).await
}

async fn serve(database: Database) -> (Table, Guard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, async move {
        let _ = stopped.await;
    }));
    let table = Table::new(client(&endpoint), "storeloom");
    table.create().await.expect("the table is created");
    table.create().await.expect("creating it again changes nothing");
    (table, Guard { endpoint, _stop: stop })
}
