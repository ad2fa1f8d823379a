//! Orders: fences, what waits, large ones, lists.

use domain::order::{Fence, OrderState};
use domain::{ItemId, OrderId, RemoteVariantId};
use ports::{Ask, ErrorKind, Fenced, Ledger, Moved, OrderRecord};

use crate::fixtures::*;

pub(super) async fn fences(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let items = [item_id(&ours, "a"), item_id(&ours, "b")];
    let first = order(&ours, &shop, "1", 2, 10);
    assert_eq!(ledger.order(&ours, &first.id).await.unwrap(), None);
    assert_eq!(ledger.fence(&first, &items, false).await.unwrap(), Fenced::Newer);
    assert_eq!(ledger.fence(&first, &items, false).await.unwrap(), Fenced::Same { applied: false });
    assert_eq!(ledger.order(&ours, &first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(ledger.order(&theirs, &first.id).await.unwrap(), None);
    let older = order(&ours, &shop, "1", 1, 9);
    assert_eq!(ledger.fence(&older, &items, false).await.unwrap(), Fenced::Older);
    assert_eq!(ledger.fence(&older, &items, true).await.unwrap(), Fenced::Older, "fetched or not");
    let clash = OrderRecord { digest: "other".into(), ..first.clone() };
    assert_eq!(ledger.fence(&clash, &items, false).await.unwrap(), Fenced::Clash);
    assert_eq!(ledger.order(&ours, &first.id).await.unwrap(), Some(first.clone()));

    let mut grain = first.clone();
    grain.order.fence.updated_at += jiff::SignedDuration::from_nanos(1);
    assert_eq!(ledger.fence(&grain, &items, false).await.unwrap(), Fenced::Newer, "by a nanosecond");
    let mut revised = grain.clone();
    revised.order.fence.revision = 9;
    assert_eq!(ledger.fence(&revised, &items, false).await.unwrap(), Fenced::Newer);
    revised.order.fence.revision = 10;
    assert_eq!(ledger.fence(&revised, &items, false).await.unwrap(), Fenced::Newer, "ten is more than nine");
    assert_eq!(ledger.fence(&grain, &items, false).await.unwrap(), Fenced::Older);
    revised.order.state = OrderState::Cancelled;
    revised.order.fence = Fence { updated_at: at(11), revision: 0 };
    assert_eq!(ledger.fence(&revised, &items, false).await.unwrap(), Fenced::Newer);
    assert_eq!(ledger.order(&ours, &first.id).await.unwrap(), Some(revised));
}

pub(super) async fn erased(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let items = [item_id(&ours, "a")];
    let mut bought = order(&ours, &shop, "1", 2, 10);
    bought.order.buyer.name = "Somebody".into();
    bought.order.buyer.email = Some("somebody@shop.example".into());
    ledger.fence(&bought, &items, false).await.unwrap();
    ledger.erase_buyer(&theirs, &bought.id).await.unwrap();
    assert_eq!(ledger.order(&ours, &bought.id).await.unwrap(), Some(bought.clone()));
    for _ in 0..2 {
        ledger.erase_buyer(&ours, &bought.id).await.unwrap();
        let left = ledger.order(&ours, &bought.id).await.unwrap().unwrap();
        let buyer = &left.order.buyer;
        assert_eq!(
            (buyer.name.as_str(), &buyer.email, &buyer.customer, &buyer.country),
            ("", &None, &None, &None)
        );
        let nobody = buyer.clone();
        let nameless = domain::order::Order { buyer: nobody, ..bought.order.clone() };
        assert_eq!(left, OrderRecord { order: nameless, ..bought.clone() }, "all else stays");
    }
    assert!(ledger.is_pending(&ours, &items[0]).await.unwrap(), "what waits to be booked still does");
    assert_eq!(ledger.fence(&bought, &items, false).await.unwrap(), Fenced::Same { applied: false });
    assert_eq!(
        ledger.applied(&ours, &bought.id, &bought.order.fence, &bought.digest).await.unwrap(),
        Moved::Done
    );
    ledger.erase_buyer(&ours, &OrderId::derive(&["unknown"])).await.unwrap();
}

pub(super) async fn known(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let booked = order(&ours, &shop, "booked", 1, 10);
    let waiting = order(&ours, &shop, "waiting", 1, 10);
    let unknown = order(&ours, &shop, "unknown", 1, 10);
    for record in [&booked, &waiting] {
        ledger.fence(record, &[], false).await.unwrap();
    }
    ledger.applied(&ours, &booked.id, &booked.order.fence, &booked.digest).await.unwrap();
    let older = order(&ours, &shop, "booked", 1, 9);
    let newer = order(&ours, &shop, "booked", 1, 11);
    let clash = OrderRecord { digest: "other".into(), ..booked.clone() };
    let overtaken = order(&ours, &shop, "waiting", 1, 9);
    let stranger = OrderRecord { org: theirs, ..booked.clone() };
    let page = [booked.clone(), waiting, unknown, older, newer, clash, overtaken, stranger, booked];
    let answers = ledger.are_booked(&page).await.unwrap();
    assert_eq!(answers, [true, false, false, true, false, false, true, false, true]);
    assert!(ledger.are_booked(&[]).await.unwrap().is_empty());
}

pub(super) async fn fetched(ledger: &dyn Ledger) {
    let (ours, shop) = (org(), store_id());
    let items = [item_id(&ours, "a")];
    let first = order(&ours, &shop, "1", 2, 10);
    ledger.fence(&first, &items, false).await.unwrap();
    assert_eq!(
        ledger.applied(&ours, &first.id, &first.order.fence, &first.digest).await.unwrap(),
        Moved::Done
    );
    assert_eq!(ledger.fence(&first, &items, true).await.unwrap(), Fenced::Same { applied: true });
    let mut read = first.clone();
    read.digest = "as it was read".into();
    read.order.state = OrderState::Fulfilled;
    assert_eq!(ledger.fence(&read, &items, true).await.unwrap(), Fenced::Newer, "what was read is right");
    let stored = ledger.order(&ours, &first.id).await.unwrap().unwrap();
    assert_eq!(stored, OrderRecord { applied: false, ..read.clone() });
    let late = ledger.applied(&ours, &first.id, &first.order.fence, &first.digest).await.unwrap();
    assert_eq!(late, Moved::Raced, "what booked the content before says nothing of this one");
    assert!(ledger.is_pending(&ours, &items[0]).await.unwrap());
    assert_eq!(ledger.fence(&first, &items, false).await.unwrap(), Fenced::Clash);
    assert_eq!(ledger.fence(&read, &items, true).await.unwrap(), Fenced::Same { applied: false });
}

pub(super) async fn applying(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let (a, b, c) = (item_id(&ours, "a"), item_id(&ours, "b"), item_id(&ours, "c"));
    let pending = |item: ItemId| {
        let ours = ours.clone();
        async move { ledger.is_pending(&ours, &item).await.unwrap() }
    };
    assert!(!pending(a.clone()).await);
    let first = order(&ours, &shop, "1", 2, 10);
    let twice = [a.clone(), b.clone(), a.clone()];
    ledger.fence(&first, &twice, false).await.unwrap();
    let second = order(&ours, &shop, "2", 1, 5);
    ledger.fence(&second, std::slice::from_ref(&b), false).await.unwrap();
    let nothing = order(&ours, &shop, "3", 1, 7);
    ledger.fence(&nothing, &[], false).await.unwrap();
    assert!(pending(a.clone()).await && pending(b.clone()).await && !pending(c.clone()).await);
    assert!(!ledger.is_pending(&theirs, &a).await.unwrap());
    let waiting = ledger.unapplied(&ours, 9).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|one| one.order.clone()).collect();
    assert_eq!(ids, [second.id.clone(), nothing.id.clone(), first.id.clone()], "the oldest first");
    let mut items = vec![a.clone(), b.clone()];
    items.sort();
    assert_eq!((&waiting[2].items, &waiting[2].store, waiting[2].since), (&items, &shop, at(10)));
    assert!(waiting[1].items.is_empty());
    assert_eq!(ledger.unapplied(&ours, 1).await.unwrap(), waiting[..1]);
    assert!(ledger.unapplied(&theirs, 9).await.unwrap().is_empty());

    // A newer state takes over; the old one's end counts no more.
    let newer = order(&ours, &shop, "1", 2, 20);
    assert_eq!(ledger.fence(&newer, std::slice::from_ref(&c), false).await.unwrap(), Fenced::Newer);
    assert!(pending(c.clone()).await && !pending(a.clone()).await);
    assert_eq!(ledger.unapplied(&ours, 9).await.unwrap().len(), 3, "an order waits once");
    assert_eq!(
        ledger.applied(&ours, &first.id, &first.order.fence, &first.digest).await.unwrap(),
        Moved::Raced
    );
    assert!(!ledger.order(&ours, &first.id).await.unwrap().unwrap().applied);
    assert!(pending(c.clone()).await);
    assert_eq!(
        ledger.applied(&theirs, &newer.id, &newer.order.fence, &newer.digest).await.unwrap(),
        Moved::Raced
    );
    for _ in 0..2 {
        assert_eq!(
            ledger.applied(&ours, &newer.id, &newer.order.fence, &newer.digest).await.unwrap(),
            Moved::Done
        );
    }
    assert!(!pending(c).await);
    assert!(pending(b.clone()).await, "the second still waits");
    assert_eq!(ledger.fence(&newer, &[], false).await.unwrap(), Fenced::Same { applied: true });
    assert!(ledger.order(&ours, &first.id).await.unwrap().unwrap().applied);
    for one in [&second, &nothing] {
        assert_eq!(ledger.applied(&ours, &one.id, &one.order.fence, &one.digest).await.unwrap(), Moved::Done);
    }
    assert!(ledger.unapplied(&ours, 9).await.unwrap().is_empty());
    assert!(!pending(b).await);
    let unknown = OrderId::derive(&["nothing"]);
    assert_eq!(
        ledger.applied(&ours, &unknown, &first.order.fence, &first.digest).await.unwrap(),
        Moved::Raced
    );
}

pub(super) async fn large(ledger: &dyn Ledger) {
    let (ours, shop) = (org(), store_id());
    for (remote, sizes) in [("small", [1, 250, 1]), ("large", [3000, 250, 3500]), ("huge", [250, 12_000, 0])]
    {
        for (step, lines) in (0_i64..).zip(sizes) {
            let record = order(&ours, &shop, remote, lines, step);
            let items: Vec<ItemId> =
                (0..lines).map(|number| item_id(&ours, &format!("{remote} {number}"))).collect();
            assert_eq!(ledger.fence(&record, &items, false).await.unwrap(), Fenced::Newer);
            assert_eq!(
                ledger.order(&ours, &record.id).await.unwrap(),
                Some(record.clone()),
                "{remote} {lines}"
            );
            let waiting = ledger.unapplied(&ours, 1).await.unwrap().remove(0);
            let mut expected = items.clone();
            expected.sort();
            assert_eq!(waiting.items, expected, "{remote} {lines}");
            if let Some(last) = items.last() {
                assert!(ledger.is_pending(&ours, last).await.unwrap());
            }
            assert_eq!(ledger.fence(&record, &items, false).await.unwrap(), Fenced::Same { applied: false });
        }
        let last = order(&ours, &shop, remote, sizes[2], 2);
        assert_eq!(
            ledger.applied(&ours, &last.id, &last.order.fence, &last.digest).await.unwrap(),
            Moved::Done
        );
        assert!(ledger.unapplied(&ours, 9).await.unwrap().is_empty(), "no row of what waited is left");
        assert_eq!(ledger.order(&ours, &last.id).await.unwrap().unwrap().order, last.order);
    }
    let listed = ledger.orders(&ours, &shop, &Ask::first(10)).await.unwrap().items;
    let mut sizes: Vec<usize> = listed.iter().map(|record| record.order.lines.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [0, 1, 3500]);
}

pub(super) async fn crowds(ledger: &dyn Ledger) {
    let (ours, shop) = (org(), store_id());
    let states: Vec<OrderRecord> = (0..8).map(|time| order(&ours, &shop, "1", 600, time)).collect();
    let items = [item_id(&ours, "a")];
    let fences = states.iter().rev().chain(&states).map(|state| {
        let items = &items;
        async move {
            for _ in 0..200 {
                match ledger.fence(state, items, false).await {
                    Ok(fenced) => return fenced,
                    Err(error) => assert!(error.is_passing(), "{error:?}"),
                }
            }
            panic!("the table never answers");
        }
    });
    futures::future::join_all(fences).await;
    assert_eq!(
        ledger.order(&ours, &states[7].id).await.unwrap(),
        Some(states[7].clone()),
        "the newest stands"
    );
    assert_eq!(ledger.unapplied(&ours, 99).await.unwrap().len(), 1);
    ledger.applied(&ours, &states[7].id, &states[7].order.fence, &states[7].digest).await.unwrap();
    assert!(!ledger.is_pending(&ours, &items[0]).await.unwrap());
}

pub(super) async fn lists(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let mut expected = Vec::new();
    for number in 0..12 {
        let mut record = order(&ours, &shop, &number.to_string(), 1, 0);
        record.order.placed_at = at(number);
        ledger.fence(&record, &[], false).await.unwrap();
        expected.insert(0, record);
    }
    ledger.fence(&order(&ours, &store_id(), "x", 1, 0), &[], false).await.unwrap();
    let found = all_of(5, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { ledger.orders(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(found, expected, "the newest first");
    assert!(ledger.orders(&theirs, &shop, &Ask::first(5)).await.unwrap().items.is_empty());
    let foreign = Ask::after(5, ledger.orders(&ours, &shop, &Ask::first(5)).await.unwrap().next);
    assert_eq!(ledger.orders(&theirs, &shop, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
}

pub(super) async fn unmatched(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let (a, b) = (RemoteVariantId::new("a"), RemoteVariantId::new("a#b"));
    let orders: Vec<OrderId> = (0..3).map(|number| OrderId::derive(&[&number.to_string()])).collect();
    for one in &orders {
        ledger.note_unmatched(&ours, &shop, &a, one).await.unwrap();
        ledger.note_unmatched(&ours, &shop, &a, one).await.unwrap();
    }
    ledger.note_unmatched(&ours, &shop, &b, &orders[0]).await.unwrap();
    assert_eq!(ledger.unmatched(&ours, &shop, &a).await.unwrap().len(), 3);
    assert_eq!(ledger.unmatched(&ours, &shop, &b).await.unwrap(), [orders[0].clone()]);
    assert!(ledger.unmatched(&theirs, &shop, &a).await.unwrap().is_empty());
    assert!(ledger.unmatched(&ours, &store_id(), &a).await.unwrap().is_empty());
    ledger.forget_unmatched(&theirs, &shop, &a, &orders[0]).await.unwrap();
    ledger.forget_unmatched(&ours, &shop, &a, &orders[0]).await.unwrap();
    ledger.forget_unmatched(&ours, &shop, &a, &orders[0]).await.unwrap();
    assert_eq!(ledger.unmatched(&ours, &shop, &a).await.unwrap().len(), 2);
    assert_eq!(ledger.unmatched(&ours, &shop, &b).await.unwrap().len(), 1);
}
