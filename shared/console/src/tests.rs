//! The pages as a browser gets them.

use std::collections::BTreeMap;

use domain::exception::{Exception, ExceptionKind};
use domain::run::{Extent, Run, RunState, Stream};
use domain::store::{Condition, Phase, Store};
use domain::{EventId, ExceptionId, OrgId, PlatformSlug, RemoteShop, RunId, StoreId};
use hub::overview::{Agreement, Freshness, Overview, RunView, StoreView};
use hub::sync::Progress;
use jiff::{SignedDuration, Timestamp};

use crate::{login, message, overview};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

pub(crate) fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

pub(crate) fn store(name: &str, phase: Phase, condition: Condition) -> StoreView {
    let store = Store {
        id: StoreId::derive(&[name]),
        org: OrgId::derive(&["o"]),
        platform: PlatformSlug::new("woocommerce"),
        shop: RemoteShop::new("shop"),
        name: name.to_owned(),
        address: "https://tea.example".into(),
        currency: None,
        zone: None,
        phase,
        condition,
        opens_books: true,
        location: domain::LocationId::main(),
        created_at: before(7200),
        baseline_at: None,
        writing_since: None,
        allocation: None,
        raises: None,
        version: 1,
    };
    StoreView {
        store,
        runs: Vec::new(),
        events: 12_480,
        duplicates: 31,
        writes: 2_904,
        agreement: Agreement { links: 5_210, ..Agreement::default() },
        freshness: Freshness {
            samples: 200,
            p50_ms: Some(340),
            p95_ms: Some(900),
            p99_ms: Some(1_850),
            oldest_sale_ms: None,
        },
    }
}

fn run(stream: Stream, state: RunState, done: u64, expected: Option<u64>) -> RunView {
    let running = state == RunState::Running;
    RunView {
        run: Run {
            id: RunId::derive(&[stream.as_str()]),
            org: OrgId::derive(&["o"]),
            store: StoreId::derive(&["s"]),
            stream,
            extent: Extent::Full,
            state,
            done,
            expected,
            pages: 1,
            cursor: None,
            since: None,
            passes: 0,
            message: (state == RunState::Failed).then(|| "the shop counts 480 and shows 479".to_owned()),
            started_at: before(90),
            updated_at: before(1),
            finished_at: (!running).then(|| before(75)),
            version: 1,
        },
        progress: Progress {
            per_second_tenths: 1_105,
            eta_seconds: running.then_some(95),
            percent: expected.map(|expected| done * 100 / expected),
        },
    }
}

pub(crate) fn exception(kind: ExceptionKind, store: &StoreView, message: &str) -> Exception {
    Exception {
        id: ExceptionId::derive(&[message]),
        org: OrgId::derive(&["o"]),
        store: Some(store.store.id.clone()),
        kind,
        subject: "55".into(),
        message: message.into(),
        advice: "If the shop is right, let the books take its number.".into(),
        facts: BTreeMap::from([("event".to_owned(), EventId::derive(&["e"]).to_string())]),
        opened_at: before(200),
        resolved_at: None,
    }
}

fn held() -> Condition {
    Condition::Held { reason: "the shop answers 401 to its keys".into(), since: before(300) }
}

/// A store in a phase.
pub(crate) fn store_in(name: &str, phase: Phase) -> Store {
    store(name, phase, Condition::Active).store
}

/// A reading of a catalogue that has ended.
pub(crate) fn run_of_catalogue() -> Run {
    run(Stream::Catalog, RunState::Completed, 5_210, Some(5_210)).run
}

/// A merchant with a store of every kind.
fn busy() -> Overview {
    let mut north = store("North Street Tea", Phase::Writing, Condition::Active);
    north.runs = vec![
        run(Stream::Catalog, RunState::Completed, 5_210, Some(5_210)),
        run(Stream::Orders, RunState::Completed, 1_320, Some(1_320)),
        run(Stream::Customers, RunState::Failed, 479, Some(480)),
    ];
    let mut south = store("South", Phase::Joining, Condition::Active);
    south.agreement = Agreement { links: 120, joining: 380, ..Agreement::default() };
    south.freshness = Freshness::default();
    south.runs = vec![
        run(Stream::Catalog, RunState::Running, 3_120, Some(12_480)),
        run(Stream::Orders, RunState::Running, 40, None),
    ];
    let mut east = store("East", Phase::Writing, held());
    east.agreement = Agreement { links: 90, joining: 0, unexplained: 2, inflight: 1, waiting: 37 };
    let west = store("West & Sons", Phase::ReadOnly, Condition::Active);
    let paused = store("Market stall", Phase::Writing, Condition::Paused);
    let old = store("Old shop", Phase::ReadOnly, Condition::Disconnected);
    let exceptions = vec![
        exception(
            ExceptionKind::Unexplained,
            &east,
            "East shows 13 of T-1 and the books say 10; no order explains it",
        ),
        exception(
            ExceptionKind::ParkedEvent,
            &north,
            "a message of North Street Tea (order.updated) could not be read",
        ),
        exception(ExceptionKind::StoreHeld, &east, "East no longer accepts our credentials"),
        exception(ExceptionKind::MissingSku, &west, "`Teapot, blue` in West & Sons has no SKU"),
        exception(ExceptionKind::WriteRefused, &north, "North Street Tea refuses the number of a variant"),
    ];
    Overview { stores: vec![north, south, east, west, paused, old], exceptions, more_exceptions: true }
}

/// The page without its style, a line per element, to be compared.
pub(crate) fn shown(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    format!("{before}{after}").replace("><", ">\n<")
}

/// What a person reads: the page without its tags.
pub(crate) fn text(page: &str) -> String {
    page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect()
}

#[test]
fn a_merchant_with_a_store_of_every_kind() {
    insta::assert_snapshot!("busy", shown(&overview(&busy(), now())));
}

#[test]
fn an_empty_hub_says_how_to_connect_a_first_store() {
    let page = overview(&Overview { stores: vec![], exceptions: vec![], more_exceptions: false }, now());
    insta::assert_snapshot!("empty", shown(&page));
    assert!(text(&page).contains("storeloom connect woocommerce --url https://your-shop.example --browser"));
}

#[test]
fn the_login_asks_for_a_key_and_says_what_was_wrong() {
    insta::assert_snapshot!("login", shown(&login(None)));
    let wrong = login(Some("This <key> is not known"));
    assert!(wrong.contains(r#"role="alert">This &lt;key&gt; is not known</p>"#), "{wrong}");
    assert!(wrong.contains(r#"aria-describedby="wrong""#));
}

#[test]
fn a_message() {
    insta::assert_snapshot!("message", shown(&message("Connected", "The shop is joined.")));
}

#[test]
fn a_held_store_says_what_is_wrong_and_what_to_do() {
    let east = store("East", Phase::Writing, held());
    let page = overview(&Overview { stores: vec![east], exceptions: vec![], more_exceptions: false }, now());
    assert!(page.contains("the shop answers 401 to its keys"));
    assert!(text(&page).contains("storeloom connect woocommerce --url https://tea.example --browser"));
    assert!(page.contains("1 store · nothing needs a person"));
}

#[test]
fn a_running_reading_is_a_bar_with_its_numbers() {
    let page = overview(&busy(), now());
    assert!(
        page.contains(r#"<progress value="3120" max="12480" aria-label="Reading Catalogue"></progress>"#)
    );
    assert!(page.contains("3\u{202f}120 of 12\u{202f}480 (25%), 110/s, about 1 min 35 s left"));
    assert!(page.contains(r#"<progress aria-label="Reading Orders"></progress>"#));
}

#[test]
fn what_a_shop_says_stays_text() {
    let evil = r#"<script>alert(1)</script>"><img src=x onerror=alert(1)>'"#;
    let mut one = store(evil, Phase::ReadOnly, Condition::Held { reason: evil.into(), since: before(1) });
    one.store.address = format!("javascript:alert(1)//{evil}");
    one.store.platform = PlatformSlug::new(evil);
    let mut failed = run(Stream::Catalog, RunState::Failed, 1, None);
    failed.run.message = Some(evil.into());
    one.runs = vec![failed];
    let mut exception = exception(ExceptionKind::ParkedEvent, &one, evil);
    exception.advice = evil.into();
    exception.facts = BTreeMap::from([("event".to_owned(), evil.to_owned())]);
    let overview =
        overview(&Overview { stores: vec![one], exceptions: vec![exception], more_exceptions: false }, now());
    for page in [overview, login(Some(evil)), message(evil, evil)] {
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
        for sign in ["<script", "<img", "onerror=alert(1)>\"", "href=\"javascript"] {
            assert!(!page.contains(sign), "{sign} in {page}");
        }
    }
}

#[test]
fn the_pages_load_nothing_and_run_nothing() {
    for page in [overview(&busy(), now()), login(None), message("a", "b")] {
        for word in ["<script", "src=", "@import", "url(", "<link", "<iframe", " on"] {
            let tags: String = page.split('<').filter_map(|part| part.split('>').next()).collect();
            assert!(!tags.contains(word) || word == "url(", "{word} in {tags}");
            assert!(word != "url(" || !page.contains(word));
        }
    }
}

#[test]
fn ids_on_a_page_are_there_once() {
    let page = overview(&busy(), now());
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    assert!(all > 10);
}
