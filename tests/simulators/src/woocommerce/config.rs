//! What kind of shop to start.

use rust_decimal::Decimal;
use std::net::SocketAddr;
use std::time::Duration;

/// How a simulated shop is set up; start from `Config::default()` and change what matters.
#[derive(Clone, Debug)]
pub struct Config {
    /// The shop's name, as `GET /wp-json/` tells it.
    pub name: String,
    /// Decides keys, people, orders and the rolls of delivery faults.
    pub seed: u64,
    /// What is in the shop at the start.
    pub catalogue: Catalogue,
    /// Serve over TLS with a certificate of the shop's own authority.
    pub https: bool,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// A subdirectory install, like `/shop`.
    pub base_path: Option<String>,
    /// Plain permalinks: no `/wp-json/`, no `wc-auth`, only `?rest_route=`.
    pub plain_permalinks: bool,
    /// The shop's time zone by its IANA name.
    pub zone: String,
    /// Currency code, like `GBP`.
    pub currency: String,
    /// Decimals of the currency as the shop is set (0 for yen, 3 for Kuwaiti dinar).
    pub decimals: u32,
    /// The store's country.
    pub country: String,
    /// What a numbering plugin puts before the id in an order's `number`; empty for no plugin.
    pub order_number_prefix: String,
    /// Tax put on every line, in percent; zero leaves tax lines out.
    pub tax_percent: Decimal,
    /// The option `woocommerce_manage_stock`.
    pub manage_stock: bool,
    /// Lifts the address checks of outgoing requests, and only those.
    pub lab: bool,
    /// An authority (PEM) trusted for callbacks and webhook deliveries, beside the public ones.
    pub extra_ca: Option<String>,
    /// Whether `wc/v3/variations` exists (it does since 10.3).
    pub global_variations: bool,
    /// WooCommerce version told to clients.
    pub version: String,
    /// WordPress version told to clients.
    pub wordpress_version: String,
    /// How long a webhook job waits before it runs.
    pub delivery_delay: Duration,
    /// How long a delivery or callback may take.
    pub outgoing_timeout: Duration,
    /// How many requests and stock writes the windows remember.
    pub remembered: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "Simulated Shop".into(),
            seed: 1,
            catalogue: Catalogue::Generated(Generated::default()),
            https: false,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            base_path: None,
            plain_permalinks: false,
            zone: "America/New_York".into(),
            currency: "GBP".into(),
            decimals: 2,
            country: "GB".into(),
            order_number_prefix: String::new(),
            tax_percent: Decimal::ZERO,
            manage_stock: true,
            lab: false,
            extra_ca: None,
            global_variations: true,
            version: "10.7.0".into(),
            wordpress_version: "7.0.2".into(),
            delivery_delay: Duration::from_millis(50),
            outgoing_timeout: Duration::from_secs(60),
            remembered: 20_000,
        }
    }
}

/// What is in the shop at the start.
#[derive(Clone, Debug)]
pub enum Catalogue {
    /// Nothing: no product, no order, no customer.
    Empty,
    /// Invented from the seed.
    Generated(Generated),
    /// Exactly these simple products, in this order.
    Listed(Vec<Item>),
}

/// How much to invent, and how much of it other shops have too.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Products, variable parents included, their variations not.
    pub count: usize,
    /// How many of them come from the shared range: same SKU, name, kind and stock in every shop.
    pub shared: usize,
    /// What the SKUs of the shared range begin with.
    pub shared_prefix: String,
    /// What the SKUs of the shop's own range begin with; none takes one from the seed.
    pub own_prefix: Option<String>,
    /// Id of the first product; none takes one from the seed, so that two shops differ.
    pub first_id: Option<u64>,
    /// Every n-th product is variable; zero makes none.
    pub variable_every: usize,
    /// Oddities: missing and duplicate SKUs, unmanaged and parent-held stock, drafts.
    pub oddities: bool,
    /// Registered customers.
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
            first_id: None,
            variable_every: 10,
            oddities: true,
            customers: 25,
            orders: 40,
        }
    }
}

/// One simple product of a listed catalogue.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Its SKU; empty for none.
    pub sku: String,
    /// Its title.
    pub name: String,
    /// Its regular price, as typed.
    pub price: String,
    /// Units in stock; none leaves stock unmanaged.
    pub stock: Option<i64>,
}

impl Item {
    /// A product with managed stock, priced 10.00.
    pub fn new(sku: &str, stock: i64) -> Self {
        Self { sku: sku.into(), name: format!("Item {sku}"), price: "10.00".into(), stock: Some(stock) }
    }
}
