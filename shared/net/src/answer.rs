//! Reading an answer, never more of it than the limit.

use bytes::Bytes;
use platform::{HttpError, HttpErrorKind, Response};

use crate::failure::{read as read_failure, sent};

/// Reads the whole answer, decompressed, up to `max_bytes`.
pub(crate) async fn read(
    mut answer: reqwest::Response,
    host: &str,
    max_bytes: usize,
) -> Result<Response, HttpError> {
    let too_large = || {
        sent(
            HttpErrorKind::TooLarge,
            format!("the answer of {host} is larger than the {max_bytes} bytes we read"),
        )
    };
    let told = answer.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if told.is_some_and(|length| length > max_bytes) {
        return Err(too_large());
    }
    let status = answer.status();
    let headers = std::mem::take(answer.headers_mut());
    let mut whole = Vec::with_capacity(told.unwrap_or(0));
    while let Some(chunk) = answer.chunk().await.map_err(|error| read_failure(&error, host, true))? {
        if chunk.len() > max_bytes.saturating_sub(whole.len()) {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body: Bytes::from(whole) })
}
