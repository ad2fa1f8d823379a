use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use platform::{Authorize, Begin, Delivery, ErrorKind, HttpErrorKind, Platform};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Reply, Script, complains, list, ok, run, says};
use crate::WooCommerce;

const PASTED: &str = r#"{"v":"1","consumer_key":"ck_abcdef","consumer_secret":"cs_abcdef"}"#;
const INDEX: &str = r#"{"name":"Rig","home":"https://shop.example","gmt_offset":-5,"timezone_string":"","namespaces":["wp/v2","wc/v3"]}"#;

fn no_such_page() -> Reply {
    says(404, "<html>Not Found</html>")
}

fn moved(to: &str) -> Reply {
    Reply::Answer(301, vec![("location", to.to_owned())], String::new())
}

fn anonymous() -> Reply {
    complains(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
}

fn denied(message: &str) -> Reply {
    complains(401, "woocommerce_rest_authentication_error", message)
}

/// What a healthy shop says once it lets us in.
fn rest_of_proof() -> Vec<Reply> {
    vec![
        ok(r#"{"code":"GBP","name":"Pound"}"#),
        ok(r#"{"id":"woocommerce_manage_stock","value":"yes"}"#),
        ok("[]"),
        list("[]", 3),
    ]
}

fn script(address: &str, begin: Vec<Reply>, rest: Vec<Reply>) -> Script {
    Script::at(address, PASTED, begin.into_iter().chain(rest).collect())
}

fn kept(proof: &platform::Proof) -> serde_json::Value {
    serde_json::from_str(proof.credentials.expose_secret()).unwrap()
}

#[test]
fn a_healthy_shop_is_proved() {
    let script = script("https://shop.example", vec![ok(INDEX), list("[]", 3)], rest_of_proof());
    let proof = run(WooCommerce.prove(&script.ctx())).unwrap();
    assert_eq!((proof.name.as_str(), proof.shop.shop.as_str()), ("Rig", "shop.example"));
    assert_eq!((proof.currency.unwrap().as_str(), proof.zone.as_deref()), ("GBP", Some("UTC-5")));
    assert!(proof.findings.is_empty(), "{:?}", proof.findings);
    let kept = kept(&proof);
    assert_eq!(kept["route"]["way"], "basic");
    assert_eq!(kept["route"]["variations"], true);
    assert_eq!(kept["permissions"], "read_write");
    let secret = kept["webhook_secret"].as_str().unwrap();
    assert!(secret.len() >= 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let seen = script.seen.lock().unwrap();
    assert!(!seen[0].headers.contains_key("authorization"), "the index is asked without keys");
    assert_eq!(seen[1].headers["authorization"], "Basic Y2tfYWJjZGVmOmNzX2FiY2RlZg==");
    drop(seen);
    script.is_done();
}

#[test]
fn a_stripped_header_is_passed_with_the_query_and_reported() {
    let script = script("https://shop.example", vec![ok(INDEX), anonymous(), list("[]", 3)], rest_of_proof());
    let proof = run(WooCommerce.prove(&script.ctx())).unwrap();
    assert_eq!(kept(&proof)["route"]["way"], "query");
    assert_eq!(proof.findings[0].code, "keys-in-address");
    assert!(script.calls()[2].contains("consumer_key=ck_abcdef&consumer_secret=cs_abcdef"));
}

#[test]
fn a_shop_that_does_not_notice_https_is_signed_for() {
    for (refusals, home) in [(0, "http://shop.example"), (1, "https://shop.example")] {
        let mut begin = vec![ok(INDEX), anonymous(), anonymous()];
        begin.extend((0..refusals).map(|_| denied("Invalid signature - provided signature does not match.")));
        begin.push(list("[]", 3));
        let script = script("https://shop.example", begin, rest_of_proof());
        let proof = run(WooCommerce.prove(&script.ctx())).unwrap();
        assert_eq!(kept(&proof)["route"]["way"], "oauth1");
        assert_eq!(kept(&proof)["route"]["signed_home"], home);
        assert_eq!(proof.findings[0].code, "https-unnoticed");
        let seen = script.seen.lock().unwrap();
        let query = seen[3].url.query().unwrap();
        assert!(query.contains("oauth_signature_method=HMAC-SHA256") && query.contains("&oauth_signature="));
        assert!(!query.contains("oauth_version") && !seen[3].headers.contains_key("authorization"));
    }
}

#[test]
fn plain_permalinks_and_http_are_found() {
    let index = INDEX.replace("https://shop.example", "http://shop.example/store");
    let script =
        script("http://shop.example/store", vec![no_such_page(), ok(&index), list("[]", 3)], rest_of_proof());
    let proof = run(WooCommerce.prove(&script.ctx())).unwrap();
    let codes: Vec<_> = proof.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["plain-permalinks", "no-https"]);
    let calls = script.calls();
    assert_eq!(calls[1], "GET /store/?rest_route=/");
    assert_eq!(calls[2], "GET /store/?per_page=1&rest_route=%2Fwc%2Fv3%2Fproducts&via=wp-json/wc/");
}

#[test]
fn the_shops_own_address_is_followed() {
    let index = INDEX.replace("https://shop.example", "https://www.shop.example");
    let script = script("https://shop.example", vec![ok(&index), ok(&index), list("[]", 3)], rest_of_proof());
    let proof = run(WooCommerce.prove(&script.ctx())).unwrap();
    assert_eq!(
        (proof.shop.shop.as_str(), proof.shop.address.as_str()),
        ("www.shop.example", "https://www.shop.example")
    );
    assert_eq!(script.seen.lock().unwrap()[2].url.host_str(), Some("www.shop.example"));
}

#[test]
fn each_refusal_has_its_own_advice() {
    let table = [
        (vec![denied("Consumer secret is invalid.")], ErrorKind::Unauthorized, "wrong-secret"),
        (
            vec![anonymous(), anonymous(), denied("Consumer key is invalid.")],
            ErrorKind::Unauthorized,
            "unknown-key",
        ),
        (
            vec![denied("The API key provided does not have read permissions.")],
            ErrorKind::Unauthorized,
            "write-only-key",
        ),
        (vec![anonymous(), anonymous(), denied("Invalid timestamp.")], ErrorKind::Unavailable, "clock"),
        (vec![complains(403, "woocommerce_rest_cannot_view", "Sorry")], ErrorKind::Unauthorized, "no-rights"),
        (vec![anonymous(), anonymous(), anonymous(), anonymous()], ErrorKind::Unauthorized, "anonymous"),
        (vec![says(403, "<html>Request blocked</html>")], ErrorKind::Unavailable, "403"),
        (vec![Reply::Fails(HttpErrorKind::Tls)], ErrorKind::Unavailable, "tls"),
    ];
    let mut told = Vec::new();
    for (replies, kind, code) in table {
        let mut begin = vec![ok(INDEX)];
        begin.extend(replies);
        let script = script("https://shop.example", begin, Vec::new());
        let error = run(WooCommerce.prove(&script.ctx())).unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(code)));
        assert!(!error.message.contains("abcdef"), "{}", error.message);
        told.push(error.message);
        script.is_done();
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 8, "{told:?}");
}

#[test]
fn what_is_no_shop_is_told_apart() {
    let without = INDEX.replace(",\"wc/v3\"", "");
    let closed = || complains(401, "rest_not_logged_in", "You are not logged in.");
    let table = [
        (vec![no_such_page(), no_such_page()], ErrorKind::Unsupported, "permalinks"),
        (
            vec![says(200, "<html>Hello</html>"), says(200, "<html>Hello</html>")],
            ErrorKind::Malformed,
            "web page",
        ),
        (vec![ok(&without)], ErrorKind::Unsupported, "WooCommerce"),
        (vec![ok("{\"hello\":1}"), ok("{}")], ErrorKind::Unsupported, "WordPress"),
        (vec![says(503, "<html>Maintenance</html>")], ErrorKind::Unavailable, "maintenance"),
        (
            vec![says(500, "<h1>Error establishing a database connection</h1>")],
            ErrorKind::Unavailable,
            "database",
        ),
        (vec![Reply::Fails(HttpErrorKind::Name)], ErrorKind::Unavailable, "domain"),
        (vec![Reply::Fails(HttpErrorKind::Redirect)], ErrorKind::Rejected, "another address"),
        (vec![moved("https://new.example/wp-json/?x=1")], ErrorKind::Rejected, "(https://new.example)"),
        (vec![closed(), closed(), closed(), closed(), closed()], ErrorKind::Unauthorized, "plugin"),
    ];
    for (at, (replies, kind, words)) in table.into_iter().enumerate() {
        let script = script("https://shop.example", replies, Vec::new());
        let error = run(WooCommerce.prove(&script.ctx())).unwrap_err();
        assert_eq!(error.kind, kind, "{at}: {}", error.message);
        assert!(error.message.contains(words), "{at}: {}", error.message);
        script.is_done();
    }
}

#[test]
fn what_keeps_stock_from_being_written_is_found() {
    let rest = vec![
        says(404, "<html>"),
        ok(r#"{"id":"woocommerce_currency","value":"JPY"}"#),
        ok(r#"{"id":"woocommerce_manage_stock","value":"no"}"#),
        denied("The API key provided does not have write permissions."),
        complains(404, "rest_no_route", "No route"),
    ];
    let script = script("https://shop.example", vec![ok(INDEX), list("[]", 3)], rest);
    let proof = run(WooCommerce.prove(&script.ctx())).unwrap();
    let blocking: Vec<_> =
        proof.findings.iter().filter(|finding| finding.blocks_writing).map(|finding| finding.code).collect();
    assert_eq!(blocking, ["read-only-key", "stock-off"]);
    assert_eq!(proof.currency.unwrap().as_str(), "JPY");
    assert_eq!(
        (kept(&proof)["permissions"].as_str(), kept(&proof)["route"]["variations"].as_bool()),
        (Some("read"), Some(false))
    );
}

#[test]
fn the_browsers_way_begins_and_ends() {
    let shop = WooCommerce.shop_of("shop.example/store").unwrap();
    let url = |text: &str| Url::parse(text).unwrap();
    let (callback, back) = (url("https://hub.example/callback"), url("https://hub.example/return?a=b"));
    let begin = |callback: &Url, state: &str| {
        WooCommerce.begin(&Begin {
            shop: &shop,
            callback,
            return_to: &back,
            state,
            app_name: "Store loom",
            app: None,
        })
    };
    let page = begin(&callback, "Abc123").unwrap();
    assert_eq!(
        page.as_str(),
        "https://shop.example/store/wc-auth/v1/authorize?app_name=Store%20loom&scope=read_write&user_id=Abc123&return_url=https%3A%2F%2Fhub.example%2Freturn%3Fa%3Db&callback_url=https%3A%2F%2Fhub.example%2Fcallback"
    );
    for (callback, state) in [
        (url("http://hub.example/callback"), "Abc123"),
        (callback.clone(), "a-b"),
        (callback.clone(), ""),
        (url("https://hub.example/a%20b"), "Abc123"),
        (url("https://hub.example/?a=b+c"), "Abc123"),
    ] {
        assert_eq!(begin(&callback, state).unwrap_err().kind, ErrorKind::Rejected);
    }
    let body = r#"{"key_id":4,"user_id":"Abc123","consumer_key":"ck_717118f3946a","consumer_secret":"cs_2576ffd2145b","key_permissions":"read"}"#;
    let (headers, bytes) = (HeaderMap::new(), Bytes::from_static(body.as_bytes()));
    let answer = Delivery { headers: &headers, query: "", body: &bytes };
    assert_eq!(WooCommerce.state_of(&answer).unwrap(), "Abc123");
    let script = Script::of("{}", Vec::new());
    let document = run(WooCommerce.redeem(&script.ctx(), &answer)).unwrap();
    let document: serde_json::Value = serde_json::from_str(document.expose_secret()).unwrap();
    assert_eq!(document["permissions"], "read");
    assert_eq!(document["webhook_secret"].as_str().unwrap().len(), 64);
    for strange in ["", "[]", "{}", r#"{"user_id":"x","consumer_key":"<b>","consumer_secret":"cs_1"}"#] {
        let bytes = Bytes::from_static(strange.as_bytes());
        let answer = Delivery { headers: &headers, query: "", body: &bytes };
        assert_eq!(run(WooCommerce.redeem(&script.ctx(), &answer)).unwrap_err().kind, ErrorKind::Malformed);
    }
}

fn paste(pairs: &[(&str, &str)]) -> platform::Result<SecretString> {
    let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value)));
    WooCommerce.paste(&fields.collect::<BTreeMap<_, _>>())
}

#[test]
fn pasted_keys_are_looked_at() {
    for names in [["consumer_key", "consumer_secret"], ["key", "secret"]] {
        let paste = |key, secret| paste(&[(names[0], key), (names[1], secret)]);
        assert!(paste(" ck_717118f3946a ", "cs_2576ffd2145b\n").is_ok());
        for (key, secret, named) in [
            ("", "cs_2576ffd2145b", "consumer_key"),
            ("ck_717118f3946a", "", "consumer_secret"),
            ("cs_2576ffd2145b", "ck_717118f3946a", names[0]),
            ("ck_717118f3946a", "cs_2576 ffd2145b", names[1]),
            ("ck_", "cs_2576ffd2145b", names[0]),
        ] {
            let error = paste(key, secret).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Rejected);
            assert!(error.message.contains(&format!("`{named}` ")), "{}", error.message);
            assert!(!error.message.contains("2576"), "{}", error.message);
        }
    }
}

#[test]
fn both_names_of_a_pasted_key_make_the_same_document() {
    let (key, secret) = ("ck_717118f3946a", "cs_2576ffd2145b");
    let kept = |pairs: &[(&str, &str)]| paste(pairs).unwrap().expose_secret().to_owned();
    let own = kept(&[("consumer_key", key), ("consumer_secret", secret)]);
    assert_eq!(kept(&[("key", key), ("secret", secret)]), own);
    assert_eq!(
        kept(&[("consumer_key", " "), ("key", key), ("consumer_secret", secret), ("secret", "")]),
        own
    );
    let other = kept(&[("consumer_key", key), ("key", "ck_ffffffff"), ("secret", secret)]);
    assert_eq!(other, own, "the shop's own name comes first");
}

#[test]
fn every_capability_is_there() {
    let shop = WooCommerce;
    assert!(shop.authorize().is_some() && shop.webhooks().is_some() && shop.subscribe().is_some());
    assert!(shop.pull_catalog().is_some() && shop.pull_orders().is_some() && shop.pull_customers().is_some());
    assert!(shop.fetch().is_some() && shop.read_stock().is_some() && shop.push_stock().is_some());
    assert!(shop.write_listing().is_some());
    assert_eq!(shop.slug().as_str(), "woocommerce");
}
