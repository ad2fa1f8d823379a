use bytes::Bytes;
use domain::event::{About, Erase, Event};
use domain::message::Body;
use domain::product::{Listing, Stock};
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId, RemoteStockId};
use http::HeaderMap;
use platform::{Delivery, ErrorKind, Message, Secrets, Webhooks as _};
use secrecy::SecretString;

use super::{APP, PROVED};
use crate::Shopify;
use crate::topics::TOPICS;
use crate::webhooks::signature;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.insert(*name, value.parse().unwrap());
    }
    map
}

fn is_right(
    header: &'static str,
    shown: &str,
    body: &'static [u8],
    store: Option<&str>,
    app: Option<&str>,
) -> bool {
    let (headers, body) = (headers(&[(header, shown)]), Bytes::from_static(body));
    let (store, app) = (store.map(SecretString::from), app.map(SecretString::from));
    let secrets = Secrets { store: store.as_ref(), app: app.as_ref() };
    let delivery = Delivery { headers: &headers, query: "", body: &body };
    match Shopify.verify(delivery, &secrets) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::Unauthorized);
            false
        }
    }
}

#[test]
fn deliveries_are_signed_by_the_store_or_by_our_app() {
    const SIGN: &str = "x-shopify-hmac-sha256";
    // The space counts: the raw bytes are signed.
    let body = br#"{"id": 1}"#;
    let by = |secret: &str| signature(secret, body);
    assert!(is_right(SIGN, &by("hush"), body, Some(PROVED), None));
    assert!(is_right("shopify-hmac-sha256", &by("hush"), body, Some(PROVED), None));
    assert!(is_right(SIGN, &format!(" {} ", by("new-secret")), body, None, Some(APP)));
    assert!(is_right(SIGN, &by("old-secret"), body, Some(PROVED), Some(APP)));
    assert!(is_right(SIGN, &by("new-secret"), body, Some("no document"), Some(APP)));
    assert!(!is_right(SIGN, &by("guess"), body, Some(PROVED), Some(APP)));
    assert!(!is_right(SIGN, &by("hush"), br#"{"id":1}"#, Some(PROVED), Some(APP)));
    assert!(!is_right(SIGN, "", body, Some(PROVED), Some(APP)));
    assert!(!is_right("x-other", &by("hush"), body, Some(PROVED), Some(APP)));
    assert!(!is_right(SIGN, &by("hush"), body, None, None));
    // A store without a secret of its own is not open to a signature made with an empty one.
    let bare = PROVED.replace(r#","api_secret":"hush""#, "");
    assert!(!is_right(SIGN, &by(""), body, Some(&bare), None));
    let empty = PROVED.replace("hush", "");
    assert!(!is_right(SIGN, &by(""), body, Some(&empty), None));
}

#[test]
fn a_delivery_names_its_shop_strictly() {
    let body = Bytes::new();
    let locate = |pairs: &[(&'static str, &str)]| {
        let headers = headers(pairs);
        let delivery = Delivery { headers: &headers, query: "", body: &body };
        assert!(!Shopify.is_greeting(&delivery));
        Shopify.locate(&delivery).map(|shop| shop.to_string())
    };
    assert_eq!(
        locate(&[("x-shopify-shop-domain", "My-Shop.myshopify.com")]).as_deref(),
        Some("my-shop.myshopify.com")
    );
    assert_eq!(locate(&[("shopify-shop-domain", "a.myshopify.com")]).as_deref(), Some("a.myshopify.com"));
    for wrong in ["evil.example", "a.myshopify.com.evil.example", "a.myshopify.com/x", ""] {
        assert_eq!(locate(&[("x-shopify-shop-domain", wrong)]), None, "{wrong}");
    }
    assert_eq!(locate(&[]), None);
}

fn said(topic: &str, body: &str) -> Vec<Event> {
    let headers = [("x-shopify-topic".to_owned(), topic.to_owned())];
    let message = Message { headers: &headers, body: body.as_bytes(), currency: "EUR".parse().ok() };
    Shopify.events(&message).unwrap().into_iter().map(|(_, event)| event).collect()
}

fn look(about: About) -> Vec<Event> {
    vec![Event::Hint(about)]
}

#[test]
fn what_happened_is_said_topic_by_topic() {
    let order = || About::Order(RemoteOrderId::new("820982911946154508"));
    let stock = || About::Stock(RemoteStockId::new("271878346596884015"));
    assert_eq!(
        said("orders/delete", r#"{"id":820982911946154508}"#),
        [Event::OrderGone(RemoteOrderId::new("820982911946154508"))]
    );
    assert_eq!(
        said("orders/edited", r#"{"order_edit":{"id":1,"order_id":820982911946154508}}"#),
        look(order())
    );
    assert_eq!(
        said("refunds/create", r#"{"id":9,"order_id":820982911946154508,"refund_line_items":[]}"#),
        look(order())
    );
    assert_eq!(
        said("fulfillments/update", r#"{"id":9,"order_id":820982911946154508,"status":"success"}"#),
        look(order())
    );
    // A payload that was trimmed of its lines only says: look.
    assert_eq!(
        said("orders/updated", r#"{"id":820982911946154508,"updated_at":"2026-11-20T11:38:15-05:00"}"#),
        look(order())
    );
    assert_eq!(
        said("products/delete", r#"{"id":788032119674292922}"#),
        [Event::ProductGone(RemoteProductId::new("788032119674292922"))]
    );
    for verb in ["update", "connect", "disconnect"] {
        let body = r#"{"inventory_item_id":271878346596884015,"location_id":905684977,"available":null}"#;
        assert_eq!(said(&format!("inventory_levels/{verb}"), body), look(stock()));
    }
    assert_eq!(said("inventory_items/update", r#"{"id":271878346596884015,"tracked":false}"#), look(stock()));
    assert_eq!(said("customers/delete", r#"{"id":7}"#), [Event::CustomerGone(RemoteCustomerId::new("7"))]);
    assert_eq!(
        said(
            "customers/merge",
            r#"{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/1","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/2"}"#
        ),
        [
            Event::CustomerGone(RemoteCustomerId::new("2")),
            Event::Hint(About::Customer(RemoteCustomerId::new("1")))
        ]
    );
    assert!(matches!(said("app/uninstalled", r#"{"id":1}"#)[..], [Event::Withdrawn(_)]));
    for topic in ["app/scopes_update", "shop/update", "locations/create", "locations/deactivate"] {
        assert_eq!(said(topic, "{}"), [Event::SettingsChanged]);
    }
    for topic in [
        "bulk_operations/finish",
        "inventory_items/delete",
        "themes/publish",
        "x",
        "orders/risk_assessment_changed",
    ] {
        assert!(matches!(said(topic, "{}")[..], [Event::Ignored(_)]), "{topic}");
    }
}

#[test]
fn what_the_law_asks_for_is_said() {
    let body = r#"{"shop_id":1,"shop_domain":"a.myshopify.com","customer":{"id":191167,"email":"x","phone":"y"},"orders_to_redact":[299938,280263]}"#;
    let orders = vec![RemoteOrderId::new("299938"), RemoteOrderId::new("280263")];
    let customer = Some(RemoteCustomerId::new("191167"));
    assert_eq!(said("customers/redact", body), [Event::Erase(Erase::Buyer { customer, orders })]);
    let guest = r#"{"shop_id":1,"orders_to_redact":[]}"#;
    assert_eq!(
        said("customers/redact", guest),
        [Event::Erase(Erase::Buyer { customer: None, orders: vec![] })]
    );
    assert_eq!(said("shop/redact", r#"{"shop_id":1}"#), [Event::Erase(Erase::Shop)]);
    assert!(
        matches!(said("customers/data_request", body)[..], [Event::Ignored(why)] if why.contains("30 days"))
    );
}

fn product(variants: usize, counted_by: &str) -> String {
    let rows: Vec<String> = (1..=variants)
        .map(|at| {
            format!(
                r#"{{"id":{at},"product_id":632910392,"title":"Red","price":"8.00","compare_at_price":"10.00","sku":"M-{at}","updated_at":"2026-11-20T11:38:15-05:00","inventory_item_id":3{at},"inventory_quantity":4{counted_by}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"id":632910392,"title":"Mug","status":"active","updated_at":"2026-11-20T11:38:15-05:00","images":[{{"position":2,"src":"https://cdn.example/2"}},{{"position":1,"src":"https://cdn.example/1"}}],"variants":[{}]}}"#,
        rows.join(",")
    )
}

#[test]
fn products_come_as_far_as_the_delivery_tells() {
    let events = said("products/update", &product(2, r#","inventory_management":"shopify""#));
    let [Event::Catalog(listings)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(listings.products[0].listing, Listing::Published);
    assert_eq!(listings.products[0].images, ["https://cdn.example/1"]);
    let first = &listings.variants[0];
    assert_eq!((first.title.as_str(), first.product.as_str()), ("Mug - Red", "632910392"));
    assert_eq!(first.regular_price.unwrap().to_string(), "10.00 EUR");
    assert_eq!(first.level().unwrap().to_string(), "4");
    let uncounted = said("products/create", &product(1, r#","inventory_management":null"#));
    let [Event::Catalog(listings)] = &uncounted[..] else { panic!("{uncounted:?}") };
    assert_eq!(listings.variants[0].stock, Stock::Untracked { in_stock: true });
    // Where nothing says whether it is counted, and where there may be more variants, the product is looked at.
    let look = Event::Hint(About::Product(RemoteProductId::new("632910392")));
    assert_eq!(said("products/update", &product(2, "")), std::slice::from_ref(&look));
    let many = said("products/update", &product(100, r#","inventory_management":"shopify""#));
    assert!(matches!(&many[..], [Event::Catalog(_), hint] if *hint == look));
}

#[test]
fn a_customer_may_have_no_name() {
    let events = said(
        "customers/update",
        r#"{"id":7,"email":null,"first_name":null,"created_at":"2026-11-01T00:00:00-05:00","updated_at":"2026-11-02T00:00:00-05:00","default_address":{"country_code":"DE"}}"#,
    );
    let [Event::Customer(customer)] = &events[..] else { panic!("no customer") };
    assert_eq!((customer.name.as_str(), customer.country.as_deref()), ("", Some("DE")));
    assert_eq!(customer.updated_at.to_string(), "2026-11-02T05:00:00Z");
}

#[test]
fn the_same_delivery_has_the_same_key() {
    let key = |id: Option<&str>, body: &str| {
        let mut headers = vec![("x-shopify-topic".to_owned(), "orders/delete".to_owned())];
        headers.extend(id.map(|id| ("x-shopify-webhook-id".to_owned(), id.to_owned())));
        let message = Message { headers: &headers, body: body.as_bytes(), currency: None };
        Shopify.events(&message).unwrap()[0].0.to_string()
    };
    assert_eq!(key(Some("w1"), r#"{"id":1}"#), "orders/delete w1");
    assert_eq!(key(None, r#"{"id":1}"#), key(None, r#"{"id":1}"#));
    assert_ne!(key(None, r#"{"id":1}"#), key(None, r#"{"id":2}"#));
    assert_ne!(key(Some(" "), r#"{"id":1}"#), key(Some(" "), r#"{"id":2}"#));
    let headers = [
        ("shopify-topic".to_owned(), "customers/merge".to_owned()),
        ("shopify-webhook-id".to_owned(), "w".to_owned()),
    ];
    let body = br#"{"admin_graphql_api_customer_kept_id":"1","admin_graphql_api_customer_deleted_id":"2"}"#;
    let events = Shopify.events(&Message { headers: &headers, body, currency: None }).unwrap();
    let keys: Vec<&str> = events.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["customers/merge w", "customers/merge w 1"]);
}

#[test]
fn busy_stores_are_spread_by_what_a_message_is_about() {
    let about = |topic: &str, body: &str| {
        let headers = [("x-shopify-topic".to_owned(), topic.to_owned())];
        let message = Message { headers: &headers, body: body.as_bytes(), currency: None };
        assert_eq!(Shopify.topic(&message), topic);
        Shopify.entity(&message)
    };
    assert_eq!(about("orders/create", r#"{"id":5}"#), "order 5");
    assert_eq!(about("refunds/create", r#"{"id":9,"order_id":5}"#), "order 5");
    assert_eq!(about("orders/edited", r#"{"order_edit":{"order_id":5}}"#), "order 5");
    assert_eq!(about("inventory_levels/update", r#"{"inventory_item_id":3}"#), "stock 3");
    assert_eq!(about("shop/update", r#"{"id":1}"#), "shop");
    assert_eq!(about("orders/create", "nonsense"), "order");
}

#[test]
fn what_cannot_be_read_is_said_so() {
    for (topic, body) in [
        ("orders/create", "{"),
        ("orders/create", r#"{"id":null}"#),
        ("orders/create", r#"{"id":1,"line_items":[],"refunds":[]}"#),
        ("orders/delete", "{}"),
        ("products/update", r#"{"id":1,"variants":[]}"#),
        ("inventory_levels/update", "{}"),
        ("customers/merge", "{}"),
        ("customers/redact", "[]"),
        ("orders/delete", r#"{"id":8.2e17}"#),
    ] {
        let headers = [("x-shopify-topic".to_owned(), topic.to_owned())];
        let message = Message { headers: &headers, body: body.as_bytes(), currency: None };
        assert_eq!(Shopify.events(&message).unwrap_err().kind, ErrorKind::Malformed, "{topic} {body}");
    }
    let nameless = Message { headers: &[], body: b"{}", currency: None };
    assert_eq!(Shopify.events(&nameless).unwrap_err().kind, ErrorKind::Malformed);
}

#[test]
fn every_topic_that_is_asked_for_is_understood() {
    for topic in TOPICS {
        let body = r#"{"id":1,"order_id":1,"inventory_item_id":1,"title":"x","variants":[],"updated_at":"2026-11-20T11:38:15-05:00","admin_graphql_api_customer_kept_id":"1","admin_graphql_api_customer_deleted_id":"2"}"#;
        assert!(!matches!(said(topic.delivered, body)[..], [Event::Ignored(_)]), "{}", topic.delivered);
        assert_eq!(topic.name, topic.delivered.replace('/', "_").to_uppercase());
    }
}

#[test]
fn an_event_bus_carries_the_same_message() {
    let envelope = r#"{"version":"0","detail-type":"shopifyWebhook","source":"aws.partner/shopify.com/1/x","detail":{"payload":{"id":788032119674292922,"title":"M\u00fcg","price":1.10},"metadata":{"Content-Type":"application/json","X-Shopify-Topic":"products/delete","X-Shopify-Shop-Domain":"My-Shop.myshopify.com","X-Shopify-Webhook-Id":"w1","X-Shopify-Hmac-SHA256":"zzz="}}}"#;
    let enveloped = Shopify.enveloped(envelope.as_bytes()).unwrap();
    assert_eq!(enveloped.shop.as_str(), "my-shop.myshopify.com");
    // As it stands there, byte for byte: no number went through a float.
    assert_eq!(
        enveloped.raw.body,
        Body::Text(r#"{"id":788032119674292922,"title":"M\u00fcg","price":1.10}"#.into())
    );
    let kept: Vec<&str> = enveloped.raw.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(kept, ["x-shopify-topic", "x-shopify-shop-domain", "x-shopify-webhook-id"]);
    for wrong in [
        "",
        "{}",
        r#"{"detail":{"payload":{}}}"#,
        r#"{"detail":{"payload":{},"metadata":{"X-Shopify-Shop-Domain":"evil.example"}}}"#,
    ] {
        assert_eq!(Shopify.enveloped(wrong.as_bytes()).unwrap_err().kind, ErrorKind::Malformed, "{wrong}");
    }
}
