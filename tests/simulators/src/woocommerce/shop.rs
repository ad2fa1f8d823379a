//! A running shop and the handles to it.

use super::admin::Admin;
use super::browser::{Decision, decide};
use super::clock::Clock;
use super::config::Config;
use super::faults::Faults;
use super::front;
use super::house::House;
use super::key::Keys;
use super::outbound::Outbound;
use super::store::Store;
use super::till::{Basket, Refusal};
use super::window::{OrderRow, Window};
use crate::ground::{Failure, Serving, Tls};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A running simulated WooCommerce store; dropping it stops it.
pub struct Shop {
    house: Arc<House>,
    url: String,
    address: SocketAddr,
    ca_pem: Option<String>,
    keys: Keys,
    serving: Serving,
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
        let answering = Arc::clone(&house);
        let answer = move |request| front::serve(Arc::clone(&answering), request);
        let serving = Serving::start(listener, tls, answer, super::queue::work(Arc::clone(&house)));
        Ok(Self { house, url, address, ca_pem, keys, serving })
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

    /// Stops listening, drops open connections and waits for what runs.
    pub async fn shutdown(self) {
        self.serving.shutdown().await;
    }
}
