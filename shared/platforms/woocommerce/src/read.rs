//! The one place where an answer of a shop becomes JSON or an error.

use std::time::Duration;

use jiff::Timestamp;
use platform::{ErrorKind, HttpError, HttpErrorKind, PlatformError, Response, Result, Retry};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;

use crate::refusal;
use crate::wire::loose::{Maybe, Number, Text};

/// What kind of call an answer belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// The call's name, for errors.
    pub(crate) op: &'static str,
    /// Whether it may have changed something in the shop.
    pub(crate) writes: bool,
}

/// An answer that says what it promised: JSON.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    asked: Asked,
    json: String,
    /// How many records the whole list has (`X-WP-Total`).
    pub(crate) total: Option<u64>,
    /// The shop's clock (`Date`).
    pub(crate) shop_time: Option<Timestamp>,
    /// Whether something stood before the JSON: a plugin prints warnings.
    pub(crate) noisy: bool,
}

impl Answer {
    /// The JSON's text.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// The JSON as a wire struct.
    pub(crate) fn shaped<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.json).map_err(|cause| {
            let place = format!("line {} column {}", cause.line(), cause.column());
            self.unreadable(&format!("the answer does not have the expected shape ({place})"))
        })
    }

    /// The error of an answer whose content cannot be understood.
    pub(crate) fn unreadable(&self, why: &str) -> PlatformError {
        let error = PlatformError::new(
            ErrorKind::Malformed,
            self.asked.op,
            format!("{why}; see whether a plugin of the shop changes the answers of its REST API"),
        )
        .code("shape");
        if self.asked.writes { error.unsure() } else { error }
    }
}

/// The error object of WordPress.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Complaint {
    pub(crate) code: Text,
    #[serde(default)]
    pub(crate) message: Text,
    #[serde(default)]
    pub(crate) data: Maybe<ComplaintData>,
}

/// What WordPress adds to an error.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ComplaintData {
    #[serde(default)]
    pub(crate) status: Number,
}

impl Complaint {
    /// The HTTP status that it names.
    pub(crate) fn status(&self) -> Option<u16> {
        self.data.0.as_ref()?.status.0.and_then(|status| u16::try_from(status).ok())
    }

    /// Whether it says that the record asked for is not there: no route, or no right, is something else.
    pub(crate) fn names_nothing(&self) -> bool {
        self.status() == Some(404) && self.code.0.ends_with("_invalid_id")
    }

    /// Reads a body as an error object.
    pub(crate) fn read(json: &str) -> Option<Self> {
        let complaint: Self = serde_json::from_str(json).ok()?;
        (!complaint.code.0.is_empty()).then_some(complaint)
    }
}

/// Turns a response into JSON or an error.
pub(crate) fn read(asked: Asked, response: &Response) -> Result<Answer> {
    let body = String::from_utf8_lossy(&response.body);
    let status = response.status.as_u16();
    let found = json_of(&body);
    if let Some((json, _)) = found
        && let Some(complaint) = Complaint::read(json)
    {
        // A 200 may be a failure: an error object in a success is one.
        let status = if response.status.is_success() { complaint.status() } else { Some(status) };
        if let Some(status) = status.filter(|status| *status >= 300) {
            return Err(settle(asked, response, status, refusal::of_complaint(asked, status, &complaint)));
        }
    }
    if response.status.is_success() {
        return match found {
            Some((json, noisy)) => Ok(Answer {
                asked,
                json: json.to_owned(),
                total: number(response, "x-wp-total"),
                shop_time: shop_time(response),
                noisy,
            }),
            None => Err(settle(asked, response, status, refusal::of_page(asked, status, &body))),
        };
    }
    Err(settle(asked, response, status, refusal::of_page(asked, status, &body)))
}

/// Adds what the headers say about waiting and about another address, and whether a write may have taken effect.
fn settle(asked: Asked, response: &Response, status: u16, mut error: PlatformError) -> PlatformError {
    if let (300..=399, Some(to)) = (status, response.header("location").and_then(|to| Url::parse(to).ok())) {
        error.message = format!("{} ({})", error.message, to.origin().ascii_serialization());
    }
    let error = match retry_after(response) {
        Some(wait) if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable) => {
            error.retry(Retry::After(wait))
        }
        _ => error,
    };
    // A refusal came before the deed; a page in place of an answer, or a server's fault, may have come after it.
    let unsure =
        asked.writes && (response.status.is_success() || ((500..600).contains(&status) && status != 501));
    if unsure || error.may_have_taken_effect { error.unsure() } else { error }
}

/// The JSON of a body, and whether something stood before it: a byte order mark does not count, a PHP warning does.
fn json_of(body: &str) -> Option<(&str, bool)> {
    const MOST_NOISE: usize = 64 * 1024;
    let whole = body.trim_start_matches('\u{feff}').trim();
    if is_json(whole) {
        return Some((whole, false));
    }
    let starts = whole.char_indices().take_while(|(at, _)| *at < MOST_NOISE);
    for (at, _) in starts.filter(|(_, sign)| matches!(sign, '{' | '[')).take(200) {
        let rest = whole.get(at..)?;
        if is_json(rest) {
            return Some((rest, true));
        }
    }
    None
}

fn is_json(text: &str) -> bool {
    !text.is_empty() && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn number(response: &Response, header: &str) -> Option<u64> {
    response.header(header)?.trim().parse().ok()
}

/// The shop's clock when it answered.
pub(crate) fn shop_time(response: &Response) -> Option<Timestamp> {
    http_date(response.header("date")?)
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// `Retry-After` as seconds, or as a date against the shop's own `Date`; never more than a day.
fn retry_after(response: &Response) -> Option<Duration> {
    const DAY: u64 = 24 * 60 * 60;
    let text = response.header("retry-after")?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let wait = http_date(text)?.as_second() - shop_time(response)?.as_second();
            u64::try_from(wait).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds.min(DAY)))
}

/// The error of a call that got no answer.
pub(crate) fn no_answer(asked: Asked, cause: HttpError) -> PlatformError {
    let (kind, code, message) = match cause.kind {
        HttpErrorKind::Forbidden => (
            ErrorKind::Rejected,
            "forbidden",
            "the shop's address leads into a private network and is not called; give its public address",
        ),
        HttpErrorKind::Name => (
            ErrorKind::Unavailable,
            "name",
            "the shop's name has no address; see whether its domain is spelled right and still registered",
        ),
        HttpErrorKind::Connect => {
            (ErrorKind::Unavailable, "connect", "the shop's server does not take connections; it may be down")
        }
        HttpErrorKind::Tls => (
            ErrorKind::Unavailable,
            "tls",
            "the shop's certificate is not trusted; renew it, or install it with its whole chain",
        ),
        HttpErrorKind::Timeout => {
            (ErrorKind::Unavailable, "timeout", "the shop took too long; it is asked for less at a time")
        }
        HttpErrorKind::TooLarge => (
            ErrorKind::Malformed,
            "too-large",
            "the shop's answer is too large; it is asked for less at a time",
        ),
        HttpErrorKind::Redirect => (
            ErrorKind::Rejected,
            "redirect",
            "the shop sends its callers on to another address; connect it with the address that it shows itself",
        ),
        HttpErrorKind::Broken => {
            (ErrorKind::Unavailable, "broken", "the connection to the shop broke before its answer was whole")
        }
    };
    let unsure = asked.writes && cause.may_have_been_sent;
    let message = match cause.kind {
        // Who follows redirects names where they lead, without path and query.
        HttpErrorKind::Redirect => format!("{message} ({})", cause.message),
        _ => message.to_owned(),
    };
    let error = PlatformError::new(kind, asked.op, message).code(code).because(cause);
    if unsure { error.unsure() } else { error }
}

/// Whether asking for fewer records may help.
pub(crate) fn is_too_much(error: &PlatformError) -> bool {
    const CODES: [&str; 13] = [
        "timeout",
        "broken",
        "too-large",
        "cut-off",
        "internal_server_error",
        "408",
        "500",
        "502",
        "504",
        "508",
        "520",
        "522",
        "524",
    ];
    error.code.as_deref().is_some_and(|code| CODES.contains(&code))
}
