//! Full synchronisation of a large shop, beside a loop that fetches and parses the same pages.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Failure;
use crate::fetch::Fetched;
use crate::hub_process::{Hub, free_port};
use crate::proc::{Process, beside};
use crate::table::{cell, row, spread};

const LIMIT: Duration = Duration::from_secs(180);
const JOIN: Duration = Duration::from_secs(120);

/// What one side of the comparison took.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) wall: Vec<f64>,
    pub(crate) requests: Vec<f64>,
    pub(crate) records: Vec<f64>,
    pub(crate) peak: Vec<f64>,
    pub(crate) cpu: Vec<f64>,
}

impl Side {
    pub(crate) fn new(name: &'static str) -> Self {
        let none = Vec::new;
        Self { name, wall: none(), requests: none(), records: none(), peak: none(), cpu: none() }
    }

    pub(crate) fn row(&self) -> String {
        let some = |values: &[f64], digits| if values.is_empty() { "".into() } else { cell(values, digits) };
        row(&[
            self.name.to_owned(),
            format!("{:.0}", spread(&self.records)[0]),
            some(&self.requests.iter().map(|all| all.round()).collect::<Vec<_>>(), 0),
            cell(&self.wall, 2),
            some(&self.cpu, 2),
            some(&self.peak, 0),
        ])
    }
}

/// Measures and prints.
///
/// # Errors
/// If something does not run, or the run does not complete.
pub async fn run(runs: usize, products: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let mut command = beside("simulators")?;
    command.args(["--port", "0", "--https", "--lab", "--products", &products.to_string(), "--ca-dir"]);
    let shop = Process::start(command.arg(folder.path()), "  ca ")?;
    let said = |word: &str| shop.value(word).ok_or(format!("the shop did not say its {word}"));
    let (url, key, secret) = (said("shop ")?, said("key ")?, said("secret ")?);
    let ca = PathBuf::from(said("  ca ")?);
    let (mut hub, mut floor) = (Side::new("hub"), Side::new("fetch and parse"));
    let (mut joined, mut peak_joined) = (None, 0.0);
    for number in 0..runs {
        let mut command = beside("bench")?;
        command.args(["fetch", "--shop", &url, "--key", &key, "--secret", &secret]).arg("--ca").arg(&ca);
        let process = Process::start(&mut command, "wall_us")?;
        let fetched: Fetched = serde_json::from_str(process.said.last().ok_or("nothing fetched")?)?;
        process.wait(Duration::from_secs(10))?;
        floor.wall.push(fetched.wall_us as f64 / 1e6);
        floor.requests.push(fetched.requests as f64);
        floor.records.push(fetched.records as f64);

        let data = folder.path().join(format!("hub-{number}"));
        let process = Hub { data: data.clone(), port: free_port()?, ca: Some(ca.clone()) };
        let server = process.start(&[])?;
        let api = server.value("STORELOOM_KEY=").ok_or("no first key")?;
        let before = server.cpu()?;
        let began = Instant::now();
        let fields = json!({"consumer_key": key, "consumer_secret": secret});
        let paste = json!({"platform": "woocommerce", "address": url, "keys": fields});
        let connected = process.ask(&api, "/stores", Some(paste)).await?;
        let store = connected["store"]["id"].as_str().ok_or("no store")?.to_owned();
        let run = catalog(&process, &api, &store, began).await?;
        hub.cpu.push(server.cpu()? - before);
        hub.wall.push(seconds(&run)?);
        hub.requests.push(run["pages"].as_f64().unwrap_or(0.0) + 1.0);
        hub.records.push(run["done"].as_f64().unwrap_or(0.0));
        hub.peak.push(server.peak_mib()?);
        if number == 0 {
            joined = Some(join(&process, &api, began).await?);
            peak_joined = server.peak_mib()?;
        }
        server.kill()?;
        std::fs::remove_dir_all(&data)?;
    }
    println!("| side | records | requests | wall, s | CPU, s | peak memory, MiB |");
    println!("|---|---|---|---|---|---|\n{}\n{}", floor.row(), hub.row());
    println!("\nwall, hub to floor (medians): {:.2}", spread(&hub.wall)[0] / spread(&floor.wall)[0]);
    if let Some(joined) = joined {
        println!(
            "then, until the shop has joined (first run only): {joined}; peak memory {peak_joined:.0} MiB"
        );
    }
    Ok(())
}

/// Waits until the shop has joined: its orders are read and its numbers are in the books.
async fn join(hub: &Hub, key: &str, began: Instant) -> Result<String, Failure> {
    loop {
        let stores = hub.ask(key, "/stores", None).await?;
        let view = &stores["items"][0];
        if view["store"]["phase"] != "joining" {
            return Ok(format!("{:.0} s after connecting", began.elapsed().as_secs_f64()));
        }
        if began.elapsed() > JOIN {
            let (links, left) = (&view["agreement"]["links"], &view["agreement"]["joining"]);
            return Ok(format!("not in {} s: {links} links in the books, {left} not yet", JOIN.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until the catalogue's run is complete.
pub(crate) async fn catalog(hub: &Hub, key: &str, store: &str, began: Instant) -> Result<Value, Failure> {
    loop {
        let runs = hub.ask(key, &format!("/stores/{store}/runs"), None).await?;
        let runs = runs["items"].as_array().cloned().unwrap_or_default();
        if let Some(run) = runs.into_iter().find(|run| run["stream"] == "catalog") {
            match run["state"].as_str() {
                Some("completed") => return Ok(run),
                Some("running") => {}
                state => return Err(format!("the run is {state:?}: {}", run["message"]).into()),
            }
        }
        if began.elapsed() > LIMIT {
            return Err("the catalogue was not read in time".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

pub(crate) fn seconds(run: &Value) -> Result<f64, Failure> {
    let at = |name: &str| -> Result<Timestamp, Failure> { Ok(run[name].as_str().ok_or("no time")?.parse()?) };
    Ok(at("finished_at")?.duration_since(at("started_at")?).as_secs_f64())
}
