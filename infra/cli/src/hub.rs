//! Calls to the hub: JSON in, JSON out, and every failure with what to do next.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use platform::{Http, HttpError, HttpErrorKind, Request, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::connection::{Connection, KEY};
use crate::trouble::{Result, Trouble};

/// The longest wait for an answer; connecting and examining call the shop several times meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);
/// The largest answer that is read.
const LARGEST: usize = 64 * 1024 * 1024;
/// Records that are asked for at a time.
const PAGE: usize = 200;
/// How often a question is repeated that came too soon after the others.
const TRIES: u32 = 5;

/// The hub, with the key that opens it.
pub(crate) struct Hub<'a> {
    http: &'a dyn Http,
    base: Url,
    key: SecretString,
    key_source: String,
}

/// Records of a list, as far as they were asked for.
pub(crate) struct Listed {
    pub(crate) items: Vec<Value>,
    /// Whether there are more than were asked for.
    pub(crate) more: bool,
}

/// What a list is asked: a filter, and how many records at most.
pub(crate) struct Ask<'q> {
    pub(crate) filter: Option<(&'q str, &'q str)>,
    pub(crate) limit: Option<usize>,
}

impl<'a> Hub<'a> {
    pub(crate) fn new(http: &'a dyn Http, connection: &Connection) -> Result<Self> {
        let key = connection.key()?;
        Ok(Self { http, base: connection.hub.clone(), key, key_source: connection.key_source() })
    }

    /// The hub's address, to show.
    pub(crate) fn address(&self) -> String {
        let mut shown = self.base.clone();
        let _ = shown.set_password(None);
        let _ = shown.set_username("");
        shown.set_query(None);
        shown.as_str().trim_end_matches('/').to_owned()
    }

    pub(crate) async fn get(&self, path: &[&str]) -> Result<Value> {
        self.ask(Method::GET, self.at(path)?, None).await
    }

    /// The same with a query.
    pub(crate) async fn get_with(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value> {
        let mut url = self.at(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.ask(Method::GET, url, None).await
    }

    pub(crate) async fn post(&self, path: &[&str], body: &Value) -> Result<Value> {
        self.ask(Method::POST, self.at(path)?, Some(body)).await
    }

    /// Sends something under a name: sent again under the same one, it is done once.
    pub(crate) async fn post_once(&self, path: &[&str], body: &Value, name: &str) -> Result<Value> {
        self.ask_as(Method::POST, self.at(path)?, Some(body), Some(name)).await
    }

    pub(crate) async fn put(&self, path: &[&str], body: &Value) -> Result<Value> {
        self.ask(Method::PUT, self.at(path)?, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &[&str]) -> Result<Value> {
        self.ask(Method::DELETE, self.at(path)?, None).await
    }

    pub(crate) async fn patch(&self, path: &[&str], body: &Value) -> Result<Value> {
        self.ask(Method::PATCH, self.at(path)?, Some(body)).await
    }

    /// Whether the hub says that it is well; with what is wrong if not.
    pub(crate) async fn health(&self) -> Result<()> {
        let response = self.send(Method::GET, self.under(&["health"])?, None, None).await?;
        if response.status.is_success() { Ok(()) } else { Err(self.refusal(&response)) }
    }

    /// Records of a list, page after page, until there are no more or enough.
    pub(crate) async fn list(&self, path: &[&str], ask: &Ask<'_>) -> Result<Listed> {
        let enough = ask.limit.unwrap_or(usize::MAX);
        let mut items: Vec<Value> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let mut url = self.at(path)?;
            let page = enough.saturating_sub(items.len()).clamp(1, PAGE);
            url.query_pairs_mut().append_pair("limit", &page.to_string());
            for (name, value) in ask.filter.into_iter().chain(after.as_deref().map(|after| ("after", after)))
            {
                url.query_pairs_mut().append_pair(name, value);
            }
            let mut answer = self.ask(Method::GET, url, None).await?;
            let Some(Value::Array(page)) = answer.get_mut("items").map(Value::take) else {
                return Err(strange("a list without `items`"));
            };
            items.extend(page);
            let next = answer.get("next").and_then(Value::as_str).map(str::to_owned);
            let surplus = items.len() > enough;
            items.truncate(enough);
            match next {
                None => return Ok(Listed { items, more: surplus }),
                Some(_) if items.len() >= enough => return Ok(Listed { items, more: true }),
                Some(next) if after.as_deref() == Some(&next) => {
                    return Err(strange("a list that does not go on"));
                }
                Some(next) => after = Some(next),
            }
        }
    }

    fn at(&self, path: &[&str]) -> Result<Url> {
        self.under(&[&["v1"], path].concat())
    }

    fn under(&self, path: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.set_query(None);
        url.path_segments_mut()
            .map_err(|()| Trouble::usage("the hub's address is not one that can be called").next(ADDRESS))?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    /// Asks, and asks again after a second where the hub says that the questions come too fast.
    async fn ask(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Value> {
        self.ask_as(method, url, body, None).await
    }

    async fn ask_as(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        name: Option<&str>,
    ) -> Result<Value> {
        let mut tries = TRIES;
        loop {
            let response = self.send(method.clone(), url.clone(), body, name).await?;
            if response.status == StatusCode::TOO_MANY_REQUESTS && method == Method::GET && tries > 0 {
                tries -= 1;
                let seconds = response.header("retry-after").and_then(|text| text.parse().ok()).unwrap_or(1);
                tokio::time::sleep(Duration::from_secs(std::cmp::min(seconds, 10))).await;
                continue;
            }
            if !response.status.is_success() {
                return Err(self.refusal(&response));
            }
            if response.status == StatusCode::NO_CONTENT {
                return Ok(Value::Null);
            }
            return serde_json::from_slice(&response.body).map_err(|_| strange("something that is not JSON"));
        }
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        name: Option<&str>,
    ) -> Result<Response> {
        let mut headers = HeaderMap::new();
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", self.key.expose_secret())).map_err(|_| {
                Trouble::usage(format!("what stands in {} cannot be an API key", self.key_source)).next(KEY)
            })?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(name) = name {
            let name = HeaderValue::from_str(name)
                .map_err(|_| Trouble::usage("a key has letters, digits and signs that a keyboard has"))?;
            headers.insert("idempotency-key", name);
        }
        let body = match body {
            None => Bytes::new(),
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Bytes::from(body.to_string())
            }
        };
        let request = Request { method, url, headers, body, timeout: PATIENCE, max_bytes: LARGEST };
        self.http.send(request).await.map_err(|error| self.silence(&error))
    }

    /// No answer, for a person.
    fn silence(&self, error: &HttpError) -> Trouble {
        // The client speaks of shops; the two plainest cases are said in words of our own.
        let why = match error.kind {
            HttpErrorKind::Connect => "nothing accepts connections there",
            HttpErrorKind::Timeout => "it did not answer in time",
            _ => error.message.as_str(),
        };
        let what = format!("the hub at {} cannot be reached: {why}", self.address());
        match error.kind {
            HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Broken => {
                Trouble::passing(what).next(START)
            }
            HttpErrorKind::Tls => {
                Trouble::new(what).next("give the certificate authority with --extra-ca FILE")
            }
            HttpErrorKind::Name | HttpErrorKind::Forbidden | HttpErrorKind::Redirect => {
                Trouble::new(what).next(ADDRESS)
            }
            HttpErrorKind::TooLarge => Trouble::new(what).next("ask for less with --limit"),
        }
    }

    /// An answer that is not success, for a person.
    fn refusal(&self, response: &Response) -> Trouble {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        let detail = body.get("detail").and_then(Value::as_str).map(str::to_owned);
        let status = response.status;
        let Some(what) = detail else {
            return Trouble::refused(status, format!("{} answered {status}, as no hub does", self.address()))
                .next(ADDRESS);
        };
        match status {
            StatusCode::UNAUTHORIZED => {
                let what =
                    format!("the hub at {} does not know the key from {}", self.address(), self.key_source);
                Trouble::refused(status, what).next(KEY)
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Trouble::passing(what).next("try again in a moment")
            }
            StatusCode::BAD_GATEWAY | StatusCode::TOO_MANY_REQUESTS => {
                Trouble::refused(status, what).next("try again in a moment")
            }
            StatusCode::INTERNAL_SERVER_ERROR => Trouble::refused(status, what).next("see the hub's log"),
            _ => Trouble::refused(status, what),
        }
    }
}

const START: &str = "start it with `storeloom serve`, or name another with --hub or STORELOOM_HUB";
const ADDRESS: &str = "check the address given with --hub or STORELOOM_HUB";

fn strange(what: &str) -> Trouble {
    Trouble::new(format!("the hub answered with {what}"))
        .next("check that this program and the hub have the same version")
}

/// Reads what is needed out of an answer; more fields than are known do no harm.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| strange(&format!("something unexpected ({error})")))
}

/// Reads what is needed out of many records.
pub(crate) fn read_all<T: DeserializeOwned>(values: &[Value]) -> Result<Vec<T>> {
    values.iter().map(read).collect()
}
