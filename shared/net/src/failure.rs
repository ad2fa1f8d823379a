//! What went wrong, read from the client's error: kind, message with the host alone, and whether it was sent.

use std::error::Error;
use std::io;

use platform::{HttpError, HttpErrorKind};

use crate::guard::{NameError, forbidden};

/// An error of a request that never left.
pub(crate) fn not_sent(kind: HttpErrorKind, message: impl Into<String>) -> HttpError {
    HttpError { kind, message: message.into(), may_have_been_sent: false }
}

/// An error of a request that may have reached the shop.
pub(crate) fn sent(kind: HttpErrorKind, message: impl Into<String>) -> HttpError {
    HttpError { kind, message: message.into(), may_have_been_sent: true }
}

/// Reads the client's error. `left` says whether part of the request was on its way.
pub(crate) fn read(error: &reqwest::Error, host: &str, left: bool) -> HttpError {
    let cause = Cause::of(error);
    if error.is_connect() {
        return match cause {
            Cause::Nowhere => not_sent(
                HttpErrorKind::Name,
                format!("{host} has no address: check the spelling of the shop's address"),
            ),
            Cause::Refused(why) => forbidden(host, why),
            Cause::Certificate(why) => not_sent(
                HttpErrorKind::Tls,
                format!(
                    "the certificate of {host} is not trusted ({why}): renew it, or give its root as an extra CA"
                ),
            ),
            Cause::Tls => not_sent(
                HttpErrorKind::Tls,
                format!("{host} and we could not agree on TLS: check that it serves https on this port"),
            ),
            Cause::Other if error.is_timeout() => {
                not_sent(HttpErrorKind::Timeout, format!("{host} did not accept a connection in time"))
            }
            Cause::Other => not_sent(
                HttpErrorKind::Connect,
                format!("{host} does not accept connections: check that the shop is up"),
            ),
        };
    }
    if error.is_timeout() {
        return HttpError {
            kind: HttpErrorKind::Timeout,
            message: format!("{host} did not answer in time"),
            may_have_been_sent: left,
        };
    }
    if error.is_builder() {
        return not_sent(HttpErrorKind::Broken, format!("the request to {host} could not be written"));
    }
    sent(HttpErrorKind::Broken, format!("the connection to {host} broke before the whole answer was there"))
}

/// What lies at the bottom of a chain of errors.
enum Cause {
    Nowhere,
    Refused(&'static str),
    Certificate(&'static str),
    Tls,
    Other,
}

impl Cause {
    fn of(error: &(dyn Error + 'static)) -> Self {
        Self::below(error).unwrap_or(Self::Other)
    }

    fn below(error: &(dyn Error + 'static)) -> Option<Self> {
        // An I/O error gives the source of what it wraps, not what it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        Self::known(error)
            .or_else(|| wrapped.and_then(|wrapped| Self::below(wrapped)))
            .or_else(|| error.source().and_then(Self::below))
    }

    fn known(error: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(name) = error.downcast_ref::<NameError>() {
            return Some(match name {
                NameError::Nowhere => Self::Nowhere,
                NameError::Refused(why) => Self::Refused(why),
            });
        }
        let tls = error.downcast_ref::<rustls::Error>()?;
        Some(match tls {
            rustls::Error::InvalidCertificate(why) => Self::Certificate(certificate(why)),
            _ => Self::Tls,
        })
    }
}

fn certificate(why: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as E;
    match why {
        E::Expired | E::ExpiredContext { .. } => "it has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet",
        E::NotValidForName | E::NotValidForNameContext { .. } => "it names another host",
        E::UnknownIssuer => "its issuer is unknown",
        E::Revoked => "it was revoked",
        _ => "it cannot be checked",
    }
}
