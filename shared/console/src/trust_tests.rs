//! The pages that show why the numbers can be trusted, as a browser gets them.

use domain::link::Reading;
use domain::location::Location;
use domain::order::OrderState;
use domain::product::Sku;
use domain::rules::Authority;
use domain::stock::{AtLocation, Entry, EntryKind};
use domain::store::{Condition, Phase, Store};
use domain::{
    Delta, EntryId, ExceptionId, ItemId, LinkId, LocationId, OnHand, OrderId, OrgId, PlatformSlug,
    RemoteShop, RemoteVariantId, StoreId, WriteId,
};
use hub::authority::Ruling;
use hub::bundle::{PartOf, Recipe, UsedIn};
use hub::drift::{Evidence, ItemDrift, Settling, Standing, Verdict, Will};
use hub::shadow::{DayTotal, OfSku, ShadowReport, ShadowTotal};
use hub::why::{Counted, ItemWhy, LinkWhy, Place, TracedEntry};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use ports::{
    Answer, ItemRecord, Page, PreventedSale, Rehearsal, RehearsedWrite, ShadowWrite, Shadowing, WriteNote,
};

use crate::{ItemPage, drift, drift_of_item, rehearsal, shadow, why_of_item};

pub(crate) const EVIL: &str = r#"<script>alert(1)</script>"><img src=x onerror=alert(1)>'"#;

pub(crate) fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

pub(crate) fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn store(name: &str) -> Store {
    Store {
        id: StoreId::derive(&["s"]),
        org: OrgId::derive(&["o"]),
        platform: PlatformSlug::new("woocommerce"),
        shop: RemoteShop::new("shop"),
        name: name.to_owned(),
        address: "https://tea.example".into(),
        currency: None,
        zone: None,
        phase: Phase::Shadow,
        condition: Condition::Active,
        opens_books: true,
        location: domain::LocationId::main(),
        created_at: before(7200),
        baseline_at: None,
        writing_since: None,
        allocation: None,
        raises: None,
        version: 1,
    }
}

fn sku(text: &str) -> Sku {
    Sku::read(text).unwrap()
}

fn standing(text: &str) -> Standing {
    Standing {
        store: StoreId::derive(&["s"]),
        store_name: text.to_owned(),
        link: LinkId::derive(&["l"]),
        item: ItemId::derive(&["i"]),
        sku: sku(text),
        title: text.to_owned(),
        variant: RemoteVariantId::new("55"),
        explained: OnHand::whole(8),
        shows: Some(Reading { level: OnHand::whole(5), at: before(40) }),
        difference: Delta::whole(-3),
        verdict: Verdict::Unexplained,
        unexplained_since: Some(before(40)),
        available: OnHand::whole(8),
        target: OnHand::whole(8),
        will: Will::AskPerson,
        says: text.to_owned(),
        evidence: vec![
            Evidence::Order {
                order: OrderId::derive(&["o"]),
                number: text.to_owned(),
                store: StoreId::derive(&["s"]),
                state: OrderState::Open,
                explained: Delta::whole(-1),
                available: Delta::whole(-1),
                at: before(90),
            },
            Evidence::Correction { cause: text.to_owned(), available: Delta::whole(2), at: before(95) },
            Evidence::Wrote { level: OnHand::whole(9), at: before(400) },
        ],
        settle: Some(Settling {
            exception: ExceptionId::derive(&["x"]),
            shop: text.to_owned(),
            books: text.to_owned(),
        }),
        authority: Ruling { authority: Authority::Hub, own: true },
    }
}

fn item(text: &str) -> ItemRecord {
    ItemRecord { id: ItemId::derive(&["i"]), sku: sku(text), title: text.to_owned(), created_at: before(9) }
}

fn rehearsed(text: &str) -> (Rehearsal, Vec<RehearsedWrite>) {
    let euros =
        |cents| domain::money::Money::new(rust_decimal::Decimal::new(cents, 2), "EUR".parse().unwrap());
    let write = RehearsedWrite {
        link: LinkId::derive(&["l"]),
        item: ItemId::derive(&["i"]),
        variant: RemoteVariantId::new("55"),
        sku: sku(text),
        title: text.to_owned(),
        shows: OnHand::whole(50),
        target: OnHand::whole(12),
        difference: Delta::whole(-38),
        money: Some(euros(4_500)),
        held: Some(text.to_owned()),
    };
    let rehearsal = Rehearsal {
        digest: "0123456789abcdef0123456789abcdef".into(),
        org: OrgId::derive(&["o"]),
        store: StoreId::derive(&["s"]),
        at: before(5),
        links: 1_110,
        lowered: 1,
        raised: 7,
        held: 1,
        units_lowered: Delta::whole(38),
        units_raised: Delta::whole(7),
        money_lowered: vec![euros(4_500)],
        money_raised: vec![],
        unpriced: 1,
        parts: 1,
    };
    (rehearsal, vec![write])
}

fn shadowed(text: &str) -> ShadowReport {
    let total = ShadowTotal { lowered: 4, units_prevented: Delta::whole(3), ..ShadowTotal::default() };
    let write = ShadowWrite {
        from: OnHand::whole(5),
        to: OnHand::whole(3),
        at: before(50),
        since: before(51),
        cause: text.to_owned(),
    };
    let sale = PreventedSale { order: None, number: text.to_owned(), units: Delta::whole(3), at: before(30) };
    ShadowReport {
        store: StoreId::derive(&["s"]),
        shadowing: Some(Shadowing { since: before(200_000), until: None }),
        links: 2,
        total,
        days: vec![DayTotal { day: date(2026, 11, 21), total }],
        prevented: vec![OfSku { sku: sku(text), what: sale }],
        writes: vec![OfSku { sku: sku(text), what: write }],
    }
}

pub(crate) fn why(text: &str) -> ItemWhy {
    let entry = Entry {
        id: EntryId::derive(&["e"]),
        item: ItemId::derive(&["i"]),
        location: LocationId::derive(&["shelf"]),
        actor: Some(text.to_owned()),
        kind: EntryKind::Adjust,
        on_hand: Delta::whole(3),
        reserved: Delta::ZERO,
        cause: text.to_owned(),
        at: before(20),
    };
    let note = |answer| WriteNote {
        org: OrgId::derive(&["o"]),
        store: StoreId::derive(&["s"]),
        link: LinkId::derive(&["l"]),
        write: WriteId::derive(&["w"]),
        compare: OnHand::whole(9),
        value: OnHand::whole(8),
        answer,
        shown: Some(OnHand::whole(7)),
        at: before(20),
    };
    ItemWhy {
        item: item(text),
        at: None,
        counted: Counted {
            on_hand: OnHand::whole(12),
            reserved: Delta::whole(2),
            available: OnHand::whole(10),
        },
        places: vec![Place { name: text.to_owned(), there: AtLocation::empty(LocationId::main()) }],
        locations: vec![
            Location::main(),
            Location { id: LocationId::derive(&["shelf"]), name: text.to_owned(), created_at: before(9) },
        ],
        recipe: Some(Recipe {
            item: item(text).id,
            sku: item(text).sku,
            parts: vec![PartOf {
                item: ItemId::derive(&["part"]),
                sku: item(text).sku,
                title: text.to_owned(),
                units: 2.into(),
                available: OnHand::whole(7),
                enough_for: OnHand::whole(3),
            }],
            available: OnHand::whole(3),
            used_in: Vec::new(),
        }),
        adds_up: Some(true),
        booked: 1,
        entries: vec![TracedEntry { entry, order: None, number: None, state: None, store_name: None }],
        links: vec![LinkWhy {
            standing: Some(standing(text)),
            store: StoreId::derive(&["s"]),
            store_name: text.to_owned(),
            writes: vec![note(Answer::Taken), note(Answer::OtherNumber)],
        }],
        rules: ["one", "two", "three", "four"],
    }
}

/// The page of an item, as it is asked for.
fn item_page(why: &ItemWhy) -> String {
    why_of_item(&ItemPage { why, offers: &[], key: "7", refused: None }, now())
}

/// Every page, with what shops and people may have written in each place.
fn pages(text: &str) -> Vec<String> {
    let store = store(text);
    let found = Page { items: vec![standing(text)], next: Some(text.to_owned()) };
    let (told, writes) = rehearsed(text);
    vec![
        drift(&store, &found, true, now()),
        drift_of_item(&ItemDrift { item: item(text), standings: vec![standing(text)] }, now()),
        rehearsal(&store, Some((&told, &writes)), now()),
        shadow(&store, &shadowed(text), now()),
        item_page(&why(text)),
    ]
}

/// What a person reads: the page without its tags.
pub(crate) fn text(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    body.split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_difference_has_a_button_for_each_side_and_says_what_comes_of_it() {
    let one = Standing {
        settle: Some(Settling {
            exception: ExceptionId::derive(&["x"]),
            shop: "the shop's 5 counts".into(),
            books: "the books count".into(),
        }),
        ..standing("T-1")
    };
    let page = drift(&store("North"), &Page { items: vec![one], next: None }, false, now());
    let action = format!(r#"<form method="post" action="/settle/{}">"#, ExceptionId::derive(&["x"]));
    assert_eq!(page.matches(&action).count(), 2, "{page}");
    for right in ["shop", "books"] {
        assert!(page.contains(&format!(r#"name="right" value="{right}""#)));
    }
    let read = text(&page);
    for said in
        ["The shop is right", "the shop's 5 counts", "The books are right", "-3", "unexplained", "we wrote 9"]
    {
        assert!(read.contains(said), "{said} in {read}");
    }
}

#[test]
fn nothing_that_differs_is_said_plainly() {
    let none = Page { items: vec![], next: None };
    assert!(text(&drift(&store("North"), &none, false, now())).contains("None: the shop shows what"));
    assert!(text(&rehearsal(&store("North"), None, now())).contains("Not rehearsed yet."));
    let never = ShadowReport { shadowing: None, ..shadowed("x") };
    assert!(text(&shadow(&store("North"), &never, now())).contains("--begin"));
}

#[test]
fn a_rehearsal_says_what_approves_it_and_a_shadow_what_it_prevented() {
    let (told, writes) = rehearsed("T-1");
    let read = text(&rehearsal(&store("North"), Some((&told, &writes)), now()));
    for said in ["0123456789abcdef0123456789abcdef", "45.00 EUR", "and 7 smaller differences", "1\u{202f}110"]
    {
        assert!(read.contains(said), "{said} in {read}");
    }
    let read = text(&shadow(&store("North"), &shadowed("T-1"), now()));
    assert!(
        read.contains("Sales of units that other shops had sold") && read.contains("2026-11-21"),
        "{read}"
    );
}

#[test]
fn why_adds_up_and_tells_what_the_shop_answered() {
    let read = text(&item_page(&why("T-1")));
    for said in ["they add up to the balance.", "not taken: it showed  7", "corrected"] {
        assert!(read.replace("  ", " ").contains(&said.replace("  ", " ")), "{said} in {read}");
    }
    let wrong = ItemWhy { adds_up: Some(false), ..why("T-1") };
    assert!(text(&item_page(&wrong)).contains("they do not add up"));
    let past = ItemWhy { at: Some(before(90)), ..why("T-1") };
    assert!(item_page(&past).contains(r#"value="2026-11-21T09:58:30""#));
}

#[test]
fn the_stock_room_has_a_form_for_each_movement_with_a_key_of_its_own() {
    let page = item_page(&why("T-1"));
    let action = format!(r#"<form method="post" action="/move/{}">"#, why("T-1").item.id);
    assert_eq!(page.matches(&action).count(), 4, "{page}");
    for deed in ["receive", "count", "adjust", "transfer"] {
        assert!(page.contains(&format!(r#"name="do" value="{deed}""#)));
        assert!(page.contains(&format!(r#"name="key" value="{deed} 7""#)));
    }
    assert!(page.contains(&format!(r#"<option value="{}">Main</option>"#, LocationId::main())), "{page}");
    // With one location there is nothing to choose, and nothing to carry.
    let alone = ItemWhy { locations: vec![Location::main()], ..why("T-1") };
    let page = item_page(&alone);
    assert!(!page.contains("<select") && !page.contains(r#"value="transfer""#), "{page}");
    let past = ItemWhy { at: Some(before(90)), ..why("T-1") };
    assert!(!item_page(&past).contains("/move/"), "nothing is moved in the past");
}

#[test]
fn a_bundle_tells_its_parts_and_a_part_its_bundles() {
    let one = why("T-1");
    let page = item_page(&one);
    let read = text(&page);
    for said in ["Made of", "no stock of its own", "Enough for", "Change what it is made of", "T-1 2"] {
        assert!(read.contains(said), "{said} in {read}");
    }
    assert!(page.contains(&format!(r#"<form method="post" action="/bundle/{}">"#, one.item.id)), "{page}");
    let recipe = one.recipe.clone().unwrap();
    let used = UsedIn {
        item: ItemId::derive(&["kit"]),
        sku: recipe.sku.clone(),
        title: "Tea for two".into(),
        units: 2.into(),
    };
    let part = Recipe { parts: Vec::new(), used_in: vec![used], ..recipe };
    let page = item_page(&ItemWhy { recipe: Some(part), ..why("T-1") });
    assert!(text(&page).contains("Part of") && text(&page).contains("Tea for two"), "{page}");
    assert!(!page.contains("/bundle/"), "bundles are not made of bundles");
    let plain = item_page(&ItemWhy { recipe: None, ..why("T-1") });
    assert!(plain.contains("/bundle/") && !text(&plain).contains("Made of"), "{plain}");
}

#[test]
fn what_a_shop_says_stays_text_and_the_pages_run_nothing() {
    for page in pages(EVIL) {
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
        for sign in ["<script", "<img", "onerror=alert(1)>\""] {
            assert!(!page.contains(sign), "{sign} in {page}");
        }
    }
    for page in pages("T-1") {
        for word in ["<script", "src=", "@import", "url(", "<link", "<iframe"] {
            assert!(!page.contains(word), "{word} in {page}");
        }
        let mut ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id is there twice");
    }
}
