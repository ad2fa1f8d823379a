//! Outgoing requests: short patience, no redirects, and no private addresses outside the lab.

use super::config::Config;
use crate::ground::{Failure, chain, client};
use std::net::IpAddr;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(1);
const WHOLE: Duration = Duration::from_secs(5);

/// The client that delivers webhooks.
pub(crate) struct Outbound {
    client: reqwest::Client,
    lab: bool,
}

impl Outbound {
    pub(crate) fn new(config: &Config, own_ca: Option<&str>) -> Result<Self, Failure> {
        let client = client(CONNECT, WHOLE, [config.extra_ca.as_deref(), own_ca])?;
        Ok(Self { client, lab: config.lab })
    }

    /// Posts a body; the status, or why none came.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<u16, String> {
        let target: reqwest::Url = url.parse().map_err(|_| "the address is not a URL".to_owned())?;
        if !self.lab && inside(&target).await {
            return Err("the address is not a public one".into());
        }
        let mut request = self.client.post(target).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                answer.bytes().await.map_err(|error| chain(&error))?;
                Ok(status)
            }
            Err(error) => Err(chain(&error)),
        }
    }
}

/// Whether a host is, or resolves to, an address of this machine or a private network.
async fn inside(url: &reqwest::Url) -> bool {
    let Some(host) = url.host_str() else { return true };
    let bare = host.trim_matches(['[', ']']);
    let addresses: Vec<IpAddr> = match bare.parse() {
        Ok(address) => vec![address],
        Err(_) => match tokio::net::lookup_host((bare, 443)).await {
            Ok(found) => found.map(|address| address.ip()).collect(),
            Err(_) => return true,
        },
    };
    addresses.is_empty()
        || addresses.iter().any(|address| match address {
            IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
            IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
        })
}
