//! Runs simulated shops until Ctrl-C, or compares one with recordings of a real store.

mod compare;
mod extract;

use clap::{Parser, Subcommand};
use simulators::woocommerce::{Catalogue, Config, Generated, Shop};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Simulated WooCommerce stores with windows to look in and handles to break them.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    /// Port of the first shop; the next shops take the next ports.
    #[arg(long, default_value_t = 9100)]
    port: u16,
    /// How many shops.
    #[arg(long, default_value_t = 1)]
    shops: u16,
    /// Serve over TLS, each shop with its own authority.
    #[arg(long)]
    https: bool,
    /// Let webhooks and callbacks go to private addresses and odd ports.
    #[arg(long)]
    lab: bool,
    /// Products in each shop.
    #[arg(long, default_value_t = 300)]
    products: usize,
    /// Seed of the first shop; the next shops take the next seeds.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A subdirectory install, like /shop.
    #[arg(long)]
    base_path: Option<String>,
    /// Plain permalinks: only ?rest_route= works.
    #[arg(long)]
    plain_permalinks: bool,
    /// The shops' time zone.
    #[arg(long, default_value = "America/New_York")]
    zone: String,
    /// An authority (PEM file) trusted for callbacks and webhooks.
    #[arg(long)]
    extra_ca: Option<PathBuf>,
    /// Where the authorities of https shops are written.
    #[arg(long)]
    ca_dir: Option<PathBuf>,
}

/// What to do instead of serving.
#[derive(Subcommand)]
enum Task {
    /// Compare answers with a folder of recordings of a real store; fails on unexpected differences.
    Compare {
        /// The folder that holds `captures/`.
        #[arg(long, env = "STORELOOM_REFERENCE")]
        reference: PathBuf,
    },
    /// Cut the Shopify schema extract out of the full Admin schema; writes it to the standard output.
    Extract {
        /// The full schema, in schema language.
        #[arg(long)]
        schema: PathBuf,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    match &options.task {
        Some(Task::Compare { reference }) => {
            return match compare::run(reference).await? {
                true => Ok(()),
                false => Err("the simulator differs from the recordings".into()),
            };
        }
        Some(Task::Extract { schema }) => return extract::run(schema),
        None => {}
    }
    let extra_ca = options.extra_ca.as_ref().map(std::fs::read_to_string).transpose()?;
    let ca_dir = options.ca_dir.clone().unwrap_or_else(std::env::temp_dir);
    let mut running = Vec::new();
    for number in 0..options.shops {
        let shop = Shop::start(config(&options, number, extra_ca.clone())).await?;
        println!("shop       {}", shop.url());
        println!("  key      {}", shop.keys().consumer_key);
        println!("  secret   {}", shop.keys().consumer_secret);
        println!("  login    {} / {}", shop.login().0, shop.login().1);
        println!("  windows  {}/_sim/summary", shop.url());
        if let Some(pem) = shop.ca_pem() {
            let path = ca_dir.join(format!("simulated-shop-{}.pem", shop.address().port()));
            std::fs::write(&path, pem)?;
            println!("  ca       {}", path.display());
        }
        running.push(shop);
    }
    tokio::signal::ctrl_c().await?;
    for shop in running {
        shop.shutdown().await;
    }
    Ok(())
}

fn config(options: &Options, number: u16, extra_ca: Option<String>) -> Config {
    let port = if options.port == 0 { 0 } else { options.port + number };
    let shared = options.products * 11 / 15;
    Config {
        name: format!("Simulated Shop {}", number + 1),
        seed: options.seed + u64::from(number),
        catalogue: Catalogue::Generated(Generated {
            count: options.products,
            shared,
            ..Generated::default()
        }),
        https: options.https,
        listen: SocketAddr::from(([127, 0, 0, 1], port)),
        base_path: options.base_path.clone(),
        plain_permalinks: options.plain_permalinks,
        zone: options.zone.clone(),
        lab: options.lab,
        extra_ca,
        ..Config::default()
    }
}
