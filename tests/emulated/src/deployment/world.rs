//! A shop of each platform, and a hub that was deployed.

use std::path::Path;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use simulators::{shopify, woocommerce};

use crate::front::Front;
use crate::hub::{Hub, until};
use crate::queues::Queues;
use crate::stack::Stack;

const STOCK: [(&str, i64); 3] = [("A", 20), ("B", 3), ("C", 40)];
/// How long a thing may take here that takes a second in AWS: the machine may be busy.
const PATIENCE: u64 = 180;

/// A shop of each platform, and a hub that was deployed.
pub struct World {
    stack: Stack,
    queues: Queues,
    hub: Hub,
    woo: woocommerce::Shop,
    shopify: shopify::Shop,
    _folder: tempfile::TempDir,
}

impl World {
    /// Opens the shops, deploys the template, and makes the first key.
    pub async fn deploy(endpoint: &str, template: &str, binaries: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let front = Front::open(folder.path()).await;
        let public = format!("https://127.0.0.1:{}/", front.port);
        let woo = woocommerce::Shop::start(woocommerce::Config {
            name: "Harbour".into(),
            seed: 1,
            catalogue: woocommerce::Catalogue::Listed(
                STOCK.iter().map(|(sku, units)| woocommerce::Item::new(sku, *units)).collect(),
            ),
            lab: true,
            delivery_delay: Duration::from_millis(20),
            extra_ca: Some(front.ca.clone()),
            ..woocommerce::Config::default()
        })
        .await
        .unwrap();
        let shopify = shopify::Shop::start(shopify::Config {
            name: "Quay".into(),
            seed: 2,
            catalogue: shopify::Catalogue::Listed(
                STOCK.iter().map(|(sku, units)| shopify::Item::new(sku, *units)).collect(),
            ),
            https: true,
            lab: true,
            delivery_delay: Duration::from_millis(20),
            bulk_duration: Duration::from_millis(200),
            extra_ca: Some(front.ca.clone()),
            compliance_url: Some(format!("{public}webhooks/shopify")),
            ..shopify::Config::default()
        })
        .await
        .unwrap();
        let stack = Stack::deploy(endpoint, template, binaries, &public).await;
        let roots: Vec<&str> = [woo.ca_pem(), shopify.ca_pem()].into_iter().flatten().collect();
        let stand_in = format!("{}={}", shopify.domain(), shopify.address());
        for function in ["oauth", "api-stores", "lane"] {
            stack.tell(function, &[("STAND_INS", &stand_in), ("EXTRA_CA", &roots.join("\n"))]).await;
        }
        let api = stack.resource("Api").await;
        front.leads_to(format!("{}/_aws/execute-api/{api}/$default", endpoint.trim_end_matches('/')));
        let made = stack.invoke("keys", &json!({"name": "first"})).await;
        let key = made["key"].as_str().expect("a key").to_owned();
        Self {
            stack,
            queues: Queues::new(endpoint),
            hub: Hub::new(front.port, key),
            woo,
            shopify,
            _folder: folder,
        }
    }

    /// The page, the health, the API with and without its key, and an address that is none.
    pub async fn doors(&self) {
        let health = self.hub.browse("/health", None).await;
        assert_eq!((health.status, health.text.as_str()), (200, "ok"));
        assert!(self.hub.browse("/", None).await.text.contains("<form"), "the page asks for the key");
        let page = self.hub.browse("/", Some(&format!("storeloom_key={}", self.hub.key))).await;
        assert_eq!(page.status, 200);
        assert_eq!(self.hub.stores().await.len(), 0);
        assert_eq!(self.hub.ask("GET", "/v1/stock", None).await["items"], json!([]));
        let nobody = self.hub.with_key("slk_nobody");
        for path in ["/v1/stores", "/v1/stock", "/v1/exceptions"] {
            assert_eq!(nobody.try_ask("GET", path, None).await.0, 401, "{path}");
        }
        assert_eq!(self.hub.try_ask("GET", "/v2/stores", None).await.0, 404);
    }

    async fn authorize(&self, platform: &str, address: &str) -> String {
        let asked = json!({"platform": platform, "address": address});
        let answer = self.hub.ask("POST", "/v1/stores/authorize", Some(asked)).await;
        answer["url"].as_str().expect("an address").to_owned()
    }

    /// Waits until the store of a platform has joined, and begins to write.
    async fn begin(&self, platform: &str) -> String {
        let store = until("the store has joined", PATIENCE, || async {
            let stores = self.hub.stores().await;
            let view = stores.into_iter().find(|view| view["store"]["platform"] == platform)?;
            (view["store"]["phase"] != "joining").then(|| view["store"]["id"].as_str().unwrap().to_owned())
        })
        .await;
        self.hub.ask("POST", &format!("/v1/stores/{store}/start"), None).await;
        store
    }

    /// The owner of the WooCommerce shop agrees in a browser; the shop sends its keys by itself.
    pub async fn join_woocommerce(&self) {
        let page = self.authorize("woocommerce", self.woo.url()).await;
        let back = self.woo.approve(&page).await.unwrap();
        assert!(back.contains("success=1"), "{back}");
        self.begin("woocommerce").await;
    }

    /// The hub is told of its app; the owner of the Shopify shop agrees in a browser.
    pub async fn join_shopify(&self) {
        let app = self.shopify.app();
        let keys = json!({"keys": {"client_id": app.client_id, "client_secret": app.client_secret}});
        self.hub.ask("PUT", "/v1/apps/shopify", Some(keys)).await;
        let page = self.authorize("shopify", self.shopify.domain()).await;
        let sent = self.hub.browse(&page, None).await;
        let asks = sent.location.unwrap_or_else(|| panic!("{}: {}", sent.status, sent.text));
        let back = self.shopify.approve(&asks).await.unwrap();
        let landed = self.hub.browse(&back, sent.cookie.as_deref()).await;
        assert_eq!(landed.status, 303, "{}", landed.text);
        self.begin("shopify").await;
    }

    fn show(&self, sku: &str) -> (i64, i64) {
        let woo = self.woo.window().stock_of(sku)[0].quantity.unwrap();
        (woo, self.shopify.window().stock_of(sku)[0].quantity.unwrap())
    }

    async fn both_show(&self, sku: &str, units: i64) {
        until(&format!("both shops show {units} of {sku}"), PATIENCE, || async {
            (self.show(sku) == (units, units)).then_some(())
        })
        .await;
    }

    fn buy_in_woocommerce(&self, sku: &str, units: i64) {
        let id = self.woo.window().stock_of(sku)[0].id;
        self.woo.buy(&woocommerce::Basket::of(id, units)).unwrap();
    }

    /// A sale in one shop is written to the other.
    pub async fn sell_in_woocommerce(&self) {
        let signed = || self.woo.window().deliveries().len();
        until("the shop has its webhooks", PATIENCE, || async {
            (!self.woo.window().webhooks().is_empty()).then_some(())
        })
        .await;
        let before = signed();
        self.buy_in_woocommerce("A", 3);
        self.both_show("A", 17).await;
        assert!(signed() > before, "the sale was heard from a webhook");
    }

    /// And the other way.
    pub async fn sell_in_shopify(&self) {
        let id = self.shopify.window().stock_of("A")[0].id;
        self.shopify.buy(&shopify::Basket::of(id, 2)).unwrap();
        self.both_show("A", 15).await;
        assert!(!self.shopify.window().deliveries().is_empty(), "the sale was heard from a webhook");
    }

    /// A sale whose webhook comes through the platform's event bus and no other way.
    pub async fn sell_through_the_bus(&self) {
        let drop = shopify::DeliveryFaults { drop_rate: 1.0, ..shopify::DeliveryFaults::default() };
        self.shopify.faults().deliveries(drop);
        let id = self.shopify.window().stock_of("B")[0].id;
        let order = self.shopify.buy(&shopify::Basket::of(id, 1)).unwrap();
        let topic = "orders/create";
        let before = self.booked_in_shopify(topic).await;
        let envelope = json!({
            "version": "0",
            "id": "bus-1",
            "detail-type": "shopifyWebhook",
            "source": "aws.partner/shopify.com/1/storeloom",
            "detail": {
                "metadata": {
                    "X-Shopify-Topic": topic,
                    "X-Shopify-Shop-Domain": self.shopify.domain(),
                    "X-Shopify-Webhook-Id": "bus-1",
                    "X-Shopify-Event-Id": "bus-1",
                },
                "payload": {
                    "id": order.id,
                    "admin_graphql_api_id": format!("gid://shopify/Order/{}", order.id),
                    "updated_at": "2026-11-20T10:00:01Z",
                },
            },
        });
        self.stack.invoke("events-shopify", &envelope).await;
        self.both_show("B", 2).await;
        until("the event of the bus is booked", PATIENCE, || async {
            (self.booked_in_shopify(topic).await > before).then_some(())
        })
        .await;
        self.shopify.faults().deliveries(shopify::DeliveryFaults::default());
    }

    /// How many events of a topic the Shopify store has had that were booked.
    async fn booked_in_shopify(&self, topic: &str) -> usize {
        let stores = self.hub.stores().await;
        let view = stores.iter().find(|view| view["store"]["platform"] == "shopify").unwrap();
        let events = format!("/v1/stores/{}/events", view["store"]["id"].as_str().unwrap());
        let all = self.hub.ask("GET", &events, None).await["items"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|event| event["topic"] == topic && event["state"] == "booked").count()
    }

    async fn deliver(&self, secret: &str, topic: &str, body: &str) -> u16 {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let request = crate::front::client()
            .post(format!("{}/webhooks/shopify", self.hub.url))
            .header("content-type", "application/json")
            .header("x-shopify-topic", topic)
            .header("x-shopify-shop-domain", self.shopify.domain())
            .header("x-shopify-hmac-sha256", STANDARD.encode(mac.finalize().into_bytes()))
            .header("x-shopify-webhook-id", format!("hand-{}", body.len()))
            .header("x-shopify-event-id", format!("hand-{}", body.len()))
            .header("x-shopify-api-version", "2026-10")
            .body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    }

    /// Signed with another secret.
    pub async fn forged(&self) {
        let body = json!({"id": 1, "admin_graphql_api_id": "gid://shopify/Order/1"}).to_string();
        assert_eq!(self.deliver("another secret", "orders/create", &body).await, 401);
    }

    async fn exceptions(&self) -> Vec<Value> {
        self.hub.ask("GET", "/v1/exceptions", None).await["items"].as_array().cloned().unwrap_or_default()
    }

    /// A message with the right signature that nobody can read: it is put aside with an exception, and the next sale
    /// of the same store is worked on at once.
    pub async fn poisoned(&self) {
        let secret = self.shopify.app().client_secret;
        assert_eq!(self.deliver(&secret, "orders/create", "{\"id\": \"this is no order\"").await, 200);
        until("the message is parked", PATIENCE, || async {
            let all = self.exceptions().await;
            all.iter().any(|one| one["kind"] == "parked-event").then_some(())
        })
        .await;
        let id = self.shopify.window().stock_of("C")[0].id;
        self.shopify.buy(&shopify::Basket::of(id, 4)).unwrap();
        self.both_show("C", 36).await;
        let all = self.exceptions().await;
        let parked = all.iter().find(|one| one["kind"] == "parked-event").expect("it is still there");
        let settle = format!("/v1/exceptions/{}/resolve", parked["id"].as_str().unwrap());
        self.hub.ask("POST", &settle, Some(json!({}))).await;
    }

    /// While ingest cannot reach its table, a tick fails until it lies with the dead; redriven, it reads the shop.
    pub async fn dead_and_back(&self) {
        let (inbox, dead) = (self.stack.resource("Inbox").await, self.stack.resource("InboxDead").await);
        let visibility = self.queues.attribute(&inbox, QueueAttributeName::VisibilityTimeout).await;
        let wiring = storeloom::wiring::Wiring::built_in().expect("the template can be read");
        let meant = wiring.queue(&wiring.inbox).expect("the inbox stands in it").visibility.as_secs();
        assert_eq!(visibility, meant.to_string(), "the template's");
        let policy = self.queues.attribute(&inbox, QueueAttributeName::RedrivePolicy).await;
        let mut quick: Value = serde_json::from_str(&policy).unwrap();
        quick["maxReceiveCount"] = 2.into();
        // Two receives a second apart instead of many that lie minutes apart.
        self.queues.set(&inbox, QueueAttributeName::VisibilityTimeout, "1").await;
        self.queues.set(&inbox, QueueAttributeName::RedrivePolicy, &quick.to_string()).await;
        let table = self.stack.told("ingest", "TABLE").await;
        self.stack.tell("ingest", &[("TABLE", "not-there")]).await;
        let stores = self.hub.stores().await;
        let woo = stores.iter().find(|view| view["store"]["platform"] == "woocommerce").unwrap();
        let (org, store) = (&woo["store"]["org"], &woo["store"]["id"]);
        let tick =
            json!({"v": "1", "kind": "tick", "org": org, "store": store, "stream": "orders"}).to_string();
        self.queues.send(&inbox, "dead#tick", "dead-and-back", &tick).await;
        until("the message lies with the dead", PATIENCE, || async {
            (self.queues.depth(&dead).await > 0).then_some(())
        })
        .await;
        self.stack.tell("ingest", &[("TABLE", &table)]).await;
        self.queues.set(&inbox, QueueAttributeName::RedrivePolicy, &policy).await;
        self.queues.set(&inbox, QueueAttributeName::VisibilityTimeout, "30").await;
        let before = self.woo.window().requests().len();
        self.queues.redrive(&dead, &inbox).await;
        until("the redriven tick was worked on", PATIENCE, || async {
            let read = self.woo.window().requests().len() > before;
            (read && self.queues.depth(&dead).await == 0 && self.queues.depth(&inbox).await == 0)
                .then_some(())
        })
        .await;
        self.queues.set(&inbox, QueueAttributeName::VisibilityTimeout, &visibility).await;
    }

    /// The shop sends nothing any more: the schedule of its orders, every minute, finds the sale.
    pub async fn unheard_sale(&self) {
        let drop = woocommerce::DeliveryFaults { drop_rate: 1.0, ..woocommerce::DeliveryFaults::default() };
        self.woo.faults().deliveries(drop);
        self.buy_in_woocommerce("A", 5);
        self.both_show("A", 10).await;
    }
}
