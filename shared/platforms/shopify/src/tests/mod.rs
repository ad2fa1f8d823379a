//! A scripted shop, and what the crate makes of its answers.

mod answers;
mod bulk;
mod changes;
mod connect;
mod documents;
mod listings;
mod orders;
mod recorded;
mod renewing;
mod stock;
mod stock_places;
mod subscribe;
mod webhooks;

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use platform::{Clock, Ctx, Dice, Http, HttpError, HttpErrorKind, Request, Response, Session};
use secrecy::SecretString;
use serde_json::Value;

/// A token of nobody, and a shop with one location that was proved.
pub(crate) const PROVED: &str = r#"{"v":"1","grant":{"kind":"pasted","access_token":"shpat_nobody","api_secret":"hush"},"found":{"shop":"1","scopes":["write_products","write_inventory","read_locations","read_orders","read_customers"],"location":"9"}}"#;
/// The same with several locations.
pub(crate) const MANY: &str = r#"{"v":"1","grant":{"kind":"pasted","access_token":"shpat_nobody","api_secret":"hush"},"found":{"shop":"1","scopes":["write_products","write_inventory","read_locations","read_orders","read_customers"],"location":null}}"#;
/// Our app.
pub(crate) const APP: &str = r#"{"v":"1","client_id":"our-id","client_secret":"new-secret","old_client_secret":"old-secret","scopes":["read_products","write_inventory"]}"#;

/// One thing that the shop does.
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    Fails(HttpErrorKind),
}

/// 200 with data, and what it cost.
pub(crate) fn data(json: &str) -> Reply {
    costs(json, 10, 2000)
}

/// 200 with data, its cost, and what is left in the bucket.
pub(crate) fn costs(json: &str, cost: u64, left: u64) -> Reply {
    let body = format!(
        r#"{{"data":{json},"extensions":{{"cost":{{"requestedQueryCost":{cost},"actualQueryCost":1,"throttleStatus":{{"maximumAvailable":2000.0,"currentlyAvailable":{left},"restoreRate":100.0}}}}}}}}"#
    );
    Reply::Answer(200, vec![("date", "Sat, 21 Nov 2026 10:00:00 GMT".to_owned())], body)
}

/// 200 with an error that is about the whole call.
pub(crate) fn fails(code: &str) -> Reply {
    says(200, &format!(r#"{{"errors":[{{"message":"no","extensions":{{"code":"{code}"}}}}]}}"#))
}

/// Any status with any body.
pub(crate) fn says(status: u16, body: &str) -> Reply {
    Reply::Answer(status, Vec::new(), body.to_owned())
}

/// A shop that answers as it was told, in order, and remembers what it was asked.
pub(crate) struct Script {
    replies: Mutex<VecDeque<Reply>>,
    pub(crate) seen: Mutex<Vec<Request>>,
    pub(crate) session: Session,
}

impl Script {
    pub(crate) fn of(document: &str, replies: Vec<Reply>) -> Self {
        Self {
            replies: Mutex::new(replies.into()),
            seen: Mutex::default(),
            session: Session {
                address: "https://my-shop.myshopify.com".to_owned(),
                currency: Some("EUR".parse().unwrap()),
                credentials: SecretString::from(document),
                app: None,
            },
        }
    }

    pub(crate) fn with_app(mut self) -> Self {
        self.session.app = Some(SecretString::from(APP));
        self
    }

    pub(crate) fn ctx(&self) -> Ctx<'_> {
        Ctx { http: self, clock: self, dice: self, session: &self.session }
    }

    /// What was asked, by the name of the document, or by method and path where it is none.
    pub(crate) fn calls(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let name = |request: &Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            match body.get("query").and_then(Value::as_str) {
                Some(query) => query.split([' ', '(']).nth(1).unwrap_or_default().to_owned(),
                None => format!("{} {}", request.method, request.url.path()),
            }
        };
        seen.iter().map(name).collect()
    }

    /// The variables of a call.
    pub(crate) fn variables(&self, at: usize) -> Value {
        let seen = self.seen.lock().unwrap();
        let body: Value = serde_json::from_slice(&seen[at].body).unwrap();
        body["variables"].clone()
    }

    /// Asserts that every reply was used.
    pub(crate) fn is_done(&self) {
        assert!(self.replies.lock().unwrap().is_empty(), "unused replies after {:?}", self.calls());
    }
}

#[async_trait]
impl Http for Script {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let shown = format!("{request:?} {}", String::from_utf8_lossy(&request.body));
        self.seen.lock().unwrap().push(request);
        let reply = self.replies.lock().unwrap().pop_front();
        match reply.unwrap_or_else(|| panic!("no reply for {shown}")) {
            Reply::Fails(kind) => {
                Err(HttpError { kind, message: "no answer".into(), may_have_been_sent: true })
            }
            Reply::Answer(status, pairs, body) => {
                let mut headers = HeaderMap::new();
                for (name, value) in pairs {
                    headers.insert(name, value.parse().unwrap());
                }
                let status = StatusCode::from_u16(status).unwrap();
                Ok(Response { status, headers, body: Bytes::from(body) })
            }
        }
    }
}

impl Clock for Script {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }
}

impl Dice for Script {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// Runs a future to its end; the script never waits.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}
