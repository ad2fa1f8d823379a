//! Where AWS is, and the one way to a client of it.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};

use crate::blobs::BucketBlobs;
use crate::late::{WayOut, late};
use crate::queue::FifoQueue;
use crate::schedules::{RateSchedules, TickTarget};
use crate::sealed::SealedVault;
use crate::table::Table;
use crate::vault::SecretVault;

/// Where AWS is: a region, with the credentials of the environment; or an emulator at another address.
///
/// Nothing else is looked for: no profile, no metadata service. In a function that is all there is, and a desk
/// that means another account by accident is worse than one that says so.
#[derive(Clone)]
pub struct Place {
    config: SdkConfig,
    emulated: bool,
}

impl Place {
    /// A region, reached with the credentials that stand in the environment. `endpoint` is where an emulator
    /// answers for all services.
    #[must_use]
    pub fn new(region: impl Into<String>, endpoint: Option<String>) -> Self {
        let credentials = EnvironmentVariableCredentialsProvider::new();
        Self::with(region.into(), endpoint, SharedCredentialsProvider::new(credentials))
    }

    /// An emulator, which takes any credentials.
    #[must_use]
    pub fn emulated(region: impl Into<String>, endpoint: impl Into<String>) -> Self {
        let credentials = Credentials::new("emulated", "emulated", None, None, "emulated");
        Self::with(region.into(), Some(endpoint.into()), SharedCredentialsProvider::new(credentials))
    }

    fn with(region: String, endpoint: Option<String>, credentials: SharedCredentialsProvider) -> Self {
        // A call inside one region answers in milliseconds. What hangs is given up and tried again, well within
        // the time that a function has.
        let limits = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(8))
            .operation_timeout(Duration::from_secs(20))
            .build();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(limits)
            .http_client(WayOut::default());
        let emulated = endpoint.is_some();
        let config = match endpoint {
            Some(endpoint) => config.endpoint_url(endpoint),
            None => config,
        };
        Self { config: config.build(), emulated }
    }

    /// Whether this is an emulator on this machine, and not AWS.
    #[must_use]
    pub fn is_played_here(&self) -> bool {
        let endpoint = self.config.endpoint_url().unwrap_or_default();
        let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        host.rsplit_once(':').map_or(host, |(host, _)| host) == "127.0.0.1"
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, name: impl Into<String>) -> Table {
        let config = self.config.clone();
        Table::reached(late(move || aws_sdk_dynamodb::Client::new(&config)), name)
    }

    /// The FIFO queue at this address.
    #[must_use]
    pub fn queue(&self, url: impl Into<String>) -> FifoQueue {
        let config = self.config.clone();
        FifoQueue::new(late(move || aws_sdk_sqs::Client::new(&config)), url)
    }

    /// The secrets whose names begin with this word.
    #[must_use]
    pub fn secrets(&self, prefix: impl Into<String>) -> SecretVault {
        let config = self.config.clone();
        SecretVault::new(late(move || aws_sdk_secretsmanager::Client::new(&config)), prefix)
    }

    /// The vault of this table, with the secrets whose names begin with this word.
    #[must_use]
    pub fn vault(&self, prefix: impl Into<String>, table: &Table) -> SealedVault {
        SealedVault::new(table.clone(), self.secrets(prefix))
    }

    /// The bucket of this name.
    #[must_use]
    pub fn blobs(&self, bucket: impl Into<String>) -> BucketBlobs {
        let (config, emulated) = (self.config.clone(), self.emulated);
        let make = move || {
            let config = aws_sdk_s3::config::Builder::from(&config);
            // An emulator has no name for each bucket.
            aws_sdk_s3::Client::from_conf(config.force_path_style(emulated).build())
        };
        BucketBlobs::new(late(make), bucket)
    }

    /// The schedules that send their ticks to this target.
    #[must_use]
    pub fn schedules(&self, target: TickTarget) -> RateSchedules {
        let config = self.config.clone();
        RateSchedules::new(late(move || aws_sdk_scheduler::Client::new(&config)), target)
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("region", &self.config.region()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn only_loopback_is_this_machine() {
        for endpoint in ["http://127.0.0.1:4566", "http://127.0.0.1:4566/", "http://127.0.0.1"] {
            assert!(Place::emulated("us-east-1", endpoint).is_played_here(), "{endpoint}");
        }
        let elsewhere =
            ["https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com", "http://127.0.0.1.example", ""];
        for endpoint in elsewhere {
            assert!(!Place::emulated("us-east-1", endpoint).is_played_here(), "{endpoint}");
        }
        assert!(!Place::new("us-east-1", None).is_played_here());
    }
}
