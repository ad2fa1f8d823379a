//! The front: the API's stage behind an address of its own, with and without TLS, as a domain would be.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use storeloom::listener::{Listener, Tls};

/// Where the stage is, once it is deployed.
type Stage = Arc<OnceLock<String>>;

/// An open front.
pub struct Front {
    /// The port that it listens on.
    pub port: u16,
    /// The authority that its certificate is from.
    pub ca: String,
    stage: Stage,
}

impl Front {
    /// Opens one on a free port; its certificate lies in the folder.
    pub async fn open(folder: &Path) -> Self {
        let tls = Tls::open(folder).expect("a certificate");
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), &tls).await.expect("a port");
        let (port, ca) = (listener.address().port(), tls.ca_pem().to_owned());
        let stage = Stage::default();
        let router = Router::new().fallback(pass).with_state((client(), Arc::clone(&stage)));
        tokio::spawn(listener.serve(router, std::future::pending()));
        Self { port, ca, stage }
    }

    /// Says where the stage is.
    pub fn leads_to(&self, stage: String) {
        self.stage.set(stage).expect("it is deployed once");
    }
}

/// A client that follows nothing and goes through nobody.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn pass(
    State((client, stage)): State<(reqwest::Client, Stage)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refused = |status| Response::builder().status(status).body(Body::empty()).unwrap();
    let Some(stage) = stage.get() else { return refused(StatusCode::SERVICE_UNAVAILABLE) };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = client.request(method, format!("{stage}{path}")).body(body);
    for (name, value) in
        headers.iter().filter(|(name, _)| **name != header::HOST && **name != header::CONTENT_LENGTH)
    {
        request = request.header(name, value);
    }
    let Ok(answer) = request.send().await else { return refused(StatusCode::BAD_GATEWAY) };
    let mut response = Response::builder().status(answer.status());
    let connection = [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH];
    for (name, value) in answer.headers().iter().filter(|(name, _)| !connection.contains(name)) {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.bytes().await.unwrap_or_default())).unwrap()
}
