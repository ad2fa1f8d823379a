//! The start of a function: log lines, the runtime, and one way in for each kind of event.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use domain::PlatformSlug;
use hub::Outside;
use hub::keys::Keys;
use hub::receive::Receive;
use lambda_runtime::{LambdaEvent, service_fn};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::batch::{self, Batch};
use crate::environment::Environment;
use crate::watch::Watch;
use crate::worker::Worker;

/// Why a function did not start, or stopped.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Starts a function: `wire` is given the environment, puts the parts together and serves until the end.
pub fn start<R>(wire: impl FnOnce(Environment) -> R) -> ExitCode
where
    R: Future<Output = Result<(), StartError>>,
{
    let environment = Environment::read();
    let wanted = environment.may("LOG").and_then(|text| text.parse::<Targets>().ok());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        // Not the filter that also looks into fields: its patterns would be a tenth of a function.
        .with_filter(wanted.unwrap_or_else(|| Targets::new().with_default(Level::INFO)));
    tracing_subscriber::registry().with(lines).init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the function does not start");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(wire(environment)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the function does not start");
            ExitCode::FAILURE
        }
    }
}

/// Serves requests of an HTTP API.
///
/// # Errors
/// If the runtime of the function is gone.
pub async fn serve(router: Router) -> Result<(), StartError> {
    lambda_http::run(router).await
}

/// Works on batches of a FIFO queue.
///
/// # Errors
/// If the runtime of the function is gone.
pub async fn consume(function: &str, outside: &Outside) -> Result<(), StartError> {
    let worker = Worker::new(outside);
    let worker = &worker;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Batch>| async move {
        Ok::<_, StartError>(batch::work(function, worker, event.payload).await)
    }))
    .await
}

/// Sweeps at every event.
///
/// # Errors
/// If the runtime of the function is gone.
pub async fn sweep(function: &str, outside: &Outside) -> Result<(), StartError> {
    let (worker, watch) = (Worker::new(outside), Watch::new(outside));
    let (worker, watch) = (&worker, &watch);
    lambda_runtime::run(service_fn(|_: LambdaEvent<Box<RawValue>>| async move {
        let swept = worker.sweep().await;
        // What waits is told even when sweeping failed: all the more then.
        watch.tell(function).await?;
        swept.map_err(StartError::from)
    }))
    .await
}

/// Takes messages of a platform out of an event bus.
///
/// # Errors
/// If the runtime of the function is gone.
pub async fn take_events(platform: PlatformSlug, receive: Receive) -> Result<(), StartError> {
    let (platform, receive) = (&platform, Arc::new(receive));
    let receive = &receive;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        // The text as it came: a number that was read and written again may be another.
        let received = receive.receive_enveloped(platform, event.payload.get().as_bytes()).await;
        received.map(|_| ()).map_err(|error| {
            tracing::error!(%platform, %error, "an event could not be taken");
            StartError::from(error)
        })
    }))
    .await
}

/// For whom a key is to be made.
#[derive(Deserialize)]
struct Wanted {
    /// What the key is for.
    name: String,
    /// The merchant; a new one without it.
    merchant: Option<String>,
}

/// A key that was made. It is shown this once.
#[derive(Serialize)]
struct Made {
    merchant: String,
    key: String,
}

/// Makes API keys for whoever may invoke the function.
///
/// # Errors
/// If the runtime of the function is gone.
pub async fn make_keys(outside: &Outside) -> Result<(), StartError> {
    let keys = Keys::new(outside);
    let keys = &keys;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Wanted>| async move {
        let Wanted { name, merchant } = event.payload;
        let merchant = merchant.map(|text| text.parse()).transpose()?;
        let (org, key) = keys.make(merchant, &name).await?;
        tracing::info!(%org, "an API key was made");
        Ok::<_, StartError>(Made { merchant: org.to_string(), key: key.expose_secret().to_owned() })
    }))
    .await
}
