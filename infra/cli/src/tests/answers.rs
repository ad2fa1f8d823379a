//! The hub's answers, written by the hub's own types where it has them, so that they cannot drift apart.

use std::collections::BTreeMap;

use domain::exception::{Exception, ExceptionKind};
use domain::link::{Link, Listed, Reading, Unexplained};
use domain::money::Money;
use domain::order::{Buyer, Fence, Order, OrderLine, OrderState};
use domain::product::Sku;
use domain::run::{Extent, Run, RunState, Stream};
use domain::stock::{Balance, Effect, Entry, EntryKind};
use domain::store::{Condition, Phase, Store};
use domain::{
    Delta, EntryId, EventId, ExceptionId, ItemId, LinkId, OnHand, OrderId, OrgId, PlatformSlug,
    RemoteOrderId, RemoteProductId, RemoteShop, RemoteVariantId, RunId, StoreId,
};
use hub::overview::{Agreement, Freshness, RunView, StoreView, Summary};
use hub::stores::{Preview, WouldWrite};
use hub::sync::Progress;
use jiff::{SignedDuration, Timestamp};
use ports::{BookedEffect, ItemRecord};
use serde_json::{Value, json};

use super::stage::now;

pub(super) fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

pub(super) fn value(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

/// A store whose id is easy to read: `sto_` and one letter over and over.
pub(super) fn store(letter: char, name: &str) -> Store {
    Store {
        id: store_id(letter),
        org: OrgId::derive(&["o"]),
        platform: PlatformSlug::new("woocommerce"),
        shop: RemoteShop::new(format!("https://{}.example", name.to_lowercase())),
        name: name.to_owned(),
        address: format!("https://{}.example", name.to_lowercase()),
        currency: "EUR".parse().ok(),
        zone: None,
        phase: Phase::Writing,
        condition: Condition::Active,
        opens_books: true,
        location: domain::LocationId::main(),
        created_at: before(7200),
        baseline_at: None,
        writing_since: None,
        allocation: None,
        raises: None,
        version: 3,
    }
}

pub(super) fn store_id(letter: char) -> StoreId {
    format!("sto_{}", letter.to_string().repeat(26)).parse().unwrap()
}

pub(super) fn view(store: Store) -> StoreView {
    StoreView {
        store,
        runs: Vec::new(),
        events: 12,
        duplicates: 1,
        writes: 4,
        agreement: Agreement { links: 40, ..Agreement::default() },
        freshness: Freshness {
            samples: 9,
            p50_ms: Some(340),
            p95_ms: Some(900),
            p99_ms: Some(1250),
            oldest_sale_ms: None,
        },
    }
}

pub(super) fn stores(views: &[StoreView]) -> Value {
    json!({"items": views})
}

/// One running-in store and one that is held.
pub(super) fn two() -> Value {
    let mut south = view(store('b', "South"));
    south.store.condition =
        Condition::Held { reason: "the shop answers 401 to its keys".into(), since: before(300) };
    south.agreement = Agreement { links: 38, joining: 0, unexplained: 2, inflight: 1, waiting: 7 };
    south.freshness = Freshness::default();
    south.runs = vec![run("r1", Stream::Orders, RunState::Running, 120)];
    stores(&[view(store('a', "North")), south])
}

pub(super) fn run(seed: &str, stream: Stream, state: RunState, done: u64) -> RunView {
    let ended = state != RunState::Running;
    RunView {
        run: Run {
            id: RunId::derive(&[seed]),
            org: OrgId::derive(&["o"]),
            store: store_id('a'),
            stream,
            extent: Extent::Full,
            state,
            done,
            expected: Some(480),
            pages: 2,
            cursor: None,
            since: None,
            passes: 0,
            message: (state == RunState::Failed).then(|| "the shop counts 480 and shows 479".to_owned()),
            started_at: before(60),
            updated_at: before(1),
            finished_at: ended.then(|| before(20)),
            version: 2,
        },
        progress: Progress {
            per_second_tenths: 125,
            eta_seconds: (!ended).then_some(29),
            percent: Some(if state == RunState::Completed { 100 } else { done * 100 / 480 }),
        },
    }
}

pub(super) fn summary() -> Summary {
    Summary {
        variants: 120,
        matched: 110,
        shared: 40,
        without_sku: 6,
        duplicates: 4,
        untracked: 3,
        orders: 37,
        next: "See what would change and begin.".to_owned(),
    }
}

pub(super) fn preview() -> Preview {
    let would = |sku: &str, shows: i64, target: i64| WouldWrite {
        link: LinkId::derive(&[sku]),
        sku: sku.to_owned(),
        title: format!("Tea {sku}"),
        shows: OnHand::whole(shows),
        target: OnHand::whole(target),
        difference: OnHand::whole(target).since(OnHand::whole(shows)),
    };
    Preview { links: 110, lowered: 2, raised: 1, largest: vec![would("T-1", 50, 12), would("T-2", 3, 9)] }
}

pub(super) fn finding(blocks_writing: bool) -> Value {
    json!({
        "code": "read-only-key",
        "message": "the API key may only read",
        "advice": "make a key with Read/Write permission, and connect with it",
        "blocks_writing": blocks_writing,
    })
}

pub(super) fn doctor(findings: &[Value]) -> Value {
    json!({"shop": "https://north.example", "name": "North", "currency": "EUR", "zone": null, "findings": findings})
}

pub(super) fn exception(kind: ExceptionKind, seed: &str) -> Exception {
    Exception {
        id: ExceptionId::derive(&[seed]),
        org: OrgId::derive(&["o"]),
        store: Some(store_id('a')),
        kind,
        subject: "55".into(),
        message: format!("something about {seed}"),
        advice: "Put it right in the shop.".into(),
        facts: BTreeMap::from([("event".to_owned(), EventId::derive(&[seed]).to_string())]),
        opened_at: before(180),
        resolved_at: None,
    }
}

pub(super) fn event(seed: &str, letter: char, seconds: i64) -> Value {
    json!({
        "id": EventId::derive(&[seed]), "store": store_id(letter), "topic": "order.updated", "about": "order",
        "state": "booked", "note": null, "duplicates": 1, "received_at": before(seconds),
    })
}

/// An item with what may be sold of it and where it is listed, as the API flattens it.
pub(super) fn shelf(sku: &str, title: &str) -> Value {
    let sku = Sku::read(sku).unwrap();
    let id = ItemId::derive(&[sku.as_str()]);
    let balance = Balance {
        on_hand: OnHand::whole(12),
        reserved: Delta::whole(2),
        version: 4,
        ..Balance::empty(id.clone())
    };
    let mut link = Link::new(
        OrgId::derive(&["o"]),
        store_id('a'),
        id.clone(),
        Listed { variant: RemoteVariantId::new("55"), product: RemoteProductId::new("50"), sku: sku.clone() },
    );
    link.explained = Some(OnHand::whole(10));
    link.seen = Some(Reading { level: OnHand::whole(13), at: before(30) });
    link.unexplained =
        Some(Unexplained { difference: Delta::whole(3), since: before(30), explained: None, version: None });
    let item = ItemRecord { id, sku, title: title.to_owned(), created_at: before(7000) };
    let mut shelf = value(&item);
    shelf["available"] = value(&balance.available());
    shelf["balance"] = value(&balance);
    shelf["links"] = json!([link]);
    shelf
}

pub(super) fn entry(kind: EntryKind, on_hand: i64, reserved: i64) -> Entry {
    Entry {
        id: EntryId::derive(&[&on_hand.to_string()]),
        item: ItemId::derive(&["T-1"]),
        location: domain::LocationId::main(),
        kind,
        on_hand: Delta::whole(on_hand),
        reserved: Delta::whole(reserved),
        cause: "order 1001 of North".into(),
        actor: None,
        at: before(90),
    }
}

/// An order as the API flattens it.
pub(super) fn order(number: &str, letter: char, seconds: i64) -> Value {
    let euro = |amount: i64| Money::new(rust_decimal::Decimal::new(amount, 2), "EUR".parse().unwrap());
    let order = Order {
        remote: RemoteOrderId::new(format!("9{number}")),
        number: number.to_owned(),
        state: OrderState::Open,
        fence: Fence { updated_at: before(seconds), revision: 0 },
        placed_at: before(seconds),
        total: euro(2500),
        tax: None,
        shipping: None,
        discount: None,
        buyer: Buyer {
            customer: None,
            name: "Ada Private".into(),
            email: Some("ada@private.example".into()),
            country: Some("DE".into()),
        },
        lines: vec![OrderLine {
            remote: "1".into(),
            product: None,
            variant: None,
            sku: Sku::read("T-1"),
            title: "Tea".into(),
            quantity: 2.into(),
            refunded: 0.into(),
            restocked: 0.into(),
            taken: 2.into(),
            unit_price: Some(euro(1250)),
            total: Some(euro(2500)),
        }],
        unpaid: false,
    };
    let mut answer = value(&order);
    answer["id"] = value(&OrderId::derive(&[number]));
    answer["store"] = value(&store_id(letter));
    answer["applied"] = json!(true);
    answer["seen_at"] = value(&before(seconds));
    answer
}

pub(super) fn effects() -> Value {
    json!([BookedEffect {
        link: LinkId::derive(&["l"]),
        item: ItemId::derive(&["T-1"]),
        effect: Effect { reserved: 2.into(), shipped: 0.into(), taken: 2.into() },
        location: domain::LocationId::main(),
        parts: Vec::new(),
        version: 1,
    }])
}
