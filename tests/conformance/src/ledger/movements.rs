//! Movements: each effect once, only under the fence of the state that stands.

use std::collections::BTreeSet;

use domain::order::Fence;
use domain::stock::Effect;
use domain::{Delta, LocationId, OnHand};
use ports::{Contain, ErrorKind, Ledger, Moved, Movement, OrderRecord};

use super::{fenced, opened, opened_in, opening, read, sums};
use crate::fixtures::*;

pub(super) async fn booking(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "x", 10).await;
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    let none = Effect::default();
    let sale = movement(&record, &one, none, effect(2, 0, 2), 0);
    for _ in 0..3 {
        assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Done, "a second call finds its work done");
    }
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, 2));
    assert_eq!(read(ledger, &ours, &one.id).await.explained, Some(OnHand::whole(8)));
    let booked = ledger.effects(&ours, &record.id).await.unwrap();
    assert_eq!(booked.len(), 1);
    assert_eq!((&booked[0].link, &booked[0].item), (&one.id, &one.item));
    assert_eq!((booked[0].effect, booked[0].version), (effect(2, 0, 2), 1));
    let outbox = ledger.outbox(&ours, 9).await.unwrap();
    assert_eq!(outbox.iter().filter(|change| Some(*change) == sale.change.as_ref()).count(), 1);

    // What does not hold is refused and changes nothing.
    let (theirs, other) = (org(), link(&ours, &store_id(), "y"));
    ledger.put_link(&other).await.unwrap();
    let sent = movement(&record, &one, effect(2, 0, 2), effect(0, 2, 2), 1);
    let newer = Fence { updated_at: at(1), revision: 0 };
    let higher = Fence { revision: 1, ..record.order.fence.clone() };
    let mut stranger = sent.clone();
    stranger.org = theirs.clone();
    stranger.change = None;
    let mut elsewhere = movement(&record, &other, none, effect(1, 0, 1), 0);
    elsewhere.item = other.item.clone();
    let refused: [Movement; 8] = [
        Movement { digest: "other content".into(), ..sent.clone() },
        Movement { fence: newer, ..sent.clone() },
        Movement { fence: higher, ..sent.clone() },
        Movement { read: 0, ..sent.clone() },
        Movement { read: 2, ..sent.clone() },
        Movement { order: order(&ours, &shop, "other", 1, 0).id, ..sent.clone() },
        stranger,
        elsewhere,
    ];
    for refused in &refused {
        assert_eq!(ledger.book(refused).await.unwrap(), Moved::Raced, "{refused:?}");
    }
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, 2));
    assert_eq!(read(ledger, &ours, &one.id).await.explained, Some(OnHand::whole(8)));
    assert_eq!(ledger.effects(&ours, &record.id).await.unwrap(), booked);
    assert!(ledger.effects(&theirs, &record.id).await.unwrap().is_empty());
    let mut mixed = sent.clone();
    mixed.entries[0].item = item_id(&ours, "z");
    assert_eq!(ledger.book(&mixed).await.unwrap_err().kind, ErrorKind::Refused);

    assert_eq!(ledger.book(&sent).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &one.item).await, (8, 0));
    assert_eq!(ledger.effects(&ours, &record.id).await.unwrap()[0].version, 2);
    // Put back, and taken by the shop alone: no unit moves, the shop's number does.
    let back = movement(&record, &one, effect(0, 2, 2), effect(0, 0, 2), 2);
    assert_eq!(ledger.book(&back).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, 0));
    let version = ledger.balance(&ours, &one.item).await.unwrap().version;
    let restored = movement(&record, &one, effect(0, 0, 2), none, 3);
    assert!(restored.entries.is_empty());
    assert_eq!(ledger.book(&restored).await.unwrap(), Moved::Done);
    assert_eq!(ledger.book(&restored).await.unwrap(), Moved::Done);
    assert_eq!(read(ledger, &ours, &one.id).await.explained, Some(OnHand::whole(10)));
    assert_eq!(ledger.balance(&ours, &one.item).await.unwrap().version, version);
}

pub(super) async fn containing(ledger: &dyn Ledger) {
    let (ours, shop) = (org(), store_id());
    let one = link(&ours, &shop, "x");
    ledger.put_link(&one).await.unwrap();
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    let first = Contain {
        org: ours.clone(),
        order: record.id.clone(),
        fence: record.order.fence.clone(),
        digest: record.digest.clone(),
        link: one.id.clone(),
        item: one.item.clone(),
        read: 0,
        effect: effect(3, 0, 3),
        location: LocationId::main(),
        parts: Vec::new(),
        chosen: true,
        voucher: step(&record, &one, effect(0, 0, 0), effect(3, 0, 3), 0),
        owed: Delta::whole(3),
    };
    assert_eq!(ledger.owed(&ours, &one.id).await.unwrap(), Delta::ZERO);
    for _ in 0..3 {
        assert_eq!(ledger.contain(&first).await.unwrap(), Moved::Done, "a second call finds its work done");
    }
    assert_eq!(ledger.owed(&ours, &one.id).await.unwrap(), Delta::whole(3));
    assert_eq!(ledger.owed(&org(), &one.id).await.unwrap(), Delta::ZERO);
    assert_eq!(ledger.effects(&ours, &record.id).await.unwrap()[0].effect, effect(3, 0, 3));
    assert_eq!(sums(ledger, &ours, &one.item).await, (0, 0), "containing books nothing");
    assert!(ledger.outbox(&ours, 9).await.unwrap().is_empty());
    let sale = movement(&record, &one, effect(3, 0, 3), effect(4, 0, 4), 1);
    assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Raced, "it is not in the books yet");
    for refused in [
        Contain { read: 2, ..first.clone() },
        Contain { digest: "other content".into(), read: 1, ..first.clone() },
        Contain { fence: Fence { updated_at: at(9), revision: 0 }, read: 1, ..first.clone() },
        Contain { org: org(), ..first.clone() },
        Contain { item: item_id(&ours, "y"), read: 1, ..first.clone() },
    ] {
        assert_eq!(ledger.contain(&refused).await.unwrap(), Moved::Raced);
    }
    assert_eq!(
        ledger.open(&opening(&one, 5, true)).await.unwrap(),
        Moved::Raced,
        "an opening that was computed without these units is refused"
    );
    let less = Contain { read: 1, effect: effect(1, 2, 3), owed: Delta::whole(-2), ..first.clone() };
    assert_eq!(ledger.contain(&less).await.unwrap(), Moved::Done);
    assert_eq!(ledger.owed(&ours, &one.id).await.unwrap(), Delta::whole(1));
    let standing = read(ledger, &ours, &one.id).await;
    assert_eq!(ledger.open(&opening(&standing, 5, true)).await.unwrap(), Moved::Done);
    let late = Contain { read: 2, effect: effect(0, 3, 3), owed: Delta::whole(-1), ..first };
    assert_eq!(ledger.contain(&late).await.unwrap(), Moved::Raced, "it is in the books by now");
    let step = movement(&record, &one, effect(1, 2, 3), effect(0, 3, 3), 2);
    assert_eq!(ledger.book(&step).await.unwrap(), Moved::Done, "only the later difference books");
    assert_eq!(sums(ledger, &ours, &one.item).await, (4, -1));
}

/// Calls until the table answers: a crowd may be told to come again.
async fn patiently(ledger: &dyn Ledger, movement: &Movement) -> Moved {
    for _ in 0..200 {
        match ledger.book(movement).await {
            Ok(moved) => return moved,
            Err(error) => assert!(error.is_passing(), "{error:?}"),
        }
    }
    panic!("the table never answers");
}

pub(super) async fn races(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "x", 10).await;
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    let same = movement(&record, &one, Effect::default(), effect(2, 0, 2), 0);
    let calls = (0..12).map(|_| patiently(ledger, &same));
    for moved in futures::future::join_all(calls).await {
        assert_eq!(moved, Moved::Done, "whoever booked it, it is booked");
    }
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, 2));
    assert_eq!(read(ledger, &ours, &one.id).await.explained, Some(OnHand::whole(8)));

    let different: Vec<Movement> =
        (3..9).map(|units| movement(&record, &one, effect(2, 0, 2), effect(units, 0, units), 1)).collect();
    let calls = different.iter().map(|movement| patiently(ledger, movement));
    let answers = futures::future::join_all(calls).await;
    let won: Vec<usize> = (0..answers.len()).filter(|place| answers[*place] == Moved::Done).collect();
    assert_eq!(won.len(), 1, "one decision of many takes effect");
    let units = i64::try_from(won[0]).unwrap() + 3;
    assert_eq!(sums(ledger, &ours, &one.item).await, (10, units));
    assert_eq!(read(ledger, &ours, &one.id).await.explained, Some(OnHand::whole(10 - units)));
}

pub(super) async fn a_busy_item(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "x", 1000).await;
    let second = opened_in(ledger, &ours, &store_id(), "x", 1000).await;
    let buy = |number: usize| {
        let (ours, shop, link) =
            (ours.clone(), shop.clone(), if number.is_multiple_of(2) { &one } else { &second });
        async move {
            let record: OrderRecord =
                fenced(ledger, &ours, &shop, &format!("busy {number}"), &link.item).await;
            let bought = movement(&record, link, Effect::default(), effect(1, 0, 1), 0);
            assert_eq!(patiently(ledger, &bought).await, Moved::Done);
            let sent = movement(&record, link, effect(1, 0, 1), effect(0, 1, 1), 1);
            assert_eq!(patiently(ledger, &sent).await, Moved::Done);
            assert_eq!(patiently(ledger, &bought).await, Moved::Raced, "a late first step books nothing");
            ledger.applied(&ours, &record.id, &record.order.fence, &record.digest).await.unwrap();
        }
    };
    futures::future::join_all((0..50).map(buy)).await;
    assert_eq!(sums(ledger, &ours, &one.item).await, (1950, 0));
    let balance = ledger.balance(&ours, &one.item).await.unwrap();
    assert_eq!(balance.version, 102, "two openings and a hundred movements");
    for link in [&one, &second] {
        assert_eq!(read(ledger, &ours, &link.id).await.explained, Some(OnHand::whole(975)));
    }
    let outbox = ledger.outbox(&ours, 500).await.unwrap();
    let distinct: BTreeSet<_> = outbox.iter().map(|change| &change.id).collect();
    assert_eq!((outbox.len(), distinct.len()), (52, 52), "sending a reserved unit changes nothing on sale");
    assert!(ledger.unapplied(&ours, 9).await.unwrap().is_empty());
}
