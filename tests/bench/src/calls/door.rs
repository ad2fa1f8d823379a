//! The door that shops knock at: what they send is kept, answered 200, and given to a function by hand.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Uri};
use storeloom::listener::{Listener, Tls};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower::ServiceExt as _;

use crate::Failure;

/// Something that a shop sent.
pub struct Knock {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Knock {
    /// What it is about, in the shop's words.
    pub fn topic(&self) -> String {
        let text = self.headers.get("x-wc-webhook-topic").and_then(|value| value.to_str().ok());
        text.unwrap_or("a greeting").to_owned()
    }

    /// Gives it to a router; its status.
    pub async fn give(self, to: Router) -> Result<u16, Failure> {
        let mut request = Request::post(self.uri).body(Body::from(self.body))?;
        *request.headers_mut() = self.headers;
        Ok(to.oneshot(request).await?.status().as_u16())
    }
}

/// The door.
pub struct Door(UnboundedReceiver<Knock>);

impl Door {
    /// Opens the door at the address that shops were told, with the certificate of a data folder.
    pub async fn open(url: &str, data: &Path) -> Result<Self, Failure> {
        let address: SocketAddr = url.trim_start_matches("http://").trim_end_matches('/').parse()?;
        let listener = Listener::bind(address, &Tls::open(&data.join("tls"))?).await?;
        let (keep, kept) = unbounded_channel();
        let router = Router::new().fallback(knock).with_state(keep);
        tokio::spawn(listener.serve(router, std::future::pending()));
        Ok(Self(kept))
    }

    /// What came until for so long nothing more came.
    pub async fn all(&mut self, silence: Duration) -> Vec<Knock> {
        let mut all = Vec::new();
        while let Ok(Some(knock)) = tokio::time::timeout(silence, self.0.recv()).await {
            all.push(knock);
        }
        all
    }
}

async fn knock(State(keep): State<UnboundedSender<Knock>>, uri: Uri, headers: HeaderMap, body: Bytes) {
    // Nobody listens any more at the end.
    let _ = keep.send(Knock { uri, headers, body });
}
