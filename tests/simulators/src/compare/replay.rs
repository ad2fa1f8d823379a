//! Recorded requests translated to a simulated shop: addresses, keys and ids.

use super::Failure;
use super::ears::{Heard, listen};
use super::sign::resign;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use simulators::woocommerce::{Catalogue, Config, Fault, Generated, Rule, Shop};
use std::collections::HashMap;

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// The shops, a listener for deliveries, and the ids learned so far.
pub struct Replay {
    secure: Shop,
    plain: Shop,
    client: reqwest::Client,
    ids: HashMap<u64, u64>,
    variable_sku: String,
    heard: Heard,
    listener: String,
}

impl Replay {
    pub async fn start() -> Result<Self, Failure> {
        let config = Config {
            https: true,
            lab: true,
            tax_percent: Decimal::from(20),
            catalogue: Catalogue::Generated(Generated {
                count: 320,
                shared: 320,
                shared_prefix: "RIG".into(),
                first_id: Some(700),
                customers: 60,
                orders: 60,
                ..Generated::default()
            }),
            ..Config::default()
        };
        let plain = Shop::start(Config { https: false, seed: 2, ..config.clone() }).await?;
        let secure = Shop::start(config).await?;
        let ca = reqwest::Certificate::from_pem(secure.ca_pem().unwrap_or_default().as_bytes())?;
        let client = reqwest::Client::builder()
            .tls_certs_merge([ca])
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let stock = secure.window().stock();
        let simple: Vec<u64> = stock.iter().filter(|row| row.kind == "simple").map(|row| row.id).collect();
        let parent = stock.iter().find(|row| row.kind == "variable").ok_or("no variable product")?;
        let child = stock.iter().find(|row| row.parent_id == parent.id).ok_or("no variation")?;
        let mut ids: HashMap<u64, u64> = (10..15).zip(simple).collect();
        ids.insert(310, parent.id);
        ids.insert(311, child.id);
        ids.insert(52, 5);
        let (heard, listener) = listen().await?;
        let variable_sku = parent.sku.clone();
        Ok(Self { secure, plain, client, ids, variable_sku, heard, listener })
    }

    /// Sends a recorded request and learns the ids of what it made.
    pub async fn request(
        &mut self,
        name: &str,
        request: &Value,
        response: &Value,
    ) -> Result<Answer, Failure> {
        self.prepare(name).await?;
        let url = request["url"].as_str().unwrap_or_default();
        let over_http = url.starts_with("http://");
        let shop = if over_http { &self.plain } else { &self.secure };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let path = self.translate_path(path);
        let keys = match name {
            name if name.contains("write-key") => shop.make_key("write"),
            _ => shop.keys().clone(),
        };
        let target = match path.contains("oauth_consumer_key") {
            true => resign(shop.url(), &path, &keys, name),
            false => format!("{}/{path}", shop.url()),
        };
        let target = target.replace("consumer_key=ck_14", &format!("consumer_key={}&x=", keys.consumer_key));
        let method: reqwest::Method = request["method"].as_str().unwrap_or("GET").parse()?;
        if name.contains("replayed-nonce") {
            self.client.get(&target).send().await?;
        }
        let mut sending = self.client.request(method, &target);
        for (header, value) in request["headers"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            let value = match (header.as_str(), name) {
                ("Authorization", "036-auth-bad-key") => basic("ck_unknown", &keys.consumer_secret),
                ("Authorization", "037-auth-bad-secret") => basic(&keys.consumer_key, "cs_wrong"),
                ("Authorization", _) if value.starts_with("Basic") => {
                    basic(&keys.consumer_key, &keys.consumer_secret)
                }
                _ => value.to_owned(),
            };
            sending = sending.header(header, value);
        }
        if let Some(body) = request["body"].as_str() {
            let mut body: Value = serde_json::from_str(body)?;
            self.translate_body(&mut body);
            sending = sending.body(body.to_string());
        }
        let answer = read(sending.send().await?).await?;
        let recorded = response["body_text"].as_str().unwrap_or_default();
        if let (Ok(theirs), Ok(ours)) = (serde_json::from_str(recorded), serde_json::from_str(&answer.body)) {
            self.learn(&theirs, &ours);
        }
        Ok(answer)
    }

    /// What happened between two recordings.
    async fn prepare(&self, name: &str) -> Result<(), Failure> {
        let number: u32 = name.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let order = self.ids.get(&652).copied().unwrap_or(0);
        let product = self.ids.get(&651).copied().unwrap_or(0);
        let faults = self.secure.faults();
        let once = |fault: Fault| faults.add(Rule::from(fault).times(1));
        match number {
            79 => {
                for topic in [
                    "order.updated",
                    "order.deleted",
                    "order.restored",
                    "product.created",
                    "product.updated",
                    "product.deleted",
                    "customer.created",
                    "customer.updated",
                ] {
                    self.webhook(topic).await?;
                }
            }
            83 => drop(self.secure.admin().set_order_status(order, "processing")),
            115 => drop(self.secure.admin().delete_product(product)),
            123 => drop(self.secure.admin().set_webhook_status(11, "disabled")),
            139 => once(Fault::Maintenance),
            140 | 141 => once(Fault::DatabaseDown),
            143 => once(Fault::PhpFatal),
            144 => once(Fault::NoticeBeforeJson),
            _ => {}
        }
        if number == 123 {
            for _ in 0..3 {
                self.webhook("product.updated").await?;
            }
            self.secure.admin().set_webhook_status(11, "disabled");
        }
        Ok(())
    }

    async fn webhook(&self, topic: &str) -> Result<(), Failure> {
        let body = json!({"name": topic, "topic": topic, "delivery_url": self.listener, "secret": "s"});
        self.post("webhooks", &body).await
    }

    async fn post(&self, route: &str, body: &Value) -> Result<(), Failure> {
        let keys = self.secure.keys();
        let url = format!("{}/wp-json/wc/v3/{route}", self.secure.url());
        let answer = self
            .client
            .post(url)
            .header("Authorization", basic(&keys.consumer_key, &keys.consumer_secret))
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .send()
            .await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// Causes the delivery a recording shows and waits for it.
    pub async fn delivery(
        &mut self,
        name: &str,
    ) -> Result<Option<(String, HashMap<String, String>)>, Failure> {
        let topic = name.split("delivery-").nth(1).unwrap_or_default();
        let variation = self.ids.get(&311).copied().unwrap_or(0);
        self.secure.drain().await;
        if topic != "order.updated" {
            self.heard.lock().unwrap().clear();
        }
        match topic {
            "ping" => self.webhook("order.created").await?,
            "order.created" => {
                let line = json!([{"product_id": self.ids[&650], "quantity": 2}]);
                self.post("orders", &json!({"line_items": line})).await?;
            }
            "product.deleted" => {
                let id = self.secure.admin().add_product(&simulators::woocommerce::Item::new("GONE-1", 3));
                self.secure.admin().trash_product(id);
            }
            "product.updated-variation" => drop(self.secure.admin().set_stock(variation, 19)),
            "product.created" => {
                self.post("products", &json!({"name": "New one", "sku": "CAP-N", "regular_price": "3"}))
                    .await?;
            }
            _ => {}
        }
        self.secure.drain().await;
        let wanted = topic.split('-').next().unwrap_or_default();
        let heard = self.heard.lock().unwrap();
        let found = heard.iter().find(|(headers, _)| match wanted {
            "ping" => !headers.contains_key("x-wc-webhook-topic"),
            topic => headers.get("x-wc-webhook-topic").is_some_and(|own| own == topic),
        });
        Ok(found.map(|(headers, body)| (body.clone(), headers.clone())))
    }

    /// The pages of `wc-auth`: refusals, the way to the login, and an approval.
    pub async fn consent(&mut self, recorded: &Value) -> Result<Vec<String>, Failure> {
        let mut out = Vec::new();
        for step in recorded["steps"].as_array().into_iter().flatten().take(4) {
            let url = step["request"]["url"].as_str().unwrap_or_default();
            let path = url.splitn(4, '/').nth(3).unwrap_or_default();
            let ours = read(self.client.get(format!("{}/{path}", self.secure.url())).send().await?).await?;
            let note = step["note"].as_str().unwrap_or_default();
            if step["response"]["status"].as_u64() != Some(u64::from(ours.status)) {
                out.push(format!("{note}: status {}", ours.status));
            }
            let said = |html: &str| {
                html.split("wp-die-message\">")
                    .nth(1)
                    .and_then(|rest| rest.split("</div>").next())
                    .map(str::to_owned)
            };
            let theirs = said(step["response"]["body_text"].as_str().unwrap_or_default());
            if theirs.is_some() && theirs != said(&ours.body) {
                out.push(format!("{note}: recorded {theirs:?}, ours {:?}", said(&ours.body)));
            }
            let there = header(&step["response"], "location")
                .and_then(|to| to.splitn(4, '/').nth(3).map(str::to_owned));
            let here =
                ours.headers.get("location").and_then(|to| to.splitn(4, '/').nth(3)).map(str::to_owned);
            if there != here {
                out.push(format!("{note}: location recorded {there:?}, ours {here:?}"));
            }
        }
        let callback = format!("{}/", self.secure.url()).replace(':', "%3A").replace('/', "%2F");
        let authorize = format!(
            "{}/wc-auth/v1/authorize?app_name=Hub&scope=read_write&user_id=t-42&return_url=https%3A%2F%2Fhub.test%2Freturn&callback_url={callback}",
            self.secure.url()
        );
        let back = self.secure.approve(&authorize).await?;
        if back != "https://hub.test/return?success=1&user_id=t-42" {
            out.push(format!("approved, but sent to {back}"));
        }
        Ok(out)
    }

    fn translate_path(&self, path: &str) -> String {
        let mut out = path.replace("VAR-01", &self.variable_sku);
        let (route, query) = path.split_once('?').unwrap_or((path, ""));
        let own = !route.contains("/webhooks");
        let word = |part: &str| if own { self.translate_word(part) } else { part.to_owned() };
        let route: Vec<String> = route.split('/').map(word).collect();
        if !query.is_empty() {
            let query: Vec<String> = query
                .replace("VAR-01", &self.variable_sku)
                .split('&')
                .map(|pair| match pair.strip_prefix("include=") {
                    Some(ids) => format!(
                        "include={}",
                        ids.split(',').map(|id| self.translate_word(id)).collect::<Vec<_>>().join(",")
                    ),
                    None => pair.to_owned(),
                })
                .collect();
            out = format!("{}?{}", route.join("/"), query.join("&"));
        } else {
            out.clear();
            out.push_str(&route.join("/"));
        }
        out
    }

    fn translate_word(&self, word: &str) -> String {
        let known = word.parse::<u64>().ok().and_then(|id| self.ids.get(&id));
        known.map_or_else(|| word.to_owned(), u64::to_string)
    }

    fn translate_body(&self, value: &mut Value) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object.iter_mut() {
                    match (key.as_str(), inner.as_u64().and_then(|id| self.ids.get(&id))) {
                        ("id" | "product_id" | "variation_id", Some(ours)) => *inner = (*ours).into(),
                        _ => self.translate_body(inner),
                    }
                }
            }
            Value::Array(rows) => rows.iter_mut().for_each(|row| self.translate_body(row)),
            _ => {}
        }
    }

    fn learn(&mut self, theirs: &Value, ours: &Value) {
        match (theirs, ours) {
            (Value::Object(theirs), Value::Object(ours)) => {
                let id = |object: &Map<String, Value>| object.get("id").and_then(Value::as_u64);
                // Posts made after the recorded catalogue, and order lines.
                let made = id(theirs).is_some_and(|id| id > 320) && theirs.contains_key("date_created");
                if let (Some(recorded), Some(here), true) =
                    (id(theirs), id(ours), made || theirs.contains_key("product_id"))
                {
                    self.ids.entry(recorded).or_insert(here);
                }
                for key in ["create", "line_items"] {
                    if let (Some(theirs), Some(ours)) = (theirs.get(key), ours.get(key)) {
                        self.learn(theirs, ours);
                    }
                }
            }
            (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
                for (theirs, ours) in theirs.iter().zip(ours) {
                    self.learn(theirs, ours);
                }
            }
            _ => {}
        }
    }
}

/// A recorded header by its lower-case name.
pub fn header(recorded: &Value, name: &str) -> Option<String> {
    let rows = recorded["headers"].as_array()?;
    let row = rows.iter().find(|row| row[0].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
    Some(row[1].as_str()?.to_owned())
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

async fn read(answer: reqwest::Response) -> Result<Answer, Failure> {
    let status = answer.status().as_u16();
    let mut headers = HashMap::new();
    for (name, value) in answer.headers() {
        headers.insert(name.to_string(), value.to_str()?.to_owned());
    }
    Ok(Answer { status, headers, body: answer.text().await? })
}
