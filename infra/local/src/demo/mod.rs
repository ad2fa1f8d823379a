//! The demo: simulated shops, joined through their real flows, a minute of buyers, and then the truth.

mod browser;
mod buyers;
mod joining;
mod questions;
mod report;
mod stand;
mod trust;
mod truth;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::product::Sku;
use domain::store::Phase;
use domain::{PlatformSlug, StoreId};
use hub::connect::Connect;
use hub::overview::Look;

use self::buyers::bustle;
use self::joining::Told;
use self::report::Report;
use self::stand::{Moved, Stand};
use self::truth::{Disagreement, Followed, Truth, disagreements, follow, follow_through};
use crate::desk::{Desk, Options};
use crate::wiring::Wiring;

/// How long the shops may take to join.
const JOIN: Duration = Duration::from_secs(300);
/// How long the world may take to become quiet.
const QUIET: Duration = Duration::from_secs(100);

/// What comes before the buyers and after them takes about so long.
const AROUND: Duration = Duration::from_secs(90);

/// A minute of the demo stands for hours of trade: it reads and sweeps more often than a deployment.
const INTERVAL: u64 = 10;
const SWEEP: Duration = Duration::from_secs(1);

/// How the demo is run.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Where the hub keeps everything; a new folder that is taken away again if there is none.
    pub data: Option<PathBuf>,
    /// The address the hub listens on.
    pub listen: SocketAddr,
    /// Ends after the report instead of staying up.
    pub once: bool,
    /// How long buyers come.
    pub buyers: Duration,
    /// Decides the shops and the buyers.
    pub seed: u64,
    /// How the hub is wired: as the template says, but for how often it sweeps and reads.
    pub wiring: Wiring,
}

/// Why the demo could not be played to its end.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Plays the demo; true if all shops agree in the end and no write of ours oversold.
///
/// # Errors
/// What kept it from being played.
pub async fn demo(options: &DemoOptions, out: &mut (dyn Write + Send)) -> Result<bool, Failure> {
    let (data, scratch) = match &options.data {
        Some(data) => (data.clone(), None),
        None => {
            let scratch = crate::scratch::Scratch::make("demo")?;
            (scratch.path().to_owned(), Some(scratch))
        }
    };
    let tls = crate::listener::Tls::open(&data.join("tls"))?;
    let listen = free_port(options.listen)?;
    let public = url::Url::parse(&format!("https://127.0.0.1:{}/", listen.port()))?;
    let shops = stand::open(options.seed, &public, tls.ca_pem()).await?;
    let mut extra_roots = Vec::new();
    for shop in &shops {
        extra_roots.extend(shop.ca_pem().map(|pem| pem.as_bytes().to_vec()));
    }
    let desk = Desk::open(&Options {
        data,
        listen,
        public_url: Some(public.clone()),
        allow_loopback: true,
        extra_roots,
        stand_ins: shops.iter().filter_map(Stand::stand_in).collect(),
        interval_seconds: INTERVAL,
        intake_only: false,
        wiring: options.wiring.clone().sweeping_every(SWEEP),
    })
    .await?;
    writeln!(out, "The hub is at {} and {public}", desk.url)?;
    writeln!(
        out,
        "Four simulated shops join, buyers come for {}, then all numbers are compared: on a machine that \
         does nothing else this takes about {}.",
        lasting(options.buyers),
        lasting(options.buyers + AROUND)
    )?;
    let stores = join(&desk, &shops, out).await?;
    let report = play(&desk, &shops, &stores, options, out).await?;
    report.table(out)?;
    let good = report.is_good();
    if options.once {
        desk.close().await;
        for shop in shops {
            shop.shutdown().await;
        }
        drop(scratch);
        writeln!(out, "{}", report.json())?;
        return Ok(good);
    }
    stay(&desk, &shops, out).await?;
    desk.close().await;
    drop(scratch);
    Ok(good)
}

/// A time as people say it, as exactly as it is meant.
fn lasting(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} seconds"),
        (1, 0) => "a minute".to_owned(),
        (minutes, 0) => format!("{minutes} minutes"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// A port must be known before the hub opens: shops call it back.
fn free_port(listen: SocketAddr) -> Result<SocketAddr, Failure> {
    if listen.port() != 0 {
        return Ok(listen);
    }
    Ok(std::net::TcpListener::bind(listen)?.local_addr()?)
}

/// Joins each shop through its owner's browser, waits until its numbers are in the books, begins to write.
async fn join(desk: &Desk, shops: &[Stand], out: &mut (dyn Write + Send)) -> Result<Vec<StoreId>, Failure> {
    let connect = Connect::new(&desk.outside);
    let look = Look::new(&desk.outside);
    connect.set_app(&PlatformSlug::new("shopify"), &stand::app(shops)).await?;
    for shop in shops {
        shop.join(desk, &connect).await?;
    }
    let began = Instant::now();
    let mut told = Told::default();
    loop {
        let overview = look.all(&desk.org).await?;
        for view in &overview.stores {
            told.tell(view, Instant::now(), out)?;
        }
        let joined = overview.stores.len() == shops.len()
            && overview.stores.iter().all(|view| view.store.phase != Phase::Joining);
        if joined {
            break;
        }
        if began.elapsed() > JOIN {
            return Err("the shops did not join in time; the log says why".into());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut ids = Vec::new();
    for view in look.all(&desk.org).await?.stores {
        let summary = look.summary(&view.store).await?;
        writeln!(
            out,
            "{}: {} variants, {} matched, {} of them in another shop too, {} without SKU, {} duplicates",
            view.store.name,
            summary.variants,
            summary.matched,
            summary.shared,
            summary.without_sku,
            summary.duplicates
        )?;
        trust::rehearse_and_start(desk, &view.store.id, out).await?;
        ids.push(view.store.id);
    }
    questions::tell(desk, Some(&desk.url), out).await?;
    Ok(ids)
}

/// Lets buyers come, waits until the world is quiet, and reads the truth from the shops' windows.
async fn play(
    desk: &Desk,
    shops: &[Stand],
    stores: &[StoreId],
    options: &DemoOptions,
    out: &mut (dyn Write + Send),
) -> Result<Report, Failure> {
    let rows: Vec<_> = shops.iter().map(Stand::shelves).collect();
    let followed = follow(&rows);
    settle_start(desk, shops, &followed).await?;
    let start = available(desk, &followed).await?;
    for shop in shops {
        shop.clear_logs();
    }
    writeln!(
        out,
        "Buyers come for {} seconds; webhooks are duplicated, reordered and dropped.",
        options.buyers.as_secs()
    )?;
    let done = bustle(shops, &followed, options.buyers, options.seed).await;
    writeln!(
        out,
        "{} orders, {} buyers too late, {} orders cancelled, refunded or shipped. Waiting for quiet.",
        done.orders, done.refused, done.changed
    )?;
    let (truth, wrong) = quiet(desk, shops, &followed, &start).await?;
    for one in &wrong {
        let name = shops.get(one.shop).map(|shop| shop.address().to_owned());
        let shows = one.shows.map_or("nothing".to_owned(), |shows| shows.to_string());
        let name = name.unwrap_or_default();
        writeln!(out, "  {name} shows {shows} of {}, where {} are left", one.sku, one.left)?;
        tell_books(desk, &one.sku, out).await?;
    }
    let wrong = u64::try_from(wrong.len())?;
    let mut report = report::report(desk, stores, shops, &truth, wrong).await?;
    trust::tell_freshness(desk, out).await?;
    report.difference_settled = trust::differ_and_settle(desk, shops, &followed, out).await?;
    // A demo that ends takes its questions away.
    let seen_at = Some(&desk.url).filter(|_| !options.once);
    report.questions = questions::tell(desk, seen_at, out).await?;
    Ok(report)
}

/// What the books know of a SKU that disagrees, for whoever looks into it.
async fn tell_books(desk: &Desk, sku: &str, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    let Some(read) = Sku::read(sku) else { return Ok(()) };
    let item = hub::listings::item_of(&desk.org, &read);
    let balance = desk.outside.ledger.balance(&desk.org, &item).await?;
    writeln!(out, "    the books say {} are left", balance.available())?;
    for link in desk.outside.ledger.links_of(&desk.org, &item).await? {
        let seen = link.seen.map(|seen| seen.level.to_string()).unwrap_or_default();
        let explained = link.explained.map(|level| level.to_string()).unwrap_or_default();
        let held = if link.unexplained.is_some() { ", a difference holds raises" } else { "" };
        let way = if link.inflight.is_some() { ", a write is under way" } else { "" };
        writeln!(out, "    {}: explained {explained}, last seen {seen}{held}{way}", link.store)?;
    }
    Ok(())
}

/// Waits until the first writes are done: every shop shows what the books say.
async fn settle_start(desk: &Desk, shops: &[Stand], followed: &Followed) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let left = available(desk, followed).await?;
        let truth = Truth { left, ..Truth::default() };
        if disagreements(followed, &truth, shops).is_empty() {
            return Ok(());
        }
        if began.elapsed() > QUIET {
            return Err("the first numbers did not reach the shops in time; the log says why".into());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// What the books say is left of each followed item.
async fn available(desk: &Desk, followed: &Followed) -> Result<BTreeMap<String, i64>, Failure> {
    let mut left = BTreeMap::new();
    for sku in followed.0.keys() {
        let Some(read) = Sku::read(sku) else { continue };
        let item = hub::listings::item_of(&desk.org, &read);
        let balance = desk.outside.ledger.balance(&desk.org, &item).await?;
        left.insert(sku.clone(), i64::try_from(balance.available().units().trunc())?);
    }
    Ok(left)
}

/// Waits until all shops agree with the truth, or time is up.
async fn quiet(
    desk: &Desk,
    shops: &[Stand],
    followed: &Followed,
    start: &BTreeMap<String, i64>,
) -> Result<(Truth, Vec<Disagreement>), Failure> {
    for shop in shops {
        shop.drain().await;
    }
    let began = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let logs: Vec<Vec<Moved>> = shops.iter().map(Stand::moved).collect();
        let truth = follow_through(followed, start, &logs);
        let wrong = disagreements(followed, &truth, shops);
        let idle = desk.inbox.is_empty() && desk.doorbell.is_empty();
        if (wrong.is_empty() && idle) || began.elapsed() > QUIET {
            return Ok((truth, wrong));
        }
    }
}

/// Stays up until Ctrl-C.
async fn stay(desk: &Desk, shops: &[Stand], out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    for shop in shops {
        writeln!(out, "  a shop is at {}", shop.address())?;
    }
    crate::serve::tell_key(desk, out)?;
    writeln!(out, "Look at {} ; Ctrl-C ends it.", desk.url)?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
