//! Saying what recorded answers and deliveries become, in a short stable text: by the very code that reads
//! live ones. For fixtures and for judging recordings of real shops.

mod answer;
mod delivery;
mod file;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use platform::{PlatformError, Response, Retry};
use url::Url;

use crate::read::{Asked, read};

pub use delivery::understand_delivery;
pub use file::judge_file;

/// A recorded exchange with a shop.
#[derive(Clone)]
pub struct Recorded {
    /// The method of the request.
    pub method: String,
    /// The whole address of the request, or its path and query.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: Vec<(String, String)>,
    /// The body of the answer.
    pub body: String,
}

/// What a recording becomes, as a short stable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood(String);

impl std::fmt::Display for Understood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a recording cannot be given a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUnderstood(String);

impl std::fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what a recorded answer becomes.
///
/// # Errors
/// If the crate has no name for the call, or its answer does not have the call's shape.
pub fn understand(recorded: &Recorded) -> Result<Understood, NotUnderstood> {
    let method: Method =
        recorded.method.to_ascii_uppercase().parse().map_err(|_| no("the method is none".to_owned()))?;
    let endpoint =
        Endpoint::of(&recorded.url).ok_or_else(|| no("the address is not of the REST API".to_owned()))?;
    if method == Method::HEAD {
        return if recorded.body.is_empty() {
            Ok(Understood(format!("not used: HEAD {}", endpoint.shown())))
        } else {
            Err(no("a HEAD with a body".to_owned()))
        };
    }
    let response = response_of(recorded)?;
    let asked = Asked { op: "recorded", writes: method != Method::GET && method != Method::OPTIONS };
    let answer = match read(asked, &response) {
        Ok(answer) => answer,
        Err(error) if error.kind == platform::ErrorKind::Unexpected => {
            return Err(no(format!("an answer of status {} without a meaning", recorded.status)));
        }
        Err(error) => return Ok(Understood(name_error(&error))),
    };
    let noise = if answer.noisy { ", after noise" } else { "" };
    let name = if method == Method::OPTIONS {
        answer::not_used(&answer, &format!("OPTIONS {}", endpoint.shown()))
    } else {
        answer::name(&method, &endpoint, &answer)
    };
    name.map(|name| Understood(format!("{name}{noise}")))
        .map_err(|why| no(format!("{} {}: {why}", method.as_str(), endpoint.shown())))
}

fn no(why: String) -> NotUnderstood {
    NotUnderstood(why)
}

/// An error in one stable line: kind, retry, code, and whether it may have taken effect.
pub(crate) fn name_error(error: &PlatformError) -> String {
    let retry = match error.retry {
        Retry::Never => "never".to_owned(),
        Retry::Backoff => "later".to_owned(),
        Retry::After(wait) => format!("after {} s", wait.as_secs()),
    };
    let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    let unsure = if error.may_have_taken_effect { ", may have taken effect" } else { "" };
    format!("error {:?}, retry {retry}{code}{unsure}", error.kind)
}

fn response_of(recorded: &Recorded) -> Result<Response, NotUnderstood> {
    let status =
        StatusCode::from_u16(recorded.status).map_err(|_| no(format!("{} is no status", recorded.status)))?;
    let body = Bytes::from(recorded.body.clone());
    Ok(Response { status, headers: headers_of(&recorded.headers), body })
}

/// Headers from recorded pairs; what HTTP does not allow is left out.
pub(crate) fn headers_of(pairs: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        {
            headers.append(name, value);
        }
    }
    headers
}

/// A call of the REST API: the steps below `wc/v3`, and what was asked for.
pub(crate) struct Endpoint {
    /// The steps; none for the index.
    pub(crate) steps: Vec<String>,
    /// The fields that were asked for, if only some were.
    pub(crate) fields: Option<Vec<String>>,
    /// Whether it is of another part of WordPress: the one step is its whole path.
    pub(crate) elsewhere: bool,
}

impl Endpoint {
    fn of(address: &str) -> Option<Self> {
        let base = Url::parse("https://shop.invalid/").ok()?;
        let url = base.join(address).ok()?;
        let query = |wanted: &str| {
            url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        let path = match query("rest_route") {
            Some(route) => route,
            None => url.path().split_once("/wp-json").map(|(_, rest)| rest.to_owned())?,
        };
        let path = path.trim_matches('/');
        let fields =
            query("_fields").map(|list| list.split(',').map(|field| field.trim().to_owned()).collect());
        if path.is_empty() {
            return Some(Self { steps: Vec::new(), fields, elsewhere: false });
        }
        let Some(below) = path.strip_prefix("wc/v3/") else {
            // Another part of WordPress's API, or the list of the routes of this one.
            let known = path == "wc/v3" || ["wp/", "wc/", "wc-"].iter().any(|part| path.starts_with(part));
            return known.then(|| Self { steps: vec![path.to_owned()], fields, elsewhere: true });
        };
        // An example's `<id>` stands for a number.
        let steps = below
            .split('/')
            .filter(|step| !step.is_empty())
            .map(|step| {
                if step.starts_with("%3C") || step.starts_with('<') {
                    "0".to_owned()
                } else {
                    step.to_owned()
                }
            })
            .collect();
        Some(Self { steps, fields, elsewhere: false })
    }

    fn shown(&self) -> String {
        self.steps.join("/")
    }

    /// Whether the answer was trimmed of something that the crate needs.
    pub(crate) fn lacks(&self, needed: &[&str]) -> bool {
        self.fields
            .as_ref()
            .is_some_and(|fields| needed.iter().any(|field| !fields.iter().any(|it| it == field)))
    }
}
