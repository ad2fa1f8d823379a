//! Runs simulated shops until Ctrl-C, or compares one with recordings of a real store.

mod compare;
mod extract;

use clap::{Parser, Subcommand, ValueEnum};
use simulators::{shopify, woocommerce};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Simulated shops with windows to look in and handles to break them.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    /// What kind of shop.
    #[arg(long, value_enum, default_value_t = Platform::Woocommerce)]
    platform: Platform,
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
    /// Shopify: every product has so many variants; none gives every tenth two to four.
    #[arg(long)]
    variants: Option<usize>,
    /// Shopify: stock locations.
    #[arg(long, default_value_t = 1)]
    locations: usize,
    /// Shopify: how far searches run behind, in milliseconds.
    #[arg(long, default_value_t = 0)]
    index_lag_ms: u64,
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

/// The kinds of shops there are.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Platform {
    Woocommerce,
    Shopify,
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
    match options.platform {
        Platform::Woocommerce => serve_woocommerce(&options, extra_ca, &ca_dir).await,
        Platform::Shopify => serve_shopify(&options, extra_ca, &ca_dir).await,
    }
}

async fn serve_woocommerce(
    options: &Options,
    extra_ca: Option<String>,
    ca_dir: &Path,
) -> Result<(), Failure> {
    let mut running = Vec::new();
    for number in 0..options.shops {
        let shop = woocommerce::Shop::start(store(options, number, extra_ca.clone())).await?;
        println!("shop       {}", shop.url());
        println!("  key      {}", shop.keys().consumer_key);
        println!("  secret   {}", shop.keys().consumer_secret);
        println!("  login    {} / {}", shop.login().0, shop.login().1);
        println!("  windows  {}/_sim/summary", shop.url());
        write_authority(shop.ca_pem(), ca_dir, shop.address().port())?;
        running.push(shop);
    }
    tokio::signal::ctrl_c().await?;
    for shop in running {
        shop.shutdown().await;
    }
    Ok(())
}

/// All shops know the same app, the one of the first seed.
async fn serve_shopify(options: &Options, extra_ca: Option<String>, ca_dir: &Path) -> Result<(), Failure> {
    let mut running: Vec<shopify::Shop> = Vec::new();
    for number in 0..options.shops {
        let app = running.first().map(shopify::Shop::app).unwrap_or_default();
        let shop = shopify::Shop::start(house(options, number, extra_ca.clone(), app)).await?;
        println!("shop       {}", shop.url());
        println!("  domain   {}", shop.domain());
        println!("  key      {}", shop.app().client_id);
        println!("  secret   {}", shop.app().client_secret);
        println!("  token    {}", shop.token());
        println!("  windows  {}/_sim/summary", shop.url());
        write_authority(shop.ca_pem(), ca_dir, shop.address().port())?;
        running.push(shop);
    }
    tokio::signal::ctrl_c().await?;
    for shop in running {
        shop.shutdown().await;
    }
    Ok(())
}

fn write_authority(pem: Option<&str>, ca_dir: &Path, port: u16) -> Result<(), Failure> {
    if let Some(pem) = pem {
        let path = ca_dir.join(format!("simulated-shop-{port}.pem"));
        std::fs::write(&path, pem)?;
        println!("  ca       {}", path.display());
    }
    Ok(())
}

fn listen(options: &Options, number: u16) -> SocketAddr {
    let port = if options.port == 0 { 0 } else { options.port + number };
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn house(options: &Options, number: u16, extra_ca: Option<String>, app: shopify::App) -> shopify::Config {
    shopify::Config {
        name: format!("Simulated Shop {}", number + 1),
        seed: options.seed + u64::from(number),
        catalogue: shopify::Catalogue::Generated(shopify::Generated {
            count: options.products,
            shared: options.products * 11 / 15,
            variants: options.variants,
            variable_every: if options.variants.is_some() { 1 } else { 10 },
            ..shopify::Generated::default()
        }),
        app,
        https: options.https,
        listen: listen(options, number),
        zone: options.zone.clone(),
        lab: options.lab,
        locations: options.locations,
        index_lag: std::time::Duration::from_millis(options.index_lag_ms),
        extra_ca,
        ..shopify::Config::default()
    }
}

fn store(options: &Options, number: u16, extra_ca: Option<String>) -> woocommerce::Config {
    let shared = options.products * 11 / 15;
    woocommerce::Config {
        name: format!("Simulated Shop {}", number + 1),
        seed: options.seed + u64::from(number),
        catalogue: woocommerce::Catalogue::Generated(woocommerce::Generated {
            count: options.products,
            shared,
            ..woocommerce::Generated::default()
        }),
        https: options.https,
        listen: listen(options, number),
        base_path: options.base_path.clone(),
        plain_permalinks: options.plain_permalinks,
        zone: options.zone.clone(),
        lab: options.lab,
        extra_ca,
        ..woocommerce::Config::default()
    }
}
