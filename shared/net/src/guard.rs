//! The egress guard: names are resolved here, and every address is checked after it was resolved.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use platform::{HttpError, HttpErrorKind};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::address::refusal;
use crate::failure::not_sent;

/// Why a name leads nowhere that may be called. Travels inside the client's error and is found there again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NameError {
    /// The name has no address.
    #[error("the name has no address")]
    Nowhere,
    /// One of its addresses may not be called.
    #[error("the name leads to {0}")]
    Refused(&'static str),
}

/// Who turns names into addresses.
#[derive(Debug, Clone)]
pub(crate) enum Names {
    /// The system.
    System,
    /// A table, for tests.
    #[cfg(test)]
    Table(std::collections::HashMap<String, Vec<IpAddr>>),
}

impl Names {
    async fn look_up(&self, host: &str) -> Vec<IpAddr> {
        match self {
            Self::System => match tokio::net::lookup_host((host, 0)).await {
                Ok(found) => found.map(|address| address.ip()).collect(),
                Err(_) => Vec::new(),
            },
            #[cfg(test)]
            Self::Table(table) => table.get(host).cloned().unwrap_or_default(),
        }
    }
}

/// Checks where a request goes.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    names: Arc<Names>,
    allow_loopback: bool,
    /// Names that stand for simulated shops on this machine.
    stand_ins: Arc<BTreeMap<String, SocketAddr>>,
}

impl Guard {
    pub(crate) fn new(names: Names, allow_loopback: bool, stand_ins: BTreeMap<String, SocketAddr>) -> Self {
        Self { names: Arc::new(names), allow_loopback, stand_ins: Arc::new(stand_ins) }
    }

    /// Checks what can be seen of an address without resolving it: its scheme and a literal IP address.
    /// Decimal, octal and hexadecimal forms are already plain addresses in a `Url`.
    pub(crate) fn check(&self, url: &Url) -> Result<(), HttpError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(not_sent(
                HttpErrorKind::Forbidden,
                "only http and https addresses may be called: check the shop's address",
            ));
        }
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(v4)) => v4.into(),
            Some(Host::Ipv6(v6)) => v6.into(),
            Some(Host::Domain(_)) => return Ok(()),
            None => {
                return Err(not_sent(
                    HttpErrorKind::Forbidden,
                    "the address names no host: check the shop's address",
                ));
            }
        };
        match refusal(address, self.allow_loopback) {
            Some(why) => Err(forbidden(&address.to_string(), why)),
            None => Ok(()),
        }
    }
}

/// The error of a host that may not be called.
pub(crate) fn forbidden(host: &str, why: &str) -> HttpError {
    not_sent(
        HttpErrorKind::Forbidden,
        format!("{host} may not be called, it leads to {why}: give the shop's public address"),
    )
}

impl Resolve for Guard {
    /// Resolves a name and refuses the whole answer if any of its addresses may not be called, so that the
    /// addresses that are checked are those that are connected to.
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            if let Some(stand_in) = guard.stand_ins.get(name.as_str()) {
                // A port here counts where the address names none.
                let addresses: Addrs = Box::new(std::iter::once(*stand_in));
                return Ok(addresses);
            }
            let found = guard.names.look_up(name.as_str()).await;
            if found.is_empty() {
                return Err(NameError::Nowhere.into());
            }
            if let Some(why) = found.iter().find_map(|address| refusal(*address, guard.allow_loopback)) {
                return Err(NameError::Refused(why).into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
