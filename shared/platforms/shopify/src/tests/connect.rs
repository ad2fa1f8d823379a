use std::collections::BTreeMap;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::RemoteShop;
use http::HeaderMap;
use platform::{Authorize as _, Begin, Delivery, ErrorKind, ShopAddress};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{APP, PROVED, Reply, Script, data, run, says};
use crate::Shopify;
use crate::query_signature::hmac_sha256;

const NOW: i64 = 1_795_255_200;

fn signed(secret: &str, query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    let hmac = HEXLOWER.encode(&hmac_sha256(secret.as_bytes(), pairs.join("&").as_bytes()));
    format!("{query}&hmac={hmac}")
}

fn with_query<T>(query: &str, act: impl FnOnce(&Delivery<'_>) -> T) -> T {
    let (headers, body) = (HeaderMap::new(), Bytes::new());
    act(&Delivery { headers: &headers, query, body: &body })
}

fn shop() -> ShopAddress {
    ShopAddress {
        shop: RemoteShop::new("my-shop.myshopify.com"),
        address: "https://my-shop.myshopify.com".into(),
    }
}

#[test]
fn the_owners_browser_is_sent_to_the_shop() {
    assert!(Shopify.answers_by_browser());
    let callback: Url = "https://hub.example/oauth/shopify/callback".parse().unwrap();
    let (shop, app) = (shop(), SecretString::from(APP));
    let begin = Begin {
        shop: &shop,
        callback: &callback,
        return_to: &callback,
        state: "abc123",
        app_name: "x",
        app: Some(&app),
    };
    let url = Shopify.begin(&begin).unwrap();
    assert_eq!(
        url.as_str(),
        "https://my-shop.myshopify.com/admin/oauth/authorize?client_id=our-id&scope=read_products%2Cwrite_inventory\
         &redirect_uri=https%3A%2F%2Fhub.example%2Foauth%2Fshopify%2Fcallback&state=abc123"
    );
    assert_eq!(Shopify.begin(&Begin { app: None, ..begin.clone() }).unwrap_err().kind, ErrorKind::Rejected);
    assert_eq!(Shopify.begin(&Begin { state: "a&b", ..begin }).unwrap_err().kind, ErrorKind::Rejected);
}

#[test]
fn an_installation_that_begins_in_the_shop_is_checked() {
    let app = SecretString::from(APP);
    let now = jiff::Timestamp::from_second(NOW).unwrap();
    let install = |query: &str| with_query(query, |request| Shopify.install(request, &app, now));
    let right = format!("shop=my-shop.myshopify.com&timestamp={NOW}&host=YWRtaW4");
    for secret in ["new-secret", "old-secret"] {
        assert_eq!(install(&signed(secret, &right)).unwrap(), shop());
    }
    for query in [
        signed("guess", &right),
        right.clone(),
        signed("new-secret", &right).replace("my-shop", "other"),
        signed("new-secret", &format!("shop=my-shop.myshopify.com&timestamp={}", NOW - 91)),
        signed("new-secret", &format!("shop=evil.example&timestamp={NOW}")),
        signed("new-secret", &format!("timestamp={NOW}")),
    ] {
        assert_eq!(install(&query).unwrap_err().kind, ErrorKind::Unauthorized, "{query}");
    }
}

#[test]
fn the_state_is_read_before_anything_is_believed() {
    let state = |query: &str| with_query(query, |answer| Shopify.state_of(answer));
    assert_eq!(state("code=1&state=abc123&hmac=x").unwrap(), "abc123");
    for query in ["", "code=1", "state=", "state=a&state=b", "state=a%26b"] {
        assert_eq!(state(query).unwrap_err().kind, ErrorKind::Malformed, "{query}");
    }
}

fn redeem(query: &str, reply: Option<Reply>) -> (Result<String, ErrorKind>, Option<Value>) {
    let script = Script::of("", reply.into_iter().collect()).with_app();
    let redeemed = with_query(query, |answer| run(Shopify.redeem(&script.ctx(), answer)));
    let sent = script.seen.lock().unwrap().first().map(|request| {
        assert_eq!(request.url.as_str(), "https://my-shop.myshopify.com/admin/oauth/access_token");
        assert!(request.headers.get("x-shopify-access-token").is_none());
        serde_json::from_slice(&request.body).unwrap()
    });
    let redeemed = redeemed.map(|document| document.expose_secret().to_owned()).map_err(|error| error.kind);
    (redeemed, sent)
}

#[test]
fn a_code_becomes_a_token() {
    let right = format!("code=c0de&host=YWRtaW4&shop=my-shop.myshopify.com&state=abc&timestamp={NOW}");
    let given = r#"{"access_token":"shpat_new","scope":"read_products","expires_in":3600,"refresh_token":"shprt_new","refresh_token_expires_in":7776000}"#;
    let (document, sent) = redeem(&signed("new-secret", &right), Some(says(200, given)));
    let document: Value = serde_json::from_str(&document.unwrap()).unwrap();
    assert_eq!(document["grant"]["token"]["expires_at"], "2026-11-21T11:00:00Z");
    assert_eq!(document["grant"]["token"]["renew_at"], "2026-11-21T10:55:00Z");
    assert_eq!(document["grant"]["refresh_token"], "shprt_new");
    assert_eq!(
        sent.unwrap().to_string(),
        r#"{"client_id":"our-id","client_secret":"new-secret","code":"c0de","expiring":"1"}"#
    );
    // Without a word on its life, a token that can be renewed lasts an hour, any other for ever.
    for (given, lasts) in [
        (r#"{"access_token":"shpat_new","refresh_token":"shprt_new"}"#, Some("2026-11-21T11:00:00Z")),
        (r#"{"access_token":"shpat_new","scope":"read_products"}"#, None),
    ] {
        let (document, _) = redeem(&signed("new-secret", &right), Some(says(200, given)));
        let document: Value = serde_json::from_str(&document.unwrap()).unwrap();
        assert_eq!(document["grant"]["token"]["expires_at"].as_str(), lasts);
    }
}

#[test]
fn what_is_not_the_shops_answer_asks_for_nothing() {
    let query = |shop: &str, at: i64, code: &str| format!("code={code}&shop={shop}&state=abc&timestamp={at}");
    let right = "my-shop.myshopify.com";
    for (query, kind) in [
        (signed("guess", &query(right, NOW, "c")), ErrorKind::Unauthorized),
        (signed("new-secret", &query("other.myshopify.com", NOW, "c")), ErrorKind::Unauthorized),
        (signed("new-secret", &query("evil.example", NOW, "c")), ErrorKind::Unauthorized),
        (signed("new-secret", &query(right, NOW - 91, "c")), ErrorKind::Unauthorized),
        (signed("new-secret", &query(right, NOW + 91, "c")), ErrorKind::Unauthorized),
        (signed("new-secret", &query(right, NOW, "")), ErrorKind::Malformed),
    ] {
        let (refused, sent) = redeem(&query, None);
        assert_eq!((refused, sent), (Err(kind), None), "{query}");
    }
}

#[test]
fn a_shop_that_gives_no_token_says_why() {
    let right = signed("new-secret", &format!("code=c&shop=my-shop.myshopify.com&state=abc&timestamp={NOW}"));
    for (reply, kind) in [
        (says(400, r#"{"error":"invalid_request","error_description":"used"}"#), ErrorKind::Rejected),
        (says(400, "<html>Oauth error invalid_request</html>"), ErrorKind::Rejected),
        (says(400, r#"{"error":"invalid_client"}"#), ErrorKind::Rejected),
        (says(200, "<html>"), ErrorKind::Malformed),
        (says(200, r#"{"scope":"x"}"#), ErrorKind::Malformed),
        (says(520, ""), ErrorKind::Unavailable),
        (says(404, ""), ErrorKind::Rejected),
    ] {
        assert_eq!(redeem(&right, Some(reply)).0, Err(kind));
    }
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, SecretString> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect()
}

#[test]
fn tokens_and_apps_of_the_merchants_own_are_pasted() {
    let paste = |pairs: &[(&str, &str)]| Shopify.paste(&fields(pairs));
    let kept = |pairs: &[(&str, &str)]| paste(pairs).unwrap().expose_secret().to_owned();
    assert!(
        kept(&[("access_token", " shpat_abcdef "), ("api_secret", "s")])
            .contains(r#""access_token":"shpat_abcdef","api_secret":"s""#)
    );
    assert!(kept(&[("client_id", "id"), ("client_secret", "s")]).contains(r#""kind":"client""#));
    assert_eq!(
        kept(&[("key", "shpat_abcdef"), ("secret", "s")]),
        kept(&[("access_token", "shpat_abcdef"), ("api_secret", "s")])
    );
    assert_eq!(
        kept(&[("key", "id"), ("secret", "s")]),
        kept(&[("client_id", "id"), ("client_secret", "s")]),
        "what is no token is the id of an app"
    );
    assert_eq!(kept(&[("key", "shpat_abcdef")]), kept(&[("access_token", "shpat_abcdef")]));
    for pairs in [
        &[][..],
        &[("access_token", "abcdef")],
        &[("access_token", "shpat_")],
        &[("access_token", "shpat_a b")],
        &[("client_id", "id")],
        &[("client_secret", "s")],
        &[("access_token", "shpat_abcdef"), ("client_id", "id")],
        &[("key", "id")],
        &[("secret", "s")],
        &[("key", "shp_abcdef"), ("secret", "s")],
        &[("key", "shpss_abcdef"), ("secret", "s")],
        &[("key", "shpat_abcdef"), ("access_token", "shpat_abcdef"), ("secret", "s")],
        &[("key", "shpat_abcdef"), ("client_id", "id"), ("secret", "s")],
    ] {
        let error = paste(pairs).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Rejected);
        assert!(!error.message.contains("abcdef"), "{}", error.message);
    }
}

const SHOP: &str = r#"{"shop":{"id":"gid://shopify/Shop/92891250994","name":" My shop ","myshopifyDomain":"my-shop.myshopify.com","currencyCode":"EUR","ianaTimezone":"Europe/Berlin"},"currentAppInstallation":{"accessScopes":[{"handle":"write_products"},{"handle":"write_inventory"},{"handle":"read_locations"},{"handle":"read_all_orders"},{"handle":"read_orders"},{"handle":"read_customers"},{"handle":"write_merchant_managed_fulfillment_orders"}]}}"#;

fn locations(ids: &[u32]) -> Reply {
    let rows: Vec<String> =
        ids.iter().map(|id| format!(r#"{{"id":"gid://shopify/Location/{id}"}}"#)).collect();
    data(&format!(r#"{{"locations":{{"nodes":[{}],"pageInfo":{{"hasNextPage":false}}}}}}"#, rows.join(",")))
}

const FRESH: &str =
    r#"{"v":"1","grant":{"kind":"pasted","access_token":"shpat_nobody","api_secret":"hush"}}"#;

#[test]
fn a_shop_is_proved_by_calling_it() {
    let script = Script::of(FRESH, vec![data(SHOP), locations(&[9])]);
    let proof = run(Shopify.prove(&script.ctx())).unwrap();
    assert_eq!((proof.shop.clone(), proof.name.as_str()), (shop(), "My shop"));
    assert_eq!((proof.currency.unwrap().as_str(), proof.zone.as_deref()), ("EUR", Some("Europe/Berlin")));
    assert_eq!(proof.findings, []);
    let document: Value = serde_json::from_str(proof.credentials.expose_secret()).unwrap();
    assert_eq!(
        (&document["found"]["shop"], &document["found"]["location"]),
        (&"92891250994".into(), &"9".into())
    );
    let script = Script::of(FRESH, vec![data(SHOP), locations(&[9, 10])]);
    let proof = run(Shopify.prove(&script.ctx())).unwrap();
    let document: Value = serde_json::from_str(proof.credentials.expose_secret()).unwrap();
    assert_eq!(document["found"]["location"], Value::Null);
    assert_eq!(proof.findings[0].code, "several-locations");
}

#[test]
fn what_the_app_may_not_do_is_told() {
    let few =
        SHOP.replace(r#"{"handle":"write_inventory"},"#, "").replace(r#"{"handle":"read_locations"},"#, "");
    let bare = FRESH.replace(r#","api_secret":"hush""#, "");
    let script = Script::of(&bare, vec![data(&few)]);
    let proof = run(Shopify.prove(&script.ctx())).unwrap();
    let codes: Vec<(&str, bool)> = proof.findings.iter().map(|it| (it.code, it.blocks_writing)).collect();
    assert_eq!(
        codes,
        [
            ("no-inventory", true),
            ("no-stock-writing", true),
            ("no-locations", false),
            ("no-api-secret", false)
        ]
    );
}

#[test]
fn a_merchants_own_app_gets_its_token_first() {
    let client =
        r#"{"v":"1","grant":{"kind":"client","client_id":"own","client_secret":"quiet","token":null}}"#;
    let given = says(200, r#"{"access_token":"shpat_day","scope":"x","expires_in":86399}"#);
    let script = Script::of(client, vec![given, data(SHOP), locations(&[9])]);
    let proof = run(Shopify.prove(&script.ctx())).unwrap();
    let document: Value = serde_json::from_str(proof.credentials.expose_secret()).unwrap();
    assert_eq!(document["grant"]["token"]["access_token"], "shpat_day");
    assert_eq!(document["grant"]["token"]["expires_at"], "2026-11-22T09:59:59Z");
    assert_eq!(script.seen.lock().unwrap()[1].headers["x-shopify-access-token"], "shpat_day");
    let script = Script::of(client, vec![says(400, r#"{"error":"invalid_client"}"#)]);
    let error = run(Shopify.prove(&script.ctx())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(error.message.contains("same organisation"), "{}", error.message);
}

#[test]
fn a_shop_that_does_not_let_us_in_is_told_apart() {
    for (reply, kind, words) in [
        (
            says(401, r#"{"errors":"[API] Invalid API key"}"#),
            ErrorKind::Unauthorized,
            "connect the store again",
        ),
        (says(402, "{}"), ErrorKind::Unavailable, "frozen"),
        (says(423, "{}"), ErrorKind::Unavailable, "locked"),
        (says(403, "{}"), ErrorKind::Unauthorized, "refuses this app"),
        (says(404, "{}"), ErrorKind::Rejected, "no shop at this address"),
        (says(200, "<html>Enter store using password</html>"), ErrorKind::Malformed, "web page"),
    ] {
        let script = Script::of(PROVED, vec![reply]);
        let error = run(Shopify.prove(&script.ctx())).unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(error.message.contains(words), "{}", error.message);
    }
}
