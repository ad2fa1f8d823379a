//! Building requests, signing them and sending them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};
use platform::{Ctx, ErrorKind, PlatformError, Request, Response, Result};
use url::Url;

use crate::credentials::{Credentials, Route, Way};
use crate::oauth1::{Signing, encode};
use crate::read::{Answer, Asked, Complaint, no_answer, read};

const AGENT: &str = "Storeloom/0.1 (+woocommerce)";
const PATIENCE: Duration = Duration::from_secs(60);
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// WooCommerce takes keys only where the address contains this text, even where the path is in the query
/// (`is_request_to_rest_api` in `class-wc-rest-authentication.php`, read 2026-11-20).
const MARK: (&str, &str) = ("via", "wp-json/wc/");

/// A call to a shop's REST API.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    op: &'static str,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<String>,
}

impl Call {
    /// Reads below `wc/v3/`.
    pub(crate) fn get(op: &'static str, path: impl Into<String>) -> Self {
        Self { op, method: Method::GET, path: path.into(), query: Vec::new(), body: None }
    }

    /// Writes JSON.
    pub(crate) fn send(
        op: &'static str,
        method: Method,
        path: impl Into<String>,
        body: &serde_json::Value,
    ) -> Self {
        Self { op, method, path: path.into(), query: Vec::new(), body: Some(body.to_string()) }
    }

    /// Deletes for good.
    pub(crate) fn delete(op: &'static str, path: impl Into<String>) -> Self {
        Self { op, method: Method::DELETE, path: path.into(), query: Vec::new(), body: None }
            .with("force", "true")
    }

    /// The same call with a parameter.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    fn asked(&self) -> Asked {
        Asked { op: self.op, writes: self.method != Method::GET }
    }
}

/// A shop that can be called.
pub(crate) struct Shop<'a> {
    ctx: &'a Ctx<'a>,
    credentials: Credentials,
    pub(crate) route: Route,
}

impl<'a> Shop<'a> {
    /// The shop of a session, called as connecting found out.
    pub(crate) fn open(ctx: &'a Ctx<'a>) -> Result<Self> {
        let credentials = Credentials::read(&ctx.session.credentials)?;
        let route = credentials.route(&ctx.session.address);
        Ok(Self { ctx, credentials, route })
    }

    /// The shop, called in a way that is being tried.
    pub(crate) fn along(ctx: &'a Ctx<'a>, credentials: Credentials, route: Route) -> Self {
        Self { ctx, credentials, route }
    }

    /// The secret that its webhooks are signed with.
    pub(crate) fn webhook_secret(&self) -> &str {
        &self.credentials.webhook_secret
    }

    /// Sends a call and reads its answer.
    pub(crate) async fn ask(&self, call: &Call) -> Result<Answer> {
        let asked = call.asked();
        let response = self.round(call, None).await?;
        if is_walled(&call.method, &response) {
            // Some firewalls let only GET and POST pass: nothing was done, so the same call goes as a POST.
            let response = self.round(call, Some(Method::POST)).await?;
            return read(asked, &response);
        }
        read(asked, &response)
    }

    async fn round(&self, call: &Call, disguise: Option<Method>) -> Result<Response> {
        let request = self.request(call, disguise)?;
        self.ctx.http.send(request).await.map_err(|cause| no_answer(call.asked(), cause))
    }

    /// The signed request of a call.
    fn request(&self, call: &Call, disguise: Option<Method>) -> Result<Request> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let method = disguise.unwrap_or_else(|| call.method.clone());
        if method != call.method
            && let Ok(meant) = HeaderValue::from_str(call.method.as_str())
        {
            headers.insert("x-http-method-override", meant);
        }
        let path = format!("wc/v3/{}", call.path);
        let mut query = call.query.clone();
        if !self.route.pretty {
            query.insert(0, ("rest_route".to_owned(), format!("/{path}")));
        }
        match self.route.way {
            Way::Basic => {
                headers.insert(AUTHORIZATION, self.basic(call.op)?);
            }
            Way::Query => {
                query.push(("consumer_key".to_owned(), self.credentials.consumer_key.clone()));
                query.push(("consumer_secret".to_owned(), self.credentials.consumer_secret.clone()));
            }
            Way::Oauth1 => query = self.signed(method.as_str(), &path, query),
        }
        let url = address(call.op, &self.route, &path, &query)?;
        let body = call.body.clone().map(Bytes::from).unwrap_or_default();
        Ok(Request { method, url, headers, body, timeout: PATIENCE, max_bytes: MOST_BYTES })
    }

    fn basic(&self, op: &'static str) -> Result<HeaderValue> {
        let pair = format!("{}:{}", self.credentials.consumer_key, self.credentials.consumer_secret);
        let mut value =
            HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).map_err(|cause| {
                PlatformError::new(ErrorKind::Unauthorized, op, "the keys cannot be sent").because(cause)
            })?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn signed(&self, method: &str, path: &str, mut query: Vec<(String, String)>) -> Vec<(String, String)> {
        let home = self.route.signed_home.as_str();
        let signed_address = if self.route.pretty {
            format!("{}/wp-json/{path}", home.trim_end_matches('/'))
        } else {
            query.push((MARK.0.to_owned(), MARK.1.to_owned()));
            home.to_owned()
        };
        let nonce = data_encoding::HEXLOWER.encode(&self.ctx.dice.ten());
        let mut params = Signing {
            method,
            address: &signed_address,
            consumer_key: &self.credentials.consumer_key,
            consumer_secret: &self.credentials.consumer_secret,
            nonce: &nonce,
            timestamp: self.ctx.clock.now().as_second(),
        }
        .params(&query);
        // The mark is signed here, and put on unencoded with the address.
        if !self.route.pretty {
            params.retain(|(name, _)| name != MARK.0);
        }
        params
    }
}

/// The whole address of a call.
fn address(op: &'static str, route: &Route, path: &str, query: &[(String, String)]) -> Result<Url> {
    let mut pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let base = if route.pretty {
        format!("{}/wp-json/{path}", route.address)
    } else {
        pairs.push(format!("{}={}", MARK.0, MARK.1));
        format!("{}/", route.address)
    };
    let text = if pairs.is_empty() { base } else { format!("{base}?{}", pairs.join("&")) };
    Url::parse(&text).map_err(|cause| {
        PlatformError::new(ErrorKind::Rejected, op, "the shop's address is none; connect the store again")
            .because(cause)
    })
}

/// Whether something before the shop refused the method: a page without WordPress's words, before anything was done.
fn is_walled(method: &Method, response: &Response) -> bool {
    let refused = matches!(
        response.status,
        StatusCode::FORBIDDEN
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::NOT_IMPLEMENTED
    );
    let by_method = *method == Method::PUT || *method == Method::DELETE;
    refused && by_method && Complaint::read(&String::from_utf8_lossy(&response.body)).is_none()
}

/// A request without credentials, for finding out where the REST API is.
pub(crate) async fn look(ctx: &Ctx<'_>, op: &'static str, url: &str) -> Result<Response> {
    let url = Url::parse(url)
        .map_err(|cause| PlatformError::new(ErrorKind::Rejected, op, "the address is none").because(cause))?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    let request = Request {
        method: Method::GET,
        url,
        headers,
        body: Bytes::new(),
        timeout: PATIENCE,
        max_bytes: MOST_BYTES,
    };
    ctx.http.send(request).await.map_err(|cause| no_answer(Asked { op, writes: false }, cause))
}
