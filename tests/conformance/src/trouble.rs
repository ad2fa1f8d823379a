//! Trouble on the way to the table: a proxy on a loopback port that answers some requests as DynamoDB answers
//! in a bad hour, and loses some answers. What the adapter gives must not change by it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use aws::Table;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::embedded::{Guard, client};

/// What may happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It meets another transaction.
    Conflict,
    /// The table is asked too much at once.
    Throttle,
    /// One partition is asked too much at once.
    Throughput,
    /// The service fails before it does anything.
    FailsBefore,
    /// The service does it, and then fails.
    FailsAfter,
    /// The connection breaks before anything is done.
    DropsBefore,
    /// It is done, and the answer is lost.
    DropsAfter,
    /// Half of the rows asked for are left for later.
    Half,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 8] = [
        Self::Conflict,
        Self::Throttle,
        Self::Throughput,
        Self::FailsBefore,
        Self::FailsAfter,
        Self::DropsBefore,
        Self::DropsAfter,
        Self::Half,
    ];
}

/// How often the dice may fall upon one and the same request: a bad hour passes sooner than whoever asks gives
/// up, or a run would end by chance. A rate of one is an hour that does not pass.
const IN_A_ROW: u32 = 5;

/// Keeps the proxy up, and says how much trouble there was.
pub struct Trouble {
    hits: Arc<[AtomicU64; 8]>,
    next: Arc<AtomicU64>,
    endpoint: String,
    _stop: oneshot::Sender<()>,
    table: Option<Guard>,
}

impl Trouble {
    /// The table of this name, reached through the proxy.
    pub fn table(&self, name: &str) -> Table {
        Table::new(client(&self.endpoint), name)
    }

    /// The next so many requests meet trouble, whatever the rate says.
    pub fn next(&self, requests: u64) {
        self.next.store(requests, Ordering::Relaxed);
    }

    /// How often a fault happened.
    pub fn hits(&self, fault: Fault) -> u64 {
        let place = Fault::ALL.iter().position(|one| *one == fault).unwrap();
        self.hits[place].load(Ordering::Relaxed)
    }
}

struct Proxy {
    upstream: String,
    dice: Mutex<StdRng>,
    rate: f64,
    faults: Vec<Fault>,
    hits: Arc<[AtomicU64; 8]>,
    next: Arc<AtomicU64>,
    /// How often a request of this body met trouble.
    met: Mutex<HashMap<Bytes, u32>>,
}

/// A table behind a proxy that does this to so many of its requests.
pub async fn table(seed: u64, rate: f64, faults: &[Fault]) -> (Table, Trouble) {
    let (_, guard) = crate::embedded::table().await;
    let mut trouble = before(guard.endpoint(), seed, rate, faults).await;
    trouble.table = Some(guard);
    (trouble.table("storeloom"), trouble)
}

/// A proxy before whoever answers at an address, which does this to so many of its requests.
pub async fn before(upstream: &str, seed: u64, rate: f64, faults: &[Fault]) -> Trouble {
    let hits = Arc::new([const { AtomicU64::new(0) }; 8]);
    let next = Arc::new(AtomicU64::new(0));
    let proxy = Arc::new(Proxy {
        upstream: upstream.trim_start_matches("http://").trim_end_matches('/').to_owned(),
        dice: Mutex::new(StdRng::seed_from_u64(seed)),
        rate,
        faults: faults.to_vec(),
        hits: Arc::clone(&hits),
        next: Arc::clone(&next),
        met: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (stop, mut stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = &mut stopped => return,
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    let proxy = Arc::clone(&proxy);
                    tokio::spawn(async move {
                        let service = service_fn(move |request| pass(Arc::clone(&proxy), request));
                        // A broken connection is what is wanted here.
                        let _ = hyper::server::conn::http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
            }
        }
    });
    Trouble { hits, next, endpoint, _stop: stop, table: None }
}

type Answer = Response<Full<Bytes>>;

/// The connection is to be broken.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

impl Proxy {
    /// The fault that meets this request, if one does.
    fn fault(&self, op: &str, body: &Bytes) -> Option<Fault> {
        let fault = {
            let mut dice = self.dice.lock().unwrap();
            let wanted =
                self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if wanted.is_err() && (!dice.random_bool(self.rate) || self.is_enough(body)) {
                return None;
            }
            self.faults[dice.random_range(0..self.faults.len())]
        };
        let fits = match fault {
            Fault::Conflict => !matches!(op, "Query" | "GetItem" | "BatchGetItem" | "BatchWriteItem"),
            Fault::Half => op == "BatchGetItem",
            _ => true,
        };
        if fits {
            let place = Fault::ALL.iter().position(|one| *one == fault).unwrap();
            self.hits[place].fetch_add(1, Ordering::Relaxed);
        }
        fits.then_some(fault)
    }

    fn is_enough(&self, body: &Bytes) -> bool {
        let mut met = self.met.lock().unwrap();
        let times = met.entry(body.clone()).or_default();
        *times += 1;
        self.rate < 1.0 && *times > IN_A_ROW
    }

    async fn forward(&self, parts: &hyper::http::request::Parts, body: Bytes) -> Result<Answer, Broken> {
        let stream = TcpStream::connect(&self.upstream).await.map_err(|_| Broken)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| Broken)?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(&parts.method).uri(parts.uri.path());
        for (name, value) in &parts.headers {
            if name != hyper::header::CONTENT_LENGTH {
                request = request.header(name, value);
            }
        }
        let request = request.body(Full::new(body)).map_err(|_| Broken)?;
        let answer = sender.send_request(request).await.map_err(|_| Broken)?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        Ok(Response::from_parts(parts, Full::new(body)))
    }
}

async fn pass(proxy: Arc<Proxy>, request: Request<Incoming>) -> Result<Answer, Broken> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or("");
    let op = target.rsplit('.').next().unwrap_or("").to_owned();
    match proxy.fault(&op, &body) {
        None => proxy.forward(&parts, body).await,
        Some(Fault::Conflict) if op == "TransactWriteItems" => Ok(cancelled(&body)),
        Some(Fault::Conflict) => Ok(error(
            400,
            "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
            "Transaction is ongoing for the item",
        )),
        Some(Fault::Throttle) => {
            Ok(error(400, "com.amazon.coral.availability#ThrottlingException", "Rate exceeded"))
        }
        Some(Fault::Throughput) => Ok(error(
            400,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        )),
        Some(Fault::FailsBefore) => Ok(failed()),
        Some(Fault::FailsAfter) => {
            proxy.forward(&parts, body).await?;
            Ok(failed())
        }
        Some(Fault::DropsBefore) => Err(Broken),
        Some(Fault::DropsAfter) => {
            proxy.forward(&parts, body).await?;
            Err(Broken)
        }
        Some(Fault::Half) => half(&proxy, &parts, &body).await,
    }
}

fn error(status: u16, word: &str, message: &str) -> Answer {
    answer(status, &json!({ "__type": word, "message": message }))
}

fn failed() -> Answer {
    error(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error")
}

fn answer(status: u16, body: &Value) -> Answer {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amzn-requestid", "TROUBLE")
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap()
}

/// A cancelled transaction whose first action met another transaction.
fn cancelled(body: &[u8]) -> Answer {
    let request: Value = serde_json::from_slice(body).unwrap();
    let actions = request["TransactItems"].as_array().map_or(1, Vec::len);
    let reasons: Vec<Value> = (0..actions)
        .map(|place| match place {
            0 => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
            _ => json!({ "Code": "None" }),
        })
        .collect();
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    answer(
        400,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                codes.join(", ")
            ),
            "CancellationReasons": reasons,
        }),
    )
}

/// Reads half of what was asked for, and leaves the rest for later.
async fn half(proxy: &Proxy, parts: &hyper::http::request::Parts, body: &[u8]) -> Result<Answer, Broken> {
    let mut request: Value = serde_json::from_slice(body).unwrap();
    let mut left = json!({});
    for (table, wanted) in request["RequestItems"].as_object_mut().unwrap() {
        let keys = wanted["Keys"].as_array_mut().unwrap();
        let later = keys.split_off(keys.len().div_ceil(2));
        if !later.is_empty() {
            let mut rest = wanted.clone();
            rest["Keys"] = later.into();
            left[table] = rest;
        }
    }
    let answered = proxy.forward(parts, Bytes::from(request.to_string())).await?;
    let body = answered.into_body().collect().await.map_err(|_| Broken)?.to_bytes();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    body["UnprocessedKeys"] = left;
    Ok(answer(200, &body))
}
