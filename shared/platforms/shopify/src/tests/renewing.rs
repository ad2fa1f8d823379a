use platform::{ErrorKind, HttpErrorKind, Renew as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{PROVED, Reply, Script, run, says};
use crate::Shopify;

const HOURLY: &str = r#"{"v":"1","grant":{"kind":"code","token":{"access_token":"shpat_old","expires_at":"2026-11-21T10:30:00Z","renew_at":"2026-11-21T10:25:00Z"},"refresh_token":"shprt_old","refresh_expires_at":null},"found":{"shop":"1","scopes":["read_orders"],"location":"9"}}"#;
const DAILY: &str = r#"{"v":"1","grant":{"kind":"client","client_id":"own","client_secret":"quiet","token":{"access_token":"shpat_old","expires_at":"2026-11-21T10:30:00Z","renew_at":"2026-11-21T10:25:00Z"}},"found":null}"#;

fn renew(document: &str, reply: Reply) -> Result<Value, platform::PlatformError> {
    let script = Script::of(document, vec![reply]).with_app();
    let renewed = run(Shopify.renew(&script.ctx()))?;
    Ok(serde_json::from_str(renewed.expose_secret()).unwrap())
}

#[test]
fn tokens_say_when_they_are_due() {
    let due = |document: &str| Shopify.due(&SecretString::from(document)).map(|at| at.to_string());
    assert_eq!(due(HOURLY).as_deref(), Some("2026-11-21T10:25:00Z"));
    assert_eq!(due(DAILY).as_deref(), Some("2026-11-21T10:25:00Z"));
    assert_eq!(due(PROVED), None);
    assert_eq!(due("nonsense"), None);
}

#[test]
fn a_pair_of_tokens_becomes_the_next_pair() {
    let given = r#"{"access_token":"shpat_new","scope":"read_orders","expires_in":3600,"refresh_token":"shprt_new","refresh_token_expires_in":7776000}"#;
    let script = Script::of(HOURLY, vec![says(200, given)]).with_app();
    let renewed = run(Shopify.renew(&script.ctx())).unwrap();
    let document: Value = serde_json::from_str(renewed.expose_secret()).unwrap();
    assert_eq!(document["grant"]["token"]["access_token"], "shpat_new");
    assert_eq!(document["grant"]["refresh_token"], "shprt_new");
    assert_eq!(document["grant"]["refresh_expires_at"], "2027-02-19T10:00:00Z");
    assert_eq!(document["found"]["location"], "9");
    let body = String::from_utf8(script.seen.lock().unwrap()[0].body.to_vec()).unwrap();
    assert_eq!(
        body,
        r#"{"client_id":"our-id","client_secret":"new-secret","grant_type":"refresh_token","refresh_token":"shprt_old"}"#
    );
    // An answer without its life, or without the next refresh token, does not lock the store out.
    let document = renew(HOURLY, says(200, r#"{"access_token":"shpat_new"}"#)).unwrap();
    assert_eq!(document["grant"]["refresh_token"], "shprt_old");
}

#[test]
fn an_own_app_gets_another_day() {
    let document = renew(DAILY, says(200, r#"{"access_token":"shpat_new","expires_in":86399}"#)).unwrap();
    assert_eq!(document["grant"]["token"]["access_token"], "shpat_new");
    let error = renew(DAILY, says(400, r#"{"error":"invalid_client"}"#)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
}

#[test]
fn a_dead_refresh_token_asks_for_a_new_connection_and_a_fault_does_not() {
    for (status, body) in [
        (400, r#"{"error":"invalid_grant","error_description":"expired"}"#),
        (401, r#"{"error":"invalid_request"}"#),
        (400, r#"{"error":"invalid_client"}"#),
    ] {
        let error = renew(HOURLY, says(status, body)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthorized, "{body}");
        assert!(error.message.contains("connect the store again"), "{}", error.message);
    }
    for reply in [
        says(500, "<html>"),
        says(520, ""),
        says(503, ""),
        says(400, "<html>Bad request</html>"),
        Reply::Fails(HttpErrorKind::Timeout),
    ] {
        assert_eq!(renew(HOURLY, reply).unwrap_err().kind, ErrorKind::Unavailable);
    }
    let script = Script::of(HOURLY, Vec::new());
    assert_eq!(run(Shopify.renew(&script.ctx())).unwrap_err().kind, ErrorKind::Rejected);
}
