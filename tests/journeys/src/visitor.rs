//! Somebody who asks the hub over its doors: the API with a key, the pages with a cookie.

use serde_json::Value;

use crate::World;

/// Somebody with the merchant's key.
pub struct Visitor {
    client: reqwest::Client,
    key: String,
}

impl Visitor {
    /// Somebody with the world's key.
    pub fn of(world: &World) -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().unwrap(), key: world.key.clone() }
    }

    /// Reads an address of the API; the status and the answer.
    pub async fn get(&self, world: &World, path: &str) -> (u16, Value) {
        let answer = self.client.get(world.url(path)).bearer_auth(&self.key).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Sends something to an address of the API; the status and the answer.
    pub async fn post(&self, world: &World, path: &str, body: &Value) -> (u16, Value) {
        let answer =
            self.client.post(world.url(path)).bearer_auth(&self.key).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The same under a name: sent again under the same one, it is done once.
    pub async fn post_once(&self, world: &World, path: &str, body: &Value, name: &str) -> (u16, Value) {
        let call = self.client.post(world.url(path)).bearer_auth(&self.key).header("idempotency-key", name);
        let answer = call.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Puts something at an address of the API; the status and the answer.
    pub async fn put(&self, world: &World, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.client.put(world.url(path)).bearer_auth(&self.key).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Changes what is at an address of the API; the status and the answer.
    pub async fn patch(&self, world: &World, path: &str, body: &Value) -> (u16, Value) {
        let answer =
            self.client.patch(world.url(path)).bearer_auth(&self.key).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Reads a page as the browser gets it.
    pub async fn page(&self, world: &World, path: &str) -> String {
        let (status, page) = self.seen(world, path).await;
        assert_eq!(status, 200, "{path}");
        page
    }

    /// Reads a page that may be one of a refusal; the status and the page.
    pub async fn seen(&self, world: &World, path: &str) -> (u16, String) {
        let cookie = format!("storeloom_key={}", self.key);
        let answer = self.client.get(world.url(path)).header("cookie", cookie).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Sends a form of a page; the status and where the browser is led.
    pub async fn form(&self, world: &World, path: &str, body: &str) -> (u16, String) {
        let answer = self.sent(world, path, body, "same-origin").await;
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    }

    /// Sends a form as a browser does from a page of some site; the status and the page that is answered.
    pub async fn form_of(&self, world: &World, path: &str, body: &str, site: &str) -> (u16, String) {
        let answer = self.sent(world, path, body, site).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn sent(&self, world: &World, path: &str, body: &str, site: &str) -> reqwest::Response {
        let form = self.client.post(world.url(path)).header("cookie", format!("storeloom_key={}", self.key));
        let form = form.header("sec-fetch-site", site);
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        form.body(body.to_owned()).send().await.unwrap()
    }
}
