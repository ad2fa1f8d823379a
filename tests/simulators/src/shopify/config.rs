//! What kind of shop to start, and the app it knows.

use rust_decimal::Decimal;
use std::net::SocketAddr;
use std::time::Duration;

/// How a simulated shop is set up; start from `Config::default()` and change what matters.
#[derive(Clone, Debug)]
pub struct Config {
    /// The shop's name.
    pub name: String,
    /// Decides the domain, ids, secrets, people, orders and the rolls of delivery faults.
    pub seed: u64,
    /// Its permanent domain, like `demo-7.myshopify.com`; empty takes one from the seed.
    pub domain: String,
    /// What is in the shop at the start.
    pub catalogue: Catalogue,
    /// The app that calls; empty fields are taken from the seed.
    pub app: App,
    /// The shop's plan, which decides the cost bucket.
    pub plan: Plan,
    /// Serve over TLS with a certificate of the shop's own authority.
    pub https: bool,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The shop's time zone by its IANA name.
    pub zone: String,
    /// Currency code of the shop, like `GBP`.
    pub currency: String,
    /// Currency some buyers pay in, and how much of it one unit of the shop's currency is.
    pub presentment: Option<(String, Decimal)>,
    /// The shop's country.
    pub country: String,
    /// Stock locations.
    pub locations: usize,
    /// Tax put on every line, in percent.
    pub tax_percent: Decimal,
    /// Whether the app may see names, addresses, phones and emails.
    pub protected_data: bool,
    /// Lifts the address checks of webhook addresses and redirects, and only those.
    pub lab: bool,
    /// An authority (PEM) trusted for deliveries, beside the public ones.
    pub extra_ca: Option<String>,
    /// How far searches and totals run behind the rows they are about.
    pub index_lag: Duration,
    /// How long a webhook waits before its first try.
    pub delivery_delay: Duration,
    /// What the waits between tries of a webhook are multiplied by; 1 is four hours in all.
    pub retry_scale: f64,
    /// How long a bulk operation runs.
    pub bulk_duration: Duration,
    /// Where EventBridge events are posted, one JSON envelope each.
    pub eventbridge_url: Option<String>,
    /// Where compliance topics and the app's own subscriptions are delivered.
    pub compliance_url: Option<String>,
    /// How many requests, deliveries and stock writes the windows remember.
    pub remembered: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "Simulated Shop".into(),
            seed: 1,
            domain: String::new(),
            catalogue: Catalogue::Generated(Generated::default()),
            app: App::default(),
            plan: Plan::Standard,
            https: false,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            zone: "America/New_York".into(),
            currency: "GBP".into(),
            presentment: None,
            country: "GB".into(),
            locations: 1,
            tax_percent: Decimal::ZERO,
            protected_data: true,
            lab: false,
            extra_ca: None,
            index_lag: Duration::ZERO,
            delivery_delay: Duration::from_millis(50),
            retry_scale: 1.0,
            bulk_duration: Duration::from_millis(200),
            eventbridge_url: None,
            compliance_url: None,
            remembered: 20_000,
        }
    }
}

/// An app as its developer registered it; two shops that are given the same one have the same app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Client id, also called API key.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// The secret before the last rotation, as long as it is not revoked: it still signs.
    pub old_client_secret: Option<String>,
    /// Number of the app, which partner event sources carry.
    pub api_client_id: u64,
    /// The app's name.
    pub title: String,
    /// Where installs begin.
    pub url: String,
    /// Addresses a merchant may be sent back to; empty allows any in the lab.
    pub redirects: Vec<String>,
    /// Scopes that new tokens get when none are asked for.
    pub scopes: Vec<String>,
    /// The app and the shop belong to one organisation: client credentials work.
    pub own_organisation: bool,
    /// Public apps must take tokens that expire.
    pub expiring_only: bool,
}

impl Default for App {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            client_secret: String::new(),
            old_client_secret: None,
            api_client_id: 0,
            title: "Storeloom".into(),
            url: "https://app.example.test/install".into(),
            redirects: Vec::new(),
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            own_organisation: true,
            expiring_only: false,
        }
    }
}

/// What a hub asks for.
const SCOPES: [&str; 13] = [
    "read_products",
    "write_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "write_locations",
    "read_orders",
    "read_all_orders",
    "write_orders",
    "write_order_edits",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "read_customers",
];

/// The shop's plan: what restores per second; the bucket holds twenty times that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// 2000 points, 100 a second.
    #[default]
    Standard,
    /// 4000 points, 200 a second.
    Advanced,
    /// 20000 points, 1000 a second.
    Plus,
}

impl Plan {
    /// Points that come back each second.
    pub fn restore_rate(self) -> u32 {
        match self {
            Self::Standard => 100,
            Self::Advanced => 200,
            Self::Plus => 1000,
        }
    }

    /// Points the bucket holds.
    pub fn bucket(self) -> u32 {
        self.restore_rate() * 20
    }
}

/// What is in the shop at the start.
#[derive(Clone, Debug)]
pub enum Catalogue {
    /// Nothing: no product, no order, no customer.
    Empty,
    /// Invented from the seed.
    Generated(Generated),
    /// Exactly these products of one variant, in this order.
    Listed(Vec<Item>),
}

/// How much to invent, and how much of it other shops have too.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Products.
    pub count: usize,
    /// How many of them come from the shared range: same SKU, name, kind and stock in every shop.
    pub shared: usize,
    /// What the SKUs of the shared range begin with.
    pub shared_prefix: String,
    /// What the SKUs of the shop's own range begin with; none takes one from the seed.
    pub own_prefix: Option<String>,
    /// Every n-th product has several variants; zero makes none.
    pub variable_every: usize,
    /// So many variants for each of those, up to 2,048; none takes two to four.
    pub variants: Option<usize>,
    /// Oddities: missing and duplicate SKUs, untracked stock, drafts.
    pub oddities: bool,
    /// Customers.
    pub customers: usize,
    /// Orders of the past.
    pub orders: usize,
}

impl Default for Generated {
    fn default() -> Self {
        Self {
            count: 300,
            shared: 220,
            shared_prefix: "LOOM".into(),
            own_prefix: None,
            variable_every: 10,
            variants: None,
            oddities: true,
            customers: 25,
            orders: 40,
        }
    }
}

/// One product of a listed catalogue, with one variant.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Its SKU; empty for none.
    pub sku: String,
    /// Its title.
    pub name: String,
    /// Its price, as typed.
    pub price: String,
    /// Units at the first location; none leaves stock untracked.
    pub stock: Option<i64>,
}

impl Item {
    /// A product with tracked stock, priced 10.00.
    pub fn new(sku: &str, stock: i64) -> Self {
        Self { sku: sku.into(), name: format!("Item {sku}"), price: "10.00".into(), stock: Some(stock) }
    }
}
