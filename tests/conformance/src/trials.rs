//! Writes beside the books: notes, rehearsals, shadows.

use domain::*;
use jiff::civil::date;
use ports::{
    Answer, Ask, PreventedSale, Rehearsal, RehearsedWrite, Shadow, ShadowDay, ShadowWrite, Shadowing, Trials,
    WriteNote, Written,
};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(trials: &dyn Trials) {
    writes_are_noted(trials).await;
    rehearsals_are_kept(trials).await;
    shadows_are_kept(trials).await;
}

pub fn note(org: &OrgId, store: &StoreId, link: &LinkId, seconds: i64) -> WriteNote {
    WriteNote {
        org: org.clone(),
        store: store.clone(),
        link: link.clone(),
        write: WriteId::make(at(seconds), [7; 10]),
        compare: OnHand::whole(5),
        value: OnHand::whole(4),
        answer: Answer::Taken,
        shown: Some(OnHand::whole(4)),
        at: at(seconds + 1),
    }
}

async fn writes_are_noted(trials: &dyn Trials) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let link = LinkId::derive(&[shop.as_str(), "1"]);
    assert!(trials.writes(&ours, &link, &Ask::first(3)).await.unwrap().items.is_empty());
    let mut expected = Vec::new();
    for second in 0..7 {
        let new = note(&ours, &shop, &link, second);
        trials.note_write(&new).await.unwrap();
        expected.insert(0, new);
    }
    let again = WriteNote { answer: Answer::OtherNumber, ..expected[0].clone() };
    trials.note_write(&again).await.unwrap();
    expected[0] = again;
    trials.note_write(&note(&ours, &shop, &LinkId::derive(&["other"]), 99)).await.unwrap();
    let found = all_of(3, |ask| {
        let (ours, link) = (ours.clone(), link.clone());
        async move { trials.writes(&ours, &link, &ask).await }
    })
    .await;
    assert_eq!(found, expected);
    assert!(trials.writes(&theirs, &link, &Ask::first(3)).await.unwrap().items.is_empty());
}

pub fn rehearsal(org: &OrgId, store: &StoreId, digest: &str, seconds: i64) -> Rehearsal {
    Rehearsal {
        digest: digest.to_owned(),
        org: org.clone(),
        store: store.clone(),
        at: at(seconds),
        links: 9,
        lowered: 2,
        raised: 1,
        held: 1,
        units_lowered: Delta::whole(7),
        units_raised: Delta::whole(2),
        money_lowered: vec![euros(1_000)],
        money_raised: vec![],
        unpriced: 1,
        parts: 2,
    }
}

pub fn rehearsed(number: i64) -> RehearsedWrite {
    RehearsedWrite {
        link: LinkId::derive(&[&number.to_string()]),
        item: ItemId::derive(&[&number.to_string()]),
        variant: RemoteVariantId::new(number.to_string()),
        sku: domain::product::Sku::read("SKU-1").unwrap(),
        title: "Tea".into(),
        shows: OnHand::whole(5),
        target: OnHand::whole(5 + number),
        difference: Delta::whole(number),
        money: Some(euros(100 * number)),
        held: (number > 1).then(|| "unread-message".to_owned()),
    }
}

async fn rehearsals_are_kept(trials: &dyn Trials) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    assert_eq!(trials.rehearsal(&ours, &shop, "ab").await.unwrap(), None);
    assert!(trials.rehearsals(&ours, &shop).await.unwrap().is_empty());
    let (old, new) = (rehearsal(&ours, &shop, "ab", 1), rehearsal(&ours, &shop, "cd", 5));
    let parts = vec![vec![rehearsed(1), rehearsed(2)], vec![rehearsed(3)]];
    trials.put_rehearsal(&old, &parts).await.unwrap();
    trials.put_rehearsal(&new, &[]).await.unwrap();
    assert_eq!(trials.rehearsal(&ours, &shop, "ab").await.unwrap(), Some(old.clone()));
    assert_eq!(trials.rehearsals(&ours, &shop).await.unwrap(), [new.clone(), old.clone()]);
    for (part, expected) in [(0, &parts[0][..]), (1, &parts[1][..]), (2, &parts[1][1..])] {
        assert_eq!(trials.rehearsed(&ours, &shop, "ab", part).await.unwrap(), expected);
    }
    assert!(trials.rehearsed(&ours, &shop, "cd", 0).await.unwrap().is_empty());
    // The same numbers at another time are the same rehearsal.
    let again = Rehearsal { at: at(9), ..old };
    trials.put_rehearsal(&again, &parts).await.unwrap();
    assert_eq!(trials.rehearsals(&ours, &shop).await.unwrap(), [again, new]);
    for (org, store) in [(&theirs, &shop), (&ours, &store_id())] {
        assert_eq!(trials.rehearsal(org, store, "ab").await.unwrap(), None);
        assert!(trials.rehearsals(org, store).await.unwrap().is_empty());
        assert!(trials.rehearsed(org, store, "ab", 0).await.unwrap().is_empty());
    }
}

pub fn shadow(org: &OrgId, store: &StoreId, link: &str) -> Shadow {
    Shadow {
        org: org.clone(),
        store: store.clone(),
        link: LinkId::derive(&[link]),
        item: ItemId::derive(&[link]),
        sku: domain::product::Sku::read("SKU-1").unwrap(),
        since: at(0),
        offset: Delta::whole(-2),
        days: vec![ShadowDay {
            day: date(2026, 11, 20),
            lowered: 1,
            units_lowered: Delta::whole(2),
            raised: 0,
            units_raised: Delta::ZERO,
            units_prevented: Delta::whole(1),
            writes: vec![ShadowWrite {
                from: OnHand::whole(5),
                to: OnHand::whole(3),
                at: at(2),
                since: at(1),
                cause: "order 9 open".into(),
            }],
            prevented: vec![PreventedSale {
                order: Some(OrderId::derive(&["o"])),
                number: "9".into(),
                units: Delta::whole(1),
                at: at(3),
            }],
        }],
        version: 0,
    }
}

async fn shadows_are_kept(trials: &dyn Trials) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    assert_eq!(trials.shadowing(&ours, &shop).await.unwrap(), None);
    for until in [None, Some(at(50))] {
        let span = Shadowing { since: at(1), until };
        trials.put_shadowing(&ours, &shop, &span).await.unwrap();
        assert_eq!(trials.shadowing(&ours, &shop).await.unwrap(), Some(span));
    }
    assert_eq!(trials.shadowing(&theirs, &shop).await.unwrap(), None);

    let new = shadow(&ours, &shop, "1");
    assert_eq!(trials.shadow(&ours, &shop, &new.link).await.unwrap(), None);
    assert_eq!(trials.put_shadow(&new).await.unwrap(), Written::Done);
    assert_eq!(trials.put_shadow(&new).await.unwrap(), Written::Raced, "it is there");
    let stored = trials.shadow(&ours, &shop, &new.link).await.unwrap().unwrap();
    assert_eq!(stored, Shadow { version: 1, ..new.clone() });
    let moved = Shadow { offset: Delta::whole(-3), ..stored.clone() };
    assert_eq!(trials.put_shadow(&moved).await.unwrap(), Written::Done);
    assert_eq!(trials.put_shadow(&moved).await.unwrap(), Written::Raced, "it has moved");
    let ghost = Shadow { version: 4, ..shadow(&ours, &shop, "ghost") };
    assert_eq!(trials.put_shadow(&ghost).await.unwrap(), Written::Raced, "it is not there");

    for link in 2..8 {
        trials.put_shadow(&shadow(&ours, &shop, &link.to_string())).await.unwrap();
    }
    trials.put_shadow(&shadow(&ours, &store_id(), "9")).await.unwrap();
    let mut expected: Vec<LinkId> = (1..8).map(|link| LinkId::derive(&[&link.to_string()])).collect();
    expected.sort();
    let found = all_of(3, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { trials.shadows(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(found.iter().map(|one| one.link.clone()).collect::<Vec<_>>(), expected);
    assert!(trials.shadows(&theirs, &shop, &Ask::first(3)).await.unwrap().items.is_empty());
}
