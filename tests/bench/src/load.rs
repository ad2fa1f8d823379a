//! The load: signed deliveries over connections that are kept, and how long each took.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Failure, body};

/// What to send.
#[derive(Debug, Clone, clap::Args)]
pub struct Load {
    /// Where to.
    #[arg(long)]
    pub address: SocketAddr,
    /// The path of the store.
    #[arg(long)]
    pub path: String,
    /// What to sign with.
    #[arg(long)]
    pub secret: String,
    /// Connections that are kept.
    #[arg(long)]
    pub connections: usize,
    /// Ends after this time.
    #[arg(long)]
    pub seconds: u64,
    /// Ends after so many.
    #[arg(long)]
    pub count: u64,
    /// The id of the first order; the next have the next ids.
    #[arg(long)]
    pub first: u64,
    /// The product that is bought.
    #[arg(long)]
    pub product: u64,
    /// Its SKU.
    #[arg(long)]
    pub sku: String,
    /// Where the ids of acknowledged deliveries are written, one a line.
    #[arg(long)]
    pub acked: PathBuf,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Outcome {
    /// Deliveries that were answered 200.
    pub acked: u64,
    /// Deliveries that were not.
    pub failed: u64,
    /// From the first to the last.
    pub wall_us: u64,
    /// Half were faster.
    pub p50_us: u64,
    /// 99 of 100 were faster.
    pub p99_us: u64,
}

/// Sends, and says what came of it.
///
/// # Errors
/// If no connection can be made.
pub async fn send(load: &Load) -> Result<Outcome, Failure> {
    let requests: Arc<Vec<Vec<u8>>> =
        Arc::new((0..load.count).map(|number| request(load, load.first + number)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let mut streams = Vec::new();
    for _ in 0..load.connections {
        let stream = TcpStream::connect(load.address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let began = Instant::now();
    let end = began + Duration::from_secs(load.seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for mut stream in streams {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tasks.spawn(async move {
            let (mut acked, mut failed) = (Vec::new(), 0_u64);
            while Instant::now() < end {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = requests.get(number) else { break };
                let sent = Instant::now();
                match exchange(&mut stream, request).await {
                    Ok(200) => acked.push((number, sent.elapsed())),
                    Ok(_) => failed += 1,
                    Err(_) => {
                        failed += 1;
                        break;
                    }
                }
            }
            (acked, failed)
        });
    }
    let (mut all, mut failed) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (acked, missed) = done?;
        all.extend(acked);
        failed += missed;
    }
    let wall = began.elapsed();
    let ids: Vec<String> = all.iter().map(|(number, _)| (load.first + *number as u64).to_string()).collect();
    std::fs::write(&load.acked, ids.join("\n"))?;
    let mut times: Vec<Duration> = all.into_iter().map(|(_, time)| time).collect();
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
    let micros = |time: Option<&Duration>| time.map_or(0, |time| time.as_micros() as u64);
    Ok(Outcome {
        acked: times.len() as u64,
        failed,
        wall_us: wall.as_micros() as u64,
        p50_us: micros(at(50)),
        p99_us: micros(at(99)),
    })
}

fn request(load: &Load, id: u64) -> Vec<u8> {
    let body = body::order(id, load.product, &load.sku);
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\nuser-agent: WooCommerce/10.7.0 Hookshot (WordPress/6.9)\r\n\
         accept: */*\r\ncontent-type: application/json\r\nx-wc-webhook-source: https://shop.example/\r\n\
         x-wc-webhook-topic: order.created\r\nx-wc-webhook-resource: order\r\nx-wc-webhook-event: created\r\n\
         x-wc-webhook-signature: {}\r\nx-wc-webhook-id: 3\r\nx-wc-webhook-delivery-id: {id:032x}\r\n\
         content-length: {}\r\n\r\n",
        load.path,
        load.address,
        body::sign(&load.secret, &body),
        body.len()
    );
    let mut request = head.into_bytes();
    request.extend_from_slice(&body);
    request
}

/// One request and its answer's status.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Result<u16, Failure> {
    stream.write_all(request).await?;
    let mut answer = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err("the connection was closed".into());
        }
        let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&answer[..head])?.to_ascii_lowercase();
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.unwrap_or("0").trim().parse()?;
        if answer.len() >= head + 4 + length {
            return Ok(text.split(' ').nth(1).unwrap_or_default().parse()?);
        }
    }
}
