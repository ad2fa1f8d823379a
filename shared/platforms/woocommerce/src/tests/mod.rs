//! A scripted shop, and what the crate makes of its answers.

mod catalog;
mod connect;
mod orders;
mod recorded;
mod stock;
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

/// Keys of nobody, and a shop on https that was proved.
pub(crate) const PROVED: &str = r#"{"v":"1","consumer_key":"ck_abcdef","consumer_secret":"cs_abcdef","webhook_secret":"hush","permissions":"read_write","route":{"address":"https://shop.example","pretty":true,"way":"basic","signed_home":"https://shop.example","variations":true}}"#;

/// One thing that the shop does.
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    Fails(HttpErrorKind),
}

/// 200 with JSON.
pub(crate) fn ok(json: &str) -> Reply {
    Reply::Answer(200, Vec::new(), json.to_owned())
}

/// 200 with a list of so many.
pub(crate) fn list(json: &str, total: u64) -> Reply {
    let date = "Fri, 20 Nov 2026 16:06:41 GMT".to_owned();
    Reply::Answer(200, vec![("x-wp-total", total.to_string()), ("date", date)], json.to_owned())
}

/// Any status with any body.
pub(crate) fn says(status: u16, body: &str) -> Reply {
    Reply::Answer(status, Vec::new(), body.to_owned())
}

/// WordPress's own error.
pub(crate) fn complains(status: u16, code: &str, message: &str) -> Reply {
    says(status, &format!(r#"{{"code":"{code}","message":"{message}","data":{{"status":{status}}}}}"#))
}

/// A shop that answers as it was told, in order, and remembers what it was asked.
pub(crate) struct Script {
    replies: Mutex<VecDeque<Reply>>,
    pub(crate) seen: Mutex<Vec<Request>>,
    pub(crate) session: Session,
    seconds: Mutex<i64>,
    /// How many seconds each call takes.
    pace: i64,
}

impl Script {
    pub(crate) fn of(document: &str, replies: Vec<Reply>) -> Self {
        Self::at("https://shop.example", document, replies)
    }

    pub(crate) fn at(address: &str, document: &str, replies: Vec<Reply>) -> Self {
        Self {
            replies: Mutex::new(replies.into()),
            seen: Mutex::default(),
            session: Session {
                address: address.to_owned(),
                currency: Some("GBP".parse().unwrap()),
                credentials: SecretString::from(document),
                app: None,
            },
            seconds: Mutex::new(1_795_190_801),
            pace: 1,
        }
    }

    pub(crate) fn slow(mut self, seconds: i64) -> Self {
        self.pace = seconds;
        self
    }

    pub(crate) fn ctx(&self) -> Ctx<'_> {
        Ctx { http: self, clock: self, dice: self, session: &self.session }
    }

    /// Method, path and query of every call, without the signature's parameters.
    pub(crate) fn calls(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let shown = |request: &Request| {
            let query = request.url.query().unwrap_or_default();
            let kept: Vec<&str> = query
                .split('&')
                .filter(|pair| !pair.starts_with("oauth_") && !pair.starts_with("_fields"))
                .collect();
            let mark = if kept.concat().is_empty() { "" } else { "?" };
            format!("{} {}{mark}{}", request.method, request.url.path(), kept.join("&"))
        };
        seen.iter().map(shown).collect()
    }

    /// The bodies of the calls that had one.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let with_body = seen.iter().filter(|request| !request.body.is_empty());
        with_body.map(|request| String::from_utf8(request.body.to_vec()).unwrap()).collect()
    }

    /// Asserts that every reply was used.
    pub(crate) fn is_done(&self) {
        assert!(self.replies.lock().unwrap().is_empty(), "unused replies after {:?}", self.calls());
    }
}

#[async_trait]
impl Http for Script {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let calls = { self.seen.lock().unwrap().len() };
        let shown = format!("{request:?} {}", request.url.query().unwrap_or_default());
        self.seen.lock().unwrap().push(request);
        *self.seconds.lock().unwrap() += self.pace;
        let reply = self.replies.lock().unwrap().pop_front();
        match reply.unwrap_or_else(|| panic!("no reply for call {calls}: {shown}")) {
            Reply::Fails(kind) => {
                Err(HttpError { kind, message: "no answer".into(), may_have_been_sent: true })
            }
            Reply::Answer(status, pairs, body) => {
                let mut headers = HeaderMap::new();
                for (name, value) in pairs {
                    headers.insert(name, value.parse().unwrap());
                }
                Ok(Response {
                    status: StatusCode::from_u16(status).unwrap(),
                    headers,
                    body: Bytes::from(body),
                })
            }
        }
    }
}

impl Clock for Script {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(*self.seconds.lock().unwrap()).unwrap()
    }
}

impl Dice for Script {
    fn fill(&self, bytes: &mut [u8]) {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(at % 251).unwrap();
        }
    }
}

/// Runs a future to its end; the script never waits.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}
