use bytes::Bytes;
use domain::event::{About, Event};
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId};
use http::HeaderMap;
use platform::{Delivery, ErrorKind, Message, Secrets, Webhooks};
use secrecy::SecretString;

use super::PROVED;
use crate::WooCommerce;
use crate::webhooks::signature;

const ORDER: &str = r#"{"id":652,"status":"processing","currency":"GBP","date_created_gmt":"2026-11-20T16:00:00","date_modified_gmt":"2026-11-20T16:05:00","total":"30.00","line_items":[],"refunds":[]}"#;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}

fn events(topic: &str, body: &str) -> platform::Result<Vec<(String, Event)>> {
    let kept = [("x-wc-webhook-topic".to_owned(), topic.to_owned())];
    let message = Message { headers: &kept, body: body.as_bytes(), currency: Some("GBP".parse().unwrap()) };
    let events = WooCommerce.events(&message)?;
    Ok(events.into_iter().map(|(key, event)| (key.as_str().to_owned(), event)).collect())
}

#[test]
fn the_shops_own_test_vector_holds() {
    assert_eq!(signature("", b"secret"), "GBDo00G55h6IiV+6CxqivQPLbI//KzaOZm747971tPs=");
}

#[test]
fn only_the_right_signature_passes() {
    let body = Bytes::from_static(ORDER.as_bytes());
    let document = SecretString::from(PROVED);
    let right = signature("hush", &body);
    let other = signature("hush!", &body);
    let table =
        [(Some(right.as_str()), true), (Some(other.as_str()), false), (Some(""), false), (None, false)];
    for (shown, passes) in table {
        let pairs: Vec<_> = shown.map(|it| ("x-wc-webhook-signature", it)).into_iter().collect();
        let headers = headers(&pairs);
        let delivery = Delivery { headers: &headers, query: "", body: &body };
        match WooCommerce.verify(delivery, &Secrets { store: Some(&document), app: None }) {
            Ok(_) => assert!(passes),
            Err(error) => assert!(!passes && error.kind == ErrorKind::Unauthorized),
        }
    }
    let headers = headers(&[("x-wc-webhook-signature", &signature("", &body))]);
    let without = SecretString::from(PROVED.replace("hush", ""));
    let delivery = Delivery { headers: &headers, query: "", body: &body };
    assert!(
        WooCommerce.verify(delivery, &Secrets { store: Some(&without), app: None }).is_err(),
        "an empty secret signs nothing"
    );
}

#[test]
fn a_greeting_has_one_shape() {
    let table = [
        (vec![], "webhook_id=142", true),
        (vec![], "webhook_id=", false),
        (vec![], "webhook_id=1&x=2", false),
        (vec![], " webhook_id=1", false),
        (vec![], ORDER, false),
        (vec![("x-wc-webhook-topic", "order.created")], "webhook_id=142", false),
    ];
    for (pairs, body, greets) in table {
        let (headers, bytes) = (headers(&pairs), Bytes::from_static(body.as_bytes()));
        let delivery = Delivery { headers: &headers, query: "", body: &bytes };
        assert_eq!(WooCommerce.is_greeting(&delivery), greets, "{body}");
    }
}

#[test]
fn topics_become_events() {
    let refunded = ORDER.replace(r#""refunds":[]"#, r#""refunds":[{"id":9}]"#);
    let variation = r#"{"id":311,"type":"variation","parent_id":310,"name":"Shirt - Red","status":"publish","manage_stock":true,"stock_quantity":19,"date_modified_gmt":"2026-11-20T16:07:01"}"#;
    let customer = r#"{"id":5,"email":"a@b.example","date_created_gmt":"2026-11-20T16:07:01"}"#;
    let is = |topic: &str, body: &str| events(topic, body).unwrap().remove(0).1;
    assert!(matches!(is("order.updated", ORDER), Event::Order(order) if order.remote.as_str() == "652"));
    assert!(matches!(is("order.restored", ORDER), Event::Order(_)));
    assert_eq!(is("order.updated", &refunded), Event::Hint(About::Order(RemoteOrderId::new("652"))));
    assert_eq!(is("order.deleted", r#"{"id":652}"#), Event::OrderGone(RemoteOrderId::new("652")));
    assert_eq!(is("product.deleted", r#"{"id":311}"#), Event::ProductGone(RemoteProductId::new("311")));
    assert_eq!(is("customer.deleted", r#"{"id":5}"#), Event::CustomerGone(RemoteCustomerId::new("5")));
    assert!(matches!(is("product.updated", variation), Event::Catalog(it)
        if it.products.is_empty() && it.variants[0].product.as_str() == "310"));
    assert!(matches!(is("customer.updated", customer), Event::Customer(_)));
    assert!(matches!(is("action.woocommerce_add_to_cart", r#"{"action":"x","arg":"y"}"#), Event::Ignored(_)));
    assert!(matches!(is("coupon.created", r#"{"id":1}"#), Event::Ignored(_)));
    // An order or a page that came back from the trash is told of as a product, too.
    for (topic, code) in [
        ("product.restored", "woocommerce_rest_product_invalid_id"),
        ("order.restored", "woocommerce_rest_shop_order_invalid_id"),
        ("customer.updated", "woocommerce_rest_invalid_id"),
    ] {
        let body = format!(r#"{{"code":"{code}","message":"Invalid ID.","data":{{"status":404}}}}"#);
        assert!(matches!(is(topic, &body), Event::Ignored(why) if why.contains("no such record")), "{topic}");
    }
}

#[test]
fn what_cannot_be_read_says_so() {
    let error = r#"{"code":"woocommerce_rest_cannot_view","message":"Sorry","data":{"status":401}}"#;
    let no_route = r#"{"code":"rest_no_route","message":"No route","data":{"status":404}}"#;
    for (topic, body) in [
        ("order.updated", error),
        ("order.updated", no_route),
        ("order.updated", r#"{"id":652,"status":"processing"}"#),
        ("order.updated", "<html>"),
        ("order.deleted", r#"{"id":0}"#),
        ("order.deleted", "{}"),
        ("product.updated", "[]"),
    ] {
        assert_eq!(events(topic, body).unwrap_err().kind, ErrorKind::Malformed, "{topic} {body}");
    }
    let message = Message { headers: &[], body: ORDER.as_bytes(), currency: None };
    assert_eq!(WooCommerce.events(&message).unwrap_err().kind, ErrorKind::Malformed);
}

#[test]
fn the_same_body_is_the_same_event_and_another_is_not() {
    let key = |topic: &str, body: &str| events(topic, body).unwrap().remove(0).0;
    assert_eq!(key("order.updated", ORDER), key("order.updated", ORDER));
    assert_ne!(key("order.updated", ORDER), key("order.created", ORDER));
    assert_ne!(key("order.updated", ORDER), key("order.updated", &ORDER.replace("30.00", "31.00")));
}

#[test]
fn a_message_is_about_its_record() {
    let kept = [("x-wc-webhook-topic".to_owned(), "order.updated".to_owned())];
    let about =
        |body: &str| WooCommerce.entity(&Message { headers: &kept, body: body.as_bytes(), currency: None });
    assert_eq!(about(ORDER), "order 652");
    assert_eq!(about("<html>"), "order");
    let kept_names = WooCommerce.headers();
    assert!(
        kept_names.iter().all(|name| *name == name.to_lowercase())
            && kept_names.contains(&"x-wc-webhook-topic")
    );
}
