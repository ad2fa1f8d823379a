//! A scripted hub: each address has its answers in turn; the last one stays.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use platform::{Http, HttpError, HttpErrorKind, Request, Response};
use serde_json::Value;

/// One answer of the hub, or silence.
#[derive(Clone)]
pub(super) enum Reply {
    Json(u16, Value),
    Text(u16, &'static str),
    Silence(HttpErrorKind, &'static str),
}

#[derive(Default)]
pub(super) struct FakeHub {
    script: Mutex<HashMap<String, VecDeque<Reply>>>,
    asked: Mutex<Vec<String>>,
    keys: Mutex<Vec<String>>,
}

impl FakeHub {
    /// Answers `GET /v1/stores` and the like.
    pub(super) fn on(self, call: &str, answer: Value) -> Self {
        self.reply(call, Reply::Json(200, answer))
    }

    pub(super) fn reply(self, call: &str, reply: Reply) -> Self {
        self.script.lock().unwrap().entry(call.to_owned()).or_default().push_back(reply);
        self
    }

    /// What was asked, in order; bodies behind it.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The `Authorization` headers that came.
    pub(super) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }
}

#[async_trait]
impl Http for FakeHub {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let call = format!("{} {}{query}", request.method, request.url.path());
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        self.asked.lock().unwrap().push(if body.is_empty() {
            call.clone()
        } else {
            format!("{call} {body}")
        });
        let key = request.headers.get("authorization").map(|key| key.to_str().unwrap().to_owned());
        self.keys.lock().unwrap().push(key.unwrap_or_default());
        let mut script = self.script.lock().unwrap();
        let Some(replies) = script.get_mut(&call) else {
            panic!("the script has no answer to `{call}`");
        };
        let reply = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
        let (status, body) = match reply.unwrap() {
            Reply::Json(status, value) => (status, value.to_string()),
            Reply::Text(status, text) => (status, text.to_owned()),
            Reply::Silence(kind, message) => {
                return Err(HttpError { kind, message: message.to_owned(), may_have_been_sent: false });
            }
        };
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response { status, headers: HeaderMap::new(), body: Bytes::from(body) })
    }
}

/// A refusal as the hub writes it.
pub(super) fn problem(status: u16, detail: &str) -> Reply {
    Reply::Json(
        status,
        serde_json::json!({"type": "about:blank", "title": "x", "status": status, "detail": detail}),
    )
}
