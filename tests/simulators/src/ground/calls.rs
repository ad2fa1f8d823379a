//! Calling out: short patience, no redirects, no proxy.

use super::Failure;
use std::time::Duration;

/// A client that trusts these authorities (PEM) besides the public ones.
///
/// # Errors
/// When an authority cannot be read.
pub fn client(
    connect: Duration,
    whole: Duration,
    trusted: [Option<&str>; 2],
) -> Result<reqwest::Client, Failure> {
    let mut client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(connect)
        .timeout(whole)
        .no_proxy()
        .http1_only();
    let mut authorities = Vec::new();
    for pem in trusted.into_iter().flatten() {
        authorities.extend(reqwest::Certificate::from_pem_bundle(pem.as_bytes())?);
    }
    if !authorities.is_empty() {
        client = client.tls_certs_merge(authorities);
    }
    Ok(client.build()?)
}

/// An error with all its causes.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
