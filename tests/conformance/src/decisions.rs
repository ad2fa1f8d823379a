//! What merchants decided about their numbers, and which numbers are being raised.

use domain::rules::{Authority, RaiseLimit, Rules};
use domain::*;
use ports::{Ask, Decisions, Written};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(decisions: &dyn Decisions) {
    rules_are_kept(decisions).await;
    items_have_their_own(decisions).await;
    raises_are_counted_once_each(decisions).await;
}

async fn rules_are_kept(decisions: &dyn Decisions) {
    let (ours, theirs) = (org(), org());
    assert_eq!(decisions.rules(&ours).await.unwrap(), None);
    let raises = RaiseLimit { window_minutes: 30, share_percent: 20, links: 5 };
    let new = Rules { authority: Authority::Store { store: store_id() }, raises, ..Rules::of(&ours) };
    assert_eq!(decisions.put_rules(&new).await.unwrap(), Written::Done);
    assert_eq!(decisions.put_rules(&new).await.unwrap(), Written::Raced, "they are there");
    let stored = decisions.rules(&ours).await.unwrap().unwrap();
    assert_eq!(stored, Rules { version: 1, ..new });
    let changed = Rules { authority: Authority::Hub, unpaid_days: 3, ..stored };
    assert_eq!(decisions.put_rules(&changed).await.unwrap(), Written::Done);
    assert_eq!(decisions.put_rules(&changed).await.unwrap(), Written::Raced, "they have moved");
    assert_eq!(decisions.rules(&ours).await.unwrap(), Some(Rules { version: 2, ..changed }));
    assert_eq!(decisions.rules(&theirs).await.unwrap(), None);
    let ghost = Rules { version: 4, ..Rules::of(&theirs) };
    assert_eq!(decisions.put_rules(&ghost).await.unwrap(), Written::Raced, "they are not there");
}

async fn items_have_their_own(decisions: &dyn Decisions) {
    let (ours, theirs) = (org(), org());
    let mut items: Vec<ItemId> = (0..7).map(|item| ItemId::derive(&[&item.to_string()])).collect();
    items.sort();
    for item in &items {
        assert_eq!(decisions.own_authority(&ours, item).await.unwrap(), None);
        decisions.set_own_authority(&ours, item, Some(&Authority::Hub)).await.unwrap();
    }
    let store = Authority::Store { store: store_id() };
    decisions.set_own_authority(&ours, &items[2], Some(&store)).await.unwrap();
    assert_eq!(decisions.own_authority(&ours, &items[2]).await.unwrap(), Some(store.clone()));
    for _ in 0..2 {
        decisions.set_own_authority(&ours, &items[3], None).await.unwrap();
    }
    assert_eq!(decisions.own_authority(&ours, &items[3]).await.unwrap(), None);
    let found = all_of(3, |ask| {
        let ours = ours.clone();
        async move { decisions.own_authorities(&ours, &ask).await }
    })
    .await;
    let listed: Vec<ItemId> = found.iter().map(|own| own.item.clone()).collect();
    items.remove(3);
    assert_eq!(listed, items);
    assert_eq!(found[2].authority, store);
    assert!(decisions.own_authorities(&theirs, &Ask::first(3)).await.unwrap().items.is_empty());
}

async fn raises_are_counted_once_each(decisions: &dyn Decisions) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let links: Vec<LinkId> = (0..6).map(|link| LinkId::derive(&[&link.to_string()])).collect();
    // Times at the beginning of five minutes.
    let (begun, minute) = (300_000, 60);
    let note = |org: &OrgId, store: &StoreId, links: &[LinkId], now: i64| {
        let (org, store, links) = (org.clone(), store.clone(), links.to_vec());
        async move { decisions.note_raises(&org, &store, &links, at(now), at(now - 3600)).await.unwrap() }
    };
    assert_eq!(note(&ours, &shop, &[], begun).await, 0);
    assert_eq!(note(&ours, &shop, &links[..2], begun).await, 2);
    assert_eq!(note(&ours, &shop, &links[..2], begun + minute).await, 2, "the same ones");
    assert_eq!(note(&ours, &shop, &links[1..3], begun + 10 * minute).await, 3);
    assert_eq!(note(&ours, &store_id(), &links[..1], begun).await, 1, "another store");
    assert_eq!(note(&theirs, &shop, &links[..1], begun).await, 1, "another merchant");
    assert_eq!(note(&ours, &shop, &links[3..4], begun + 60 * minute).await, 4);
    assert_eq!(note(&ours, &shop, &links[4..5], begun + 66 * minute).await, 4, "the first ones are over");
    // Very many old ones do no harm.
    for hour in 3..40 {
        assert_eq!(note(&ours, &shop, &links[..1], begun + hour * 60 * minute).await, 1);
    }
    let last = begun + 39 * 60 * minute;
    assert_eq!(note(&ours, &shop, &links, last + minute).await, 6);
}
