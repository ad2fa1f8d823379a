//! A listener for deliveries.

use super::Failure;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Headers and body of every post that came.
pub type Heard = Arc<Mutex<Vec<(HashMap<String, String>, String)>>>;

/// A listener that answers 200 to every post and remembers it.
pub async fn listen() -> Result<(Heard, String), Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let heard = Heard::default();
    let ears = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            while let Ok(read) = stream.read_buf(&mut bytes).await {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let headers: HashMap<String, String> = head
                    .lines()
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                    .collect();
                let length =
                    headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
                if body.len() >= length || read == 0 {
                    ears.lock().unwrap().push((headers, body.to_owned()));
                    break;
                }
            }
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        }
    });
    Ok((heard, url))
}
