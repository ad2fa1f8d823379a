//! One port that speaks both http and https: the first byte of a connection says which.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

pub use crate::tls::{Tls, TlsError};

/// The first byte of a TLS connection: a handshake record (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;
/// A connection says its first byte, and a client finishes its handshake, within this time.
const GREETING: Duration = Duration::from_secs(10);
/// The head of a request is whole within this time; an idle connection is closed after it.
const HEAD: Duration = Duration::from_secs(30);
/// The largest head of a request, and how much of a body is read ahead.
const BUFFER: usize = 64 << 10;
/// More connections than this wait until one is closed.
const CONNECTIONS: usize = 2048;
/// A stop waits so long for requests that are under way.
const STOP: Duration = Duration::from_secs(10);
/// After an `accept` that failed (no more file handles, say), the next is tried after this time.
const AGAIN: Duration = Duration::from_millis(50);

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port: stop it, or use another port.
    #[error("port {port} is taken by another program: stop that one, or choose another port")]
    Taken {
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("`{address}` cannot be listened on: choose another address")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// A port that is ours, before it is served.
pub struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    tls: TlsAcceptor,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Listener {
    /// Takes a port; port 0 is any free one.
    ///
    /// # Errors
    /// If another program has it, or the address is not one of this machine.
    pub async fn bind(address: SocketAddr, tls: &Tls) -> Result<Self, ListenError> {
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::Taken { port: address.port() },
            _ => ListenError::Refused { address, source },
        };
        let tcp = TcpListener::bind(address).await.map_err(refused)?;
        let address = tcp.local_addr().map_err(refused)?;
        Ok(Self { tcp, address, tls: TlsAcceptor::from(tls.server()) })
    }

    /// The address, with the port that was found.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a router on http and https until `stop` is there; then lets requests under way finish.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()> + Send) {
        let port = Port { service: TowerToHyperService::new(router), tls: self.tls, http: protocol() };
        let (silent, stopping) = watch::channel(());
        let (graceful, room) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS)));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.tcp, &room) => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, place)) => {
                    let (port, watcher, mut stopping) = (port.clone(), graceful.watcher(), stopping.clone());
                    tokio::spawn(async move {
                        if let Some(first) = first_byte(&stream, &mut stopping).await {
                            port.speak(stream, first, watcher).await;
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        drop(self.tcp);
        // Connections that have said nothing yet are let go.
        drop(silent);
        if tokio::time::timeout(STOP, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not finish before the stop");
        }
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(tcp: &TcpListener, room: &Arc<Semaphore>) -> io::Result<(TcpStream, Place)> {
    let place = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = tcp.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

fn protocol() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(BUFFER);
    http
}

/// The first byte of a connection, left where it is; none if it says nothing in time or we stop.
async fn first_byte(stream: &TcpStream, stopping: &mut watch::Receiver<()>) -> Option<u8> {
    let mut first = [0; 1];
    let peeked = tokio::select! {
        peeked = tokio::time::timeout(GREETING, stream.peek(&mut first)) => peeked,
        _ = stopping.changed() => return None,
    };
    match peeked {
        Ok(Ok(1)) => Some(u8::from_be_bytes(first)),
        _ => None,
    }
}

/// What each connection needs; cheap to clone.
#[derive(Clone)]
struct Port {
    service: TowerToHyperService<Router>,
    tls: TlsAcceptor,
    http: http1::Builder,
}

impl Port {
    async fn speak(self, stream: TcpStream, first: u8, watcher: Watcher) {
        if first != HANDSHAKE {
            return self.answer(stream, watcher).await;
        }
        let accepted = tokio::time::timeout(GREETING, self.tls.accept(stream)).await;
        match accepted {
            Ok(Ok(stream)) => self.answer(stream, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, watcher: Watcher) {
        let connection = self.http.serve_connection(TokioIo::new(stream), self.service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use axum::routing::get;
    use jiff::Timestamp;
    use rustls_pki_types::pem::PemObject as _;
    use rustls_pki_types::{CertificateDer, ServerName};
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;
    use tokio_rustls::TlsConnector;

    use super::*;

    fn today() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    async fn start(tls: &Tls) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let slow = get(|| async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            "slow"
        });
        let router = Router::new().route("/", get(|| async { "hello" })).route("/slow", slow);
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), tls).await.unwrap();
        let address = listener.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            listener.serve(router, async { drop(stopped.await) }).await;
        });
        (address, stop, serving)
    }

    async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn sealed(
        address: SocketAddr,
        ca: &str,
        name: &'static str,
    ) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
    }

    #[tokio::test]
    async fn one_port_speaks_http_and_https_and_its_authority_outlives_a_restart() {
        let folder = TempDir::new().unwrap();
        let tls = Tls::open_at(folder.path(), today()).unwrap();
        let ca = tls.ca_pem().to_owned();
        let again = Tls::open_at(folder.path(), today()).unwrap();
        assert_eq!(ca, again.ca_pem());
        let (address, stop, serving) = start(&again).await;
        assert!(ask(TcpStream::connect(address).await.unwrap(), "/").await.ends_with("hello"));
        for name in ["localhost", "127.0.0.1", "::1"] {
            let stream = sealed(address, &ca, name).await.unwrap();
            assert!(ask(stream, "/").await.ends_with("hello"), "{name}");
        }
        assert!(sealed(address, &ca, "shop.example").await.is_err());
        let mode = std::fs::metadata(folder.path().join("ca.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(stop);
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_stop_lets_requests_under_way_finish() {
        let folder = TempDir::new().unwrap();
        let tls = Tls::open_at(folder.path(), today()).unwrap();
        let (address, stop, serving) = start(&tls).await;
        let slow =
            tokio::spawn(async move { ask(TcpStream::connect(address).await.unwrap(), "/slow").await });
        let idle = TcpStream::connect(address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(stop);
        assert!(slow.await.unwrap().ends_with("slow"));
        tokio::time::timeout(Duration::from_secs(2), serving).await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
        drop(idle);
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let folder = TempDir::new().unwrap();
        let tls = Tls::open_at(folder.path(), today()).unwrap();
        let first = Listener::bind("127.0.0.1:0".parse().unwrap(), &tls).await.unwrap();
        let error = Listener::bind(first.address(), &tls).await.unwrap_err();
        assert!(matches!(error, ListenError::Taken { port } if port == first.address().port()));
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let folder = TempDir::new().unwrap();
        let tls = Tls::open_at(folder.path(), today()).unwrap();
        let (address, _stop, _serving) = start(&tls).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\nlong: {}\r\n\r\n", "x".repeat(4 * BUFFER));
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
}
