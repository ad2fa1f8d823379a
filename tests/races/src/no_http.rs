//! The way to shops that is not there: the shops of a mall are called through their platforms.

use async_trait::async_trait;
use platform::{Http, HttpError, HttpErrorKind, Request, Response};

/// Sends nothing.
pub(crate) struct NoHttp;

#[async_trait]
impl Http for NoHttp {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        let message = "the shops of a mall are not called this way".to_owned();
        Err(HttpError { kind: HttpErrorKind::Forbidden, message, may_have_been_sent: false })
    }
}
