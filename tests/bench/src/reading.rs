//! The part of a full synchronisation that reads: the platform's own code downloads the file, a window at a time, and
//! makes the hub's records of it; nothing is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use platform::{Ask, Ctx, Extent, Session};
use serde::{Deserialize, Serialize};
use storeloom::clock::{SystemClock, SystemDice};

use crate::Failure;

/// What to read.
#[derive(Debug, Clone, clap::Args)]
pub struct Reading {
    /// The shop's name.
    #[arg(long)]
    pub domain: String,
    /// Where that is on this machine.
    #[arg(long)]
    pub address: std::net::SocketAddr,
    /// An access token.
    #[arg(long)]
    pub token: String,
    /// The secret that signs the shop's messages.
    #[arg(long)]
    pub secret: String,
    /// The shop's authority.
    #[arg(long)]
    pub ca: PathBuf,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Read {
    /// Products and variants.
    pub records: u64,
    /// From the look that finds the file to the last record made; without the waits while the shop writes it.
    pub wall_us: u64,
}

/// Reads a whole catalogue.
///
/// # Errors
/// If the shop does not answer well.
pub async fn read(from: &Reading) -> Result<Read, Failure> {
    let http = net::Client::new(&net::Settings {
        allow_loopback: true,
        extra_roots: vec![std::fs::read(&from.ca)?],
        stand_ins: BTreeMap::from([(from.domain.clone(), from.address)]),
        ..net::Settings::default()
    })?;
    let platforms = platforms_all::all();
    let platform = platforms.iter().find(|one| one.slug().as_str() == "shopify").ok_or("no such platform")?;
    let authorize = platform.authorize().ok_or("it cannot be connected")?;
    let fields = [("access_token", &from.token), ("api_secret", &from.secret)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.as_str().into()));
    let mut session = Session {
        address: authorize.shop_of(&from.domain)?.address,
        currency: None,
        credentials: authorize.paste(&BTreeMap::from(fields))?,
        app: None,
    };
    let proof = authorize
        .prove(&Ctx { http: &http, clock: &SystemClock, dice: &SystemDice, session: &session })
        .await?;
    (session.currency, session.credentials) = (proof.currency, proof.credentials);
    let ctx = Ctx { http: &http, clock: &SystemClock, dice: &SystemDice, session: &session };
    let pull = platform.pull_catalog().ok_or("its catalogue cannot be read")?;
    let (mut cursor, mut records, mut wall) = (None, 0, Duration::ZERO);
    loop {
        let began = Instant::now();
        let page = pull.pull_catalog(&ctx, &Ask { extent: Extent::Full, cursor, size: 250 }).await?;
        if let Some(wait) = page.wait {
            tokio::time::sleep(wait).await;
        } else {
            records += (page.records.products.len() + page.records.variants.len()) as u64;
            drop(page.records);
            wall += began.elapsed();
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(Read { records, wall_us: wall.as_micros() as u64 });
        }
    }
}
