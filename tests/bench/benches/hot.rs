//! Hot paths without a disk or a network.

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use platform::{Delivery, Platform as _, Secrets};
use secrecy::SecretString;
use std::hint::black_box;

use domain::link::{Link, Listed};
use domain::message::{Inbox, Message, MessageV1};
use domain::product::Sku;
use domain::store::{Condition, Phase, Store};
use domain::work::Change;
use domain::{Delta, ItemId, OrgId, PlatformSlug, StoreId, TaskId};

/// A delivery verified, made a message and written as JSON.
fn intake(criterion: &mut Criterion) {
    let secret = "s".repeat(50);
    let body = Bytes::from(bench::body::order(900_001, 12, "S1"));
    let mut headers = HeaderMap::new();
    let signature = HeaderValue::from_str(&bench::body::sign(&secret, &body)).unwrap();
    headers.insert("x-wc-webhook-signature", signature);
    headers.insert("x-wc-webhook-topic", HeaderValue::from_static("order.created"));
    let kept = format!(
        r#"{{"v":"1","consumer_key":"ck_1","consumer_secret":"cs_1","webhook_secret":"{secret}","route":null}}"#
    );
    let credentials = SecretString::from(kept);
    let platforms = woocommerce::WooCommerce;
    let webhooks = platforms.webhooks().unwrap();
    let secrets = Secrets { store: Some(&credentials), app: None };
    criterion.bench_function("verify, keep and write a delivery of 5 KB", |bencher| {
        bencher.iter(|| {
            let delivery = Delivery { headers: &headers, query: "", body: &body };
            let verified = webhooks.verify(delivery, &secrets).unwrap();
            let raw = verified.into_raw(webhooks.headers());
            let message = Message::V1(MessageV1::Inbox(Inbox {
                org: OrgId::derive(&["o"]),
                store: StoreId::derive(&["s"]),
                platform: PlatformSlug::new("woocommerce"),
                received_at: Timestamp::UNIX_EPOCH,
                raw,
            }));
            black_box(serde_json::to_vec(&message).unwrap())
        });
    });
    let kept = [("x-wc-webhook-topic".to_owned(), "order.created".to_owned())];
    criterion.bench_function("read 100 orders of 5 KB", |bencher| {
        bencher.iter(|| {
            for _ in 0..100 {
                let message = platform::Message { headers: &kept, body: &body, currency: None };
                black_box(webhooks.events(&message).unwrap());
            }
        });
    });
}

fn store(org: &OrgId, number: u32) -> Store {
    let name = format!("Shop {number}");
    Store {
        id: StoreId::derive(&[&name]),
        org: org.clone(),
        platform: PlatformSlug::new("woocommerce"),
        shop: domain::RemoteShop::new(name.clone()),
        name,
        address: String::new(),
        currency: None,
        zone: None,
        phase: Phase::Writing,
        condition: Condition::Active,
        opens_books: false,
        location: domain::LocationId::main(),
        created_at: Timestamp::UNIX_EPOCH,
        baseline_at: None,
        writing_since: None,
        allocation: None,
        raises: None,
        version: 0,
    }
}

/// One change of an item that twenty stores list.
fn fan_out(criterion: &mut Criterion) {
    let org = OrgId::derive(&["o"]);
    let item = ItemId::derive(&["A"]);
    let stores: Vec<Store> = (0..20).map(|number| store(&org, number)).collect();
    let links: Vec<Link> = stores
        .iter()
        .map(|store| {
            let listed = Listed {
                variant: domain::RemoteVariantId::new("1"),
                product: domain::RemoteProductId::new("1"),
                sku: Sku::read("A").unwrap(),
            };
            let mut link = Link::new(org.clone(), store.id.clone(), item.clone(), listed);
            link.explained = Some(domain::OnHand::whole(3));
            link
        })
        .collect();
    let change = Change {
        id: TaskId::derive(&["c"]),
        org: org.clone(),
        item: item.clone(),
        also: Vec::new(),
        available: Delta::whole(-1),
        at: Timestamp::UNIX_EPOCH,
    };
    criterion.bench_function("fan out a change to 20 stores", |bencher| {
        bencher.iter(|| black_box(hub::fan_out::fan_out(&change, &links, &stores)));
    });
}

criterion_group!(hot, intake, fan_out);
criterion_main!(hot);
