//! The client against small servers on loopback that misbehave in one way each.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use platform::{Http as _, HttpErrorKind, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A server that answers each request with what `answer` makes of it; gives its port.
async fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                while let Some(request) = read_request(&mut stream).await {
                    let bytes = answer(&request);
                    if stream.write_all(&bytes).await.is_err() || bytes.is_empty() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// One whole request as text: head and body.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    let mut byte = [0; 1];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await.ok()?;
        text.push(byte[0]);
    }
    let head = String::from_utf8(text.clone()).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    text.extend(body);
    Some(String::from_utf8(text).unwrap())
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn moved(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

fn request(method: Method, url: &str) -> Request {
    Request {
        method,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(5),
        max_bytes: 1 << 20,
    }
}

fn get(url: &str) -> Request {
    request(Method::GET, url)
}

fn desk() -> Client {
    named(&[("shop.test", &["127.0.0.1"]), ("other.test", &["127.0.0.1"])])
}

fn named(names: &[(&str, &[&str])]) -> Client {
    let settings = Settings { allow_loopback: true, ..Settings::default() };
    Client::with_names(&settings, table(names)).unwrap()
}

fn table(names: &[(&str, &[&str])]) -> Names {
    let parse = |list: &[&str]| list.iter().map(|text| text.parse::<IpAddr>().unwrap()).collect();
    Names::Table(
        names.iter().map(|(name, list)| ((*name).to_owned(), parse(list))).collect::<HashMap<_, _>>(),
    )
}

#[tokio::test]
async fn a_call_goes_out_and_its_answer_comes_back_whole() {
    let port = serve(|request| {
        assert!(request.starts_with("POST /orders?key=1 HTTP/1.1"), "{request}");
        assert!(request.to_lowercase().contains("content-length: 5"));
        assert!(request.to_lowercase().contains("user-agent: storeloom/"));
        ok(request.rsplit("\r\n\r\n").next().unwrap())
    })
    .await;
    let mut call = request(Method::POST, &format!("http://127.0.0.1:{port}/orders?key=1"));
    call.body = Bytes::from_static(b"hello");
    let answer = desk().send(call).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.as_ref()), (200, b"hello".as_slice()));
}

#[tokio::test]
async fn an_empty_write_says_that_it_is_empty() {
    let port = serve(|request| ok(&request.to_lowercase())).await;
    let answer = desk().send(request(Method::POST, &format!("http://127.0.0.1:{port}/"))).await.unwrap();
    assert!(std::str::from_utf8(&answer.body).unwrap().contains("content-length: 0"));
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                while read_request(&mut stream).await.is_some() {
                    stream.write_all(&ok("x")).await.unwrap();
                }
            });
        }
    });
    let client = desk();
    for _ in 0..5 {
        client.send(get(&format!("http://127.0.0.1:{port}/"))).await.unwrap();
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_before_anything_is_sent() {
    let client = Client::with_names(
        &Settings::default(),
        table(&[
            ("inside.test", &["10.0.0.7"]),
            ("mixed.test", &["1.1.1.1", "192.168.0.1"]),
            ("metadata.test", &["fd00:ec2::254"]),
            ("localhost", &["127.0.0.1", "::1"]),
        ]),
    )
    .unwrap();
    for url in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/",
        "http://inside.test/",
        "https://mixed.test/",
        "http://metadata.test/",
        "http://localhost:8080/",
        "ftp://shop.test/",
        "file:///etc/passwd",
        "http://0/",
    ] {
        let error = client.send(get(url)).await.unwrap_err();
        assert_eq!(error.kind, HttpErrorKind::Forbidden, "{url}: {error}");
        assert!(!error.may_have_been_sent, "{url}");
    }
}

#[tokio::test]
async fn allowing_loopback_allows_nothing_else() {
    let client = named(&[("inside.test", &["10.0.0.7"])]);
    for url in ["http://inside.test/", "http://10.0.0.7/", "http://169.254.169.254/"] {
        assert_eq!(client.send(get(url)).await.unwrap_err().kind, HttpErrorKind::Forbidden, "{url}");
    }
}

#[test]
fn loopback_cannot_be_allowed_in_aws() {
    let settings = Settings { allow_loopback: true, in_aws: true, ..Settings::default() };
    assert!(matches!(Client::new(&settings), Err(SettingsError::LoopbackInAws)));
    assert!(Client::new(&Settings { in_aws: true, ..Settings::default() }).is_ok());
}

#[test]
fn a_root_that_is_no_certificate_is_refused_with_its_number() {
    let settings = Settings { extra_roots: vec![b"not a certificate".to_vec()], ..Settings::default() };
    assert!(matches!(Client::new(&settings), Err(SettingsError::Root { number: 1 })));
}

#[tokio::test]
async fn a_name_may_stand_for_a_shop_on_this_machine_and_for_nothing_else() {
    let port =
        serve(|request| ok(request.lines().find(|line| line.starts_with("host:")).unwrap_or_default())).await;
    let stand_in = |to: &str, allow_loopback| Settings {
        allow_loopback,
        stand_ins: [("one.shops.test".to_owned(), to.parse().unwrap())].into(),
        ..Settings::default()
    };
    let client = Client::new(&stand_in(&format!("127.0.0.1:{port}"), true)).unwrap();
    let answer = client.send(get("http://one.shops.test/x")).await.unwrap();
    assert_eq!(answer.body.as_ref(), b"host: one.shops.test");
    let error = client.send(get("http://two.shops.test/x")).await.unwrap_err();
    assert_eq!(error.kind, HttpErrorKind::Name, "no other name leads there");
    for (to, allow_loopback) in [("127.0.0.1:1", false), ("10.0.0.1:1", true), ("169.254.169.254:80", true)] {
        let refused = Client::new(&stand_in(to, allow_loopback));
        assert!(matches!(refused, Err(SettingsError::StandIn(name)) if name == "one.shops.test"), "{to}");
    }
}

#[tokio::test]
async fn a_name_without_an_address_and_a_closed_port_are_told_apart() {
    let error = desk().send(get("http://nowhere.test/")).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Name, false));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut call =
        request(Method::POST, &format!("http://shop.test:{}/path?secret=hidden-word", closed.port()));
    call.body = Bytes::from_static(b"body-word");
    let error = desk().send(call).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Connect, false));
    assert!(error.message.contains("shop.test"));
    for hidden in ["path", "hidden-word", "body-word"] {
        assert!(!error.message.contains(hidden), "{error}");
    }
}

#[tokio::test]
async fn a_silent_shop_times_out_and_may_have_been_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut call = request(Method::POST, &format!("http://127.0.0.1:{port}/"));
    call.body = Bytes::from_static(b"x");
    call.timeout = Duration::from_millis(200);
    let error = desk().send(call).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Timeout, true));
}

#[tokio::test]
async fn a_write_that_waits_for_tls_has_not_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut call = request(Method::POST, &format!("https://127.0.0.1:{port}/"));
    call.body = Bytes::from_static(b"x");
    call.timeout = Duration::from_millis(200);
    let error = desk().send(call).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Timeout, false));
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_broken() {
    let port = serve(|_| Vec::new()).await;
    let error = desk().send(get(&format!("http://127.0.0.1:{port}/"))).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Broken, true));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await.unwrap();
    });
    let error = desk().send(get(&format!("http://127.0.0.1:{port}/"))).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Broken, true));
}

#[tokio::test]
async fn answers_larger_than_the_limit_are_not_read() {
    let told = serve(|_| ok(&"x".repeat(1001))).await;
    let untold = serve(|_| {
        let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n").into_bytes()
    })
    .await;
    // One million times `a`, compressed: 1,003 bytes on the wire.
    let bomb = serve(|_| {
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            include_bytes!("bomb.gz").len()
        )
        .into_bytes();
        answer.extend_from_slice(include_bytes!("bomb.gz"));
        answer
    })
    .await;
    for (port, max_bytes) in [(told, 1000), (untold, 1000), (bomb, 999_999)] {
        let mut call = get(&format!("http://127.0.0.1:{port}/"));
        call.max_bytes = max_bytes;
        let error = desk().send(call.clone()).await.unwrap_err();
        assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::TooLarge, true));
        call.max_bytes = 1_000_000;
        assert!(desk().send(call).await.unwrap().body.len() > 1000);
    }
}

#[tokio::test]
async fn reads_follow_redirects_and_keep_their_credentials_on_the_same_shop() {
    let port =
        serve(
            |request| {
                if request.starts_with("GET /old") { moved(301, "/new") } else { ok(&request.to_lowercase()) }
            },
        )
        .await;
    let mut call = get(&format!("http://shop.test:{port}/old"));
    call.headers.insert("authorization", HeaderValue::from_static("Basic word"));
    let answer = desk().send(call).await.unwrap();
    let seen = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(seen.starts_with("get /new") && seen.contains("authorization: basic word"), "{seen}");
}

#[tokio::test]
async fn another_host_gets_no_credentials() {
    let other = serve(|request| ok(&request.to_lowercase())).await;
    let port = serve(move |request| {
        let secret = request.split_whitespace().nth(1).unwrap().split('?').nth(1).map(ToOwned::to_owned);
        match secret {
            Some(query) => moved(302, &format!("http://other.test:{other}/?{query}")),
            None => moved(302, &format!("http://evil:word@other.test:{other}/")),
        }
    })
    .await;
    let mut call = get(&format!("http://shop.test:{port}/"));
    call.headers.insert("authorization", HeaderValue::from_static("Basic word"));
    call.headers.insert("x-access-token", HeaderValue::from_static("word"));
    call.headers.insert("accept", HeaderValue::from_static("application/json"));
    let answer = desk().send(call.clone()).await.unwrap();
    let seen = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(seen.contains("accept: application/json"));
    assert!(!seen.contains("word") && !seen.contains("authorization"), "{seen}");
    call.url.set_query(Some("consumer_secret=cs_0123456789"));
    let error = desk().send(call).await.unwrap_err();
    assert_eq!(error.kind, HttpErrorKind::Redirect);
    assert!(error.message.contains("other.test") && !error.message.contains("cs_"), "{error}");
}

#[tokio::test]
async fn a_write_is_never_redirected() {
    for (status, perhaps) in [(301, false), (302, true), (303, true), (307, false), (308, false)] {
        let port = serve(move |_| moved(status, "https://www.shop.test/wp-json?key=hidden-word")).await;
        let mut call = request(Method::POST, &format!("http://shop.test:{port}/"));
        call.body = Bytes::from_static(b"x");
        let error = desk().send(call).await.unwrap_err();
        assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Redirect, perhaps), "{status}");
        assert!(
            error.message.contains("https://www.shop.test") && !error.message.contains("hidden"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn redirects_end_after_five_and_may_not_lead_inside() {
    let port = serve(|request| {
        let number: usize = request.split_whitespace().nth(1).unwrap()[1..].parse().unwrap();
        if number == 0 { ok("there") } else { moved(302, &format!("/{}", number - 1)) }
    })
    .await;
    assert!(desk().send(get(&format!("http://127.0.0.1:{port}/5"))).await.is_ok());
    let error = desk().send(get(&format!("http://127.0.0.1:{port}/6"))).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Redirect, true));
    for inside in
        ["http://169.254.169.254/", "http://10.0.0.1/", "http://inside.test/", "gopher://shop.test/"]
    {
        let port = serve(move |_| moved(302, inside)).await;
        let client = named(&[("inside.test", &["10.0.0.7"])]);
        let error = client.send(get(&format!("http://127.0.0.1:{port}/"))).await.unwrap_err();
        assert_eq!(
            (error.kind, error.may_have_been_sent),
            (HttpErrorKind::Redirect, true),
            "{inside}: {error}"
        );
    }
}

/// A TLS server for `shop.test` with a root of its own; gives its port and the root as PEM.
async fn serve_tls(answer: Vec<u8>) -> (u16, String) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).unwrap();
    let issuer = Issuer::from_params(&params, &key);
    let leaf_key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["shop.test".to_owned()]).unwrap().signed_by(&leaf_key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            rustls_pki_types::PrivateKeyDer::try_from(leaf_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, root.pem())
}

#[tokio::test]
async fn certificates_are_checked_against_the_roots_that_were_given() {
    let (port, root) = serve_tls(ok("sealed")).await;
    let names = || table(&[("shop.test", &["127.0.0.1"]), ("other.test", &["127.0.0.1"])]);
    let url = format!("https://shop.test:{port}/");
    let error = desk().send(get(&url)).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Tls, false), "{error}");
    let settings =
        Settings { allow_loopback: true, extra_roots: vec![root.into_bytes()], ..Settings::default() };
    let client = Client::with_names(&settings, names()).unwrap();
    assert_eq!(client.send(get(&url)).await.unwrap().body.as_ref(), b"sealed");
    let error = client.send(get(&format!("https://other.test:{port}/"))).await.unwrap_err();
    assert_eq!(error.kind, HttpErrorKind::Tls);
    assert!(error.message.contains("names another host"), "{error}");
}

#[tokio::test]
async fn https_to_a_plain_port_is_a_tls_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let talker = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = desk().send(get(&format!("https://shop.test:{talker}/"))).await.unwrap_err();
    assert_eq!((error.kind, error.may_have_been_sent), (HttpErrorKind::Tls, false), "{error}");
}

#[tokio::test]
async fn https_is_never_left_for_http() {
    let (port, root) = serve_tls(moved(302, "http://shop.test/")).await;
    let settings =
        Settings { allow_loopback: true, extra_roots: vec![root.into_bytes()], ..Settings::default() };
    let client = Client::with_names(&settings, table(&[("shop.test", &["127.0.0.1"])])).unwrap();
    let error = client.send(get(&format!("https://shop.test:{port}/"))).await.unwrap_err();
    assert_eq!(error.kind, HttpErrorKind::Redirect);
    assert!(error.message.contains("without it"), "{error}");
}
