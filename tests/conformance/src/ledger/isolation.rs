//! Two merchants who use the same shop's names never see each other's rows.

use domain::{Day, Delta, OrgId, RemoteVariantId, StoreId};
use ports::{Ask, Ledger};

use super::{fenced, opened_in};
use crate::fixtures::*;

/// Writes for one merchant under names that both use, and reads as the other: nothing is there.
pub async fn nothing_of_ours_is_ever_theirs(
    ledger: &dyn Ledger,
    ours: &OrgId,
    theirs: &OrgId,
    store: &StoreId,
    name: &str,
) {
    let link = opened_in(ledger, ours, store, name, 5).await;
    let record = fenced(ledger, ours, store, name, &link.item).await;
    let sale = movement(&record, &link, effect(0, 0, 0), effect(1, 0, 1), 0);
    ledger.book(&sale).await.unwrap();
    let variant = RemoteVariantId::new(name);
    ledger.note_unmatched(ours, store, &variant, &record.id).await.unwrap();

    let ask = Ask::first(50);
    assert_eq!(ledger.item(theirs, &link.item).await.unwrap(), None);
    assert!(ledger.items(theirs, &ask).await.unwrap().items.is_empty());
    assert_eq!(ledger.balance(theirs, &link.item).await.unwrap().version, 0);
    assert!(ledger.entries(theirs, &link.item, &ask).await.unwrap().items.is_empty());
    assert_eq!(ledger.link(theirs, &link.id).await.unwrap(), None);
    assert!(ledger.links_of(theirs, &link.item).await.unwrap().is_empty());
    assert!(ledger.links_of_store(theirs, store, &ask).await.unwrap().items.is_empty());
    assert_eq!(ledger.owed(theirs, &link.id).await.unwrap(), Delta::ZERO);
    assert_eq!(ledger.order(theirs, &record.id).await.unwrap(), None);
    assert!(ledger.orders(theirs, store, &ask).await.unwrap().items.is_empty());
    assert!(ledger.effects(theirs, &record.id).await.unwrap().is_empty());
    assert!(ledger.unapplied(theirs, 50).await.unwrap().is_empty());
    assert!(!ledger.is_pending(theirs, &link.item).await.unwrap());
    assert!(ledger.unmatched(theirs, store, &variant).await.unwrap().is_empty());
    assert!(ledger.outbox(theirs, 50).await.unwrap().is_empty());
    let day = Day::of(at(0));
    assert!(ledger.vouchers(theirs, day, &ask).await.unwrap().items.is_empty());

    // And ours are all there: the look at the other's rows is not blind.
    assert_eq!(ledger.order(ours, &record.id).await.unwrap(), Some(record));
    assert!(ledger.is_pending(ours, &link.item).await.unwrap());
    assert!(!ledger.vouchers(ours, day, &ask).await.unwrap().items.is_empty());
    assert_eq!(ledger.unmatched(ours, store, &variant).await.unwrap().len(), 1);
}
