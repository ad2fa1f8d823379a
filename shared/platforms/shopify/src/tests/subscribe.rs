use platform::{ErrorKind, Hook, Subscribe as _, Subscription};
use url::Url;

use super::{PROVED, Reply, Script, data, run, says};
use crate::Shopify;
use crate::topics::TOPICS;

const HOOK: &str = "https://hub.example/webhooks/shopify/sto_1";

/// The scopes of [`PROVED`] let so many topics be heard.
fn heard() -> usize {
    TOPICS.len() - 3
}

fn row(id: u32, topic: &str, uri: &str) -> String {
    format!(
        r#"{{"id":"gid://shopify/WebhookSubscription/{id}","topic":"{topic}","uri":"{uri}","format":"JSON"}}"#
    )
}

fn page(rows: &[String], next: Option<&str>) -> Reply {
    let end = next.map_or(r#"{"hasNextPage":false}"#.to_owned(), |cursor| {
        format!(r#"{{"hasNextPage":true,"endCursor":"{cursor}"}}"#)
    });
    data(&format!(r#"{{"webhookSubscriptions":{{"nodes":[{}],"pageInfo":{end}}}}}"#, rows.join(",")))
}

fn changed(verb: &str, complaint: &str) -> Reply {
    let errors = if complaint.is_empty() {
        String::new()
    } else {
        format!(r#"{{"field":["webhookSubscription","callbackUrl"],"message":"{complaint}"}}"#)
    };
    data(&format!(r#"{{"webhookSubscription{verb}":{{"userErrors":[{errors}]}}}}"#))
}

fn subscribe(document: &str, replies: Vec<Reply>) -> (Result<Subscription, platform::PlatformError>, Script) {
    let url: Url = HOOK.parse().unwrap();
    let script = Script::of(document, replies);
    let done = run(Shopify.subscribe(&script.ctx(), &Hook { url: &url }));
    (done, script)
}

#[test]
fn every_topic_that_may_be_heard_is_asked_for() {
    let mut replies = vec![page(&[], None)];
    replies.extend((0..heard()).map(|_| changed("Create", "")));
    let (done, script) = subscribe(PROVED, replies);
    let done = done.unwrap();
    assert_eq!((done.created.len(), done.healthy.len(), done.repaired.len()), (heard(), 0, 0));
    assert!(done.created.contains(&"orders/create".to_owned()));
    assert!(!done.created.contains(&"customers/merge".to_owned()), "its scope was not granted");
    assert_eq!(
        script.variables(1).to_string(),
        format!(r#"{{"topic":"ORDERS_CREATE","webhook":{{"uri":"{HOOK}","format":"JSON"}}}}"#)
    );
    script.is_done();
}

#[test]
fn what_is_there_is_left_and_what_points_elsewhere_is_mended() {
    let mut rows: Vec<String> =
        TOPICS.iter().zip(10..).map(|(topic, id)| row(id, topic.name, HOOK)).collect();
    // One points to an earlier address of this hub, one is there twice, one is another store's.
    rows[0] = row(1, "ORDERS_CREATE", "https://old.example/webhooks/shopify/sto_1");
    rows.push(row(2, "ORDERS_UPDATED", "https://old.example/webhooks/shopify/sto_1"));
    rows.push(row(3, "ORDERS_PAID", "https://hub.example/webhooks/shopify/sto_2"));
    let split = rows.split_off(9);
    let replies =
        vec![page(&rows, Some("c")), page(&split, None), changed("Update", ""), changed("Delete", "")];
    let (done, script) = subscribe(PROVED, replies);
    let done = done.unwrap();
    assert_eq!((done.created.len(), done.healthy.len()), (0, heard() - 1));
    assert_eq!(done.repaired, ["orders/create"]);
    assert_eq!(script.calls(), ["Webhooks", "Webhooks", "WebhookUpdate", "WebhookDelete"]);
    assert_eq!(script.variables(2)["id"], "gid://shopify/WebhookSubscription/1");
    assert_eq!(script.variables(3)["id"], "gid://shopify/WebhookSubscription/2");
    script.is_done();
}

#[test]
fn a_topic_that_is_refused_does_not_keep_us_from_the_others() {
    let mut replies = vec![page(&[], None)];
    replies.push(changed("Create", "Address for this topic has already been taken"));
    replies.push(changed("Create", "You cannot create a webhook subscription with the specified topic"));
    replies
        .push(says(200, r#"{"errors":[{"message":"Access denied","extensions":{"code":"ACCESS_DENIED"}}]}"#));
    replies.extend((3..heard()).map(|_| changed("Create", "")));
    let done = subscribe(PROVED, replies).0.unwrap();
    assert_eq!((done.healthy.len(), done.created.len()), (1, heard() - 3));
    // Where the address itself is refused, none can be made.
    let mut replies = vec![page(&[], None)];
    replies.extend((0..heard()).map(|_| changed("Create", "Address is invalid")));
    let error = subscribe(PROVED, replies).0.unwrap_err();
    assert!(error.kind == ErrorKind::Rejected && error.message.contains("Address is invalid"), "{error}");
    let error = subscribe(PROVED, vec![page(&[], None), says(503, "")]).0.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
}

#[test]
fn nothing_is_asked_for_that_could_not_be_checked() {
    let bare = PROVED.replace(r#","api_secret":"hush""#, "");
    let (done, script) = subscribe(&bare, Vec::new());
    assert_eq!(done.unwrap_err().kind, ErrorKind::Rejected);
    assert!(script.calls().is_empty());
}

#[test]
fn what_points_here_is_taken_away() {
    let url: Url = HOOK.parse().unwrap();
    let rows = [
        row(1, "ORDERS_CREATE", HOOK),
        row(2, "ORDERS_PAID", "https://else.example/x"),
        row(3, "SHOP_UPDATE", HOOK),
    ];
    let gone = changed("Delete", "Webhook subscription does not exist");
    let script = Script::of(PROVED, vec![page(&rows, None), changed("Delete", ""), gone]);
    run(Shopify.unsubscribe(&script.ctx(), &Hook { url: &url })).unwrap();
    script.is_done();
}
