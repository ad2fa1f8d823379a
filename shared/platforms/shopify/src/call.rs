//! Building requests to a shop and sending them.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use platform::{Ctx, ErrorKind, PlatformError, Request, Response, Result};
use serde_json::{Value, json};
use url::Url;

use crate::credentials::Credentials;
use crate::documents::Document;
use crate::limits::API;
use crate::read::{Answer, Asked, no_answer, read};

const AGENT: &str = "Storeloom/0.1 (+shopify)";
const PATIENCE: Duration = Duration::from_secs(60);
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// A shop that can be called.
pub(crate) struct Shop<'a> {
    pub(crate) ctx: &'a Ctx<'a>,
    pub(crate) credentials: Credentials,
}

impl<'a> Shop<'a> {
    /// The shop of a session.
    pub(crate) fn open(ctx: &'a Ctx<'a>) -> Result<Self> {
        Ok(Self { ctx, credentials: Credentials::read(&ctx.session.credentials)? })
    }

    /// The shop, called with credentials that are being tried.
    pub(crate) fn along(ctx: &'a Ctx<'a>, credentials: Credentials) -> Self {
        Self { ctx, credentials }
    }

    /// Asks a question that changes nothing.
    pub(crate) async fn ask(&self, op: &'static str, document: Document, variables: Value) -> Result<Answer> {
        self.send(Asked { op, writes: false }, document.text(), variables).await
    }

    /// Asks for a change.
    pub(crate) async fn change(
        &self,
        op: &'static str,
        document: Document,
        variables: Value,
    ) -> Result<Answer> {
        self.send(Asked { op, writes: true }, document.text(), variables).await
    }

    /// Sends a document.
    pub(crate) async fn send(&self, asked: Asked, document: &str, variables: Value) -> Result<Answer> {
        let url = address(self.ctx, asked.op, &format!("admin/api/{API}/graphql.json"))?;
        let body = json!({ "query": document, "variables": variables });
        let mut token = HeaderValue::from_str(self.credentials.token()?).map_err(|cause| {
            PlatformError::new(
                ErrorKind::Unauthorized,
                asked.op,
                "the token cannot be sent; connect the store again",
            )
            .because(cause)
        })?;
        token.set_sensitive(true);
        let response = post(self.ctx, asked, url, &body, Some(token)).await?;
        read(asked, &response)
    }
}

/// An address of a shop.
pub(crate) fn address(ctx: &Ctx<'_>, op: &'static str, path: &str) -> Result<Url> {
    let text = format!("{}/{path}", ctx.session.address.trim_end_matches('/'));
    Url::parse(&text).map_err(|cause| {
        PlatformError::new(ErrorKind::Rejected, op, "the shop's address is none; connect the store again")
            .because(cause)
    })
}

/// Posts JSON.
pub(crate) async fn post(
    ctx: &Ctx<'_>,
    asked: Asked,
    url: Url,
    body: &Value,
    token: Option<HeaderValue>,
) -> Result<Response> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(token) = token {
        headers.insert("x-shopify-access-token", token);
    }
    let body = Bytes::from(body.to_string());
    let request =
        Request { method: Method::POST, url, headers, body, timeout: PATIENCE, max_bytes: MOST_BYTES };
    ctx.http.send(request).await.map_err(|cause| no_answer(asked, cause))
}
