//! A browser as small as the demo needs: it asks the hub for a page, keeps one cookie, and follows nothing by itself.

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use super::Failure;

/// What a page answered.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) cookie: Option<String>,
}

/// Asks the hub for a page, at the address it listens on, whatever name the page's address has.
pub(crate) async fn get(hub: &Url, page: &str, cookie: Option<&str>) -> Result<Page, Failure> {
    let page = Url::parse(page)?;
    let host = hub.host_str().ok_or("the hub has no host")?;
    let port = hub.port_or_known_default().ok_or("the hub has no port")?;
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = page.query().map_or(page.path().to_owned(), |query| format!("{}?{query}", page.path()));
    let mut request = Request::get(path).header("host", format!("{host}:{port}"));
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
    let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
    let cookie = header("set-cookie").and_then(|set| Some(set.split(';').next()?.to_owned()));
    let page = Page { status: answer.status(), location: header("location"), cookie };
    connection.abort();
    Ok(page)
}
