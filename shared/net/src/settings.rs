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
