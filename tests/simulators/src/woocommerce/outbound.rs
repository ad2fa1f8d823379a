//! Outgoing requests with the address checks of `wp_safe_remote_post`.

use crate::ground::{Failure, chain, client};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// What became of a request.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    /// An answer came.
    Answered(u16),
    /// The address checks refused to send it.
    Refused(String),
    /// It was sent and no answer came.
    Failed(String),
}

/// The client of a shop.
pub(crate) struct Outbound {
    client: reqwest::Client,
    home: reqwest::Url,
    lab: bool,
    woocommerce: String,
    wordpress: String,
}

impl Outbound {
    pub(crate) fn new(
        config: &super::config::Config,
        home: &str,
        own_ca: Option<&str>,
    ) -> Result<Self, Failure> {
        let whole = config.outgoing_timeout;
        let connect = whole.min(Duration::from_secs(10));
        Ok(Self {
            client: client(connect, whole, [config.extra_ca.as_deref(), own_ca])?,
            home: home.parse()?,
            lab: config.lab,
            woocommerce: config.version.clone(),
            wordpress: config.wordpress_version.clone(),
        })
    }

    pub(crate) fn hookshot(&self) -> String {
        format!("WooCommerce/{} Hookshot (WordPress/{})", self.woocommerce, self.wordpress)
    }

    pub(crate) fn wordpress(&self) -> String {
        let home = self.home.as_str().trim_end_matches('/');
        format!("WordPress/{}; {home}", self.wordpress)
    }

    /// Posts a body; webhooks go out as HTTP/1.0 in the store and close their connection here.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        hookshot: bool,
    ) -> Sent {
        let Ok(target) = url.parse::<reqwest::Url>() else {
            return Sent::Refused("A valid URL was not provided.".into());
        };
        if !self.lab && !self.safe(&target).await {
            return Sent::Refused("A valid URL was not provided.".into());
        }
        let mut request = self.client.post(target).body(body).header("Connection", "close");
        if !headers.iter().any(|(name, _)| name == "User-Agent") {
            let agent = if hookshot { self.hookshot() } else { self.wordpress() };
            request = request.header("User-Agent", agent);
        }
        if hookshot {
            request = request.version(reqwest::Version::HTTP_10);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let _ = answer.bytes().await;
                Sent::Answered(status)
            }
            Err(error) => Sent::Failed(chain(&error)),
        }
    }

    /// `wp_http_validate_url`: no private address and no odd port, the shop's own host apart.
    async fn safe(&self, url: &reqwest::Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return false;
        }
        let same_host = self.home.host_str() == Some(host);
        if !same_host {
            let bare = host.trim_matches(['[', ']']);
            let addresses: Vec<IpAddr> = match bare.parse() {
                Ok(address) => vec![address],
                Err(_) => match tokio::net::lookup_host((bare, 80)).await {
                    Ok(found) => found.map(|address| address.ip()).collect(),
                    Err(_) => return false,
                },
            };
            if addresses.is_empty() || addresses.iter().any(inside) {
                return false;
            }
        }
        match url.port() {
            None | Some(80 | 443 | 8080) => true,
            port => same_host && port == self.home.port(),
        }
    }
}

fn inside(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_loopback()
                || address.octets()[0] == 0
                || *address == Ipv4Addr::BROADCAST
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unspecified() || address.is_unique_local(),
    }
}
