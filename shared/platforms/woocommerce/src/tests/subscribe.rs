use platform::{ErrorKind, Hook, Subscribe};
use url::Url;

use super::{PROVED, Reply, Script, complains, list, ok, run};
use crate::WooCommerce;
use crate::subscribe::TOPICS;

const TO: &str = "https://hub.example/hooks/sto_1";

fn made(id: usize, topic: &str, status: &str, name: &str, to: &str) -> String {
    format!(r#"{{"id":{id},"name":"{name}","status":"{status}","topic":"{topic}","delivery_url":"{to}"}}"#)
}

fn subscribe(script: &Script) -> platform::Result<platform::Subscription> {
    let url = Url::parse(TO).unwrap();
    run(WooCommerce.subscribe(&script.ctx(), &Hook { url: &url }))
}

/// The names that webhooks are given, as a first subscription shows them.
fn names() -> Vec<String> {
    let mut replies = vec![list("[]", 0)];
    replies.extend(TOPICS.iter().map(|_| ok("{}")));
    let script = Script::of(PROVED, replies);
    let done = subscribe(&script).unwrap();
    assert_eq!(done.created, TOPICS);
    assert!(done.healthy.is_empty() && done.repaired.is_empty());
    let bodies: Vec<serde_json::Value> =
        script.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    for (body, topic) in bodies.iter().zip(TOPICS) {
        assert_eq!((body["topic"].as_str(), body["secret"].as_str()), (Some(topic), Some("hush")));
        assert_eq!((body["delivery_url"].as_str(), body["status"].as_str()), (Some(TO), Some("active")));
    }
    bodies.iter().map(|body| body["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_missing_is_made_and_what_is_off_is_mended() {
    let names = names();
    let mut rows: Vec<String> = TOPICS
        .iter()
        .zip(&names)
        .enumerate()
        .skip(1)
        .map(|(at, (topic, name))| {
            let status = if at == 2 { "disabled" } else { "active" };
            // The third was made with an earlier secret.
            let name = if at == 3 { "Storeloom order.restored 00000000" } else { name };
            made(at, topic, status, name, TO)
        })
        .collect();
    rows.push(made(50, TOPICS[4], "active", "double", TO));
    rows.push(made(51, TOPICS[0], "active", "another's", "https://else.example/"));
    let script = Script::of(
        PROVED,
        vec![list(&format!("[{}]", rows.join(",")), 12), ok("{}"), ok("{}"), ok("{}"), ok("{}")],
    );
    let done = subscribe(&script).unwrap();
    assert_eq!(done.created, [TOPICS[0]]);
    assert_eq!(done.repaired, [TOPICS[2], TOPICS[3]]);
    assert_eq!(done.healthy.len(), 8);
    assert_eq!(
        script.calls()[1..],
        [
            "POST /wp-json/wc/v3/webhooks",
            "PUT /wp-json/wc/v3/webhooks/2",
            "PUT /wp-json/wc/v3/webhooks/3",
            "DELETE /wp-json/wc/v3/webhooks/50?force=true",
        ]
    );
    script.is_done();
}

#[test]
fn a_second_subscription_finds_its_work_done() {
    let rows: Vec<String> = TOPICS
        .iter()
        .zip(names())
        .enumerate()
        .map(|(at, (topic, name))| made(at + 1, topic, "active", &name, TO))
        .collect();
    let (first, second) = rows.split_at(6);
    let script = Script::of(
        PROVED,
        vec![list(&format!("[{}]", first.join(",")), 101), list(&format!("[{}]", second.join(",")), 101)],
    );
    let done = subscribe(&script).unwrap();
    assert_eq!(done.healthy, TOPICS);
    assert!(script.calls()[1].ends_with("per_page=100&offset=100"), "all pages are looked through");
    assert!(script.bodies().is_empty());
}

#[test]
fn unsubscribing_removes_ours_and_no_other() {
    let rows = [
        made(1, "order.created", "active", "x", TO),
        made(2, "order.created", "active", "x", "https://else.example/"),
        made(3, "order.updated", "disabled", "x", TO),
    ];
    let script = Script::of(
        PROVED,
        vec![
            list(&format!("[{}]", rows.join(",")), 3),
            complains(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID."),
            ok("{}"),
        ],
    );
    let url = Url::parse(TO).unwrap();
    run(WooCommerce.unsubscribe(&script.ctx(), &Hook { url: &url })).unwrap();
    assert_eq!(
        script.calls()[1..],
        ["DELETE /wp-json/wc/v3/webhooks/1?force=true", "DELETE /wp-json/wc/v3/webhooks/3?force=true"]
    );
}

#[test]
fn without_a_secret_or_rights_nothing_is_made() {
    let script = Script::of(&PROVED.replace("hush", ""), Vec::<Reply>::new());
    assert_eq!(subscribe(&script).unwrap_err().kind, ErrorKind::Rejected);
    let script = Script::of(PROVED, vec![complains(403, "woocommerce_rest_cannot_view", "Sorry")]);
    assert_eq!(subscribe(&script).unwrap_err().kind, ErrorKind::Unauthorized);
}
