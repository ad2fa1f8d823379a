//! The shop's own certificate authority and listener.

use super::Failure;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use std::net::IpAddr;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate for the address, the authority that signed it, and what accepts connections.
pub struct Tls {
    /// What takes a connection.
    pub acceptor: TlsAcceptor,
    /// The authority, in PEM.
    pub ca_pem: String,
}

impl Tls {
    /// A certificate for the address, `localhost` and these names.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn new(name: &str, address: IpAddr, also: &[&str]) -> Result<Self, Failure> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        params.distinguished_name.push(DnType::CommonName, format!("{name} authority"));
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let mut names = vec![address.to_string(), "localhost".to_owned()];
        if !address.is_loopback() {
            names.push("127.0.0.1".into());
        }
        names.extend(also.iter().map(|name| (*name).to_owned()));
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &ca)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: ca.pem() })
    }
}
