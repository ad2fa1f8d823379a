//! Reading the file of a bulk operation a window at a time, each cut where a line, or a record with its lines, ends.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderValue, RANGE};
use http::{HeaderMap, Method, StatusCode};
use platform::{Ctx, ErrorKind, PlatformError, Request, Response, Result};
use url::Url;

use crate::read::{Asked, no_answer};
use crate::refusal;

/// How many bytes are asked for at first.
const WINDOW: u64 = 2 * 1024 * 1024;
/// The most bytes of one window, for records that are larger than the first one.
const MOST_WINDOW: u64 = 16 * 1024 * 1024;
/// The most bytes of a file that comes whole because its server knows no ranges.
const MOST_WHOLE: usize = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a window of a file lies, and how it may be cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Its first byte.
    pub(crate) offset: u64,
    /// The most lines, as far as records let themselves be cut there.
    pub(crate) lines: usize,
    /// Whether lines that name a parent stay together with it.
    pub(crate) grouped: bool,
}

/// Some lines of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) lines: Vec<String>,
    /// Where the next window begins; none at the file's end.
    pub(crate) next: Option<u64>,
}

/// Reads a window; none if the file is not there any more.
pub(crate) async fn window(
    ctx: &Ctx<'_>,
    op: &'static str,
    url: &str,
    wanted: Wanted,
) -> Result<Option<Window>> {
    let asked = Asked { op, writes: false };
    let url = Url::parse(url).map_err(|_| asked.unreadable("the address of the operation's file is none"))?;
    let mut bytes = WINDOW;
    loop {
        let response = get(ctx, asked, &url, wanted.offset, bytes).await?;
        let (body, ends) = match response.status {
            StatusCode::PARTIAL_CONTENT => part(&response, wanted.offset, bytes),
            StatusCode::OK => {
                let from = usize::try_from(wanted.offset).unwrap_or(usize::MAX);
                (response.body.slice(from.min(response.body.len())..), true)
            }
            StatusCode::RANGE_NOT_SATISFIABLE => (Bytes::new(), true),
            // The address is signed for a week; then its server refuses it in one of these ways.
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Ok(None);
            }
            status => {
                return Err(refusal::of_status(asked, status.as_u16(), ""));
            }
        };
        if let Some(window) = cut(asked, &body, wanted, ends)? {
            return Ok(Some(window));
        }
        bytes *= 4;
        if bytes > MOST_WINDOW {
            return Err(asked.unreadable("a record of the operation's file is too large"));
        }
    }
}

async fn get(ctx: &Ctx<'_>, asked: Asked, url: &Url, offset: u64, bytes: u64) -> Result<Response> {
    let mut headers = HeaderMap::new();
    let range = format!("bytes={offset}-{}", offset.saturating_add(bytes).saturating_sub(1));
    if let Ok(range) = HeaderValue::from_str(&range) {
        headers.insert(RANGE, range);
    }
    // A compressed file has other offsets. The token is not sent: the address itself opens the file.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let request = Request {
        method: Method::GET,
        url: url.clone(),
        headers,
        body: Bytes::new(),
        timeout: PATIENCE,
        max_bytes: MOST_WHOLE,
    };
    ctx.http.send(request).await.map_err(|cause| {
        let error = no_answer(asked, cause);
        if error.code.as_deref() == Some("too-large") {
            let message = "the operation's file is too large for a server that does not serve parts of it";
            return PlatformError::new(ErrorKind::Unsupported, asked.op, message).code("too-large");
        }
        error
    })
}

/// The body of a part, and whether the file ends with it.
fn part(response: &Response, offset: u64, asked: u64) -> (Bytes, bool) {
    let length = u64::try_from(response.body.len()).unwrap_or(u64::MAX);
    let whole = response
        .header(CONTENT_RANGE.as_str())
        .and_then(|range| range.rsplit_once('/')?.1.trim().parse::<u64>().ok());
    let ends = match whole {
        Some(whole) => offset.saturating_add(length) >= whole,
        None => length < asked,
    };
    (response.body.clone(), ends)
}

/// The lines that a window may hold; none if it must be larger to hold any.
fn cut(asked: Asked, body: &Bytes, wanted: Wanted, ends: bool) -> Result<Option<Window>> {
    let mut lines: Vec<(u64, &[u8])> = Vec::new();
    let mut end = 0_u64;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let complete = line.ends_with(b"\n");
        if !complete && !ends {
            break;
        }
        end += u64::try_from(line.len()).unwrap_or(0);
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        lines.push((end, line.strip_suffix(b"\r").unwrap_or(line)));
    }
    let may_end = |count: usize| match lines.get(count) {
        None => ends || !wanted.grouped,
        Some((_, line)) => !wanted.grouped || is_root(line),
    };
    let most = wanted.lines.min(lines.len());
    let before = (1..=most).rev().find(|count| may_end(*count));
    let count = before.or_else(|| (most + 1..=lines.len()).find(|count| may_end(*count)));
    let Some(count) = count else {
        return Ok((lines.is_empty() && ends).then(|| Window { lines: Vec::new(), next: None }));
    };
    let kept = lines.get(..count).unwrap_or_default();
    let reached = kept.last().map_or(0, |(end, _)| *end);
    let texts = kept
        .iter()
        .filter(|(_, line)| !line.is_empty())
        .map(|(_, line)| std::str::from_utf8(line).map(str::to_owned))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|_| asked.unreadable("the operation's file is not UTF-8"))?;
    let next = (!(ends && count == lines.len())).then(|| wanted.offset + reached);
    Ok(Some(Window { lines: texts, next }))
}

/// Whether a line names no parent. Inside a text the quotes would be escaped.
fn is_root(line: &[u8]) -> bool {
    const MARK: &[u8] = b"\"__parentId\":";
    !line.windows(MARK.len()).any(|part| part == MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked { op: "t", writes: false };

    fn cut_at(text: &str, lines: usize, grouped: bool, ends: bool) -> Option<(Vec<String>, Option<u64>)> {
        let wanted = Wanted { offset: 100, lines, grouped };
        let window = cut(ASKED, &Bytes::from(text.to_owned()), wanted, ends).unwrap()?;
        Some((window.lines, window.next))
    }

    fn some(lines: &[&str], next: Option<u64>) -> Option<(Vec<String>, Option<u64>)> {
        Some((lines.iter().map(|line| (*line).to_owned()).collect(), next))
    }

    #[test]
    fn windows_are_cut_at_line_ends() {
        assert_eq!(cut_at("a\nb\nc", 9, false, false), some(&["a", "b"], Some(104)));
        assert_eq!(cut_at("a\nb\nc", 9, false, true), some(&["a", "b", "c"], None));
        assert_eq!(cut_at("a\nb\n", 9, false, true), some(&["a", "b"], None));
        assert_eq!(cut_at("a\nb\n", 1, false, true), some(&["a"], Some(102)));
        assert_eq!(cut_at("a\r\n\nb\n", 9, false, true), some(&["a", "b"], None));
        assert_eq!(cut_at("abc", 9, false, false), None);
        assert_eq!(cut_at("", 9, false, true), some(&[], None));
        assert_eq!(cut_at("", 9, false, false), None);
    }

    #[test]
    fn records_stay_with_their_lines() {
        let (order, child) = (r#"{"id":"o"}"#, r#"{"id":"c","__parentId":"o"}"#);
        let file = format!("{order}\n{child}\n{child}\n{order}\n{child}\n");
        // Whether the second record is whole is not known before the third one begins or the file ends.
        assert_eq!(cut_at(&file, 9, true, false), some(&[order, child, child], Some(167)));
        assert_eq!(cut_at(&file, 9, true, true), some(&[order, child, child, order, child], None));
        assert_eq!(cut_at(&file, 4, true, true), some(&[order, child, child], Some(167)));
        // A record with more lines than wanted is kept whole all the same.
        assert_eq!(cut_at(&file, 2, true, true), some(&[order, child, child], Some(167)));
        assert_eq!(cut_at(&format!("{order}\n{child}\n"), 9, true, false), None);
        assert!(is_root(br#"{"name":"\"__parentId\":"}"#));
    }
}
