//! What is made when it is first needed, and not at the start of a function that may not need it.
//!
//! A function's cold start is somebody's wait. A service's client reads tables of regions when it is made, and would
//! by itself read all of the system's certificates: together more than everything else that happens before a function
//! asks for its first event. A function that takes a delivery never needs some of the clients it is handed.

use std::sync::{Arc, LazyLock};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

/// A client of a service, made when it is first called. Clones share it.
pub(crate) type Late<C> = Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>;

/// A client that `make` makes when it is first called.
pub(crate) fn late<C>(make: impl FnOnce() -> C + Send + 'static) -> Late<C> {
    Arc::new(LazyLock::new(Box::new(make)))
}

/// The one way out of all services' clients: the SDK's own, made ready when the first of them is called.
#[derive(Debug)]
pub(crate) struct WayOut(SharedHttpClient);

impl Default for WayOut {
    fn default() -> Self {
        Self(Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https())
    }
}

impl HttpClient for WayOut {
    // Without the check of the inner client, which is what would make it ready too early.
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }
}
