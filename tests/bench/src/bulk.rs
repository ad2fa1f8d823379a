//! Full synchronisation by a file that the shop prepares, beside a loop that downloads and parses the same file.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Failure;
use crate::hub_process::{Hub, free_port};
use crate::proc::{Process, beside};
use crate::reading::Read;
use crate::sync::{Side, catalog, seconds};
use crate::table::spread;

const VARIANTS: &str = "3";
/// How often the floor and the reading take turns in one run.
const TURNS: usize = 5;
const RUN: &str = "mutation($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: false) \
                   { bulkOperation { id } userErrors { message } } }";
const LOOK: &str = "query($id: ID!) { bulkOperation(id: $id) { status url } }";
const WHAT: &str = "{ products { edges { node { id title status onlineStoreUrl updatedAt variants { edges { node { \
                    id displayName sku price compareAtPrice inventoryQuantity updatedAt inventoryItem { id tracked } \
                    } } } } } } }";

/// Where to download.
#[derive(Debug, Clone, clap::Args)]
pub struct Download {
    /// The shop.
    #[arg(long)]
    pub shop: String,
    /// An access token.
    #[arg(long)]
    pub token: String,
    /// The shop's authority.
    #[arg(long)]
    pub ca: PathBuf,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Downloaded {
    /// Lines.
    pub records: u64,
    /// Bytes.
    pub bytes: u64,
    /// From the first byte asked for to the last line parsed.
    pub wall_us: u64,
}

/// A line as plain types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read to be parsed, as the hub reads them; nothing is kept")]
struct Line {
    id: String,
    #[serde(rename = "__parentId")]
    parent: Option<String>,
    title: Option<String>,
    display_name: Option<String>,
    sku: Option<String>,
    price: Option<String>,
    compare_at_price: Option<String>,
    inventory_quantity: Option<i64>,
    updated_at: Option<String>,
    inventory_item: Option<Item>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be parsed, as the hub reads them; nothing is kept")]
struct Item {
    id: String,
    tracked: bool,
}

/// Has the file prepared, then downloads and parses it; only the latter is timed.
///
/// # Errors
/// If the shop does not answer well.
pub async fn download(from: &Download) -> Result<Downloaded, Failure> {
    let ca = reqwest::Certificate::from_pem_bundle(&std::fs::read(&from.ca)?)?;
    let client = reqwest::Client::builder().no_proxy().tls_certs_merge(ca).build()?;
    let ask = async |query: &str, variables: Value| -> Result<Value, Failure> {
        let url = format!("{}/admin/api/2026-10/graphql.json", from.shop);
        let body = json!({"query": query, "variables": variables});
        let answer =
            client.post(url).header("X-Shopify-Access-Token", &from.token).json(&body).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    };
    let begun = ask(RUN, json!({"query": WHAT})).await?;
    let id = begun["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"].clone();
    let url = loop {
        let seen = ask(LOOK, json!({"id": id})).await?;
        match (&seen["data"]["bulkOperation"]["url"], seen["data"]["bulkOperation"]["status"].as_str()) {
            (Value::String(url), _) => break url.clone(),
            (_, Some("CREATED" | "RUNNING")) => tokio::time::sleep(Duration::from_millis(100)).await,
            _ => return Err(format!("the shop prepared nothing: {begun} {seen}").into()),
        }
    };
    // The file's address names the shop as the platform does; here it is on this machine.
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    let began = Instant::now();
    let at = format!("{}{}", from.shop, path.ok_or("the file has no address")?);
    let bytes = client.get(at).send().await?.error_for_status()?.bytes().await?;
    let mut records = 0;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let _: Line = serde_json::from_slice(line)?;
        records += 1;
    }
    let wall_us = began.elapsed().as_micros() as u64;
    Ok(Downloaded { records, bytes: bytes.len() as u64, wall_us })
}

/// What a process of ours says last.
fn said_by<T: serde::de::DeserializeOwned>(command: &mut std::process::Command) -> Result<T, Failure> {
    let process = Process::start(command, "wall_us")?;
    let said = serde_json::from_str(process.said.last().ok_or("nothing was said")?)?;
    process.wait(Duration::from_secs(60))?;
    Ok(said)
}

/// Measures and prints.
///
/// # Errors
/// If something does not run, or the run does not complete.
pub async fn run(runs: usize, products: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let mut command = beside("simulators")?;
    command.args(["--platform", "shopify", "--port", "0", "--https", "--lab", "--variants", VARIANTS]);
    command.args(["--products", &products.to_string(), "--ca-dir"]);
    let shop = Process::start(command.arg(folder.path()), "  ca ")?;
    let said = |word: &str| shop.value(word).ok_or(format!("the shop did not say its {word}"));
    let (url, domain) = (said("shop ")?, said("domain ")?);
    let (token, secret) = (said("token ")?, said("secret ")?);
    let ca = PathBuf::from(said("  ca ")?);
    let address = url.split_once("://").ok_or("the shop has no address")?.1.to_owned();
    let windows = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_merge(reqwest::Certificate::from_pem_bundle(&std::fs::read(&ca)?)?)
        .build()?;
    let (mut hub, mut floor) = (Side::new("hub"), Side::new("download and parse"));
    let mut reading = Side::new("the hub's reading alone");
    let (mut polls, mut bytes) = (Vec::new(), 0);
    for number in 0..runs {
        // The floor and the reading take turns, several times: both are short.
        for _ in 0..TURNS {
            let mut command = beside("bench")?;
            command.args(["download", "--shop", &url, "--token", &token, "--ca"]).arg(&ca);
            let floored: Downloaded = said_by(&mut command)?;
            floor.wall.push(floored.wall_us as f64 / 1e6);
            floor.requests.push(1.0);
            floor.records.push(floored.records as f64);
            bytes = floored.bytes;
            let mut command = beside("bench")?;
            command.args(["reading", "--domain", &domain, "--address", &address, "--token", &token]);
            let read: Read = said_by(command.args(["--secret", &secret, "--ca"]).arg(&ca))?;
            reading.wall.push(read.wall_us as f64 / 1e6);
            reading.records.push(read.records as f64);
        }

        windows.post(format!("{url}/_sim/clear_logs")).send().await?.error_for_status()?;
        let data = folder.path().join(format!("hub-{number}"));
        let process = Hub { data: data.clone(), port: free_port()?, ca: Some(ca.clone()) };
        let server = process.start(&["--stand-in", &format!("{domain}={address}")])?;
        let api = server.value("STORELOOM_KEY=").ok_or("no first key")?;
        let before = server.cpu()?;
        let began = Instant::now();
        let fields = json!({"access_token": token, "api_secret": secret});
        let paste = json!({"platform": "shopify", "address": domain, "keys": fields});
        let connected = process.ask(&api, "/stores", Some(paste)).await?;
        let store = connected["store"]["id"].as_str().ok_or("no store")?.to_owned();
        let run = catalog(&process, &api, &store, began).await?;
        hub.cpu.push(server.cpu()? - before);
        hub.wall.push(seconds(&run)?);
        hub.records.push(spread(&floor.records)[0]);
        hub.peak.push(server.peak_mib()?);
        let rows: Vec<Value> = windows.get(format!("{url}/_sim/requests")).send().await?.json().await?;
        let is = |row: &Value, word: &str| {
            row["operations"].as_str().is_some_and(|all| all.split(',').any(|one| one.trim() == word))
        };
        let downloads =
            rows.iter().filter(|row| row["path"].as_str().is_some_and(|path| path.starts_with("/bulk")));
        let looked = rows.iter().filter(|row| is(row, "bulkOperation"));
        let begun = rows.iter().filter(|row| {
            is(row, "bulkOperationRunQuery") || (is(row, "productsCount") && !is(row, "bulkOperation"))
        });
        polls.push(looked.count() as f64);
        hub.requests.push((downloads.count() + begun.count()) as f64);
        server.kill()?;
        std::fs::remove_dir_all(&data)?;
    }
    println!("| side | records | requests | wall, s | CPU, s | peak memory, MiB |");
    println!("|---|---|---|---|---|---|\n{}\n{}\n{}", floor.row(), reading.row(), hub.row());
    println!(
        "\nthe file has {:.1} MiB; the hub's requests are without {:.0} looks at the operation; wall, hub to floor \
         (medians): {:.2}; reading alone to floor: {:.2}",
        bytes as f64 / f64::from(1 << 20),
        spread(&polls)[0],
        spread(&hub.wall)[0] / spread(&floor.wall)[0],
        spread(&reading.wall)[0] / spread(&floor.wall)[0]
    );
    Ok(())
}
