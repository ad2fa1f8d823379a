//! The page of a store, as a browser gets it.

use domain::allocation::Allocation;
use domain::exception::{Exception, ExceptionKind};
use domain::store::{Condition, Phase, Raises, Store};
use hub::overview::StoreView;

use crate::tests::{before, exception, now, shown, store as view_of, text};
use crate::{RefusedOffer, StorePage, TypedOffer, store};

const EVIL: &str = r#"<script>alert(1)</script>"><img src=x onerror=alert(1)>'"#;

fn held(name: &str) -> StoreView {
    let view = view_of(name, Phase::Writing, Condition::Active);
    let allocation = Some(Allocation::Shared { buffer: "10%".parse().unwrap() });
    let raises = Some(Raises::Held { since: before(600) });
    StoreView { store: Store { raises, allocation, ..view.store }, ..view }
}

fn asked(kind: ExceptionKind, view: &StoreView, facts: &[(&str, &str)]) -> Exception {
    let facts = facts.iter().map(|(name, fact)| ((*name).to_owned(), (*fact).to_owned())).collect();
    Exception { facts, ..exception(kind, view, "raises are held") }
}

fn page(view: &StoreView, raises: Option<&Exception>, fall: Option<&Exception>) -> String {
    store(&StorePage { view, raises, fall, refused: None }, now())
}

#[test]
fn held_raises_and_a_stopped_fall_are_told_with_their_ways_out() {
    let view = held("North");
    let facts = [
        ("raised", "6"),
        ("numbers", "8"),
        ("such_as", "A from 9 to 20"),
        ("window_minutes", "60"),
        ("share_percent", "40"),
    ];
    let raises = asked(ExceptionKind::RaisesHeld, &view, &facts);
    let fall = [("fell", "5"), ("looked_at", "6"), ("such_as", "A (9)")];
    let fall = asked(ExceptionKind::FellToZero, &view, &fall);
    let page = page(&view, Some(&raises), Some(&fall));
    insta::assert_snapshot!("store", shown(&page));
    let read = text(&page);
    for said in [
        "6 of its 8 numbers would have been raised, 75 of 100, within 60 minutes",
        "5 of 6 numbers that were looked at fell to zero together",
        "all less 10 of 100",
    ] {
        assert!(read.contains(said), "{said} in {read}");
    }
}

#[test]
fn a_store_of_which_nothing_is_held_has_no_way_out_of_it() {
    let view = view_of("North", Phase::Writing, Condition::Active);
    let plain = page(&view, None, None);
    assert!(!plain.contains("/settle/") && !plain.contains("are held"), "{plain}");
    // Held, and the question was lost: it is asked again soon.
    let lost = page(&held("North"), None, None);
    assert!(text(&lost).contains("Somebody will be asked") && !lost.contains("/settle/"), "{lost}");
    // A question without figures.
    let view = held("North");
    let bare = asked(ExceptionKind::RaisesHeld, &view, &[]);
    assert!(text(&page(&view, Some(&bare), None)).contains("Too many of its numbers"), "{lost}");
}

#[test]
fn what_a_shop_says_and_what_is_typed_stay_text() {
    let view = held(EVIL);
    let facts = [("such_as", EVIL), ("raised", EVIL), ("fell", EVIL), ("looked_at", EVIL)];
    let raises = asked(ExceptionKind::RaisesHeld, &view, &facts);
    let fall = asked(ExceptionKind::FellToZero, &view, &facts);
    let typed = TypedOffer { mode: "capped".into(), buffer: EVIL.into(), units: "99".into() };
    let refused = RefusedOffer { link: None, typed, why: EVIL.into() };
    let shown = StorePage { view: &view, raises: Some(&raises), fall: Some(&fall), refused: Some(&refused) };
    let page = store(&shown, now());
    assert!(page.contains(r#"value="99""#) && page.contains("<details class=\"moves\" open"), "{page}");
    for sign in ["<script", "<img", "onerror=alert(1)>\""] {
        assert!(!page.contains(sign), "{sign} in {page}");
    }
}
