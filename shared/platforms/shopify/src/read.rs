//! The one place where an answer of a shop becomes data or an error.

use std::time::Duration;

use jiff::Timestamp;
use platform::{ErrorKind, HttpError, HttpErrorKind, PlatformError, Response, Result, Retry};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::cost::Cost;
use crate::refusal;

/// What kind of call an answer belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// The call's name, for errors.
    pub(crate) op: &'static str,
    /// Whether it may have changed something in the shop.
    pub(crate) writes: bool,
}

impl Asked {
    /// The error of an answer whose content cannot be understood.
    pub(crate) fn unreadable(self, why: &str) -> PlatformError {
        let message = format!("the shop's answer cannot be read: {why}; if it happens again, report it");
        let error = PlatformError::new(ErrorKind::Malformed, self.op, message).code("shape");
        if self.writes { error.unsure() } else { error }
    }
}

/// One of the errors that stand in an answer.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct GraphError {
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    path: Option<Vec<Value>>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: Option<String>,
}

impl GraphError {
    /// The platform's word for it.
    pub(crate) fn code(&self) -> &str {
        self.extensions.as_ref().and_then(|it| it.code.as_deref()).unwrap_or("")
    }

    /// The fields that lead to where it happened; empty if it is about the whole call.
    pub(crate) fn path(&self) -> impl Iterator<Item = &str> {
        self.path.iter().flatten().filter_map(Value::as_str)
    }

    /// The first field of its path, if it happened below one.
    pub(crate) fn root(&self) -> Option<&str> {
        self.path().next()
    }
}

/// The body of every answer.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
    #[serde(default)]
    extensions: Option<Around>,
}

/// What stands around the data.
#[derive(Default, Deserialize)]
struct Around {
    #[serde(default)]
    cost: Option<Cost>,
    #[serde(default)]
    search: Option<Vec<Search>>,
}

/// How the shop understood a search.
#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    warnings: Vec<IgnoredAny>,
}

/// An answer with data in it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    asked: Asked,
    json: String,
    /// What went wrong with single fields.
    errors: Vec<GraphError>,
    /// How many warnings the shop's search gave.
    warnings: usize,
    /// What the call cost.
    pub(crate) cost: Option<Cost>,
    /// The shop's clock (`Date`).
    pub(crate) shop_time: Option<Timestamp>,
}

impl Answer {
    /// The data, if nothing is missing in it.
    pub(crate) fn shaped<T: DeserializeOwned>(&self) -> Result<T> {
        self.shaped_but(|_| false)
    }

    /// The data, if nothing is missing in it but what `may_miss` lets pass.
    pub(crate) fn shaped_but<T: DeserializeOwned>(
        &self,
        may_miss: impl Fn(&GraphError) -> bool,
    ) -> Result<T> {
        let serious: Vec<&GraphError> = self.errors.iter().filter(|error| !may_miss(error)).collect();
        if !serious.is_empty() {
            return Err(refusal::of_errors(self.asked, &serious, self.cost.as_ref()));
        }
        if self.warnings > 0 {
            // A search that is not understood finds everything: going on would read the wrong records.
            let message =
                "the shop did not understand the search, and would answer with everything; report this";
            return Err(
                PlatformError::new(ErrorKind::Unexpected, self.asked.op, message).code("search-warning")
            );
        }
        serde_json::from_str(&self.json).map_err(|cause| {
            let place = format!("line {} column {}", cause.line(), cause.column());
            self.asked.unreadable(&format!("another shape than expected ({place})"))
        })
    }

    /// What went wrong with single fields.
    pub(crate) fn errors(&self) -> &[GraphError] {
        &self.errors
    }

    /// The data as text.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }
}

/// Turns a response into data or an error.
pub(crate) fn read(asked: Asked, response: &Response) -> Result<Answer> {
    let status = response.status.as_u16();
    let text = String::from_utf8_lossy(&response.body);
    if !response.status.is_success() {
        return Err(settle(asked, response, refusal::of_status(asked, status, &text)));
    }
    let Ok(body) = serde_json::from_str::<Body<'_>>(text.trim_start_matches('\u{feff}')) else {
        return Err(page(asked, &text));
    };
    let around = body.extensions.unwrap_or_default();
    let errors = match body.errors.map(RawValue::get) {
        None | Some("null") => Vec::new(),
        // Old parts of the platform say what is wrong in one text.
        Some(text) if text.starts_with('"') => {
            let message = serde_json::from_str(text).unwrap_or_default();
            vec![GraphError { message, ..GraphError::default() }]
        }
        Some(text) => serde_json::from_str(text).map_err(|_| asked.unreadable("errors of another shape"))?,
    };
    let data = body.data.map(RawValue::get).filter(|data| *data != "null");
    let about_all = errors.iter().any(|error| error.root().is_none());
    match data {
        Some(json) if !about_all => Ok(Answer {
            asked,
            json: json.to_owned(),
            errors,
            warnings: around.search.iter().flatten().map(|search| search.warnings.len()).sum(),
            cost: around.cost,
            shop_time: shop_time(response),
        }),
        _ if errors.is_empty() => Err(asked.unreadable("neither data nor errors")),
        _ => {
            let all: Vec<&GraphError> = errors.iter().collect();
            Err(settle(asked, response, refusal::of_errors(asked, &all, around.cost.as_ref())))
        }
    }
}

/// The error of something that is no JSON where JSON was promised.
pub(crate) fn page(asked: Asked, text: &str) -> PlatformError {
    if text.trim_start().starts_with('<') {
        let message = "the shop answers with a web page instead of data; it may be closed, or something stands \
                       between it and this hub";
        let error =
            PlatformError::new(ErrorKind::Malformed, asked.op, message).code("page").retry(Retry::Backoff);
        return if asked.writes { error.unsure() } else { error };
    }
    asked.unreadable("it is no JSON").retry(Retry::Backoff)
}

/// Adds what the headers say about waiting.
fn settle(asked: Asked, response: &Response, error: PlatformError) -> PlatformError {
    let passing = matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable);
    let error = match retry_after(response).filter(|_| passing) {
        Some(wait) => error.retry(Retry::After(wait)),
        None => error,
    };
    if asked.writes && response.status.is_server_error() { error.unsure() } else { error }
}

/// The shop's clock when it answered.
pub(crate) fn shop_time(response: &Response) -> Option<Timestamp> {
    let text = response.header("date")?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// `Retry-After` in seconds, fractions rounded up; never more than an hour.
fn retry_after(response: &Response) -> Option<Duration> {
    const HOUR: u64 = 3600;
    let text = response.header("retry-after")?.trim();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let more = u64::from(rest.bytes().any(|byte| byte != b'0'));
    Some(Duration::from_secs((whole.parse::<u64>().ok()? + more).min(HOUR)))
}

/// The error of a call that got no answer.
pub(crate) fn no_answer(asked: Asked, cause: HttpError) -> PlatformError {
    let (kind, code, message) = match cause.kind {
        HttpErrorKind::Forbidden => {
            (ErrorKind::Rejected, "forbidden", "the address leads into a private network and is not called")
        }
        HttpErrorKind::Name => {
            (ErrorKind::Unavailable, "name", "the shop's name has no address; see that it is spelled right")
        }
        HttpErrorKind::Connect => (ErrorKind::Unavailable, "connect", "Shopify does not take connections"),
        HttpErrorKind::Tls => {
            (ErrorKind::Unavailable, "tls", "the certificate at the shop's address is not trusted")
        }
        HttpErrorKind::Timeout => (ErrorKind::Unavailable, "timeout", "the shop took too long"),
        HttpErrorKind::TooLarge => {
            (ErrorKind::Malformed, "too-large", "the shop's answer is larger than what is read at once")
        }
        HttpErrorKind::Redirect => (
            ErrorKind::Rejected,
            "redirect",
            "the shop sends its callers on to another address; connect it again",
        ),
        HttpErrorKind::Broken => {
            (ErrorKind::Unavailable, "broken", "the connection to the shop broke before its answer was whole")
        }
    };
    let unsure = asked.writes && cause.may_have_been_sent;
    let error = PlatformError::new(kind, asked.op, message).code(code).because(cause);
    if unsure { error.unsure() } else { error }
}
