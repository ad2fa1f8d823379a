//! Merchants, stores, items and orders for the suites. Every call makes its own world: suites may share a table.

use domain::customer::Customer;
use domain::deed::Deed;
use domain::event::EventState;
use domain::exception::{Exception, ExceptionKind};
use domain::link::{Link, Listed, Reading};
use domain::message::{Body, Inbox, Raw};
use domain::money::Money;
use domain::order::{Buyer, Fence, Order, OrderLine, OrderState};
use domain::product::{Listing, Product, Sku, Stock, Variant};
use domain::run::{Extent, Run, RunState, Stream};
use domain::stock::{Effect, Entry, EntryKind};
use domain::store::{Condition, Phase, Store};
use domain::voucher::{MovedByHand, Observed, OrderStep, SoldUnits, Voucher};
use domain::work::Change;
use domain::*;
use jiff::{SignedDuration, Timestamp};
use ports::{EventRecord, ItemRecord, Movement, OrderRecord};
use rust_decimal::Decimal;

/// A time, so many seconds after the suites' noon.
pub fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-20T12:00:00.123456Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

pub fn org() -> OrgId {
    OrgId::make(at(0), rand::random())
}

pub fn store_id() -> StoreId {
    StoreId::make(at(0), rand::random())
}

pub fn run_id(seconds: i64) -> RunId {
    RunId::make(at(seconds), rand::random())
}

pub fn write_id() -> WriteId {
    WriteId::make(at(0), rand::random())
}

pub fn item_id(org: &OrgId, sku: &str) -> ItemId {
    ItemId::derive(&[org.as_str(), sku])
}

pub fn euros(cents: i64) -> Money {
    Money::new(Decimal::new(cents, 2), "EUR".parse().unwrap())
}

pub fn store(org: &OrgId, shop: &str) -> Store {
    Store {
        id: store_id(),
        org: org.clone(),
        platform: PlatformSlug::new("woocommerce"),
        shop: RemoteShop::new(shop),
        name: "Shop".into(),
        address: format!("https://{shop}"),
        currency: Some("EUR".parse().unwrap()),
        zone: Some("Europe/Vienna".into()),
        phase: Phase::Joining,
        condition: Condition::Active,
        opens_books: true,
        location: LocationId::main(),
        created_at: at(0),
        baseline_at: None,
        writing_since: None,
        allocation: None,
        raises: None,
        version: 0,
    }
}

pub fn item(org: &OrgId, sku: &str) -> ItemRecord {
    ItemRecord {
        id: item_id(org, sku),
        sku: Sku::read(sku).unwrap(),
        title: format!("Item {sku}"),
        created_at: at(0),
    }
}

pub fn link(org: &OrgId, store: &StoreId, sku: &str) -> Link {
    let listed = Listed {
        variant: RemoteVariantId::new(format!("v-{sku}")),
        product: RemoteProductId::new(format!("p-{sku}")),
        sku: Sku::read(sku).unwrap(),
    };
    Link::new(org.clone(), store.clone(), item_id(org, sku), listed)
}

pub fn reading(level: i64, seconds: i64) -> Reading {
    Reading { level: OnHand::whole(level), at: at(seconds) }
}

pub fn line(number: usize) -> OrderLine {
    OrderLine {
        remote: number.to_string(),
        product: Some(RemoteProductId::new(format!("p{number}"))),
        variant: Some(RemoteVariantId::new(format!("v{number}"))),
        sku: Sku::read(&format!("SKU-{number}")),
        title: format!("Something number {number} with a title of ordinary length"),
        quantity: 1.into(),
        refunded: 0.into(),
        restocked: 0.into(),
        taken: 1.into(),
        unit_price: Some(euros(1099)),
        total: Some(euros(1099)),
    }
}

pub fn order(org: &OrgId, store: &StoreId, remote: &str, lines: usize, fence: i64) -> OrderRecord {
    OrderRecord {
        id: OrderId::derive(&[store.as_str(), remote]),
        org: org.clone(),
        store: store.clone(),
        order: Order {
            remote: RemoteOrderId::new(remote),
            number: format!("#{remote}"),
            state: OrderState::Open,
            fence: Fence { updated_at: at(fence), revision: 0 },
            placed_at: at(0),
            total: euros(1099),
            tax: None,
            shipping: Some(euros(490)),
            discount: None,
            buyer: Buyer {
                customer: None,
                name: "Ada Example".into(),
                email: None,
                country: Some("AT".into()),
            },
            lines: (0..lines).map(line).collect(),
            unpaid: false,
        },
        digest: format!("digest of {remote} at {fence}"),
        applied: false,
        seen_at: at(fence),
    }
}

pub fn effect(reserved: i64, shipped: i64, taken: i64) -> Effect {
    Effect { reserved: reserved.into(), shipped: shipped.into(), taken: taken.into() }
}

/// The movement from one effect to another, with entries and change as their cause derives them.
pub fn movement(record: &OrderRecord, link: &Link, old: Effect, new: Effect, read: u64) -> Movement {
    let number = (read + 1).to_string();
    let parts = [record.id.as_str(), link.id.as_str(), &number];
    let entries: Vec<Entry> = old
        .movements_to(new)
        .into_iter()
        .map(|(kind, on_hand, reserved)| Entry {
            id: EntryId::derive(&[parts[0], parts[1], parts[2], &format!("{kind:?}")]),
            item: link.item.clone(),
            location: LocationId::main(),
            actor: None,
            kind,
            on_hand,
            reserved,
            cause: "order".into(),
            at: record.seen_at,
        })
        .collect();
    let available: Delta = entries.iter().map(|entry| entry.on_hand - entry.reserved).sum();
    let explained = old.explains(new);
    let change = (!available.is_zero() || !explained.is_zero()).then(|| Change {
        id: TaskId::derive(&parts),
        org: record.org.clone(),
        item: link.item.clone(),
        also: Vec::new(),
        available,
        at: record.seen_at,
    });
    Movement {
        org: record.org.clone(),
        order: record.id.clone(),
        fence: record.order.fence.clone(),
        digest: record.digest.clone(),
        link: link.id.clone(),
        item: link.item.clone(),
        read,
        effect: new,
        location: LocationId::main(),
        parts: Vec::new(),
        chosen: true,
        entries,
        voucher: step(record, link, old, new, read),
        explained,
        sold: -available,
        change,
    }
}

/// The document of a step of an order.
pub fn step(record: &OrderRecord, link: &Link, old: Effect, new: Effect, read: u64) -> Voucher {
    let step = OrderStep {
        order: record.id.clone(),
        number: record.order.number.clone(),
        state: record.order.state,
        link: link.id.clone(),
        item: link.item.clone(),
        sku: link.sku.clone(),
        sold: SoldUnits { lines: Vec::new(), further: new },
        old,
        step: read + 1,
        location: LocationId::main(),
        parts: Vec::new(),
        contained: link.explained.is_none(),
    };
    Voucher { at: record.seen_at, observed: Observed::Order(step) }
}

/// The document of what a person moved.
pub fn voucher(item: &ItemId, cause: &str, seconds: i64) -> Voucher {
    let moved = MovedByHand {
        item: item.clone(),
        deed: Deed::Receive { units: Decimal::ONE, at: LocationId::main() },
        lay: OnHand::ZERO,
        note: cause.into(),
        actor: "a key".into(),
        names: vec![EntryId::derive(&[item.as_str(), cause])],
    };
    Voucher { at: at(seconds), observed: Observed::ByHand(moved) }
}

pub fn entry(item: &ItemId, cause: &str, on_hand: i64, seconds: i64) -> Entry {
    Entry {
        id: EntryId::derive(&[item.as_str(), cause]),
        item: item.clone(),
        location: LocationId::main(),
        actor: None,
        kind: EntryKind::Adjust,
        on_hand: Delta::whole(on_hand),
        reserved: Delta::ZERO,
        cause: cause.into(),
        at: at(seconds),
    }
}

pub fn change(org: &OrgId, item: &ItemId, cause: &str, seconds: i64) -> Change {
    Change {
        id: TaskId::derive(&[item.as_str(), cause]),
        org: org.clone(),
        item: item.clone(),
        also: Vec::new(),
        available: Delta::whole(1),
        at: at(seconds),
    }
}

pub fn product(remote: &str, updated: i64) -> Product {
    Product {
        remote: RemoteProductId::new(remote),
        title: format!("Product {remote}"),
        listing: Listing::Published,
        url: Some(format!("https://shop.example/{remote}")),
        images: vec!["https://shop.example/a.png".into()],
        updated_at: at(updated),
    }
}

pub fn variant(product: &str, remote: &str, updated: i64) -> Variant {
    Variant {
        remote: RemoteVariantId::new(remote),
        product: RemoteProductId::new(product),
        sku: Sku::read(&format!("SKU-{remote}")),
        title: format!("Variant {remote}"),
        options_only: false,
        price: Some(euros(999)),
        regular_price: Some(euros(1099)),
        stock: Stock::Tracked { level: OnHand::whole(3) },
        sellable: true,
        updated_at: at(updated),
    }
}

pub fn customer(remote: &str, updated: i64) -> Customer {
    Customer {
        remote: RemoteCustomerId::new(remote),
        name: "Ada Example".into(),
        email: Some("ada@shop.example".into()),
        phone: None,
        country: Some("AT".into()),
        registered_at: Some(at(0)),
        updated_at: at(updated),
    }
}

pub fn run(org: &OrgId, store: &StoreId, seconds: i64) -> Run {
    Run {
        id: run_id(seconds),
        org: org.clone(),
        store: store.clone(),
        stream: Stream::Catalog,
        extent: Extent::Full,
        state: RunState::Running,
        done: 0,
        expected: None,
        pages: 0,
        cursor: None,
        since: None,
        passes: 0,
        message: None,
        started_at: at(seconds),
        updated_at: at(seconds),
        finished_at: None,
        version: 0,
    }
}

pub fn event(org: &OrgId, store: &StoreId, name: &str, noun: &str, seconds: i64) -> EventRecord {
    EventRecord {
        id: EventId::derive(&[store.as_str(), name]),
        inbox: Inbox {
            org: org.clone(),
            store: store.clone(),
            platform: PlatformSlug::new("woocommerce"),
            received_at: at(seconds),
            raw: Raw {
                headers: vec![("x-wc-webhook-topic".into(), "order.created".into())],
                body: Body::Text("{\"id\":1}".into()),
            },
        },
        noun: noun.into(),
        order: (noun == "order").then(|| RemoteOrderId::new("1")),
        topic: "order.created".into(),
        state: EventState::Taken,
        note: None,
        duplicates: 0,
    }
}

pub fn exception(org: &OrgId, store: &StoreId, subject: &str, seconds: i64) -> Exception {
    Exception {
        id: Exception::id_of(org, ExceptionKind::UnmatchedLine, Some(store), subject),
        org: org.clone(),
        store: Some(store.clone()),
        kind: ExceptionKind::UnmatchedLine,
        subject: subject.into(),
        message: "an order sells something that matches no item".into(),
        advice: "give it a SKU".into(),
        facts: [("line".to_owned(), "1".to_owned())].into(),
        opened_at: at(seconds),
        resolved_at: None,
    }
}

/// Reads a list to its end, a page of so many at a time; a list that never ends fails.
pub async fn all_of<T, F>(limit: u32, mut page: impl FnMut(ports::Ask) -> F) -> Vec<T>
where
    F: Future<Output = ports::Result<ports::Page<T>>>,
{
    let mut items = Vec::new();
    let mut after = None;
    for _ in 0..10_000 {
        let got = page(ports::Ask::after(limit, after)).await.unwrap();
        assert!(got.items.len() <= limit as usize, "a page is no longer than asked for");
        items.extend(got.items);
        after = got.next;
        if after.is_none() {
            return items;
        }
    }
    panic!("the list does not end");
}
