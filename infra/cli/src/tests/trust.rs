//! What shows why the numbers can be trusted: drift, rehearsal, shadow, why, freshness.

use domain::order::OrderState;
use domain::rules::Authority;
use domain::stock::{AtLocation, Effect, EntryKind};
use domain::{Delta, ExceptionId, ItemId, LinkId, OnHand, OrderId, RemoteVariantId, WriteId};
use hub::authority::Ruling;
use hub::daybook::replay::Told;
use hub::daybook::{Difference, Report};
use hub::drift::{Evidence, Settling, Standing, Verdict, Will};
use hub::freshness::{Freshness, StoreFreshness, Times};
use hub::shadow::{DayTotal, OfSku, ShadowReport, ShadowTotal};
use hub::why::{
    Counted, EffectWhy, EventBrief, ItemWhy, LineWhy, LinkWhy, OrderWhy, Place, Reached, TracedEntry,
};
use jiff::civil::date;
use ports::{
    Answer, BookedEffect, ItemRecord, PreventedSale, Rehearsal, RehearsedWrite, ShadowWrite, Shadowing,
    WriteNote,
};
use serde_json::{Value, json};

use super::answers::{before, entry, order, store, store_id, two, value};
use super::fake::{FakeHub, problem};
use super::stage::{parses, play};

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const SOUTH: &str = "sto_bbbbbbbbbbbbbbbbbbbbbbbbbb";
const DIGEST: &str = "0123456789abcdef0123456789abcdef";

fn sku(text: &str) -> domain::product::Sku {
    domain::product::Sku::read(text).unwrap()
}

fn standing(letter: char, name: &str, verdict: Verdict, will: Will, says: &str) -> Standing {
    let asked = will == Will::AskPerson;
    Standing {
        store: store_id(letter),
        store_name: name.to_owned(),
        link: LinkId::derive(&[name]),
        item: ItemId::derive(&["T-1"]),
        sku: sku("T-1"),
        title: "Tea".into(),
        variant: RemoteVariantId::new("55"),
        explained: OnHand::whole(8),
        shows: Some(domain::link::Reading { level: OnHand::whole(5), at: before(40) }),
        difference: Delta::whole(-3),
        verdict,
        unexplained_since: Some(before(40)),
        available: OnHand::whole(8),
        target: OnHand::whole(8),
        will,
        says: says.to_owned(),
        evidence: vec![
            Evidence::Told { level: OnHand::whole(5), at: before(40) },
            Evidence::Order {
                order: OrderId::derive(&["1001"]),
                number: "1001".into(),
                store: store_id('a'),
                state: OrderState::Open,
                explained: Delta::whole(-1),
                available: Delta::whole(-1),
                at: before(90),
            },
            Evidence::Wrote { level: OnHand::whole(9), at: before(400) },
            Evidence::Correction { cause: "a count".into(), available: Delta::whole(2), at: before(500) },
        ],
        settle: asked.then(|| Settling {
            exception: ExceptionId::derive(&["differs"]),
            shop: "the shop's 5 counts: what may be sold goes from 8 to 5, in every shop".into(),
            books: "the books count: the shop goes from 5 to 8".into(),
        }),
        authority: Ruling { authority: Authority::Ask, own: false },
    }
}

fn north() -> Standing {
    standing(
        'a',
        "North",
        Verdict::Unexplained,
        Will::AskPerson,
        "Say who is right; until then it is not raised.",
    )
}

fn south() -> Standing {
    let will = Will::WaitForOrders { until: Some(before(-60)) };
    standing(
        'b',
        "South",
        Verdict::Looking,
        will,
        "It waits for an order that explains it and is not raised.",
    )
}

fn rehearsed() -> Value {
    let write = |name: &str, shows: i64, target: i64, held: Option<&str>| RehearsedWrite {
        link: LinkId::derive(&[name]),
        item: ItemId::derive(&[name]),
        variant: RemoteVariantId::new("55"),
        sku: sku(name),
        title: format!("Tea {name}"),
        shows: OnHand::whole(shows),
        target: OnHand::whole(target),
        difference: OnHand::whole(target).since(OnHand::whole(shows)),
        money: held.is_none().then(|| euros(4_500)),
        held: held.map(str::to_owned),
    };
    let rehearsal = Rehearsal {
        digest: DIGEST.into(),
        org: domain::OrgId::derive(&["o"]),
        store: store_id('a'),
        at: before(5),
        links: 110,
        lowered: 1,
        raised: 2,
        held: 1,
        units_lowered: Delta::whole(38),
        units_raised: Delta::whole(7),
        money_lowered: vec![euros(4_500)],
        money_raised: vec![],
        unpriced: 1,
        parts: 1,
    };
    let writes = vec![write("T-1", 50, 12, None), write("T-2", 3, 9, Some("an order that is being booked"))];
    json!({"rehearsal": rehearsal, "items": writes, "next": null})
}

fn euros(cents: i64) -> domain::money::Money {
    domain::money::Money::new(rust_decimal::Decimal::new(cents, 2), "EUR".parse().unwrap())
}

fn shadowed() -> ShadowReport {
    let total = ShadowTotal {
        lowered: 4,
        units_lowered: Delta::whole(9),
        raised: 1,
        units_raised: Delta::whole(2),
        units_prevented: Delta::whole(3),
    };
    let write = ShadowWrite {
        from: OnHand::whole(5),
        to: OnHand::whole(3),
        at: before(50),
        since: before(51),
        cause: "order 1001 open".into(),
    };
    let sale = PreventedSale {
        order: Some(OrderId::derive(&["77"])),
        number: "77".into(),
        units: Delta::whole(3),
        at: before(30),
    };
    ShadowReport {
        store: store_id('a'),
        shadowing: Some(Shadowing { since: before(200_000), until: None }),
        links: 2,
        total,
        days: vec![DayTotal { day: date(2026, 11, 21), total }],
        prevented: vec![OfSku { sku: sku("T-1"), what: sale }],
        writes: vec![OfSku { sku: sku("T-1"), what: write }],
    }
}

fn item_why() -> ItemWhy {
    let id = ItemId::derive(&["T-1"]);
    let note = |answer, shown: i64, seconds| WriteNote {
        org: domain::OrgId::derive(&["o"]),
        store: store_id('a'),
        link: LinkId::derive(&["North"]),
        write: WriteId::derive(&["w"]),
        compare: OnHand::whole(9),
        value: OnHand::whole(8),
        answer,
        shown: Some(OnHand::whole(shown)),
        at: before(seconds),
    };
    let traced = |entry, number: Option<&str>| TracedEntry {
        entry,
        order: number.map(|number| OrderId::derive(&[number])),
        number: number.map(str::to_owned),
        state: number.map(|_| OrderState::Open),
        store_name: number.map(|_| "North".to_owned()),
    };
    let place = |name: &str, on_hand| Place {
        name: name.to_owned(),
        there: AtLocation {
            on_hand: OnHand::whole(on_hand),
            ..AtLocation::empty(domain::LocationId::derive(&[name]))
        },
    };
    ItemWhy {
        item: ItemRecord { id, sku: sku("T-1"), title: "Tea".into(), created_at: before(7000) },
        at: None,
        counted: Counted {
            on_hand: OnHand::whole(12),
            reserved: Delta::whole(2),
            available: OnHand::whole(10),
        },
        places: vec![place("Main", 10), place("Shelf", 2)],
        recipe: None,
        locations: vec![domain::location::Location::main()],
        adds_up: Some(true),
        booked: 2,
        entries: vec![
            traced(entry(EntryKind::Reserve, 0, 2), Some("1001")),
            traced(entry(EntryKind::Opening, 12, 0), None),
        ],
        links: vec![LinkWhy {
            standing: Some(north()),
            store: store_id('a'),
            store_name: "North".into(),
            writes: vec![
                note(Answer::Taken, 8, 20),
                note(Answer::OtherNumber, 7, 60),
                note(Answer::NotTaken, 9, 70),
            ],
        }],
        rules: ["one", "two", "three", "four"],
    }
}

fn order_why() -> OrderWhy {
    let order: domain::order::Order = serde_json::from_value(order("1001", 'a', 600)).unwrap();
    let effect = Effect { reserved: 2.into(), shipped: 0.into(), taken: 2.into() };
    let booked = BookedEffect {
        link: LinkId::derive(&["l"]),
        item: ItemId::derive(&["T-1"]),
        effect,
        location: domain::LocationId::main(),
        parts: Vec::new(),
        version: 1,
    };
    OrderWhy {
        id: OrderId::derive(&["1001"]),
        number: "1001".into(),
        store: store_id('a'),
        store_name: "North".into(),
        state: OrderState::Open,
        placed_at: before(600),
        seen_at: before(599),
        applied: true,
        rule: "It is owed.",
        lines: vec![LineWhy { line: order.lines[0].clone(), effect, item: Some(ItemId::derive(&["T-1"])) }],
        effects: vec![EffectWhy {
            booked,
            sku: Some("T-1".into()),
            entries: vec![entry(EntryKind::Reserve, 0, 2)],
        }],
        events: vec![EventBrief {
            id: domain::EventId::derive(&["e"]),
            topic: "order.created".into(),
            state: domain::event::EventState::Booked,
            note: None,
            duplicates: 1,
            received_at: before(599),
        }],
        looked_through: 4,
        reached: vec![Reached {
            store: store_id('b'),
            store_name: "South".into(),
            item: ItemId::derive(&["T-1"]),
            value: OnHand::whole(10),
            at: before(598),
            after_ms: 1_250,
        }],
    }
}

fn fresh() -> Freshness {
    let times = Times { samples: 31, p50_ms: Some(220), p95_ms: Some(900), p99_ms: Some(1_250) };
    let of = |letter, name: &str, times, oldest_sale_ms, waiting| StoreFreshness {
        store: store_id(letter),
        name: name.to_owned(),
        times,
        oldest_sale_ms,
        waiting,
    };
    Freshness {
        every_shop: times,
        oldest_sale_ms: Some(65_000),
        stores: vec![of('a', "North", times, None, 0), of('b', "South", Times::default(), Some(65_000), 2)],
    }
}

fn replayed(differences: Vec<Told>) -> Report {
    Report {
        day: "2026-11-20".parse().unwrap(),
        until: Some("2026-11-20T14:00:00.5Z".parse().unwrap()),
        vouchers: 42,
        lines: 57,
        before_vouchers: 1,
        items: 9,
        orders: 31,
        books: "0123456789abcdef".repeat(4),
        replay: if differences.is_empty() { "0123456789abcdef" } else { "fedcba9876543210" }.repeat(4),
        same: differences.is_empty(),
        different: differences.len(),
        differences,
    }
}

#[tokio::test]
async fn a_day_that_does_not_replay_says_where_and_fails() {
    let difference = Difference {
        item: ItemId::derive(&["T-1"]),
        what: "line",
        name: "ent_00000000000000000000000001".to_owned(),
        books: Some("-2".to_owned()),
        replay: None,
    };
    let told = Told { sku: Some(sku("T-1")), difference };
    let path = "GET /v1/days/2026-11-20/replay";
    let hub = || FakeHub::default().on(path, value(&replayed(vec![told.clone()])));
    let played = play(&hub(), &["replay-day", "2026-11-20"]).await;
    played.failed();
    assert!(played.out.contains("T-1: line ent_00000000000000000000000001"), "{}", played.out);
    assert!(played.out.contains("the replay says nothing"), "{}", played.out);
    assert!(played.err.contains("they differ in 1 place"), "{}", played.err);
    let played = play(&hub(), &["replay-day", "2026-11-20", "--json"]).await;
    played.failed();
    assert_eq!(played.json()["same"], false);
    let refused = FakeHub::default().reply(path, problem(409, "the books of 2026-11-20 were not kept"));
    let played = play(&refused, &["replay-day", "2026-11-20"]).await;
    played.failed();
    assert!(played.err.contains("were not kept"), "{}", played.err);
    assert!(parses(&["replay-day", "yesterday"]).is_err());
}

fn hub() -> FakeHub {
    let id = OrderId::derive(&["1001"]);
    FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&format!("GET /v1/stores/{NORTH}/drift?limit=200"), json!({"items": [north()], "next": null}))
        .on(&format!("GET /v1/stores/{SOUTH}/drift?limit=200"), json!({"items": [south()], "next": null}))
        .on(
            "GET /v1/items/T-1/drift",
            json!({"item": {"sku": "T-1", "title": "Tea"}, "standings": [north(), south()]}),
        )
        .on(&format!("POST /v1/stores/{NORTH}/rehearsals"), rehearsed())
        .on(&format!("GET /v1/stores/{NORTH}/shadow"), value(&shadowed()))
        .on(&format!("POST /v1/stores/{NORTH}/shadow"), value(&store('a', "North")))
        .on("GET /v1/items/T-1/why", value(&item_why()))
        .on("GET /v1/items/T-1/why?at=2026-11-20T14%3A00%3A00Z", {
            let mut then = item_why();
            then.at = Some("2026-11-20T14:00:00Z".parse().unwrap());
            then.links[0].standing = None;
            value(&then)
        })
        .on(
            &format!("GET /v1/stores/{NORTH}/orders?limit=200"),
            json!({"items": [order("1001", 'a', 600)], "next": null}),
        )
        .on(&format!("GET /v1/stores/{SOUTH}/orders?limit=200"), json!({"items": [], "next": null}))
        .on(&format!("GET /v1/orders/{id}/why"), value(&order_why()))
        .on("GET /v1/freshness", value(&fresh()))
        .on("GET /v1/days/2026-11-20/replay", value(&replayed(Vec::new())))
}

fn lines() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("drift", vec!["drift"]),
        ("drift_sku", vec!["drift", "--sku", "T-1"]),
        ("rehearse", vec!["rehearse", "north"]),
        ("shadow", vec!["shadow", "north"]),
        ("shadow_begin", vec!["shadow", "north", "--begin"]),
        ("why_item", vec!["why", "T-1"]),
        ("why_at", vec!["why", "T-1", "--at", "2026-11-20T14:00:00Z"]),
        ("why_order", vec!["why", "#1001"]),
        ("freshness", vec!["freshness"]),
        ("replay_day", vec!["replay-day", "2026-11-20"]),
    ]
}

#[tokio::test]
async fn each_as_text() {
    for (name, line) in lines() {
        let hub = hub();
        let played = play(&hub, &line).await;
        played.done();
        assert!(!played.out.contains("private"), "{name} names a buyer");
        let asked = hub.asked().join("\n");
        insta::assert_snapshot!(format!("trust_{name}"), format!("{}\n{asked}\n", played.whole(&line)));
    }
}

#[tokio::test]
async fn each_as_one_json_document_that_the_hub_answered() {
    for (name, line) in lines() {
        let json = play(&hub(), &[&line[..], &["--json"]].concat()).await.done().json();
        assert!(json.is_object(), "{name}");
    }
    let why = play(&hub(), &["why", "T-1", "--json"]).await.done().json();
    assert_eq!(why, value(&item_why()));
}

#[tokio::test]
async fn nothing_differs_and_nobody_is_written_to() {
    let none = json!({"items": [], "next": null});
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&format!("GET /v1/stores/{NORTH}/drift?limit=200"), none.clone())
        .on(&format!("GET /v1/stores/{SOUTH}/drift?limit=200"), none)
        .on("GET /v1/freshness", json!({"every_shop": {"samples": 0}, "stores": []}))
        .on(
            &format!("GET /v1/stores/{NORTH}/shadow"),
            value(&ShadowReport { shadowing: None, ..shadowed() }),
        );
    let drift = play(&hub, &["drift"]).await;
    assert!(drift.done().out.starts_with("Nothing differs"), "{}", drift.out);
    assert!(play(&hub, &["freshness"]).await.done().out.starts_with("No store is written to yet."));
    let shadow = play(&hub, &["shadow", "north"]).await;
    assert!(shadow.done().out.contains("storeloom shadow North --begin"), "{}", shadow.out);
}

#[tokio::test]
async fn a_start_names_what_was_approved_and_says_why_it_is_refused() {
    let preview = value(&super::answers::preview());
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&format!("GET /v1/stores/{NORTH}/preview"), preview)
        .reply(
            &format!("POST /v1/stores/{NORTH}/start"),
            problem(409, "1 number(s) moved beyond what was approved (T-1: -3 was approved, -8 it is now)"),
        );
    let played = play(&hub, &["start", "north", "--yes", "--rehearsal", DIGEST]).await;
    played.failed();
    assert!(played.err.contains("moved beyond what was approved"), "{}", played.err);
    let last = hub.asked().pop().unwrap();
    assert!(last.ends_with(&format!("/start {{\"rehearsal\":\"{DIGEST}\"}}")), "{last}");
}

#[tokio::test]
async fn a_sku_that_is_neither_and_an_order_that_is_not_there() {
    let nothing = || problem(404, "there is no item");
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .reply("GET /v1/items/X-9/why", nothing())
        .reply("GET /v1/items/X-9/drift", nothing())
        .on(&format!("GET /v1/stores/{NORTH}/orders?limit=200"), json!({"items": [], "next": null}))
        .on(&format!("GET /v1/stores/{SOUTH}/orders?limit=200"), json!({"items": [], "next": null}));
    for line in [vec!["why", "X-9"], vec!["drift", "--sku", "X-9"], vec!["why", "#9"]] {
        let played = play(&hub, &line).await;
        played.failed();
        assert!(played.err.contains("storeloom "), "{}", played.err);
    }
    assert!(parses(&["why", "T-1", "--at", "yesterday"]).is_err());
    assert!(parses(&["drift", "north", "--sku", "T-1"]).is_err());
}
