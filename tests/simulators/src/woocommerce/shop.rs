//! A running shop and the handles to it.

use super::admin::Admin;
use super::browser::{Decision, decide};
use super::clock::Clock;
use super::config::Config;
use super::faults::Faults;
use super::front;
use super::house::House;
use super::key::Keys;
use super::outbound::{Failure, Outbound};
use super::store::Store;
use super::till::{Basket, Refusal};
use super::tls::Tls;
use super::window::{OrderRow, Window};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running simulated WooCommerce store; dropping it stops it.
pub struct Shop {
    house: Arc<House>,
    url: String,
    address: SocketAddr,
    ca_pem: Option<String>,
    keys: Keys,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Shop {
    /// Fills the store, binds the listener and starts to serve.
    ///
    /// # Errors
    /// When the address cannot be bound, the zone is unknown or a certificate is not one.
    pub async fn start(config: Config) -> Result<Self, Failure> {
        let clock = Arc::new(Clock::new(&config.zone)?);
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let base = config.base_path.clone().unwrap_or_default();
        let base = match base.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        let tls = if config.https { Some(Tls::new(&config.name, address.ip(), &[])?) } else { None };
        let scheme = if config.https { "https" } else { "http" };
        let url = format!("{scheme}://{address}{base}");
        let ca_pem = tls.as_ref().map(|tls| tls.ca_pem.clone());
        let outbound = Outbound::new(&config, &url, ca_pem.as_deref())?;
        let https = config.https;
        let mut store = Store::new(config, clock, url.clone());
        super::seed::fill(&mut store);
        let keys = store.make_key("read_write");
        let house = Arc::new(House::new(store, outbound, base, https));
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(listen(listener, tls, Arc::clone(&house), stopped)),
            tokio::spawn(super::queue::work(Arc::clone(&house))),
        ];
        Ok(Self { house, url, address, ca_pem, keys, stop, tasks })
    }

    /// The store's address with its base path, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The authority (PEM) that signed the shop's certificate; none over plain http.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// A ready pair with `read_write` permissions.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Makes another pair: `read`, `write` or `read_write`.
    pub fn make_key(&self, permissions: &str) -> Keys {
        self.house.store().make_key(permissions)
    }

    /// User and password of the merchant, for the login page.
    pub fn login(&self) -> (&'static str, &'static str) {
        (super::consent::USER, super::consent::PASSWORD)
    }

    /// The handle to break it.
    pub fn faults(&self) -> Faults {
        Faults { house: Arc::clone(&self.house) }
    }

    /// The window to look in.
    pub fn window(&self) -> Window {
        Window { house: Arc::clone(&self.house) }
    }

    /// The merchant at work in wp-admin.
    pub fn admin(&self) -> Admin {
        Admin { house: Arc::clone(&self.house) }
    }

    /// Checks out like a browser buyer: all or nothing, stock down in the same step.
    ///
    /// # Errors
    /// When something is short or not for sale; nothing changed then.
    pub fn buy(&self, basket: &Basket) -> Result<OrderRow, Refusal> {
        super::till::buy(&self.house, basket)
    }

    /// Delivers everything the webhook queue holds, stalled or not; returns how many jobs ran.
    pub async fn drain(&self) -> usize {
        super::queue::drain(&self.house).await
    }

    /// Plays the merchant who approves; returns the URL the browser is sent back to.
    ///
    /// # Errors
    /// When a page refuses, with what it says.
    pub async fn approve(&self, authorize_url: &str) -> Result<String, Failure> {
        decide(self.ca_pem(), &self.url, authorize_url, Decision::Approve).await
    }

    /// Plays the merchant who denies; returns the URL the browser is sent back to.
    ///
    /// # Errors
    /// When a page refuses, with what it says.
    pub async fn deny(&self, authorize_url: &str) -> Result<String, Failure> {
        decide(self.ca_pem(), &self.url, authorize_url, Decision::Deny).await
    }

    /// Stops listening, drops open connections and waits for both tasks.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        let mut tasks = std::mem::take(&mut self.tasks);
        if let Some(worker) = tasks.pop() {
            worker.abort();
            let _ = worker.await;
        }
        for task in tasks {
            let _ = task.await;
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(
    listener: TcpListener,
    tls: Option<Tls>,
    house: Arc<House>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = stopped.changed() => return,
        };
        let _ = stream.set_nodelay(true);
        let house = Arc::clone(&house);
        let stopped = stopped.clone();
        match &tls {
            None => {
                tokio::spawn(talk(stream, house, stopped));
            }
            Some(tls) => {
                let acceptor = tls.acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        talk(stream, house, stopped).await;
                    }
                });
            }
        }
    }
}

async fn talk<S>(stream: S, house: Arc<House>, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| front::serve(Arc::clone(&house), request));
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        _ = stopped.changed() => {}
    }
}
