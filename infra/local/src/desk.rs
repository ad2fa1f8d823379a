//! The hub, whole, in one process: the ports on one disk, the workers, one port.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::OrgId;
use domain::store::Phase;
use domain::work::{LaneWork, Priority, Verb};
use hub::archive::Archive;
use hub::dispatch::Dispatch;
use hub::keys::Keys;
use hub::stores::Stores;
use hub::{Outside, Platforms, Settings as HubSettings};
use jiff::SignedDuration;
use platform::Clock;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::blobs::FolderBlobs;
use crate::clock::{SystemClock, SystemDice};
use crate::dynamo::{Broom, Dynamo, Keep};
use crate::listener::Listener;
use crate::lock::Lock;
use crate::queue::FifoQueue;
use crate::queues::Queues;
use crate::schedules::FileSchedules;
use crate::vault::FileVault;
use crate::wiring::Wiring;
use crate::workers;

/// The table of a desk.
const TABLE: &str = "storeloom";
/// How often rows that have expired are taken out.
const EXPIRED: Duration = Duration::from_secs(3600);
/// What events said is kept so long, as in the template's bucket.
const BODIES: SignedDuration = SignedDuration::from_hours(100 * 24);

/// How a desk is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub data: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address at which shops and browsers reach it, if it is not the one above.
    pub public_url: Option<Url>,
    /// Whether shops on this machine may be called.
    pub allow_loopback: bool,
    /// Further roots to trust, each the bytes of a PEM file.
    pub extra_roots: Vec<Vec<u8>>,
    /// Names that stand for simulated shops on this machine.
    pub stand_ins: BTreeMap<String, SocketAddr>,
    /// How often each stream of a store is read for changes.
    pub interval_seconds: u64,
    /// Only deliveries are taken and kept: nothing is worked on until a start without it.
    pub intake_only: bool,
    /// How the parts are wired together: as the template says.
    pub wiring: Wiring,
}

/// Why a desk does not open.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OpenError {
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl OpenError {
    fn new(what: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        let mut message = format!("{what}: {source}");
        let mut cause = source.source();
        while let Some(deeper) = cause {
            message = format!("{message}: {deeper}");
            cause = deeper.source();
        }
        Self { message, source: Some(source) }
    }
}

/// A hub that runs.
pub struct Desk {
    /// Where it listens, as an address for this machine.
    pub url: Url,
    /// The merchant that was found or made at the start.
    pub org: OrgId,
    /// The first API key, if this is the first start: it is shown once.
    pub first_key: Option<SecretString>,
    /// Everything that was handed to the hub.
    pub outside: Outside,
    /// The queue of platforms' messages.
    pub inbox: Arc<FifoQueue>,
    /// The queue of doorbells.
    pub doorbell: Arc<FifoQueue>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    table_server: Dynamo,
    _lock: Lock,
}

impl Desk {
    /// Opens everything and begins to work.
    ///
    /// # Errors
    /// What is in the way and what to do: another instance, a taken port, a folder that cannot be written.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        Self::open_at(options, Arc::new(SystemClock)).await
    }

    /// The same by another clock than the machine's.
    ///
    /// # Errors
    /// What is in the way and what to do.
    pub async fn open_at(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let data = options.data.as_path();
        let lock =
            Lock::take(data).map_err(|error| OpenError::new("the data folder cannot be used", error))?;
        let tls = crate::listener::Tls::open(&data.join("tls"))
            .map_err(|error| OpenError::new("the certificate cannot be made", error))?;
        let listener = Listener::bind(options.listen, &tls)
            .await
            .map_err(|error| OpenError::new("the port cannot be used", error))?;
        let address = listener.address();
        let url = address_url("http", address)?;
        lock.note(Some(address.port()))
            .map_err(|error| OpenError::new("the lock cannot be written", error))?;
        let table_server = Dynamo::start(Keep::Folder(&data.join("table")))
            .await
            .map_err(|error| OpenError::new("the table cannot be opened", error))?;
        let table = aws::Table::new(table_server.client(), TABLE).with_clock(Arc::clone(&clock));
        table.create().await.map_err(|error| OpenError::new("the table cannot be made", error))?;
        let queues = Queues::open(&data.join("queues"), &options.wiring, &clock)
            .map_err(|error| OpenError::new("a queue cannot be opened", error))?;
        let badly_wired = |error| OpenError::new("the template cannot be played", error);
        let inbox = queues.get(&options.wiring.inbox).map_err(badly_wired)?;
        let doorbell = queues.get(&options.wiring.doorbell).map_err(badly_wired)?;
        let public_url = options.public_url.clone().unwrap_or(url.clone());
        let schedules = schedules(data, &inbox, &clock)?;
        let ports = Ports {
            table: Arc::new(table),
            inbox: Arc::clone(&inbox),
            doorbell: Arc::clone(&doorbell),
            schedules: Arc::clone(&schedules),
            clock,
        };
        let outside = outside(options, ports, public_url)?;
        let front = crate::functions::front(&options.wiring, &outside)
            .map_err(|error| OpenError::new("the template cannot be played", error))?;
        let (org, first_key) = first_start(&outside).await?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        if !options.intake_only {
            catch_up(&outside, &org)
                .await
                .map_err(|error| OpenError::new("the stores cannot be read", error))?;
            workers::begin(&mut tasks, &options.wiring, &outside, &queues, &stopped).map_err(badly_wired)?;
            let mut ended = stopped.clone();
            tasks.spawn(async move {
                tokio::select! {
                    _ = ended.changed() => {}
                    () = schedules.run() => {}
                }
            });
        }
        let leftovers = Leftovers {
            rows: table_server.broom(),
            blobs: blobs_of(data)?,
            clock: Arc::clone(&outside.clock),
        };
        tasks.spawn(leftovers.take_out(stopped.clone()));
        tasks.spawn(listener.serve(front.router(), until(stopped)));
        Ok(Self { url, org, first_key, outside, inbox, doorbell, stop, tasks, table_server, _lock: lock })
    }

    /// Stops taking requests, ends what is under way, closes the table.
    pub async fn close(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        if let Err(error) = self.table_server.stop().await {
            tracing::warn!(%error, "the table did not stop well; it mends itself at the next start");
        }
    }
}

/// The address of a socket, as a URL that this machine reaches.
fn address_url(scheme: &str, address: SocketAddr) -> Result<Url, OpenError> {
    let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    Url::parse(&format!("{scheme}://{host}:{}/", address.port()))
        .map_err(|error| OpenError::new("the address cannot be a URL", error))
}

/// The ports that a desk has open.
struct Ports {
    table: Arc<aws::Table>,
    inbox: Arc<FifoQueue>,
    doorbell: Arc<FifoQueue>,
    schedules: Arc<FileSchedules>,
    clock: Arc<dyn Clock>,
}

fn outside(options: &Options, ports: Ports, public_url: Url) -> Result<Outside, OpenError> {
    let data = options.data.as_path();
    let Ports { table, inbox, doorbell, schedules, clock } = ports;
    let http = net::Client::new(&net::Settings {
        allow_loopback: options.allow_loopback,
        in_aws: false,
        extra_roots: options.extra_roots.clone(),
        stand_ins: options.stand_ins.clone(),
        user_agent: String::new(),
    })
    .map_err(|error| OpenError::new("the HTTP client cannot be made", error))?;
    let vault = FileVault::open(data, Arc::new(SystemDice))
        .map_err(|error| OpenError::new("the vault cannot be opened", error))?;
    let blobs = Arc::new(blobs_of(data)?);
    Ok(Outside {
        directory: table.clone(),
        catalog: table.clone(),
        ledger: table.clone(),
        journal: Arc::new(Archive::new(table.clone(), blobs.clone())),
        lanes: table.clone(),
        runs: table,
        inbox,
        doorbell,
        vault: Arc::new(vault),
        blobs,
        schedules,
        http: Arc::new(http),
        clock,
        dice: Arc::new(SystemDice),
        platforms: Platforms::new(platforms_all::all().into_iter().map(Arc::from).collect()),
        settings: HubSettings {
            public_url,
            app_name: options.wiring.app_name.clone(),
            interval_seconds: options.interval_seconds,
        },
    })
}

fn blobs_of(data: &Path) -> Result<FolderBlobs, OpenError> {
    FolderBlobs::open(&data.join("blobs"))
        .map_err(|error| OpenError::new("the blobs' folder cannot be opened", error))
}

fn schedules(
    data: &Path,
    inbox: &Arc<FifoQueue>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<FileSchedules>, OpenError> {
    let queue = Arc::clone(inbox) as Arc<dyn ports::Queue>;
    FileSchedules::open(&data.join("schedules"), queue, Arc::clone(clock))
        .map(Arc::new)
        .map_err(|error| OpenError::new("the schedules cannot be opened", error))
}

/// Finds the merchant of this desk; at the first start makes it, with its first API key.
async fn first_start(outside: &Outside) -> Result<(OrgId, Option<SecretString>), OpenError> {
    let orgs =
        outside.directory.orgs().await.map_err(|error| OpenError::new("the table cannot be read", error))?;
    if let Some(org) = orgs.into_iter().next() {
        return Ok((org, None));
    }
    let (org, key) = Keys::new(outside)
        .make(None, "first start")
        .await
        .map_err(|error| OpenError::new("the first API key cannot be made", error))?;
    Ok((org, Some(key)))
}

/// While the hub was down, shops may have switched its webhooks off, and what they sent is lost: both are looked
/// after first. This process alone holds leases here (the folder's lock says so): what stands is left over.
async fn catch_up(outside: &Outside, org: &OrgId) -> hub::Result<()> {
    let stores = Stores::new(outside);
    let dispatch = Dispatch::new(outside);
    for store in outside.directory.stores(org).await?.iter().filter(|store| store.is_callable()) {
        outside.lanes.break_lease(org, &store.id).await?;
        let now = outside.clock.now();
        let watch = LaneWork::new(org, &store.id, Priority::Incremental, Verb::Subscribe, now);
        dispatch.work(&[watch]).await?;
        if store.phase != Phase::Joining {
            stores.catch_up(store).await?;
        }
    }
    Ok(())
}

/// What is kept for a time only.
struct Leftovers {
    rows: Broom,
    blobs: FolderBlobs,
    clock: Arc<dyn Clock>,
}

impl Leftovers {
    /// Takes out rows that have expired, and what events said long ago, every hour.
    async fn take_out(self, mut stopped: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(EXPIRED);
        loop {
            tokio::select! {
                _ = stopped.changed() => return,
                _ = ticks.tick() => {}
            }
            match self.rows.sweep().await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "rows that had expired were taken out"),
                Err(error) => tracing::warn!(%error, "rows that have expired stay for now"),
            }
            match self.blobs.forget_before(self.clock.now() - BODIES).await {
                Ok(0) => {}
                Ok(bodies) => tracing::info!(bodies, "what events said long ago was taken out"),
                Err(error) => tracing::warn!(%error, "what events said long ago stays for now"),
            }
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow_and_update() {
        if stopped.changed().await.is_err() {
            return;
        }
    }
}
