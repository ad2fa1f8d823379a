//! Items, corrections, outbox.

use domain::stock::Balance;
use domain::{Delta, OnHand};
use ports::{Ask, ErrorKind, ItemRecord, Ledger, Moved};
use rust_decimal::Decimal;

use super::sums;
use crate::fixtures::*;

pub(super) async fn items(ledger: &dyn Ledger) {
    let (ours, theirs) = (org(), org());
    let first = item(&ours, "B-2");
    ledger.put_item(&ours, &first).await.unwrap();
    ledger.put_item(&ours, &ItemRecord { title: "Other".into(), ..first.clone() }).await.unwrap();
    assert_eq!(ledger.item(&ours, &first.id).await.unwrap(), Some(first.clone()), "the first one stays");
    assert_eq!(ledger.item(&theirs, &first.id).await.unwrap(), None);
    for sku in ["a-1", "C-3", "A-9", "É-1"] {
        ledger.put_item(&ours, &item(&ours, sku)).await.unwrap();
    }
    let found = all_of(2, |ask| {
        let ours = ours.clone();
        async move { ledger.items(&ours, &ask).await }
    })
    .await;
    let skus: Vec<_> = found.iter().map(|item| item.sku.as_str()).collect();
    assert_eq!(skus, ["A-9", "B-2", "C-3", "a-1", "É-1"]);
    assert!(ledger.items(&theirs, &Ask::first(9)).await.unwrap().items.is_empty());
    let foreign = Ask::after(2, ledger.items(&ours, &Ask::first(2)).await.unwrap().next);
    assert_eq!(ledger.items(&theirs, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
}

pub(super) async fn corrections(ledger: &dyn Ledger) {
    let (ours, theirs) = (org(), org());
    let id = item_id(&ours, "x");
    assert_eq!(ledger.balance(&ours, &id).await.unwrap(), Balance::empty(id.clone()));
    let found = entry(&id, "count", 7, 0);
    let said = change(&ours, &id, "count", 0);
    let document = voucher(&id, "count", 0);
    for _ in 0..3 {
        assert_eq!(ledger.adjust(&ours, &found, &document, &said).await.unwrap(), Moved::Done);
    }
    assert_eq!(sums(ledger, &ours, &id).await, (7, 0));
    assert_eq!(ledger.balance(&ours, &id).await.unwrap().version, 1);
    assert_eq!(ledger.outbox(&ours, 9).await.unwrap(), std::slice::from_ref(&said));
    ledger.dispatched(&ours, &said).await.unwrap();
    ledger.adjust(&ours, &found, &document, &said).await.unwrap();
    assert!(ledger.outbox(&ours, 9).await.unwrap().is_empty(), "a late second call brings nothing back");

    // Decimals add up exactly.
    for number in 0..30 {
        let mut part = entry(&id, &format!("part {number}"), 0, number);
        part.on_hand = Delta::new(Decimal::new(1, 3));
        let name = format!("part {number}");
        let said = change(&ours, &id, &name, number);
        ledger.adjust(&ours, &part, &voucher(&id, &name, number), &said).await.unwrap();
    }
    assert_eq!(ledger.balance(&ours, &id).await.unwrap().on_hand, OnHand::new(Decimal::new(7030, 3)));
    let entries = all_of(7, |ask| {
        let (ours, id) = (ours.clone(), id.clone());
        async move { ledger.entries(&ours, &id, &ask).await }
    })
    .await;
    assert_eq!(entries.len(), 31);
    assert!(entries.windows(2).all(|pair| pair[0].at >= pair[1].at), "the newest first");
    assert_eq!(ledger.balance(&theirs, &id).await.unwrap(), Balance::empty(id.clone()));
    assert!(ledger.entries(&theirs, &id, &Ask::first(9)).await.unwrap().items.is_empty());
    let stranger = change(&theirs, &id, "count", 0);
    assert_eq!(
        ledger.adjust(&ours, &entry(&id, "other", 1, 0), &document, &stranger).await.unwrap_err().kind,
        ErrorKind::Refused,
        "a change of another merchant"
    );
}

pub(super) async fn the_outbox(ledger: &dyn Ledger) {
    let (ours, theirs) = (org(), org());
    let mut expected = Vec::new();
    for number in 0..25 {
        let id = item_id(&ours, &number.to_string());
        let said = change(&ours, &id, "count", 100 - number);
        let document = voucher(&id, "count", 100 - number);
        ledger.adjust(&ours, &entry(&id, "count", 1, 0), &document, &said).await.unwrap();
        expected.insert(0, said);
    }
    assert_eq!(ledger.outbox(&ours, 100).await.unwrap(), expected, "the oldest first");
    assert_eq!(ledger.outbox(&ours, 4).await.unwrap(), expected[..4]);
    assert!(ledger.outbox(&theirs, 100).await.unwrap().is_empty());
    ledger.dispatched(&theirs, &expected[0]).await.unwrap();
    assert_eq!(ledger.outbox(&ours, 1).await.unwrap(), expected[..1], "nobody dispatches another's change");
    for said in &expected[..20] {
        ledger.dispatched(&ours, said).await.unwrap();
        ledger.dispatched(&ours, said).await.unwrap();
    }
    assert_eq!(ledger.outbox(&ours, 100).await.unwrap(), expected[20..]);
}
