//! A plain client of the shop's front door.

use serde_json::Value;
use simulators::woocommerce::Shop;

/// Calls `wc/v3` of one shop with its key pair.
pub struct Client {
    pub http: reqwest::Client,
    pub url: String,
    pub key: String,
    pub secret: String,
}

impl Client {
    pub fn new(shop: &Shop) -> Self {
        let mut http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        if let Some(ca) = shop.ca_pem() {
            http = http.tls_certs_merge([reqwest::Certificate::from_pem(ca.as_bytes()).unwrap()]);
        }
        Self {
            http: http.build().unwrap(),
            url: shop.url().to_owned(),
            key: shop.keys().consumer_key.clone(),
            secret: shop.keys().consumer_secret.clone(),
        }
    }

    pub async fn send(
        &self,
        method: &str,
        route: &str,
        body: Option<Value>,
    ) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/wp-json/wc/v3/{route}", self.url);
        let mut request =
            self.http.request(method.parse().unwrap(), url).basic_auth(&self.key, Some(&self.secret));
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        request.send().await
    }

    pub async fn call(&self, method: &str, route: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.send(method, route, body).await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    pub async fn get(&self, route: &str) -> Value {
        self.call("GET", route, None).await.1
    }
}
