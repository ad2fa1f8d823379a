use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use platform::{ErrorKind, Fetch as _, HttpErrorKind, Response, Retry};
use serde_json::Value;

use super::{PROVED, Reply, Script, data, run, says};
use crate::Shopify;
use crate::read::{Asked, read};

const HTML: &str = "<!DOCTYPE html><html><body>Something went wrong</body></html>";
const BUCKET: &str = r#""extensions":{"cost":{"requestedQueryCost":752,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":1000.0,"currentlyAvailable":252,"restoreRate":50.0}}}"#;

fn response(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Response {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: Bytes::from(body.to_owned()),
    }
}

/// Status, headers and body of an answer, and kind, retry, code and doubt of what it means.
type Row<'a> = (u16, &'a [(&'static str, &'a str)], &'a str, ErrorKind, i64, &'a str, bool);

/// Kind, retry in seconds (0 never, -1 later), code, and whether a write may have taken effect.
fn refused(status: u16, headers: &[(&'static str, &str)], body: &str) -> (ErrorKind, i64, String, bool) {
    let error = read(Asked { op: "t", writes: true }, &response(status, headers, body)).err().unwrap();
    let retry = match error.retry {
        Retry::Never => 0,
        Retry::Backoff => -1,
        Retry::After(wait) => i64::try_from(wait.as_secs()).unwrap(),
    };
    assert!(!error.message.contains("{\"") && !error.message.contains("<html"), "{}", error.message);
    (error.kind, retry, error.code.unwrap_or_default(), error.may_have_taken_effect)
}

#[test]
fn every_answer_has_one_meaning() {
    use ErrorKind::{Malformed, RateLimited, Rejected, Unauthorized, Unavailable, Unexpected};
    let graph = |code: &str| format!(r#"{{"errors":[{{"message":"m","extensions":{{"code":"{code}"}}}}]}}"#);
    let dead = r#"{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}"#;
    let throttled =
        format!(r#"{{"errors":[{{"message":"Throttled","extensions":{{"code":"THROTTLED"}}}}],{BUCKET}}}"#);
    let denied = r#"{"data":null,"errors":[{"message":"Access denied for orders field. Required access: `read_orders` access scope.","path":["orders"],"extensions":{"code":"ACCESS_DENIED"}}]}"#;
    let table: [Row<'_>; 25] = [
        (401, &[], dead, Unauthorized, 0, "401", false),
        (200, &[], dead, Unauthorized, 0, "401", false),
        (402, &[], r#"{"errors":"Unavailable Shop"}"#, Unavailable, 900, "402", false),
        (423, &[], r#"{"errors":"Locked"}"#, Unavailable, 900, "423", false),
        (403, &[], r#"{"errors":"Forbidden"}"#, Unauthorized, 0, "403", false),
        (403, &[], HTML, Unavailable, -1, "403", false),
        (404, &[], r#"{"errors":"Not Found"}"#, Rejected, 0, "404", false),
        (301, &[("location", "https://x.example")], "", Rejected, 0, "301", false),
        (
            429,
            &[("retry-after", "2.0")],
            r#"{"errors":"Exceeded 2 calls per second"}"#,
            RateLimited,
            2,
            "429",
            false,
        ),
        (429, &[("retry-after", "1.4")], "", RateLimited, 2, "429", false),
        (429, &[], "", RateLimited, -1, "429", false),
        (430, &[], "", RateLimited, 60, "430", false),
        (500, &[], HTML, Unavailable, -1, "500", true),
        (503, &[("retry-after", "30")], HTML, Unavailable, 30, "503", true),
        (520, &[], "", Unavailable, -1, "520", true),
        (418, &[], "", Unexpected, 0, "418", false),
        (422, &[], "{}", Unexpected, 0, "422", false),
        (200, &[], HTML, Malformed, -1, "page", true),
        (200, &[], r#"{"data":{"shop":{"id"#, Malformed, -1, "shape", true),
        (200, &[], "{}", Malformed, 0, "shape", true),
        (200, &[], &throttled, RateLimited, 10, "THROTTLED", false),
        (200, &[], denied, Rejected, 0, "ACCESS_DENIED", false),
        (200, &[], &graph("MAX_COST_EXCEEDED"), Rejected, 0, "MAX_COST_EXCEEDED", false),
        (200, &[], &graph("INTERNAL_SERVER_ERROR"), Unavailable, -1, "INTERNAL_SERVER_ERROR", true),
        (200, &[], &graph("BAD_REQUEST"), Unexpected, 0, "BAD_REQUEST", false),
    ];
    for (status, headers, body, kind, retry, code, unsure) in table {
        let expected = (kind, retry, code.to_owned(), unsure);
        assert_eq!(refused(status, headers, body), expected, "{status} {body}");
    }
    let inactive = refused(200, &[], &graph("SHOP_INACTIVE"));
    assert_eq!((inactive.0, inactive.1), (Unavailable, 900));
}

#[test]
fn a_refusal_names_the_scope_that_is_missing() {
    let body = r#"{"errors":[{"message":"Access denied for orders field. Required access: `read_orders` access scope or `read_marketplace_orders` access scope.","extensions":{"code":"ACCESS_DENIED"}}]}"#;
    let error = read(Asked { op: "t", writes: false }, &response(200, &[], body)).unwrap_err();
    assert!(error.message.contains("`read_orders`, `read_marketplace_orders`"), "{}", error.message);
}

#[test]
fn data_beside_errors_is_an_error_where_it_is_needed() {
    let body = r#"{"data":{"a":1,"b":null},"errors":[{"message":"Access denied for b","path":["b"],"extensions":{"code":"ACCESS_DENIED"}}]}"#;
    let answer = read(Asked { op: "t", writes: false }, &response(200, &[], body)).unwrap();
    assert_eq!(answer.shaped::<Value>().unwrap_err().kind, ErrorKind::Rejected);
    assert_eq!(answer.shaped_but::<Value>(|error| error.root() == Some("b")).unwrap()["a"], 1);
}

#[test]
fn a_search_that_is_not_understood_finds_nothing_here() {
    let body = r#"{"data":{"products":[]},"extensions":{"search":[{"path":["products"],"query":"horoscope:1","warnings":[{"field":"horoscope","message":"Invalid search field","code":"invalid_field"}]}]}}"#;
    let answer = read(Asked { op: "t", writes: false }, &response(200, &[], body)).unwrap();
    let error = answer.shaped::<Value>().unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unexpected, Some("search-warning")));
    let fine =
        body.replace(r#"{"field":"horoscope","message":"Invalid search field","code":"invalid_field"}"#, "");
    assert!(
        read(Asked { op: "t", writes: false }, &response(200, &[], &fine)).unwrap().shaped::<Value>().is_ok()
    );
}

#[test]
fn the_bucket_and_the_clock_of_the_shop_are_read() {
    let body = format!(r#"{{"data":{{}},{BUCKET}}}"#);
    let date = [("date", "Sat, 21 Nov 2026 10:00:00 GMT")];
    let answer = read(Asked { op: "t", writes: false }, &response(200, &date, &body)).unwrap();
    assert_eq!(answer.shop_time.unwrap().to_string(), "2026-11-21T10:00:00Z");
    assert_eq!(answer.cost.unwrap().wait_for(752), Some(Duration::from_secs(10)));
}

#[test]
fn no_answer_has_a_meaning_too() {
    let about = domain::event::About::Order(domain::RemoteOrderId::new("7"));
    for (cause, kind) in [
        (HttpErrorKind::Timeout, ErrorKind::Unavailable),
        (HttpErrorKind::Name, ErrorKind::Unavailable),
        (HttpErrorKind::Forbidden, ErrorKind::Rejected),
        (HttpErrorKind::TooLarge, ErrorKind::Malformed),
    ] {
        let script = Script::of(PROVED, vec![Reply::Fails(cause)]);
        let error = run(Shopify.fetch(&script.ctx(), &about)).unwrap_err();
        assert_eq!((error.kind, error.may_have_taken_effect), (kind, false));
    }
}

#[test]
fn a_shop_that_is_not_there_is_no_record_that_is_gone() {
    let about = domain::event::About::Order(domain::RemoteOrderId::new("7"));
    let script = Script::of(PROVED, vec![says(404, r#"{"errors":"Not Found"}"#)]);
    assert_eq!(run(Shopify.fetch(&script.ctx(), &about)).unwrap_err().kind, ErrorKind::Rejected);
    let all = PROVED.replace("read_orders", "read_all_orders");
    let script = Script::of(&all, vec![data(r#"{"order":null}"#)]);
    let events = run(Shopify.fetch(&script.ctx(), &about)).unwrap();
    assert_eq!(events, [domain::event::Event::OrderGone(domain::RemoteOrderId::new("7"))]);
    let request = &script.seen.lock().unwrap()[0];
    assert_eq!(request.url.as_str(), "https://my-shop.myshopify.com/admin/api/2026-10/graphql.json");
    assert_eq!(request.headers["x-shopify-access-token"], "shpat_nobody");
}
