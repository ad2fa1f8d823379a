//! The page on which writes are taken back, as a browser gets it.

use domain::run::Run;
use domain::store::{Phase, Store};
use domain::{ItemId, LinkId, OnHand, StoreId};
use hub::undo::{Back, Left, Row, Undo};

use crate::tests::{before, now, run_of_catalogue, shown, store_in, text};
use crate::{UndoPage, UndoStep, undo};

const EVIL: &str = r#"<script>alert(1)</script>"><img src=x onerror=alert(1)>'"#;

fn row(text: &str, number: i64, back: Back) -> Row {
    Row {
        link: LinkId::derive(&[text, "l"]),
        sku: domain::product::Sku::read(text).unwrap(),
        title: format!("Title of {text}"),
        item: ItemId::derive(&[text]),
        writes: 2,
        before: Some(OnHand::whole(9)),
        written: Some(OnHand::whole(20)),
        written_at: before(300),
        shows: Some(OnHand::whole(number)),
        back,
        by_the_books: OnHand::whole(8),
    }
}

fn set_back(from: i64, to: i64) -> Back {
    Back::SetBack { from: OnHand::whole(from), to: OnHand::whole(to) }
}

fn looked_at() -> Undo {
    let lost = Row { before: None, written: None, ..row("T-4", 7, Back::Left { why: Left::TraceLost }) };
    Undo {
        store: StoreId::derive(&["North"]),
        since: before(3600),
        digest: "0123456789abcdef0123456789abcdef".into(),
        set_back: 1,
        as_before: 1,
        left: 2,
        above_the_books: 1,
        items: vec![
            row("T-1", 20, set_back(20, 9)),
            row("T-2", 19, Back::Left { why: Left::Moved }),
            lost,
            row("T-3", 9, Back::AsBefore { level: OnHand::whole(9) }),
        ],
    }
}

fn page(store: &Store, undo_of: Option<&Undo>, step: UndoStep, refused: Option<&str>) -> String {
    let readings: Vec<Run> = vec![run_of_catalogue()];
    let since = before(3600);
    undo(&UndoPage { store, readings: &readings, since, undo: undo_of, step, refused }, now())
}

#[test]
fn what_was_written_is_looked_at_before_it_is_taken_back() {
    let store = Store { writing_since: Some(before(86_400)), ..store_in("North", Phase::Writing) };
    let page = page(&store, Some(&looked_at()), UndoStep::Look, None);
    insta::assert_snapshot!("undo", shown(&page));
    assert!(!page.contains(r#"method="post" action="/undo"#), "asked first: {page}");
}

#[test]
fn it_is_asked_whether_it_shall_be_done_and_what_comes_of_it_is_told() {
    let store = store_in("North", Phase::Writing);
    let asked = page(&store, Some(&looked_at()), UndoStep::Confirm, None);
    assert!(asked.contains(&format!(r#"<form method="post" action="/undo/{}">"#, store.id)), "{asked}");
    assert!(asked.contains(r#"name="digest" value="0123456789abcdef0123456789abcdef""#), "{asked}");
    for said in [
        "Yes, take back 1 number",
        "It becomes read-only",
        "more units than the books have",
        "2 numbers are left",
    ] {
        assert!(text(&asked).contains(said), "{said} in {asked}");
    }
    let read_only = store_in("North", Phase::ReadOnly);
    let begun = page(&read_only, Some(&looked_at()), UndoStep::Begun, None);
    assert!(
        begun.contains(r#"http-equiv="refresh""#) && text(&begun).contains("1 number is being set back"),
        "{begun}"
    );
    // A write whose outcome is not known yet is not done.
    let under_way = Undo {
        set_back: 0,
        left: 1,
        items: vec![row("T-1", 20, Back::Left { why: Left::WriteUnderWay })],
        ..looked_at()
    };
    let begun = page(&read_only, Some(&under_way), UndoStep::Begun, None);
    assert!(begun.contains(r#"http-equiv="refresh""#) && text(&begun).contains("being set back"), "{begun}");
    assert!(text(&begun).contains("being written") && !begun.contains(">left</span>"), "{begun}");
    let done = Undo { set_back: 0, as_before: 2, left: 1, items: Vec::new(), ..looked_at() };
    let done = page(&read_only, Some(&done), UndoStep::Begun, None);
    assert!(!done.contains(r#"http-equiv="refresh""#), "{done}");
    assert!(text(&done).contains("Done: 2 numbers are as before, 1 was left"), "{done}");
    assert!(text(&done).contains("storeloom start North"), "{done}");
}

#[test]
fn nothing_to_take_back_has_no_button_and_what_is_refused_is_said() {
    let store = store_in(EVIL, Phase::Writing);
    let none = Undo { set_back: 0, as_before: 0, left: 0, above_the_books: 0, items: vec![], ..looked_at() };
    for step in [UndoStep::Look, UndoStep::Confirm] {
        let page = page(&store, Some(&none), step, None);
        assert!(!page.contains("/undo/") && !page.contains("confirm"), "{page}");
        assert!(text(&page).contains("Nothing was written to it since then."), "{page}");
    }
    let refused = page(&store, None, UndoStep::Look, Some(EVIL));
    assert!(refused.contains(r#"role="alert""#) && refused.contains("&lt;script&gt;alert(1)"), "{refused}");
    let evil = Undo { items: vec![row("T-1", 20, set_back(20, 9))], ..looked_at() };
    let evil = Undo {
        items: evil.items.into_iter().map(|row| Row { title: EVIL.into(), ..row }).collect(),
        ..looked_at()
    };
    for step in [UndoStep::Look, UndoStep::Confirm, UndoStep::Begun] {
        let page = page(&store, Some(&evil), step, Some(EVIL));
        for sign in ["<script", "<img", "onerror=alert(1)>\""] {
            assert!(!page.contains(sign), "{sign} in {page}");
        }
    }
}
