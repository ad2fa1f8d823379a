//! An authority of the desk's own, so that shops and browsers on this machine can use https with it.
//!
//! Its key stays in the data folder; its certificate may vouch for this machine alone, so that trusting it gives
//! nobody anything else. The server's certificate is made afresh at each start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use platform::Clock as _;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::clock::SystemClock;
use crate::disk;

/// How long the authority's certificate is valid, in days.
const AUTHORITY_DAYS: i64 = 3650;
/// How long a server's certificate is valid, in days: what browsers take at most, and more than a program runs.
const SERVER_DAYS: i64 = 397;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The folder cannot be read or written: check its owner and the disk.
    #[error("the folder of certificates cannot be read or written: check its owner and the disk")]
    Files(#[from] io::Error),
    /// A certificate or key cannot be made or read.
    #[error("the desk's certificates cannot be made or read: delete the folder `tls` of the data folder")]
    Certificates(#[from] rcgen::Error),
    /// The authority's certificate cannot be read.
    #[error("the desk's `ca.pem` cannot be read: delete the folder `tls` of the data folder")]
    Unreadable,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[from] rustls::Error),
}

/// The desk's TLS: what the port serves, and what others must trust.
#[derive(Debug, Clone)]
pub struct Tls {
    ca_pem: String,
    server: Arc<ServerConfig>,
}

impl Tls {
    /// Opens the authority of a folder, making it at the first start, and makes a certificate for `localhost`,
    /// 127.0.0.1 and ::1.
    ///
    /// # Errors
    /// If the folder cannot be read or written, or what lies in it is no authority.
    pub fn open(folder: &Path) -> Result<Self, TlsError> {
        Self::open_at(folder, SystemClock.now())
    }

    /// The same at a given time.
    ///
    /// # Errors
    /// As [`Tls::open`].
    pub fn open_at(folder: &Path, now: Timestamp) -> Result<Self, TlsError> {
        disk::make_folder(folder)?;
        let (key_path, pem_path) = (folder.join("ca.key"), folder.join("ca.pem"));
        let (key, ca_pem) = match (disk::read_if_there(&key_path)?, disk::read_if_there(&pem_path)?) {
            (Some(key), Some(pem)) => {
                let text = |bytes| String::from_utf8(bytes).map_err(|_| TlsError::Unreadable);
                (KeyPair::from_pem(&text(key)?)?, text(pem)?)
            }
            // The key is written first: without its certificate nobody trusts it yet, and both are made again.
            _ => {
                let key = KeyPair::generate()?;
                let pem = authority(now).self_signed(&key)?.pem();
                disk::write_whole(&key_path, key.serialize_pem().as_bytes())?;
                disk::write_whole(&pem_path, pem.as_bytes())?;
                (key, pem)
            }
        };
        let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(|_| TlsError::Unreadable)?;
        let server_key = KeyPair::generate()?;
        let params = authority(now);
        let server = server(now)?.signed_by(&server_key, &Issuer::from_params(&params, &key))?;
        let secret = PrivateKeyDer::try_from(server_key.serialize_der()).map_err(|_| TlsError::Unreadable)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone(), ca], secret)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { ca_pem, server: Arc::new(config) })
    }

    /// The authority's certificate, for those who are to trust this desk.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// What the port serves.
    #[must_use]
    pub fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }
}

/// The authority's certificate: for this machine's names and addresses, and for nothing else.
fn authority(now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("Storeloom on this desk");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::LOCALHOST.into(), 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::LOCALHOST.into(), 128)),
        ],
        excluded_subtrees: Vec::new(),
    });
    valid(&mut params, now, AUTHORITY_DAYS);
    params
}

fn server(now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("localhost");
    params.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into()?),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, SERVER_DAYS);
    Ok(params)
}

fn name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

/// Valid from the day before `now`, for clocks that are a little behind.
fn valid(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let day = |offset: i64| {
        let at = now.saturating_add(SignedDuration::from_hours(24_i64.saturating_mul(offset)));
        let date = at.unwrap_or(now).to_zoned(TimeZone::UTC).date();
        let month = u8::try_from(date.month()).unwrap_or(1);
        date_time_ymd(i32::from(date.year()), month, u8::try_from(date.day()).unwrap_or(1))
    };
    params.not_before = day(-1);
    params.not_after = day(days.saturating_sub(1));
}
