//! A running shop and the handles to it.

use super::admin::Admin;
use super::breaker::Faults;
use super::clock::Clock;
use super::config::{App, Config};
use super::front;
use super::house::House;
use super::outbound::Outbound;
use super::rows::OrderRow;
use super::store::Store;
use super::till::{Basket, Refusal};
use super::window::Window;
use crate::ground::{Failure, Serving, Tls, encode, pairs};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// A running simulated Shopify shop; dropping it stops it.
pub struct Shop {
    house: Arc<House>,
    url: String,
    domain: String,
    address: SocketAddr,
    ca_pem: Option<String>,
    token: String,
    serving: Serving,
}

impl Shop {
    /// Fills the shop, binds the listener and starts to serve.
    ///
    /// # Errors
    /// When the address cannot be bound, the zone is unknown or a certificate is not one.
    pub async fn start(mut config: Config) -> Result<Self, Failure> {
        if config.domain.is_empty() {
            config.domain = format!("demo-{}.myshopify.com", config.seed);
        }
        let clock = Arc::new(Clock::new(&config.zone)?);
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let names = [config.domain.as_str()];
        let tls = if config.https { Some(Tls::new(&config.name, address.ip(), &names)?) } else { None };
        let scheme = if config.https { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        let ca_pem = tls.as_ref().map(|tls| tls.ca_pem.clone());
        let outbound = Outbound::new(&config, ca_pem.as_deref())?;
        let domain = config.domain.clone();
        let mut store = Store::new(config, clock, url.clone());
        super::seed::fill(&mut store);
        let scopes = store.grants.scopes.clone();
        let token = store.grants.issue(&mut store.random, &scopes, None);
        let house = Arc::new(House::new(store, outbound));
        let answering = Arc::clone(&house);
        let answer = move |request| front::serve(Arc::clone(&answering), request);
        let serving = Serving::start(listener, tls, answer, super::queue::work(Arc::clone(&house)));
        Ok(Self { house, url, domain, address, ca_pem, token, serving })
    }

    /// Its permanent domain, like `demo-7.myshopify.com`; calls may come under any name.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Where it answers, without a slash at the end.
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

    /// The app as it is registered now, with its secrets.
    pub fn app(&self) -> App {
        self.house.store().grants.app.clone()
    }

    /// The static token of a custom app, as a merchant pastes it.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Makes another static token with these scopes.
    pub fn make_token(&self, scopes: &[&str]) -> String {
        let mut guard = self.house.store();
        let store = &mut *guard;
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        store.grants.issue(&mut store.random, &scopes, None)
    }

    /// The handle to break it.
    pub fn faults(&self) -> Faults {
        Faults { house: Arc::clone(&self.house) }
    }

    /// The window to look in.
    pub fn window(&self) -> Window {
        Window { house: Arc::clone(&self.house) }
    }

    /// The merchant at work in the admin.
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

    /// Tries every webhook that was not tried yet or is due, stalled or not; returns how many tries there were.
    pub async fn drain(&self) -> usize {
        super::queue::drain(&self.house).await
    }

    /// Moves the shop's clock: tokens expire, the bucket fills, retries fall due, bulk operations end.
    pub fn advance(&self, by: Duration) {
        self.house.clock.advance(by.as_millis() as i64);
        self.house.settle();
        self.house.stirred.notify_one();
    }

    /// The signed link on which a merchant leaves the platform for the app, to begin an install.
    pub fn install_link(&self, app_url: &str) -> String {
        super::oauth::install_link(&self.house.store(), app_url)
    }

    /// Plays the merchant who opens an authorize URL and presses Install; returns the URL the browser is sent back to.
    ///
    /// # Errors
    /// When a page refuses, with what it says.
    pub async fn approve(&self, authorize_url: &str) -> Result<String, Failure> {
        let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        if let Some(ca) = self.ca_pem() {
            client = client.tls_certs_merge(reqwest::Certificate::from_pem_bundle(ca.as_bytes())?);
        }
        let client = client.build()?;
        // The browser knows the shop by its name; here it is at its address.
        let rest = authorize_url.split_once("://").map_or(authorize_url, |(_, rest)| rest);
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let at = format!("{}{path}", self.url);
        let answer = client.get(&at).send().await?;
        if let Some(to) = location(&answer) {
            return Ok(to);
        }
        let status = answer.status();
        let html = answer.text().await?;
        if !status.is_success() {
            let said = html.split("<p class=\"error\">").nth(1).and_then(|rest| rest.split("</p>").next());
            return Err(format!("the shop refused with {status}: {}", said.unwrap_or(&html)).into());
        }
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let form: Vec<String> =
            pairs(query).iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
        let action = format!("{}/admin/oauth/authorize", self.url);
        let kind = "application/x-www-form-urlencoded";
        let answer = client.post(action).header("Content-Type", kind).body(form.join("&")).send().await?;
        location(&answer).ok_or_else(|| "the shop did not send the browser back".into())
    }

    /// Stops listening, drops open connections and waits for what runs.
    pub async fn shutdown(self) {
        self.serving.shutdown().await;
    }
}

fn location(answer: &reqwest::Response) -> Option<String> {
    Some(answer.headers().get("location")?.to_str().ok()?.to_owned())
}
