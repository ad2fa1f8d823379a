//! A shop of WooCommerce, a shop of Shopify, and a hub whose clock can be moved.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::product::Sku;
use domain::store::{Phase, Store};
use domain::{ItemId, PlatformSlug, StoreId};
use hub::connect::Connect;
use hub::overview::Look;
use hub::stores::Stores;
use platform::Clock;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use secrecy::{ExposeSecret as _, SecretString};
use simulators::{shopify, woocommerce};
use storeloom::desk::{Desk, Options};
use tempfile::TempDir;
use url::Url;

use crate::moved::Moved;
use crate::until;

/// Two shops of different platforms and a hub.
pub struct Mixed {
    /// The shop of WooCommerce.
    pub woo: woocommerce::Shop,
    /// The shop of Shopify.
    pub shopify: shopify::Shop,
    /// The hub; none while it is down.
    pub desk: Option<Desk>,
    /// The first API key.
    pub key: String,
    /// The hub's clock.
    pub clock: Arc<Moved>,
    data: TempDir,
    listen: SocketAddr,
    interval: u64,
}

/// A page that a browser was shown.
pub struct Shown {
    /// Its status.
    pub status: u16,
    /// Where it sends the browser.
    pub location: Option<String>,
    /// What it wants the browser to keep.
    pub cookie: Option<String>,
    /// What it says.
    pub text: String,
}

impl Mixed {
    /// Opens both shops with these SKUs and units, and a hub; `change` sets the Shopify shop up otherwise.
    pub async fn open(
        seed: u64,
        stock: &[(&str, i64)],
        interval: u64,
        change: impl FnOnce(&mut shopify::Config),
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let tls = storeloom::listener::Tls::open(&data.path().join("tls")).unwrap();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let woo = woocommerce::Config { extra_ca: Some(tls.ca_pem().to_owned()), ..crate::shop(seed, stock) };
        let mut config = shopify::Config {
            name: format!("Quay {seed}"),
            seed,
            catalogue: shopify::Catalogue::Listed(
                stock.iter().map(|(sku, units)| shopify::Item::new(sku, *units)).collect(),
            ),
            https: true,
            lab: true,
            delivery_delay: Duration::from_millis(20),
            bulk_duration: Duration::from_millis(200),
            extra_ca: Some(tls.ca_pem().to_owned()),
            compliance_url: Some(format!("https://127.0.0.1:{}/webhooks/shopify", listen.port())),
            ..shopify::Config::default()
        };
        change(&mut config);
        let mut world = Self {
            woo: woocommerce::Shop::start(woo).await.unwrap(),
            shopify: shopify::Shop::start(config).await.unwrap(),
            desk: None,
            key: String::new(),
            clock: Arc::default(),
            data,
            listen,
            interval,
        };
        world.start().await;
        world.tell_app().await;
        world
    }

    /// Starts the hub on its folder.
    pub async fn start(&mut self) {
        let roots = [self.woo.ca_pem(), self.shopify.ca_pem()];
        let options = Options {
            data: self.data.path().to_owned(),
            listen: self.listen,
            public_url: Some(Url::parse(&format!("https://127.0.0.1:{}/", self.listen.port())).unwrap()),
            allow_loopback: true,
            extra_roots: roots.into_iter().flatten().map(|pem| pem.as_bytes().to_vec()).collect(),
            stand_ins: [(self.shopify.domain().to_owned(), self.shopify.address())].into(),
            interval_seconds: self.interval,
            intake_only: false,
            wiring: storeloom::wiring::Wiring::built_in().unwrap().sweeping_every(Duration::from_secs(1)),
        };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let desk = Desk::open_at(&options, clock).await.unwrap();
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

    /// Gives the hub the credentials of the app that the shop knows.
    pub async fn tell_app(&self) {
        let app = self.shopify.app();
        let mut fields = vec![("client_id", app.client_id), ("client_secret", app.client_secret)];
        fields.extend(app.old_client_secret.map(|old| ("old_client_secret", old)));
        let fields: BTreeMap<String, SecretString> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Connect::new(&self.desk().outside).set_app(&PlatformSlug::new("shopify"), &fields).await.unwrap();
    }

    /// Moves the clocks of the hub and of both shops.
    pub fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        let moved = self.clock.by(millis);
        self.shopify.advance(time);
        self.woo.faults().clock_offset(moved / 1000);
    }

    /// What the hub shows a browser.
    pub async fn browse(&self, page: &str, cookie: Option<&str>) -> Shown {
        let page = Url::parse(page).unwrap();
        let query = page.query().map(|query| format!("?{query}")).unwrap_or_default();
        let at = format!("http://127.0.0.1:{}{}{query}", self.listen.port(), page.path());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut request = client.get(at);
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let answer = request.send().await.unwrap();
        let header = |name| Some(answer.headers().get(name)?.to_str().unwrap().to_owned());
        let location = header(LOCATION);
        let cookie = header(SET_COOKIE).map(|set| set.split(';').next().unwrap().to_owned());
        Shown { status: answer.status().as_u16(), location, cookie, text: answer.text().await.unwrap() }
    }

    /// Connects the Shopify shop through its owner's browser.
    pub async fn connect_shopify(&self) -> StoreId {
        let desk = self.desk();
        let slug = PlatformSlug::new("shopify");
        let connect = Connect::new(&desk.outside);
        let page = connect.begin(&desk.org, &slug, self.shopify.domain(), "").await.unwrap();
        let sent = self.browse(page.as_str(), None).await;
        let back = self.shopify.approve(&sent.location.unwrap()).await.unwrap();
        let landed = self.browse(&back, sent.cookie.as_deref()).await;
        assert_eq!(landed.status, 303, "{}", landed.text);
        self.store_of("shopify").await.unwrap().id
    }

    /// Connects the WooCommerce shop through its owner's browser.
    pub async fn connect_woo(&self) -> StoreId {
        let desk = self.desk();
        let slug = PlatformSlug::new("woocommerce");
        let page = Connect::new(&desk.outside).begin(&desk.org, &slug, self.woo.url(), "").await.unwrap();
        self.woo.approve(page.as_str()).await.unwrap();
        self.store_of("woocommerce").await.unwrap().id
    }

    /// The store of a platform, if it is connected.
    pub async fn store_of(&self, platform: &str) -> Option<Store> {
        let desk = self.desk();
        let stores = desk.outside.directory.stores(&desk.org).await.unwrap();
        stores.into_iter().find(|store| store.platform.as_str() == platform)
    }

    /// Connects both shops, waits until they have joined, and begins to write.
    pub async fn join(&self) {
        for store in [self.connect_woo().await, self.connect_shopify().await] {
            self.begin(&store).await;
        }
        self.quiet().await;
    }

    /// Waits until a store has joined, and begins to write.
    pub async fn begin(&self, store: &StoreId) {
        let desk = self.desk();
        until("the store has joined", || async {
            let store = desk.outside.directory.store(&desk.org, store).await.unwrap().unwrap();
            (store.phase != Phase::Joining).then_some(())
        })
        .await;
        Stores::new(&desk.outside).start(&desk.org, store).await.unwrap();
    }

    /// Waits until nothing is on its way.
    pub async fn quiet(&self) {
        let desk = self.desk();
        let look = Look::new(&desk.outside);
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
        tokio::time::sleep(Duration::from_millis(160)).await;
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

    /// What the shops show of a SKU: WooCommerce, Shopify.
    pub fn show(&self, sku: &str) -> (i64, i64) {
        let woo = self.woo.window().stock_of(sku)[0].quantity.unwrap();
        (woo, self.shopify.window().stock_of(sku)[0].quantity.unwrap())
    }

    /// Waits until both shops show so many of a SKU.
    pub async fn both_show(&self, sku: &str, units: i64) {
        until(&format!("both shops show {units} of {sku}"), || async {
            (self.show(sku) == (units, units)).then_some(())
        })
        .await;
    }

    /// A buyer in the WooCommerce shop.
    pub fn buy_in_woo(&self, sku: &str, units: i64) -> woocommerce::OrderRow {
        let id = self.woo.window().stock_of(sku)[0].id;
        self.woo.buy(&woocommerce::Basket::of(id, units)).unwrap()
    }

    /// A buyer in the Shopify shop.
    pub fn buy_in_shopify(&self, sku: &str, units: i64) -> shopify::OrderRow {
        let id = self.shopify.window().stock_of(sku)[0].id;
        self.shopify.buy(&shopify::Basket::of(id, units)).unwrap()
    }

    /// Where the hub keeps everything.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// The address of the hub, over http.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.listen.port())
    }
}
