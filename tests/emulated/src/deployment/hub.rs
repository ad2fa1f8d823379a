//! The deployed hub as a merchant sees it: through its API, with its key.

use std::future::Future;
use std::time::{Duration, Instant};

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::Value;

use crate::front::client;

/// The deployed hub.
pub struct Hub {
    /// Where it is, over http.
    pub url: String,
    /// The first API key.
    pub key: String,
    http: reqwest::Client,
}

/// A page that a browser was shown.
pub struct Shown {
    pub status: u16,
    pub location: Option<String>,
    pub cookie: Option<String>,
    pub text: String,
}

/// Waits until `ready` answers with something, for at most so many seconds.
pub async fn until<T, F, R>(what: &str, seconds: u64, mut ready: F) -> T
where
    F: FnMut() -> R,
    R: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(found) = ready().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(seconds), "waited {seconds} s in vain until {what}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

impl Hub {
    /// The hub at a port of this machine.
    pub fn new(port: u16, key: String) -> Self {
        Self { url: format!("http://127.0.0.1:{port}"), key, http: client() }
    }

    /// The same hub with another key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { url: self.url.clone(), key: key.to_owned(), http: client() }
    }

    /// Asks the API.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.try_ask(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status}: {answer}");
        answer
    }

    /// Asks the API, whatever it says.
    pub async fn try_ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.url));
        request = request.header("authorization", format!("Bearer {}", self.key));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// What the hub shows a browser that was sent to one of its pages.
    pub async fn browse(&self, page: &str, cookie: Option<&str>) -> Shown {
        let path = page.split_once("://").map_or(page, |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]);
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let answer = request.send().await.unwrap();
        let header = |name| Some(answer.headers().get(name)?.to_str().unwrap().to_owned());
        let location = header(LOCATION);
        let cookie = header(SET_COOKIE).map(|set| set.split(';').next().unwrap().to_owned());
        Shown { status: answer.status().as_u16(), location, cookie, text: answer.text().await.unwrap() }
    }

    /// The stores as the API shows them.
    pub async fn stores(&self) -> Vec<Value> {
        self.ask("GET", "/v1/stores", None).await["items"].as_array().cloned().unwrap_or_default()
    }
}
