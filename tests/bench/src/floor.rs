//! The floor of intake: the same HTTP stack, the same signature, the same promise of the disk, nothing else.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::{Failure, body};

#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    waiting: Vec<oneshot::Sender<bool>>,
}

#[derive(Default)]
struct Log {
    batch: Mutex<Batch>,
    work: Condvar,
}

impl Log {
    fn push(&self, body: &Bytes, done: oneshot::Sender<bool>) {
        let mut batch = self.batch.lock().unwrap();
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        batch.bytes.extend_from_slice(&length.to_le_bytes());
        batch.bytes.extend_from_slice(body);
        batch.waiting.push(done);
    }
}

#[derive(Clone)]
struct Floor {
    secret: Arc<str>,
    log: Arc<Log>,
}

/// Serves until it is killed.
///
/// # Errors
/// If the port or the file cannot be had.
pub async fn serve(listen: SocketAddr, secret: &str, file: &Path) -> Result<(), Failure> {
    let log = Arc::new(Log::default());
    let mut file = File::options().create(true).append(true).open(file)?;
    let writers = Arc::clone(&log);
    std::thread::spawn(move || {
        loop {
            let mut batch = writers.batch.lock().unwrap();
            while batch.waiting.is_empty() {
                batch = writers.work.wait(batch).unwrap();
            }
            let Batch { bytes, waiting } = std::mem::take(&mut *batch);
            drop(batch);
            let stored = file.write_all(&bytes).and_then(|()| file.sync_data()).is_ok();
            for waits in waiting {
                // Whoever went away does not need to know.
                let _ = waits.send(stored);
            }
        }
    });
    let floor = Floor { secret: secret.into(), log };
    let router = Router::new().route("/webhooks/{platform}/{store}", post(deliver)).with_state(floor);
    let service = TowerToHyperService::new(router);
    let tcp = TcpListener::bind(listen).await?;
    println!("floor is at {}", tcp.local_addr()?);
    loop {
        let (stream, _) = tcp.accept().await?;
        stream.set_nodelay(true)?;
        let service = service.clone();
        tokio::spawn(async move {
            // A client that goes away ends its connection.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn deliver(State(floor): State<Floor>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let expected = body::sign(&floor.secret, &body);
    let shown = headers.get("x-wc-webhook-signature").map_or(&b""[..], |value| value.as_bytes());
    if !bool::from(expected.as_bytes().ct_eq(shown)) {
        return StatusCode::UNAUTHORIZED;
    }
    let (done, stored) = oneshot::channel();
    floor.log.push(&body, done);
    floor.log.work.notify_one();
    if stored.await == Ok(true) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
