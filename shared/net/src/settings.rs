//! What the client is told once, at the start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// What the client is told once, at the start.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether this machine itself may be called: on a desk with simulators, never in AWS.
    pub allow_loopback: bool,
    /// Whether this runs in AWS, where loopback is refused whatever the line above says.
    pub in_aws: bool,
    /// Further roots to trust, each the bytes of a PEM file with one certificate or more.
    pub extra_roots: Vec<Vec<u8>>,
    /// Names that stand for simulated shops on this machine: a platform whose shops all have names of its own can
    /// be tried so. Only with `allow_loopback`, and only to loopback.
    pub stand_ins: BTreeMap<String, SocketAddr>,
    /// How the client names itself to shops; empty for the program's name.
    pub user_agent: String,
}

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Loopback was allowed in AWS: take the setting away.
    #[error("calls to loopback cannot be allowed in AWS: take the setting away")]
    LoopbackInAws,
    /// A name was to stand for something that is not on this machine, or loopback is not allowed.
    #[error(
        "`{0}` cannot be called elsewhere: only with calls to loopback allowed, and only at 127.0.0.1:PORT or [::1]:PORT"
    )]
    StandIn(String),
    /// An extra root is not a PEM file with certificates: give another file.
    #[error(
        "extra root number {number} holds no certificate that can be read: give a PEM file with certificates"
    )]
    Root {
        /// Which one, counted from 1.
        number: usize,
    },
    /// The name holds signs that a header cannot carry: give another.
    #[error("the user agent holds signs that a header cannot carry: use letters, digits, `/` and `.`")]
    UserAgent,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// The client could not be set up.
    #[error("the HTTP client could not be set up")]
    Client(#[from] reqwest::Error),
}

impl Settings {
    /// How a function calls shops: nothing on its own machine, whatever its environment says. Only where AWS itself
    /// is played on this machine, shops may be played here too: `STAND_INS` (`NAME=ADDRESS`, with commas between)
    /// and `EXTRA_CA` (the text of a PEM file) are read there and nowhere else.
    #[must_use]
    pub fn of_function(aws_is_played_here: bool, told: impl Fn(&str) -> Option<String>) -> Self {
        if !aws_is_played_here {
            return Self { in_aws: true, ..Self::default() };
        }
        let pair = |text: &str| {
            let (name, address) = text.split_once('=')?;
            Some((name.trim().to_lowercase(), address.trim().parse().ok()?))
        };
        Self {
            allow_loopback: true,
            stand_ins: told("STAND_INS").unwrap_or_default().split(',').filter_map(pair).collect(),
            extra_roots: told("EXTRA_CA").map(String::into_bytes).into_iter().collect(),
            ..Self::default()
        }
    }

    /// The TLS configuration: the roots that the program carries, and the extra ones.
    pub(crate) fn tls(&self) -> Result<ClientConfig, SettingsError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for (index, pem) in self.extra_roots.iter().enumerate() {
            let unreadable = || SettingsError::Root { number: index.saturating_add(1) };
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| unreadable())?;
                roots.add(certificate).map_err(|_| unreadable())?;
            }
            if roots.len() == before {
                return Err(unreadable());
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth())
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn in_aws_no_word_of_the_environment_opens_loopback() {
        let told =
            |name: &str| Some(if name == "STAND_INS" { "a=127.0.0.1:9,b=[::1]:8" } else { "pem" }.to_owned());
        let real = Settings::of_function(false, told);
        assert!(
            real.in_aws && !real.allow_loopback && real.stand_ins.is_empty() && real.extra_roots.is_empty()
        );
        let played = Settings::of_function(true, told);
        assert!(played.allow_loopback && played.extra_roots == [b"pem".to_vec()]);
        assert_eq!(played.stand_ins.keys().collect::<Vec<_>>(), ["a", "b"]);
    }
}
