//! What each shop may offer, on the page of an item, as a browser gets it.

use domain::allocation::{Allocation, Margin};
use domain::{Delta, ItemId, LinkId, OnHand, StoreId};
use hub::allocate::Offer;
use hub::why::ItemWhy;
use jiff::{SignedDuration, Timestamp};

use crate::trust_tests::{EVIL, before, now, text, why};
use crate::{ItemPage, RefusedOffer, TypedOffer, why_of_item};

fn offers() -> Vec<Offer> {
    let own = |units, after| {
        let since = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(after);
        (Some(Allocation::Quota { until: Delta::whole(units), since }), Some(OnHand::whole(units)))
    };
    let adaptive = Allocation::Shared { buffer: "adaptive 1%".parse().unwrap() };
    [("s", own(4, 1)), ("t", own(3, 2)), ("u", (Some(adaptive), None))]
        .into_iter()
        .map(|(store, (allocation, owns))| Offer {
            link: LinkId::derive(&[store]),
            item: ItemId::derive(&["i"]),
            store: StoreId::derive(&[store]),
            allocation,
            of_store: Allocation::ALL,
            available: OnHand::whole(10),
            owns,
            unowned: OnHand::whole(6),
            margin: Some(Margin { units: 2.into(), per_day: 40.into(), lag_millis: 61_000, at: before(60) }),
            target: Some(owns.unwrap_or(OnHand::whole(1))),
            explained: Some(OnHand::whole(5)),
        })
        .collect()
}

#[test]
fn what_belongs_to_whom_is_shown_with_a_form_for_each_shop() {
    let why = ItemWhy { recipe: None, ..why("T-1") };
    let page = |offers: &[Offer], refused: Option<&RefusedOffer>| {
        why_of_item(&ItemPage { why: &why, offers, key: "7", refused }, now())
    };
    let all = offers();
    let one = page(&all, None);
    let (_, section) = one.split_once(r#"<h2 id="offers">"#).unwrap();
    let (section, _) = section.split_once("<h2>").unwrap();
    insta::assert_snapshot!("offers", section.replace("><", ">\n<"));
    assert_eq!(
        one.matches(&format!(r#"<form method="post" action="/allot/items/{}">"#, why.item.id)).count(),
        3
    );
    assert!(!one.contains("too many") && !one.contains("<details class=\"moves\" open"), "{one}");
    // Fewer than were given.
    let fewer: Vec<Offer> =
        all.iter().map(|one| Offer { available: OnHand::whole(5), ..one.clone() }).collect();
    let read = text(&page(&fewer, None));
    assert!(read.contains("7 units belong to shops, and 5 may be sold: 2 too many."), "{read}");
    // What was refused stays in its form, which is open, with why.
    let typed = TypedOffer { mode: "quota".into(), buffer: EVIL.into(), units: "99".into() };
    let refused = RefusedOffer { link: Some(all[1].link.clone()), typed, why: EVIL.into() };
    let refused = page(&all, Some(&refused));
    assert!(refused.contains("<details class=\"moves\" open"), "{refused}");
    assert_eq!(refused.matches(r#"value="99""#).count(), 1, "{refused}");
    assert_eq!(refused.matches(r#"role="alert""#).count(), 1, "{refused}");
    assert!(!refused.contains("<script") && refused.contains("Nothing was changed."), "{refused}");
    let past = ItemWhy { at: Some(before(90)), ..why.clone() };
    let past = why_of_item(&ItemPage { why: &past, offers: &all, key: "7", refused: None }, now());
    assert!(!past.contains("/allot/"), "nothing is changed in the past");
}
