//! A plain client of the shop's front door, and a plain receiver of webhooks.
#![expect(dead_code, reason = "each test file uses its own part")]

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use simulators::shopify::{Catalogue, Config, Item, Shop};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Calls the Admin API of one shop with a token.
pub struct Client {
    pub http: reqwest::Client,
    pub url: String,
    pub token: String,
}

impl Client {
    pub fn new(shop: &Shop) -> Self {
        let mut http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        http = http.resolve(shop.domain(), shop.address());
        if let Some(ca) = shop.ca_pem() {
            http = http.tls_certs_merge([reqwest::Certificate::from_pem(ca.as_bytes()).unwrap()]);
        }
        let scheme = if shop.ca_pem().is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}:{}", shop.domain(), shop.address().port());
        Self { http: http.build().unwrap(), url, token: shop.token().to_owned() }
    }

    pub async fn post(&self, path: &str, body: Value) -> reqwest::Result<(u16, Value)> {
        let request = self.http.post(format!("{}{path}", self.url));
        let request =
            request.header("X-Shopify-Access-Token", &self.token).header("Content-Type", "application/json");
        let answer = request.body(body.to_string()).send().await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_str(&answer.text().await?).unwrap_or(Value::Null)))
    }

    /// The whole answer to a document.
    pub async fn raw(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        self.post("/admin/api/2026-10/graphql.json", body).await.unwrap().1
    }

    /// The data of an answer without errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.raw(query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }
}

/// Three listed items: A 5, B 2, C 100.
pub fn listed() -> Config {
    let items = vec![Item::new("A", 5), Item::new("B", 2), Item::new("C", 100)];
    Config { lab: true, catalogue: Catalogue::Listed(items), ..Config::default() }
}

pub async fn start(config: Config) -> (Shop, Client) {
    let shop = Shop::start(config).await.unwrap();
    let client = Client::new(&shop);
    (shop, client)
}

/// Id of the variant with a SKU.
pub fn id_of(shop: &Shop, sku: &str) -> u64 {
    shop.window().stock_of(sku)[0].id
}

/// Global ids of item and first location of a variant with a SKU.
pub fn place_of(shop: &Shop, sku: &str) -> (String, String) {
    let row = &shop.window().stock_of(sku)[0];
    let location = shop.window().locations()[0].0;
    (format!("gid://shopify/InventoryItem/{}", row.item_id), format!("gid://shopify/Location/{location}"))
}

/// A delivery as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HashMap<String, String>,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn topic(&self) -> &str {
        &self.headers["x-shopify-topic"]
    }
}

/// Listens for webhooks; what it answers can be changed.
pub struct Ears {
    pub url: String,
    pub heard: Arc<Mutex<Vec<Received>>>,
    pub status: Arc<Mutex<u16>>,
}

impl Ears {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let (heard, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(200)));
        let ears = Self { url, heard: Arc::clone(&heard), status: Arc::clone(&status) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (heard, status) = (Arc::clone(&heard), Arc::clone(&status));
                tokio::spawn(async move {
                    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                        let (heard, status) = (Arc::clone(&heard), Arc::clone(&status));
                        async move {
                            let (parts, body) = request.into_parts();
                            let body = body.collect().await.unwrap().to_bytes();
                            let headers = parts.headers.iter();
                            let headers = headers
                                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
                            heard.lock().unwrap().push(Received { headers: headers.collect(), body });
                            let mut answer = Response::new(Full::new(Bytes::new()));
                            *answer.status_mut() =
                                hyper::StatusCode::from_u16(*status.lock().unwrap()).unwrap();
                            Ok::<_, std::convert::Infallible>(answer)
                        }
                    });
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        ears
    }

    pub fn heard(&self) -> Vec<Received> {
        self.heard.lock().unwrap().clone()
    }

    pub fn about(&self, topic: &str) -> Vec<Received> {
        self.heard().into_iter().filter(|one| one.topic() == topic).collect()
    }

    pub fn answer(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }
}

/// Subscribes to a topic.
pub async fn subscribe(client: &Client, topic: &str, uri: &str) -> Value {
    let query = "mutation($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) {
            webhookSubscription { id topic uri } userErrors { field message }
        }
    }";
    let made = client.data(query, json!({"topic": topic, "hook": {"uri": uri, "format": "JSON"}})).await;
    made["webhookSubscriptionCreate"].clone()
}
