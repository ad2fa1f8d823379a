//! OAuth: installing, tokens that expire, refreshing, migrating, scopes.

mod shopify_client;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use shopify_client::{Client, Ears, listed, start, subscribe};
use simulators::shopify::{App, Config, Shop};
use std::collections::BTreeMap;
use std::time::Duration;

const BACK: &str = "https://hub.example.com/back";

fn query_of(url: &str) -> BTreeMap<String, String> {
    let url: reqwest::Url = url.parse().unwrap();
    url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

/// The signature of a query, reckoned anew.
fn signature(secret: &str, query: &BTreeMap<String, String>) -> String {
    let rows: Vec<String> =
        query.iter().filter(|(key, _)| *key != "hmac").map(|(key, value)| format!("{key}={value}")).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(rows.join("&").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn authorize_url(shop: &Shop, scopes: &str) -> String {
    let back = BACK.replace(':', "%3A").replace('/', "%2F");
    format!(
        "https://{}/admin/oauth/authorize?client_id={}&scope={scopes}&redirect_uri={back}&state=n-1&grant_options%5B%5D=",
        shop.domain(),
        shop.app().client_id
    )
}

async fn token(client: &Client, shop: &Shop, mut fields: Value) -> (u16, Value) {
    fields["client_id"] = json!(shop.app().client_id);
    fields["client_secret"] = json!(shop.app().client_secret);
    client.post("/admin/oauth/access_token", fields).await.unwrap()
}

async fn works(client: &Client, access: &Value) -> bool {
    let one =
        Client { token: access.as_str().unwrap().into(), http: client.http.clone(), url: client.url.clone() };
    one.post("/admin/api/2026-10/graphql.json", json!({"query": "{ shop { name } }"})).await.unwrap().0 == 200
}

async fn install(client: &Client, shop: &Shop, expiring: bool) -> Value {
    let back = shop.approve(&authorize_url(shop, "read_orders,write_products")).await.unwrap();
    let mut fields = json!({"code": query_of(&back)["code"]});
    if expiring {
        fields["expiring"] = json!("1");
    }
    let (status, pair) = token(client, shop, fields).await;
    assert_eq!(status, 200, "{pair}");
    pair
}

#[tokio::test]
async fn a_merchant_installs_and_the_code_works_once() {
    let (shop, client) = start(Config { https: true, ..listed() }).await;
    let link = query_of(&shop.install_link("https://hub.example.com/install"));
    assert_eq!(
        (link["shop"].as_str(), link["hmac"].as_str()),
        (shop.domain(), signature(&shop.app().client_secret, &link).as_str())
    );
    let back = shop.approve(&authorize_url(&shop, "read_orders,read_products,write_products")).await.unwrap();
    assert!(back.starts_with(BACK));
    let query = query_of(&back);
    assert_eq!(
        (query["state"].as_str(), query["hmac"].as_str()),
        ("n-1", signature(&shop.app().client_secret, &query).as_str())
    );
    assert_eq!(query.keys().collect::<Vec<_>>(), ["code", "hmac", "host", "shop", "state", "timestamp"]);
    let (status, pair) = token(&client, &shop, json!({"code": query["code"], "expiring": "1"})).await;
    assert_eq!(
        (status, &pair["scope"], &pair["expires_in"], &pair["refresh_token_expires_in"]),
        (200, &json!("read_orders,write_products"), &json!(3600), &json!(7_776_000))
    );
    assert!(works(&client, &pair["access_token"]).await);
    assert_eq!(token(&client, &shop, json!({"code": query["code"], "expiring": "1"})).await.0, 400);
    shop.advance(Duration::from_secs(3601));
    assert!(!works(&client, &pair["access_token"]).await, "an hour later it is dead");
    let wrong = json!({"client_id": shop.app().client_id, "client_secret": "no", "code": "x"});
    assert_eq!(
        client.post("/admin/oauth/access_token", wrong).await.unwrap(),
        (400, json!({"error": "invalid_client", "error_description": "Client authentication failed"}))
    );
}

#[tokio::test]
async fn pages_refuse_strangers() {
    let app = App { redirects: vec![BACK.into()], ..App::default() };
    let (shop, _) = start(Config { app, ..listed() }).await;
    let elsewhere = authorize_url(&shop, "read_orders").replace("hub.example.com", "evil.example.com");
    assert!(
        shop.approve(&elsewhere).await.unwrap_err().to_string().contains("redirect_uri is not whitelisted")
    );
    let other = authorize_url(&shop, "read_orders").replace(&shop.app().client_id, "nobody");
    assert!(
        shop.approve(&other)
            .await
            .unwrap_err()
            .to_string()
            .contains("Could not find Shopify API application")
    );
    assert!(shop.approve(&authorize_url(&shop, "read_orders")).await.is_ok());
}

#[tokio::test]
async fn a_lost_refresh_can_be_repeated_until_its_successor_is_used() {
    let (shop, client) = start(listed()).await;
    let pair = install(&client, &shop, true).await;
    let refresh = |token: Value| json!({"grant_type": "refresh_token", "refresh_token": token});
    shop.faults().lose_refreshes(1);
    let mut fields = refresh(pair["refresh_token"].clone());
    fields["client_id"] = json!(shop.app().client_id);
    fields["client_secret"] = json!(shop.app().client_secret);
    assert!(client.post("/admin/oauth/access_token", fields).await.is_err(), "done, and the answer is lost");
    let (status, second) = token(&client, &shop, refresh(pair["refresh_token"].clone())).await;
    assert_eq!(status, 200, "the same refresh token once more");
    assert!(works(&client, &second["access_token"]).await);
    let (status, third) = token(&client, &shop, refresh(second["refresh_token"].clone())).await;
    assert_eq!(status, 200);
    let dead = token(&client, &shop, refresh(pair["refresh_token"].clone())).await;
    assert_eq!(dead, (401, json!({"error": "invalid_request"})), "its successor is in use");
    shop.advance(Duration::from_secs(91 * 86_400));
    assert_eq!(
        token(&client, &shop, refresh(third["refresh_token"].clone())).await.0,
        401,
        "ninety days are over"
    );
}

#[tokio::test]
async fn static_tokens_migrate_and_credentials_work_in_one_organisation() {
    let (shop, client) = start(listed()).await;
    let pair = install(&client, &shop, false).await;
    assert_eq!(pair.as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token", "scope"]);
    let kind = "urn:shopify:params:oauth:token-type:offline-access-token";
    let fields = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": pair["access_token"],
        "subject_token_type": kind, "requested_token_type": kind, "expiring": "1",
    });
    let (status, fresh) = token(&client, &shop, fields.clone()).await;
    assert_eq!(
        (status, token(&client, &shop, fields).await.1),
        (200, fresh.clone()),
        "asked again, the same pair"
    );
    assert!(works(&client, &fresh["access_token"]).await && !works(&client, &pair["access_token"]).await);
    let (status, own) = token(&client, &shop, json!({"grant_type": "client_credentials"})).await;
    assert_eq!((status, &own["expires_in"], own.get("refresh_token")), (200, &json!(86_399), None));
    let app = App { own_organisation: false, expiring_only: true, ..App::default() };
    let (shop, client) = start(Config { app, ..listed() }).await;
    assert_eq!(
        token(&client, &shop, json!({"grant_type": "client_credentials"})).await.1["error"],
        "shop_not_permitted"
    );
    let back = shop.approve(&authorize_url(&shop, "read_orders")).await.unwrap();
    assert_eq!(
        token(&client, &shop, json!({"code": query_of(&back)["code"]})).await.0,
        400,
        "a public app takes tokens that expire"
    );
}

#[tokio::test]
async fn scopes_are_withheld_and_reduced() {
    let (ears, (shop, client)) = (Ears::open().await, start(listed()).await);
    shop.faults().withhold_scopes(&["read_orders"]);
    let pair = install(&client, &shop, true).await;
    assert_eq!(pair["scope"], "write_products");
    let one = Client {
        token: pair["access_token"].as_str().unwrap().into(),
        http: client.http.clone(),
        url: client.url.clone(),
    };
    subscribe(&one, "APP_SCOPES_UPDATE", &ears.url).await;
    let listed = one.data("{ currentAppInstallation { accessScopes { handle } } }", json!({})).await;
    assert_eq!(
        listed["currentAppInstallation"]["accessScopes"],
        json!([{"handle": "read_products"}, {"handle": "write_products"}])
    );
    shop.faults().reduce_scopes(&["write_products"]);
    shop.drain().await;
    assert_eq!(ears.about("app/scopes_update")[0].json()["current"], json!([]));
    let answer = one.raw("{ products(first: 1) { nodes { id } } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "ACCESS_DENIED");
    shop.faults().revoke_token(&one.token);
    assert!(!works(&client, &pair["access_token"]).await);
}
