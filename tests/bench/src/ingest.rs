//! Intake: a signed order of 5 KB to durable enqueue, the hub beside its floor, in turns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use domain::PlatformSlug;
use hub::connect::Connect;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use simulators::woocommerce::{Catalogue, Config, Item, Shop};
use storeloom::desk::{Desk, Options};
use tempfile::TempDir;

use crate::hub_process::{Hub, copy, free_port};
use crate::load::Outcome;
use crate::proc::{Process, beside};
use crate::table::{cell, row, spread};
use crate::{Failure, kept};

/// Connections, and deliveries at most in one run.
const LEVELS: [(usize, u64); 3] = [(1, 4_000), (16, 16_000), (64, 20_000)];
const SECONDS: u64 = 4;
const FIRST: u64 = 900_000;
const SKU: &str = "BENCH-1";
/// Deliveries sent while the hub is killed in the middle.
const KILLED: u64 = 6_000;
/// The hub is killed when its queue's log is so long: in the middle of the load.
const KILL_AT: u64 = 12 << 20;

/// A hub that has a store, on a folder that is copied for each run.
struct Ground {
    folder: TempDir,
    _shop: Shop,
    store: String,
    key: String,
    secret: String,
    product: u64,
    port: u16,
}

#[derive(Default)]
struct Side {
    cpu_us: Vec<f64>,
    per_second: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
}

impl Side {
    fn note(&mut self, outcome: &Outcome, cpu: f64) {
        let acked = outcome.acked.max(1) as f64;
        self.cpu_us.push(cpu * 1e6 / acked);
        self.per_second.push(acked * 1e6 / outcome.wall_us.max(1) as f64);
        self.p50_ms.push(outcome.p50_us as f64 / 1e3);
        self.p99_ms.push(outcome.p99_us as f64 / 1e3);
    }

    fn row(&self, connections: usize, name: &str) -> String {
        row(&[
            connections.to_string(),
            name.to_owned(),
            cell(&self.cpu_us, 0),
            cell(&self.per_second, 0),
            cell(&self.p50_ms, 2),
            cell(&self.p99_ms, 2),
        ])
    }
}

/// Measures, checks and prints.
///
/// # Errors
/// If something does not run, or a delivery that was acknowledged is not there.
pub async fn run(runs: usize) -> Result<(), Failure> {
    let ground = Ground::make().await?;
    println!("| connections | side | CPU per webhook, µs | webhooks/s | p50, ms | p99, ms |");
    println!("|---|---|---|---|---|---|");
    let (mut ratios, mut acked) = (Vec::new(), 0);
    for (connections, count) in LEVELS {
        let (mut hub, mut floor) = (Side::default(), Side::default());
        for _ in 0..runs {
            acked += ground.hub_run(connections, count, &mut hub)?;
            ground.floor_run(connections, count, &mut floor)?;
        }
        println!("{}\n{}", floor.row(connections, "floor"), hub.row(connections, "hub"));
        let ratio = spread(&hub.cpu_us)[0] / spread(&floor.cpu_us)[0];
        ratios.push(format!("{ratio:.2} at {connections}"));
    }
    println!("\nCPU, hub to floor (medians): {}", ratios.join(", "));
    println!("{acked} deliveries were acknowledged in all runs; each was in the queue once after kill -9");
    ground.killed().await
}

impl Ground {
    async fn make() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let data = folder.path().join("ground");
        let shop = Shop::start(Config {
            catalogue: Catalogue::Listed(vec![Item::new(SKU, 1_000_000)]),
            lab: true,
            ..Config::default()
        })
        .await?;
        let desk = Desk::open(&Options {
            data,
            listen: ([127, 0, 0, 1], port).into(),
            public_url: Some(format!("https://127.0.0.1:{port}/").parse()?),
            allow_loopback: true,
            extra_roots: Vec::new(),
            stand_ins: std::collections::BTreeMap::new(),
            interval_seconds: 86_400,
            intake_only: false,
            wiring: storeloom::wiring::Wiring::built_in()?,
        })
        .await?;
        let key = desk.first_key.as_ref().ok_or("no first key")?.expose_secret().to_owned();
        let keys = shop.keys();
        let fields = BTreeMap::from([
            ("consumer_key".to_owned(), SecretString::from(keys.consumer_key.clone())),
            ("consumer_secret".to_owned(), SecretString::from(keys.consumer_secret.clone())),
        ]);
        let slug = PlatformSlug::new("woocommerce");
        let connected = Connect::new(&desk.outside).paste(&desk.org, &slug, shop.url(), "", &fields).await?;
        let began = Instant::now();
        let secret = loop {
            let hook = shop.window().webhooks().into_iter().next();
            let store = desk.outside.directory.store(&desk.org, &connected.store.id).await?;
            let joined = store.is_some_and(|store| store.phase != domain::store::Phase::Joining);
            match hook {
                Some(hook) if joined => break hook.secret.clone(),
                _ if began.elapsed() > Duration::from_secs(60) => return Err("the shop does not join".into()),
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        desk.close().await;
        let product = shop.window().stock_of(SKU).first().ok_or("no product")?.id;
        Ok(Self { folder, store: connected.store.id.to_string(), _shop: shop, key, secret, product, port })
    }

    fn load(&self, port: u16, connections: usize, count: u64, first: u64) -> Result<LoadRun, Failure> {
        let acked = self.folder.path().join(format!("acked-{first}"));
        let mut command = beside("bench")?;
        command.args(["load", "--address", &format!("127.0.0.1:{port}")]);
        command.args(["--path", &format!("/webhooks/woocommerce/{}", self.store), "--secret", &self.secret]);
        command.args(["--connections", &connections.to_string(), "--seconds", &SECONDS.to_string()]);
        command.args(["--count", &count.to_string(), "--first", &first.to_string()]);
        command.args(["--product", &self.product.to_string(), "--sku", SKU]).arg("--acked").arg(&acked);
        let process = Process::start(&mut command, "acked")?;
        let outcome: Outcome = serde_json::from_str(process.said.last().ok_or("the load said nothing")?)?;
        process.wait(Duration::from_secs(10))?;
        let text = std::fs::read_to_string(&acked)?;
        std::fs::remove_file(&acked)?;
        let ids = text.lines().map(str::parse).collect::<Result<BTreeSet<u64>, _>>()?;
        Ok(LoadRun { outcome, ids })
    }

    /// Warms a server, loads it, and notes what it took.
    fn measure(
        &self,
        server: &Process,
        port: u16,
        (connections, count): (usize, u64),
        side: &mut Side,
    ) -> Result<BTreeSet<u64>, Failure> {
        let mut ids = self.load(port, connections, 200, FIRST)?.ids;
        let before = server.cpu()?;
        let run = self.load(port, connections, count, FIRST + 1_000)?;
        let cpu = server.cpu()? - before;
        if run.outcome.failed > 0 {
            return Err(format!("{} deliveries were not answered 200", run.outcome.failed).into());
        }
        side.note(&run.outcome, cpu);
        ids.extend(run.ids);
        Ok(ids)
    }

    fn hub_run(&self, connections: usize, count: u64, side: &mut Side) -> Result<usize, Failure> {
        let data = self.folder.path().join("run");
        copy(&self.folder.path().join("ground"), &data)?;
        let hub = Hub { data: data.clone(), port: self.port, ca: None };
        let server = hub.start(&["--intake-only"])?;
        let ids = self.measure(&server, self.port, (connections, count), side)?;
        server.kill()?;
        let kept = kept::drain(&data)?;
        complain(&ids, &kept)?;
        std::fs::remove_dir_all(&data)?;
        Ok(ids.len())
    }

    fn floor_run(&self, connections: usize, count: u64, side: &mut Side) -> Result<(), Failure> {
        let file = self.folder.path().join("floor.log");
        let port = free_port()?;
        let mut command = beside("bench")?;
        command.args(["floor", "--listen", &format!("127.0.0.1:{port}"), "--secret", &self.secret]);
        let server = Process::start(command.arg("--file").arg(&file), "floor is at")?;
        self.measure(&server, port, (connections, count), side)?;
        server.kill()?;
        std::fs::remove_file(&file)?;
        Ok(())
    }

    /// Kills the hub under load; a start as usual then books all, and the history has each once.
    async fn killed(&self) -> Result<(), Failure> {
        let data = self.folder.path().join("killed");
        copy(&self.folder.path().join("ground"), &data)?;
        let hub = Hub { data: data.clone(), port: self.port, ca: None };
        let server = hub.start(&["--intake-only"])?;
        let inbox = data.join("queues").join("inbox");
        let pid_end = std::thread::spawn(move || {
            let began = Instant::now();
            while size(&inbox) < KILL_AT && began.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(Duration::from_millis(2));
            }
            server.kill().is_ok()
        });
        let run = self.load(self.port, 64, KILLED, FIRST)?;
        if !pid_end.join().unwrap_or(false) {
            return Err("the hub could not be killed".into());
        }
        if run.outcome.failed == 0 {
            return Err("the hub was killed too late to tell anything".into());
        }
        let server = hub.start(&[])?;
        let began = Instant::now();
        let mut seen = 0;
        let mut calm = Instant::now();
        while calm.elapsed() < Duration::from_secs(4) || seen < run.ids.len() as u64 {
            if began.elapsed() > Duration::from_secs(240) {
                return Err(format!("only {seen} of {} deliveries were read", run.ids.len()).into());
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            let stores = hub.ask(&self.key, "/stores", None).await?;
            let now = stores["items"][0]["events"].as_u64().unwrap_or(0);
            if now != seen {
                (seen, calm) = (now, Instant::now());
            }
        }
        let orders = self.orders(&hub).await?;
        complain(&run.ids, &orders)?;
        let events = self.list(&hub, "events").await?;
        let again: u64 = events.iter().filter_map(|event| event["duplicates"].as_u64()).sum();
        if again > 0 || events.len() != orders.len() {
            return Err(
                format!("{} events, {again} of them again, {} orders", events.len(), orders.len()).into()
            );
        }
        println!(
            "killed under load: {} acknowledged before it; after the next start {} in the history and {} orders, each once",
            run.ids.len(),
            events.len(),
            orders.len()
        );
        drop(server);
        Ok(())
    }

    /// The orders in the books, each with how often it is there.
    async fn orders(&self, hub: &Hub) -> Result<BTreeMap<u64, u64>, Failure> {
        let mut orders = BTreeMap::new();
        for order in self.list(hub, "orders").await? {
            let id: u64 = order["remote"].as_str().ok_or("an order without an id")?.parse()?;
            *orders.entry(id).or_insert(0) += 1;
        }
        Ok(orders)
    }

    /// A list of the store, whole.
    async fn list(&self, hub: &Hub, what: &str) -> Result<Vec<Value>, Failure> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/stores/{}/{what}?limit=200{after}", self.store);
            let page = hub.ask(&self.key, &path, None).await?;
            all.extend(page["items"].as_array().ok_or("no list")?.iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(all),
            }
        }
    }
}

/// How long the files of a folder are together.
fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

struct LoadRun {
    outcome: Outcome,
    ids: BTreeSet<u64>,
}

/// Says which acknowledged deliveries are not there, or are there more than once.
fn complain(acked: &BTreeSet<u64>, kept: &BTreeMap<u64, u64>) -> Result<(), Failure> {
    let lost = acked.iter().filter(|id| !kept.contains_key(id)).count();
    let doubled = kept.values().filter(|times| **times > 1).count();
    if lost + doubled > 0 || acked.is_empty() {
        return Err(format!("of {} acknowledged, {lost} are lost, {doubled} doubled", acked.len()).into());
    }
    Ok(())
}
