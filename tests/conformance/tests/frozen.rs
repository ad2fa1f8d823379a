//! Rows as they were written once: they must be read for ever, by every later version.
//!
//! `tests/frozen/rows.json` is never written anew. A change of a row's shape adds a version and a new file
//! beside it; `-- --ignored --nocapture` prints the rows that are written now.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use conformance::embedded;
use conformance::fixtures::*;
use domain::event::EventState;
use domain::link::{Inflight, Link, Unexplained};
use domain::run::{Run, Stream};
use domain::stock::Effect;
use domain::store::Store;
use domain::work::{LaneWork, Priority, Verb};
use domain::*;
use ports::*;
use serde_json::{Value, json};

const FROZEN: &str = include_str!("frozen/rows.json");

/// A small world whose names never change.
struct World {
    store: Store,
    key: ApiKey,
    pending: PendingConnect,
    item: ItemRecord,
    link: Link,
    order: OrderRecord,
    large: OrderRecord,
    sale: Movement,
    event: EventRecord,
    exception: domain::exception::Exception,
    run: Run,
    work: LaneWork,
    seen: Seen,
}

fn world() -> World {
    let org = OrgId::make(at(0), [1; 10]);
    let store = Store { id: StoreId::make(at(0), [2; 10]), ..store(&org, "shop.example") };
    let item = item(&org, "SKU-1");
    let mut link = link(&org, &store.id, "SKU-1");
    link.explained = Some(OnHand::whole(5));
    let write = WriteId::make(at(0), [3; 10]);
    link.inflight = Some(Inflight { write, compare: OnHand::whole(5), value: OnHand::whole(4), at: at(1) });
    link.seen = Some(reading(5, 2));
    link.written = Some(reading(6, 3));
    link.unexplained =
        Some(Unexplained { difference: Delta::whole(-1), since: at(4), explained: None, version: None });
    let order_ = order(&org, &store.id, "1", 2, 10);
    let sale = movement(&order_, &link, Effect::default(), effect(2, 0, 2), 0);
    let verb = Verb::Push { link: link.id.clone() };
    World {
        key: ApiKey {
            id: KeyId::make(at(0), [4; 10]),
            org: org.clone(),
            name: "till".into(),
            hash: "hash".into(),
            created_at: at(0),
        },
        pending: PendingConnect {
            org: Some(org.clone()),
            platform: PlatformSlug::new("woocommerce"),
            shop: RemoteShop::new("shop.example"),
            name: "Shop".into(),
            address: "https://shop.example".into(),
            browser: None,
            expires_at: at(600),
        },
        large: order(&org, &store.id, "large", 290, 10),
        order: order_,
        event: EventRecord {
            state: EventState::Parked,
            order: None,
            ..event(&org, &store.id, "e", "order", 0)
        },
        exception: exception(&org, &store.id, "order 1", 0),
        run: Run { id: RunId::make(at(0), [5; 10]), ..run(&org, &store.id, 0) },
        work: LaneWork::new(&org, &store.id, Priority::Lower, verb, at(0)),
        seen: Seen { at: at(0), run: Some(RunId::make(at(0), [5; 10])) },
        store,
        item,
        link,
        sale,
    }
}

async fn write(table: &aws::Table, world: &World) {
    let (org, store) = (&world.store.org, &world.store.id);
    assert_eq!(table.create_store(&world.store).await.unwrap(), Written::Done);
    table.put_key(&world.key).await.unwrap();
    table.put_pending("state", &world.pending).await.unwrap();
    table.put_item(org, &world.item).await.unwrap();
    table.put_link(&world.link).await.unwrap();
    table.fence(&world.order, std::slice::from_ref(&world.item.id), false).await.unwrap();
    table.fence(&world.large, &[], false).await.unwrap();
    table.applied(org, &world.large.id, &world.large.order.fence, &world.large.digest).await.unwrap();
    assert_eq!(table.book(&world.sale).await.unwrap(), Moved::Done);
    table.note_unmatched(org, store, &RemoteVariantId::new("v"), &world.order.id).await.unwrap();
    table.take(&world.event).await.unwrap();
    table.open_exception(&world.exception).await.unwrap();
    table.count(org, store, Counter::Writes, 3).await.unwrap();
    table.note_latency(org, store, 700, at(0)).await.unwrap();
    table.put_run(&world.run).await.unwrap();
    table.set_read_until(org, store, Stream::Orders, at(9)).await.unwrap();
    table.put_products(org, store, &[product("p", 1)], &world.seen).await.unwrap();
    table.put_variants(org, store, &[variant("p", "v", 1)], &world.seen).await.unwrap();
    table.match_variant(org, store, &RemoteVariantId::new("v"), Some(&world.item.id)).await.unwrap();
    table.put_customers(org, store, &[customer("c", 1)], &world.seen).await.unwrap();
    table.put(&world.work).await.unwrap();
    table.lease(org, store, at(0), at(60)).await.unwrap();
    table.rest(org, store, at(30)).await.unwrap();
}

async fn read(table: &aws::Table, world: &World, sold: Delta) {
    let (org, store) = (&world.store.org, &world.store.id);
    let ask = Ask::first(9);
    assert_eq!(table.stores(org).await.unwrap(), std::slice::from_ref(&world.store));
    assert_eq!(table.org_of(store).await.unwrap().as_ref(), Some(org));
    let claimed = table.store_of_shop(&world.store.platform, &world.store.shop).await.unwrap();
    assert_eq!(claimed, Some((org.clone(), store.clone())));
    assert_eq!(table.orgs().await.unwrap(), std::slice::from_ref(org));
    assert_eq!(table.key_by_hash("hash").await.unwrap().as_ref(), Some(&world.key));

    assert_eq!(table.items(org, &ask).await.unwrap().items, std::slice::from_ref(&world.item));
    let link = Link { explained: Some(OnHand::whole(3)), sold, version: 1, ..world.link.clone() };
    assert_eq!(table.links_of(org, &world.item.id).await.unwrap(), std::slice::from_ref(&link));
    assert_eq!(table.links_of_store(org, store, &ask).await.unwrap().items, [link]);
    assert_eq!(table.balance(org, &world.item.id).await.unwrap().reserved, Delta::whole(2));
    assert_eq!(table.entries(org, &world.item.id, &ask).await.unwrap().items, world.sale.entries);
    assert_eq!(table.outbox(org, 9).await.unwrap(), [world.sale.change.clone().unwrap()]);
    assert_eq!(table.effects(org, &world.order.id).await.unwrap()[0].effect, world.sale.effect);
    assert_eq!(table.order(org, &world.order.id).await.unwrap().as_ref(), Some(&world.order));
    let large = OrderRecord { applied: true, ..world.large.clone() };
    assert_eq!(table.order(org, &large.id).await.unwrap(), Some(large));
    assert_eq!(table.orders(org, store, &ask).await.unwrap().items.len(), 2);
    assert_eq!(table.unapplied(org, 9).await.unwrap()[0].items, std::slice::from_ref(&world.item.id));
    assert!(table.is_pending(org, &world.item.id).await.unwrap());
    let unmatched = table.unmatched(org, store, &RemoteVariantId::new("v")).await.unwrap();
    assert_eq!(unmatched, std::slice::from_ref(&world.order.id));

    assert_eq!(table.events(org, store, &ask).await.unwrap().items, std::slice::from_ref(&world.event));
    assert!(table.has_parked(org, store).await.unwrap());
    let open = table.exceptions(org, false, &ask).await.unwrap().items;
    assert_eq!(open, std::slice::from_ref(&world.exception));
    assert_eq!(table.counts(org, store).await.unwrap(), [0, 0, 3]);
    assert_eq!(table.latencies(org, store, 9).await.unwrap(), [700]);

    let run = Run { version: 1, ..world.run.clone() };
    assert_eq!(table.runs(org, store, &ask).await.unwrap().items, [run]);
    assert_eq!(table.read_until(org, store, Stream::Orders).await.unwrap(), Some(at(9)));

    assert_eq!(table.products(org, store, &ask).await.unwrap().items, [product("p", 1)]);
    let kept = table.variants(org, store, &ask).await.unwrap().items.remove(0);
    assert_eq!((kept.variant, kept.seen), (variant("p", "v", 1), world.seen.clone()));
    assert_eq!(kept.item.as_ref(), Some(&world.item.id));
    assert_eq!(table.customers(org, store, &ask).await.unwrap().items, [customer("c", 1)]);

    let due = table.due(org, store, at(0), 9).await.unwrap().remove(0);
    assert_eq!(LaneWork { generation: 0, ..due.clone() }, world.work);
    assert_eq!(table.next_due(org, store).await.unwrap(), Some(at(0)));
    assert_eq!(table.lease(org, store, at(1), at(60)).await.unwrap(), None);
    assert_eq!(table.lease(org, store, at(60), at(90)).await.unwrap().unwrap().token, 2);
    assert_eq!(table.resting(org, store).await.unwrap(), Some(at(30)));

    // What was written once can be changed too.
    let end = Finish {
        org: org.clone(),
        link: world.link.id.clone(),
        write: world.link.inflight.as_ref().unwrap().write.clone(),
        explained: Delta::whole(-1),
        written: None,
        seen: None,
    };
    assert_eq!(table.finish(&end).await.unwrap(), Moved::Done);
    assert_eq!(
        table.applied(org, &world.order.id, &world.order.order.fence, &world.order.digest).await.unwrap(),
        Moved::Done
    );
    assert!(table.unapplied(org, 9).await.unwrap().is_empty());
    assert_eq!(table.done(&due).await.unwrap(), Written::Done);
    let again = table.put_variants(org, store, &[variant("p", "v", 1)], &world.seen).await.unwrap();
    assert_eq!(again, [Put { stored: Stored::Same, met_before: true }]);
    assert_eq!(
        table
            .remove_product(org, store, &RemoteProductId::new("p"), at(9), at(9_000_000))
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(table.resolve_exception(org, &world.exception.id, at(9)).await.unwrap());
    table.mark(org, &world.event.id, EventState::Booked, None).await.unwrap();
    assert!(!table.has_parked(org, store).await.unwrap());
    let taken = table.take_pending("state", at(1)).await.unwrap();
    assert_eq!(taken.as_ref(), Some(&world.pending));
}

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Ss(names) => json!({ "SS": names }),
        AttributeValue::B(bytes) => json!({ "B": String::from_utf8(bytes.clone().into_inner()).unwrap() }),
        other => panic!("no row holds {other:?}"),
    }
}

fn from_json(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "SS" => AttributeValue::Ss(
            value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().into()).collect(),
        ),
        "B" => AttributeValue::B(Blob::new(text().into_bytes())),
        other => panic!("no row holds {other}"),
    }
}

async fn load(client: &Client, rows: &str) {
    let rows: Vec<HashMap<String, Value>> = serde_json::from_str(rows).unwrap();
    for row in rows {
        let item = row.iter().map(|(name, value)| (name.clone(), from_json(value))).collect();
        client.put_item().table_name("storeloom").set_item(Some(item)).send().await.unwrap();
    }
}

async fn dump(client: &Client) -> String {
    let rows = client.scan().table_name("storeloom").send().await.unwrap().items.unwrap();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let row: std::collections::BTreeMap<&String, Value> =
                row.iter().map(|(name, value)| (name, to_json(value))).collect();
            serde_json::to_string(&row).unwrap()
        })
        .collect();
    lines.sort();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[tokio::test]
async fn frozen_rows_are_read_for_ever() {
    let (table, guard) = embedded::table().await;
    load(&embedded::client(guard.endpoint()), FROZEN).await;
    read(&table, &world(), Delta::ZERO).await;
}

/// A voucher as it was kept once; `ORG` stands for the merchant.
const VOUCHER: &str = r##"[{"pk":{"S":"ORG#vouchers#2026-11-21"},
    "sk":{"S":"2026-11-21T19:30:00.123456000Z#vou_00000000000000000000000001"},"v":{"N":"1"},
    "doc":{"S":"{\"at\":\"2026-11-21T19:30:00.123456Z\",\"observed\":{\"what\":\"order\",\"order\":\"ord_00000000000000000000000001\",\"number\":\"#1001\",\"state\":\"open\",\"link\":\"lnk_00000000000000000000000001\",\"item\":\"itm_00000000000000000000000001\",\"sku\":\"T-1\",\"sold\":{\"lines\":[{\"quantity\":\"3\",\"refunded\":\"1\",\"restocked\":\"0\",\"taken\":\"3\"}]},\"old\":{\"reserved\":\"1\",\"shipped\":\"0\",\"taken\":\"1\"},\"step\":2}}"}}]"##;

#[tokio::test]
async fn a_frozen_voucher_is_read_for_ever() {
    let (table, guard) = embedded::table().await;
    let org = world().store.org;
    load(&embedded::client(guard.endpoint()), &VOUCHER.replace("ORG", org.as_str())).await;
    let day = "2026-11-21".parse().unwrap();
    let kept = table.vouchers(&org, day, &Ask::first(9)).await.unwrap().items;
    let lines: Vec<String> = kept[0]
        .lines()
        .iter()
        .map(|line| format!("{:?} {} {} {}", line.kind, line.on_hand, line.reserved, line.at))
        .collect();
    let at = "2026-11-21T19:30:00.123456Z";
    assert_eq!(lines, [format!("Ship -1 -1 {at}"), format!("Reserve +0 +2 {at}")]);
}

#[tokio::test]
async fn rows_of_today_are_read() {
    let (table, _guard) = embedded::table().await;
    write(&table, &world()).await;
    read(&table, &world(), Delta::whole(2)).await;
}

#[tokio::test]
async fn rows_of_today_load_into_another_table() {
    let (table, guard) = embedded::table().await;
    write(&table, &world()).await;
    let rows = dump(&embedded::client(guard.endpoint())).await;
    let (other, guard) = embedded::table().await;
    load(&embedded::client(guard.endpoint()), &rows).await;
    read(&other, &world(), Delta::whole(2)).await;
}
