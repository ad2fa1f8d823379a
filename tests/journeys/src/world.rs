//! Shops, a hub on a folder of its own, and the truth about both.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::product::Sku;
use domain::store::{Phase, Store};
use domain::{ItemId, PlatformSlug, StoreId};
use hub::connect::Connect;
use hub::overview::Look;
use hub::stores::Stores;
use platform::Clock;
use secrecy::{ExposeSecret as _, SecretString};
use simulators::woocommerce::{Catalogue, Config, Item, Shop};
use storeloom::desk::{Desk, Options};
use tempfile::TempDir;
use url::Url;

use crate::moved::Moved;

/// Shops and a hub.
pub struct World {
    /// The shops.
    pub shops: Vec<Shop>,
    /// Their stores, in the same order.
    pub stores: Vec<StoreId>,
    /// The hub; none while it is down.
    pub desk: Option<Desk>,
    /// The first API key.
    pub key: String,
    data: TempDir,
    listen: SocketAddr,
    interval: u64,
    clock: Arc<Moved>,
}

/// Waits until `ready` answers with something, at most a minute and a half.
pub async fn until<T, F, R>(what: &str, mut ready: F) -> T
where
    F: FnMut() -> R,
    R: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(found) = ready().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

/// Log lines of a test, on request.
fn log() {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}

/// A shop that lists these SKUs with these units.
pub fn shop(seed: u64, stock: &[(&str, i64)]) -> Config {
    Config {
        name: format!("Shop {seed}"),
        seed,
        catalogue: Catalogue::Listed(stock.iter().map(|(sku, units)| Item::new(sku, *units)).collect()),
        lab: true,
        delivery_delay: Duration::from_millis(20),
        ..Config::default()
    }
}

impl World {
    /// Opens the shops and a hub; `interval` is how often streams are read, in seconds.
    pub async fn open(shops: Vec<Config>, interval: u64) -> Self {
        Self::open_by(shops, interval, Moved::default()).await
    }

    /// The same at noon: whatever takes a while ends on the day on which it began.
    pub async fn open_at_noon(shops: Vec<Config>, interval: u64) -> Self {
        Self::open_by(shops, interval, Moved::at_noon()).await
    }

    async fn open_by(shops: Vec<Config>, interval: u64, clock: Moved) -> Self {
        log();
        let data = tempfile::tempdir().unwrap();
        let tls = storeloom::listener::Tls::open(&data.path().join("tls")).unwrap();
        let mut open = Vec::new();
        for config in shops {
            let config = Config { extra_ca: Some(tls.ca_pem().to_owned()), ..config };
            let shop = Shop::start(config).await.unwrap();
            shop.faults().clock_offset(clock.by(0) / 1000);
            open.push(shop);
        }
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut world = Self {
            shops: open,
            stores: Vec::new(),
            desk: None,
            key: String::new(),
            data,
            listen,
            interval,
            clock: Arc::new(clock),
        };
        world.start().await;
        world
    }

    /// How the hub is run.
    pub fn options(&self) -> Options {
        let roots = self.shops.iter().filter_map(|shop| shop.ca_pem());
        Options {
            data: self.data.path().to_owned(),
            listen: self.listen,
            public_url: Some(Url::parse(&format!("https://127.0.0.1:{}/", self.listen.port())).unwrap()),
            allow_loopback: true,
            extra_roots: roots.map(|pem| pem.as_bytes().to_vec()).collect(),
            stand_ins: std::collections::BTreeMap::new(),
            interval_seconds: self.interval,
            intake_only: false,
            wiring: storeloom::wiring::Wiring::built_in().unwrap().sweeping_every(Duration::from_secs(1)),
        }
    }

    /// Starts the hub on its folder.
    pub async fn start(&mut self) {
        let desk = Desk::open_at(&self.options(), Arc::clone(&self.clock) as Arc<dyn Clock>).await.unwrap();
        if let Some(key) = &desk.first_key {
            self.key = key.expose_secret().to_owned();
        }
        self.desk = Some(desk);
    }

    /// Ends the hub.
    pub async fn stop(&mut self) {
        self.desk.take().unwrap().close().await;
    }

    /// The hub.
    pub fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }

    /// Connects a shop through its owner's browser.
    pub async fn connect(&mut self, index: usize) -> StoreId {
        let desk = self.desk();
        let shop = &self.shops[index];
        let slug = PlatformSlug::new("woocommerce");
        let page = Connect::new(&desk.outside).begin(&desk.org, &slug, shop.url(), "").await.unwrap();
        let back = shop.approve(page.as_str()).await.unwrap();
        assert!(back.contains("success=1"), "{back}");
        let stores = desk.outside.directory.stores(&desk.org).await.unwrap();
        let host = shop.url().split_once("://").unwrap().1.to_owned();
        let store = stores.into_iter().find(|store| store.shop.as_str() == host).unwrap();
        if !self.stores.contains(&store.id) {
            self.stores.push(store.id.clone());
        }
        store.id
    }

    /// Connects a shop with pasted keys.
    pub async fn paste(&self, index: usize, key: &str, secret: &str) -> hub::Result<hub::connect::Connected> {
        let desk = self.desk();
        let fields = BTreeMap::from([
            ("consumer_key".to_owned(), SecretString::from(key.to_owned())),
            ("consumer_secret".to_owned(), SecretString::from(secret.to_owned())),
        ]);
        let slug = PlatformSlug::new("woocommerce");
        Connect::new(&desk.outside).paste(&desk.org, &slug, self.shops[index].url(), "", &fields).await
    }

    /// Connects all shops, waits until they have joined, and begins to write.
    pub async fn join_all(&mut self) {
        for index in 0..self.shops.len() {
            self.connect(index).await;
        }
        for store in self.stores.clone() {
            self.joined(&store).await;
            let desk = self.desk();
            Stores::new(&desk.outside).start(&desk.org, &store).await.unwrap();
        }
        self.quiet().await;
    }

    /// A store as it stands.
    pub async fn store(&self, id: &StoreId) -> Store {
        let desk = self.desk();
        desk.outside.directory.store(&desk.org, id).await.unwrap().unwrap()
    }

    /// Waits until a store has joined.
    pub async fn joined(&self, id: &StoreId) {
        until("the store has joined", || async {
            (self.store(id).await.phase != Phase::Joining).then_some(())
        })
        .await;
    }

    /// Waits until nothing is on its way: queues empty, no work due, no write under way.
    pub async fn quiet(&self) {
        let desk = self.desk();
        let look = Look::new(&desk.outside);
        let mut calm = 0;
        until("the world is quiet", || {
            let look = &look;
            async move {
                let queues = desk.inbox.is_empty() && desk.doorbell.is_empty();
                let overview = look.all(&desk.org).await.unwrap();
                let still = overview
                    .stores
                    .iter()
                    .all(|view| view.agreement.waiting == 0 && view.agreement.inflight == 0);
                (queues && still).then_some(())
            }
        })
        .await;
        while calm < 2 {
            tokio::time::sleep(Duration::from_millis(80)).await;
            calm += 1;
        }
    }

    /// The item of a SKU.
    pub fn item(&self, sku: &str) -> ItemId {
        hub::listings::item_of(&self.desk().org, &Sku::read(sku).unwrap())
    }

    /// What the books say is left of a SKU.
    pub async fn available(&self, sku: &str) -> i64 {
        let desk = self.desk();
        let balance = desk.outside.ledger.balance(&desk.org, &self.item(sku)).await.unwrap();
        i64::try_from(balance.available().units()).unwrap()
    }

    /// What a shop shows of a SKU.
    pub fn shows(&self, shop: usize, sku: &str) -> i64 {
        self.shops[shop].window().stock_of(sku)[0].quantity.unwrap()
    }

    /// The id under which a shop lists a SKU.
    pub fn listed(&self, shop: usize, sku: &str) -> u64 {
        self.shops[shop].window().stock_of(sku)[0].id
    }

    /// Waits until every shop shows so many of a SKU.
    pub async fn all_show(&self, sku: &str, units: i64) {
        let shops = self.shops.len();
        until(&format!("all shops show {units} of {sku}"), || async {
            (0..shops).all(|shop| self.shows(shop, sku) == units).then_some(())
        })
        .await;
    }

    /// Checks that the balance of a SKU is the sum of its entries.
    pub async fn books_add_up(&self, sku: &str) {
        let desk = self.desk();
        let item = self.item(sku);
        let balance = desk.outside.ledger.balance(&desk.org, &item).await.unwrap();
        let (mut on_hand, mut reserved) = (domain::Delta::ZERO, domain::Delta::ZERO);
        let mut after = None;
        loop {
            let ask = ports::Ask::after(100, after);
            let page = desk.outside.ledger.entries(&desk.org, &item, &ask).await.unwrap();
            for entry in page.items {
                on_hand = on_hand + entry.on_hand;
                reserved = reserved + entry.reserved;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(balance.on_hand.units(), on_hand.units(), "on hand of {sku}");
        assert_eq!(balance.reserved, reserved, "reserved of {sku}");
    }

    /// The address that a store's webhooks are sent to, over http.
    pub fn hook(&self, store: &StoreId) -> String {
        format!("http://127.0.0.1:{}/webhooks/woocommerce/{store}", self.listen.port())
    }

    /// The address of the hub, over http.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.listen.port())
    }

    /// Where the hub keeps everything.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }
}
