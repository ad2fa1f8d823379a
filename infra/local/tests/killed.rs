//! The hub is killed at seeded moments under load, twenty times, and nothing is lost or doubled.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::product::Sku;
use domain::store::Phase;
use domain::{Delta, OrderId, PlatformSlug, StoreId};
use hub::connect::Connect;
use hub::overview::Look;
use hub::stores::Stores;
use simulators::woocommerce::{Basket, Catalogue, Config, Fault, Item, Rule, Shop};
use storeloom::desk::{Desk, Options};
use storeloom::listener::Tls;

const SKUS: i64 = 12;
const UNITS: i64 = 60;
const KILLS: u64 = 20;
/// More deliveries than these must have been heard between the kills.
const HEARD: usize = 50;

struct Lab {
    data: tempfile::TempDir,
    shops: Vec<Shop>,
    options: Options,
}

async fn lab() -> Lab {
    let data = tempfile::tempdir().unwrap();
    let tls = Tls::open(&data.path().join("tls")).unwrap();
    let items: Vec<Item> = (0..SKUS).map(|sku| Item::new(&format!("S{sku}"), UNITS)).collect();
    let mut shops = Vec::new();
    for (seed, https) in [(11, true), (12, false)] {
        let config = Config {
            name: format!("Shop {seed}"),
            seed,
            catalogue: Catalogue::Listed(items.clone()),
            https,
            lab: true,
            extra_ca: Some(tls.ca_pem().to_owned()),
            delivery_delay: Duration::from_millis(10),
            outgoing_timeout: Duration::from_secs(2),
            ..Config::default()
        };
        shops.push(Shop::start(config).await.unwrap());
    }
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = Options {
        data: data.path().to_owned(),
        listen,
        public_url: Some(format!("https://127.0.0.1:{}/", listen.port()).parse().unwrap()),
        allow_loopback: true,
        extra_roots: shops.iter().filter_map(|shop| Some(shop.ca_pem()?.as_bytes().to_vec())).collect(),
        stand_ins: std::collections::BTreeMap::new(),
        interval_seconds: 5,
        intake_only: false,
        wiring: storeloom::wiring::Wiring::built_in().unwrap().sweeping_every(Duration::from_secs(1)),
    };
    Lab { data, shops, options }
}

impl Lab {
    /// The hub as a process of its own.
    fn spawn(&self) -> Child {
        let roots = self.data.path().join("shops.pem");
        std::fs::write(&roots, self.options.extra_roots.concat()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_storeloom"))
            .arg("serve")
            .arg("--data")
            .arg(self.data.path())
            .args(["--listen", &self.options.listen.to_string(), "--allow-loopback", "--interval", "5"])
            .args(["--sweep", "1"])
            .args(["--public-url", self.options.public_url.as_ref().unwrap().as_str()])
            .arg("--extra-ca")
            .arg(&roots)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while std::net::TcpStream::connect(self.options.listen).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "the hub did not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    async fn join(&self) -> Vec<StoreId> {
        let desk = Desk::open(&self.options).await.unwrap();
        let connect = Connect::new(&desk.outside);
        let slug = PlatformSlug::new("woocommerce");
        for shop in &self.shops {
            let page = connect.begin(&desk.org, &slug, shop.url(), "").await.unwrap();
            shop.approve(page.as_str()).await.unwrap();
        }
        let began = Instant::now();
        let stores = loop {
            let stores = desk.outside.directory.stores(&desk.org).await.unwrap();
            if stores.len() == 2 && stores.iter().all(|store| store.phase != Phase::Joining) {
                break stores;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "the shops did not join");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let ids: Vec<StoreId> = stores.into_iter().map(|store| store.id).collect();
        for id in &ids {
            Stores::new(&desk.outside).start(&desk.org, id).await.unwrap();
        }
        desk.close().await;
        ids
    }

    /// One buyer in one shop, chosen by a number.
    fn sell(&self, number: u64) {
        let shop = &self.shops[usize::try_from(number % 2).unwrap()];
        let sku = format!("S{}", (number / 2) % u64::try_from(SKUS).unwrap());
        let id = shop.window().stock_of(&sku)[0].id;
        let _ = shop.buy(&Basket::of(id, 1));
    }

    /// The orders of deliveries that were answered 200, with the host of their shop.
    fn acknowledged(&self) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        for shop in &self.shops {
            let (_, host) = shop.url().split_once("://").unwrap();
            let deliveries = shop.window().deliveries().into_iter();
            let heard = deliveries
                .filter(|one| one.status == Some(200) && one.topic.starts_with("order.") && one.resource > 0);
            all.extend(heard.map(|one| (host.to_owned(), one.resource)));
        }
        all
    }

    /// Units of each SKU that the shops' orders hold taken.
    fn taken(&self) -> BTreeMap<String, i64> {
        let mut taken = BTreeMap::new();
        for order in self.shops.iter().flat_map(|shop| shop.window().orders()) {
            for line in order.lines {
                *taken.entry(line.sku).or_default() += line.reduced.unwrap_or(0);
            }
        }
        taken
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nothing_and_double_nothing() {
    let lab = lab().await;
    let stores = lab.join().await;
    // Writes take a while, so that some of the kills come in the middle of one.
    for shop in &lab.shops {
        shop.faults().add(Rule::from(Fault::HangAfter { ms: 60 }).method("POST").times(400));
    }
    let mut seed: u64 = 0x5eed;
    let mut number = 0;
    // A slow machine takes longer to come up, and hears less before it is killed: then it is killed more often.
    for kill in 0..KILLS * 4 {
        if kill >= KILLS && lab.acknowledged().len() > HEARD {
            break;
        }
        let mut child = lab.spawn();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let life = Duration::from_millis(250 + (seed >> 33) % 900);
        let end = Instant::now() + life;
        while Instant::now() < end {
            number += 1;
            lab.sell(number);
            tokio::time::sleep(Duration::from_millis(45)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for shop in &lab.shops {
        shop.faults().clear();
    }
    let desk = Desk::open(&lab.options).await.unwrap();
    let taken = lab.taken();
    let began = Instant::now();
    loop {
        let mut wrong = Vec::new();
        for sku in 0..SKUS {
            let sku = format!("S{sku}");
            let left = (UNITS - taken.get(&sku).copied().unwrap_or(0)).max(0);
            for shop in &lab.shops {
                let shows = shop.window().stock_of(&sku)[0].quantity.unwrap();
                if shows != left {
                    wrong.push(format!("{sku}: {shows} shown, {left} left"));
                }
            }
        }
        let calm = desk.inbox.is_empty() && desk.doorbell.is_empty();
        if wrong.is_empty() && calm {
            break;
        }
        if began.elapsed() > Duration::from_secs(150) {
            let all = Look::new(&desk.outside).all(&desk.org).await.unwrap();
            let open: Vec<String> = all.exceptions.into_iter().map(|one| one.message).collect();
            panic!("the shops do not agree: {wrong:?}; open: {open:?}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    books_hold_every_order_once(&lab, &desk, &taken).await;
    every_acknowledged_delivery_is_booked(&lab, &desk, &stores).await;
    desk.close().await;
}

async fn books_hold_every_order_once(lab: &Lab, desk: &Desk, taken: &BTreeMap<String, i64>) {
    assert!(lab.shops.iter().map(|shop| shop.window().orders().len()).sum::<usize>() > 100);
    for sku in 0..SKUS {
        let sku = format!("S{sku}");
        let item = hub::listings::item_of(&desk.org, &Sku::read(&sku).unwrap());
        let balance = desk.outside.ledger.balance(&desk.org, &item).await.unwrap();
        let owed = taken.get(&sku).copied().unwrap_or(0);
        assert_eq!(balance.reserved, Delta::whole(owed), "reserved of {sku}");
        assert_eq!(balance.on_hand, domain::OnHand::whole(UNITS), "on hand of {sku}");
    }
}

async fn every_acknowledged_delivery_is_booked(lab: &Lab, desk: &Desk, stores: &[StoreId]) {
    let all = desk.outside.directory.stores(&desk.org).await.unwrap();
    let acknowledged = lab.acknowledged();
    for (host, number) in &acknowledged {
        let store = all.iter().find(|store| store.shop.as_str() == host).unwrap();
        assert!(stores.contains(&store.id));
        let id = OrderId::derive(&[store.id.as_str(), &number.to_string()]);
        let order = desk.outside.ledger.order(&desk.org, &id).await.unwrap();
        assert!(order.is_some_and(|order| order.applied), "order {number}");
    }
    assert!(acknowledged.len() > HEARD, "{} deliveries were acknowledged", acknowledged.len());
}
