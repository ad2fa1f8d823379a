//! What people move: once per key, guarded by what was read, and at the right location.

use domain::location::Location;
use domain::stock::{Effect, Entry, EntryKind};
use domain::{Delta, ItemId, LocationId, OnHand, OrgId};
use ports::{ErrorKind, Handling, Ledger, Moved};

use super::{fenced, opened, sums};
use crate::fixtures::*;

fn handled(org: &OrgId, item: &ItemId, key: &str, units: i64, at: &LocationId) -> Handling {
    let entry = Entry {
        kind: EntryKind::Receive,
        location: at.clone(),
        actor: Some("a key".into()),
        ..entry(item, key, units, 0)
    };
    Handling {
        org: org.clone(),
        item: item.clone(),
        read: None,
        entries: vec![entry],
        voucher: voucher(item, key, 0),
        change: Some(change(org, item, key, 0)),
    }
}

fn shelf() -> LocationId {
    LocationId::derive(&["shelf"])
}

async fn there(ledger: &dyn Ledger, org: &OrgId, item: &ItemId) -> Vec<(LocationId, i64, i64)> {
    let (_, places) = ledger.at_locations(org, item).await.unwrap();
    let whole = |units: rust_decimal::Decimal| i64::try_from(units).unwrap();
    places
        .into_iter()
        .map(|one| (one.location, whole(one.on_hand.units()), whole(one.reserved.units())))
        .collect()
}

pub(super) async fn once(ledger: &dyn Ledger) {
    let (ours, theirs) = (org(), org());
    let id = item_id(&ours, "by hand");
    assert_eq!(there(ledger, &ours, &id).await, [(LocationId::main(), 0, 0)]);
    let came = handled(&ours, &id, "k1", 7, &LocationId::main());
    for _ in 0..3 {
        assert_eq!(ledger.handle(&came).await.unwrap(), Moved::Done, "the same key counts once");
    }
    assert_eq!(sums(ledger, &ours, &id).await, (7, 0));
    assert_eq!(ledger.outbox(&ours, 9).await.unwrap().len(), 1);
    let kept = ledger.entry(&ours, &id, &came.entries[0].id).await.unwrap();
    assert_eq!(kept.as_ref(), came.entries.first(), "with its location and who moved it");
    assert_eq!(ledger.entry(&theirs, &id, &came.entries[0].id).await.unwrap(), None);
    assert_eq!(ledger.entry(&ours, &item_id(&ours, "y"), &came.entries[0].id).await.unwrap(), None);

    let elsewhere = handled(&ours, &id, "k2", 3, &shelf());
    assert_eq!(ledger.handle(&elsewhere).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &id).await, (10, 0));
    assert_eq!(there(ledger, &ours, &id).await, [(LocationId::main(), 7, 0), (shelf(), 3, 0)]);
    assert_eq!(there(ledger, &theirs, &id).await, [(LocationId::main(), 0, 0)]);

    let none = Handling { entries: Vec::new(), ..came.clone() };
    assert_eq!(ledger.handle(&none).await.unwrap_err().kind, ErrorKind::Refused);
    let mut other = came.clone();
    other.entries[0].item = item_id(&ours, "z");
    assert_eq!(ledger.handle(&other).await.unwrap_err().kind, ErrorKind::Refused);
    let stranger = Handling { change: Some(change(&theirs, &id, "k3", 0)), ..came };
    assert_eq!(ledger.handle(&stranger).await.unwrap_err().kind, ErrorKind::Refused);
}

pub(super) async fn guarded(ledger: &dyn Ledger) {
    let ours = org();
    let id = item_id(&ours, "guarded");
    let first = Handling { read: Some(0), ..handled(&ours, &id, "k1", 5, &LocationId::main()) };
    assert_eq!(ledger.handle(&first).await.unwrap(), Moved::Done);
    assert_eq!(ledger.handle(&first).await.unwrap(), Moved::Done, "done before, whatever it read");
    let version = ledger.balance(&ours, &id).await.unwrap().version;
    let late = Handling { read: Some(0), ..handled(&ours, &id, "k2", 1, &shelf()) };
    assert_eq!(ledger.handle(&late).await.unwrap(), Moved::Raced);
    let count = Handling { read: Some(version), ..handled(&ours, &id, "k2", 1, &shelf()) };
    // Something is booked between the look and the write: nothing of it is lost.
    let (sold, said) = (entry(&id, "sale", -2, 1), change(&ours, &id, "sale", 1));
    ledger.adjust(&ours, &sold, &voucher(&id, "sale", 1), &said).await.unwrap();
    assert_eq!(ledger.handle(&count).await.unwrap(), Moved::Raced);
    assert_eq!(sums(ledger, &ours, &id).await, (3, 0));
    let again = Handling { read: Some(version + 1), ..count };
    assert_eq!(ledger.handle(&again).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &id).await, (4, 0));
    // Of many that read the same, one is booked.
    let version = ledger.balance(&ours, &id).await.unwrap().version;
    let racing: Vec<Handling> = (0..6)
        .map(|turn| Handling {
            read: Some(version),
            ..handled(&ours, &id, &format!("race {turn}"), 1, &LocationId::main())
        })
        .collect();
    let answers = futures::future::join_all(racing.iter().map(|one| patiently(ledger, one))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Moved::Done).count(), 1, "{answers:?}");
    assert_eq!(sums(ledger, &ours, &id).await, (5, 0));
}

/// Calls until the table answers: a crowd may be told to come again.
async fn patiently(ledger: &dyn Ledger, handling: &Handling) -> Moved {
    for _ in 0..200 {
        match ledger.handle(handling).await {
            Ok(moved) => return moved,
            Err(error) => assert!(error.is_passing(), "{error:?}"),
        }
    }
    panic!("the table never answers");
}

pub(super) async fn carried(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "carried", 10).await;
    let version = ledger.balance(&ours, &one.item).await.unwrap().version;
    let leg = |units: i64, at: LocationId, name: &str| Entry {
        kind: EntryKind::Transfer,
        location: at,
        ..entry(&one.item, name, units, 2)
    };
    let carried = Handling {
        org: ours.clone(),
        item: one.item.clone(),
        read: Some(version),
        entries: vec![leg(-4, LocationId::main(), "out"), leg(4, shelf(), "in")],
        voucher: voucher(&one.item, "carried", 2),
        change: None,
    };
    for _ in 0..2 {
        assert_eq!(ledger.handle(&carried).await.unwrap(), Moved::Done);
    }
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, 0));
    assert_eq!(there(ledger, &ours, &one.item).await, [(LocationId::main(), 6, 0), (shelf(), 4, 0)]);

    // An order that is booked elsewhere is set aside there, and the effect keeps where.
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    let mut sale = movement(&record, &one, Effect::default(), effect(2, 0, 2), 0);
    sale.location = shelf();
    for entry in &mut sale.entries {
        entry.location = shelf();
    }
    assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Done);
    assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, 2));
    assert_eq!(there(ledger, &ours, &one.item).await, [(LocationId::main(), 6, 0), (shelf(), 4, 2)]);
    assert_eq!(ledger.effects(&ours, &record.id).await.unwrap()[0].location, shelf());
    let balance = ledger.balance(&ours, &one.item).await.unwrap();
    assert_eq!((balance.on_hand, balance.reserved), (OnHand::whole(10), Delta::whole(2)));
}

pub(super) async fn locations(ledger: &dyn Ledger) {
    let (ours, theirs) = (org(), org());
    let named = |id: LocationId, name: &str| Location { id, name: name.into(), created_at: at(0) };
    assert_eq!(ledger.locations(&ours).await.unwrap(), [Location::main()]);
    ledger.put_location(&ours, &named(shelf(), "Shelf")).await.unwrap();
    assert_eq!(ledger.locations(&ours).await.unwrap(), [Location::main(), named(shelf(), "Shelf")]);
    ledger.put_location(&ours, &named(shelf(), "Back room")).await.unwrap();
    ledger.put_location(&ours, &named(LocationId::main(), "Shop floor")).await.unwrap();
    assert_eq!(
        ledger.locations(&ours).await.unwrap(),
        [named(LocationId::main(), "Shop floor"), named(shelf(), "Back room")]
    );
    assert_eq!(ledger.locations(&theirs).await.unwrap(), [Location::main()]);
}
