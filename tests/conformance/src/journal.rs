//! The journal: events once, parked ones known, exceptions opened once; and the trials that stand beside it.

use domain::event::EventState;
use domain::exception::Exception;
use domain::message::Body;
use ports::{Ask, Counter, ErrorKind, EventRecord, Journal, Taken};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(journal: &dyn Journal) {
    events_are_taken_once(journal).await;
    events_are_listed(journal).await;
    bodies_are_large(journal).await;
    bodies_are_forgotten(journal).await;
    parked_orders_are_known(journal).await;
    exceptions_open_once(journal).await;
    exceptions_are_listed(journal).await;
    counts_and_latencies(journal).await;
    crate::trials::suite(journal.trials().expect("it keeps them")).await;
}

async fn events_are_taken_once(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let new = event(&ours, &shop, "a", "order", 0);
    assert_eq!(journal.event(&ours, &new.id).await.unwrap(), None);
    assert_eq!(journal.take(&new).await.unwrap(), Taken::New);
    assert_eq!(journal.take(&new).await.unwrap(), Taken::Again(EventState::Taken));
    journal.mark(&ours, &new.id, EventState::Booked, Some("well")).await.unwrap();
    journal.mark(&ours, &new.id, EventState::Booked, Some("well")).await.unwrap();
    assert_eq!(journal.take(&new).await.unwrap(), Taken::Again(EventState::Booked));
    let stored = journal.event(&ours, &new.id).await.unwrap().unwrap();
    let expected =
        EventRecord { state: EventState::Booked, note: Some("well".into()), duplicates: 2, ..new.clone() };
    assert_eq!(stored, expected);
    journal.mark(&ours, &new.id, EventState::Ignored, None).await.unwrap();
    assert_eq!(journal.event(&ours, &new.id).await.unwrap().unwrap().note, None);

    assert_eq!(journal.event(&theirs, &new.id).await.unwrap(), None);
    journal.mark(&theirs, &new.id, EventState::Parked, None).await.unwrap();
    assert_eq!(journal.event(&theirs, &new.id).await.unwrap(), None, "marking makes no event");
    assert_eq!(journal.event(&ours, &new.id).await.unwrap().unwrap().state, EventState::Ignored);

    let crowd = event(&ours, &shop, "b", "order", 0);
    let takes = (0..10).map(|_| journal.take(&crowd));
    let taken: Vec<_> = futures::future::join_all(takes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(taken.iter().filter(|taken| **taken == Taken::New).count(), 1, "one of many is the first");
    assert_eq!(journal.event(&ours, &crowd.id).await.unwrap().unwrap().duplicates, 9);
}

async fn events_are_listed(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let mut expected = Vec::new();
    for number in 0..12 {
        let new = event(&ours, &shop, &number.to_string(), "order", number);
        journal.take(&new).await.unwrap();
        expected.insert(0, new);
    }
    journal.take(&event(&ours, &store_id(), "x", "order", 99)).await.unwrap();
    let found = all_of(5, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { journal.events(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(found, expected, "the newest first");
    assert!(journal.events(&theirs, &shop, &Ask::first(5)).await.unwrap().items.is_empty());
    let first = journal.events(&ours, &shop, &Ask::first(5)).await.unwrap();
    let foreign = Ask::after(5, first.next);
    assert_eq!(journal.events(&theirs, &shop, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
    let forged = Ask::after(5, Some("bm90IG91cnM".into()));
    assert_eq!(journal.events(&ours, &shop, &forged).await.unwrap_err().kind, ErrorKind::Refused);
}

async fn bodies_are_large(journal: &dyn Journal) {
    let (ours, shop) = (org(), store_id());
    for number in 0..5 {
        let mut new = event(&ours, &shop, &number.to_string(), "order", number);
        new.inbox.raw.body = Body::Text("é".repeat(128 * 1024));
        assert_eq!(journal.take(&new).await.unwrap(), Taken::New);
    }
    assert_eq!(journal.events(&ours, &shop, &Ask::first(100)).await.unwrap().items.len(), 5);
    let mut huge = event(&ours, &shop, "huge", "order", 9);
    huge.inbox.raw.body = Body::Text("x".repeat(500 * 1024));
    assert_eq!(journal.take(&huge).await.unwrap_err().kind, ErrorKind::TooLarge);
}

async fn bodies_are_forgotten(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let mut said = event(&ours, &shop, "said", "order", 0);
    said.inbox.raw.body = Body::Text("somebody@shop.example".into());
    journal.take(&said).await.unwrap();
    journal.mark(&ours, &said.id, EventState::Booked, Some("well")).await.unwrap();
    journal.forget_body(&theirs, &said.id).await.unwrap();
    let kept = journal.event(&ours, &said.id).await.unwrap().unwrap();
    assert_eq!(kept.inbox.raw.body, said.inbox.raw.body);
    for _ in 0..2 {
        journal.forget_body(&ours, &said.id).await.unwrap();
        let left = journal.event(&ours, &said.id).await.unwrap().unwrap();
        assert_eq!(left.inbox.raw.body, Body::Text(String::new()));
        assert_eq!((left.state, left.note.as_deref()), (EventState::Booked, Some("well")));
        assert_eq!(left.inbox.raw.headers, said.inbox.raw.headers);
    }
    assert_eq!(journal.take(&said).await.unwrap(), Taken::Again(EventState::Booked), "that it came is known");
    assert_eq!(
        journal.event(&ours, &said.id).await.unwrap().unwrap().inbox.raw.body,
        Body::Text(String::new())
    );
}

async fn parked_orders_are_known(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let order = event(&ours, &shop, "a", "order", 0);
    let unread = EventRecord { state: EventState::Parked, ..event(&ours, &shop, "b", "unread", 1) };
    let product = EventRecord { state: EventState::Parked, ..event(&ours, &shop, "c", "product", 2) };
    journal.take(&order).await.unwrap();
    journal.take(&product).await.unwrap();
    assert!(!journal.has_parked(&ours, &shop).await.unwrap(), "a parked product holds no raise");
    journal.take(&unread).await.unwrap();
    journal.take(&unread).await.unwrap();
    assert!(journal.has_parked(&ours, &shop).await.unwrap());
    assert!(!journal.has_parked(&theirs, &shop).await.unwrap());
    assert!(!journal.has_parked(&ours, &store_id()).await.unwrap());
    journal.mark(&ours, &order.id, EventState::Parked, Some("why")).await.unwrap();
    journal.mark(&ours, &unread.id, EventState::Ignored, None).await.unwrap();
    assert!(journal.has_parked(&ours, &shop).await.unwrap(), "the other still is");
    journal.mark(&ours, &order.id, EventState::Booked, None).await.unwrap();
    journal.mark(&ours, &product.id, EventState::Ignored, None).await.unwrap();
    assert!(!journal.has_parked(&ours, &shop).await.unwrap());
}

async fn exceptions_open_once(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let new = exception(&ours, &shop, "order 1", 0);
    assert!(!journal.resolve_exception(&ours, &new.id, at(0)).await.unwrap(), "nothing is open");
    assert!(journal.open_exception(&new).await.unwrap());
    assert!(!journal.open_exception(&new).await.unwrap());
    let fresh = Exception { message: "two lines match nothing".into(), opened_at: at(50), ..new.clone() };
    assert!(!journal.open_exception(&fresh).await.unwrap());
    let stored = journal.exception(&ours, &new.id).await.unwrap().unwrap();
    assert_eq!(stored, Exception { opened_at: at(0), ..fresh.clone() }, "fresh, and as old as it is");
    assert_eq!(journal.exception(&theirs, &new.id).await.unwrap(), None);
    assert!(!journal.resolve_exception(&theirs, &new.id, at(60)).await.unwrap());

    assert!(journal.resolve_exception(&ours, &new.id, at(60)).await.unwrap());
    assert!(!journal.resolve_exception(&ours, &new.id, at(61)).await.unwrap());
    assert_eq!(journal.exception(&ours, &new.id).await.unwrap().unwrap().resolved_at, Some(at(60)));
    assert!(journal.open_exception(&fresh).await.unwrap(), "it opens anew");
    assert_eq!(journal.exception(&ours, &new.id).await.unwrap(), Some(fresh));

    let many: Vec<_> = (0..120).map(|number| exception(&ours, &shop, &format!("many {number}"), 0)).collect();
    for one in &many[..3] {
        journal.open_exception(one).await.unwrap();
    }
    journal.resolve_exception(&ours, &many[2].id, at(1)).await.unwrap();
    let ids: Vec<_> = many.iter().map(|one| one.id.clone()).collect();
    journal.resolve_exceptions(&theirs, &ids, at(2)).await.unwrap();
    assert_eq!(journal.exception(&ours, &ids[0]).await.unwrap().unwrap().resolved_at, None);
    journal.resolve_exceptions(&ours, &ids, at(2)).await.unwrap();
    for (id, settled) in ids.iter().zip([2, 2, 1]) {
        assert_eq!(journal.exception(&ours, id).await.unwrap().unwrap().resolved_at, Some(at(settled)));
    }
    assert_eq!(journal.exception(&ours, &ids[3]).await.unwrap(), None);
    assert!(journal.open_exception(&many[0]).await.unwrap(), "it was settled");
    journal.resolve_exceptions(&ours, &[], at(3)).await.unwrap();

    let crowd = exception(&ours, &shop, "order 2", 0);
    let opens = (0..6).map(|_| journal.open_exception(&crowd));
    let opened = futures::future::join_all(opens).await.into_iter().filter(|new| *new.as_ref().unwrap());
    assert_eq!(opened.count(), 1, "one of many opens it");
}

async fn exceptions_are_listed(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let mut open = Vec::new();
    for number in 0..9 {
        let new = exception(&ours, &shop, &number.to_string(), number);
        journal.open_exception(&new).await.unwrap();
        open.insert(0, new.id);
    }
    let settled: Vec<_> = open.drain(2..4).collect();
    for id in &settled {
        journal.resolve_exception(&ours, id, at(99)).await.unwrap();
    }
    for (is_settled, expected) in [(false, open), (true, settled)] {
        let found = all_of(3, |ask| {
            let ours = ours.clone();
            async move { journal.exceptions(&ours, is_settled, &ask).await }
        })
        .await;
        assert_eq!(found.into_iter().map(|one| one.id).collect::<Vec<_>>(), expected);
        assert!(journal.exceptions(&theirs, is_settled, &Ask::first(3)).await.unwrap().items.is_empty());
    }
    let first = journal.exceptions(&ours, false, &Ask::first(2)).await.unwrap();
    let foreign = Ask::after(2, first.next);
    assert_eq!(journal.exceptions(&ours, true, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
}

async fn counts_and_latencies(journal: &dyn Journal) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    assert_eq!(journal.counts(&ours, &shop).await.unwrap(), [0, 0, 0]);
    for _ in 0..20 {
        journal.count(&ours, &shop, Counter::Events, 2).await.unwrap();
    }
    journal.count(&ours, &shop, Counter::Writes, 1).await.unwrap();
    assert_eq!(journal.counts(&ours, &shop).await.unwrap(), [40, 0, 1]);
    // Where an answer is lost and another count comes in between, one may count twice; none is lost.
    let adds = (0..20).map(|_| journal.count(&ours, &shop, Counter::Duplicates, 1));
    futures::future::join_all(adds).await.into_iter().for_each(|added| added.unwrap());
    let counts = journal.counts(&ours, &shop).await.unwrap();
    assert!(counts[1] >= 20, "{counts:?}");
    assert_eq!((counts[0], counts[2]), (40, 1));
    assert_eq!(journal.counts(&theirs, &shop).await.unwrap(), [0, 0, 0]);

    assert!(journal.latencies(&ours, &shop, 5).await.unwrap().is_empty());
    for number in 0_u64..8 {
        journal.note_latency(&ours, &shop, number * 100, at(number as i64)).await.unwrap();
    }
    assert_eq!(journal.latencies(&ours, &shop, 3).await.unwrap(), [700, 600, 500]);
    assert_eq!(journal.latencies(&ours, &shop, 50).await.unwrap().len(), 8);
    let latest = journal.trials().expect("it keeps them").propagations(&ours, &shop, 2).await.unwrap();
    let latest: Vec<_> = latest.iter().map(|one| (one.at, one.millis)).collect();
    assert_eq!(latest, [(at(7), 700), (at(6), 600)]);
    assert!(journal.latencies(&theirs, &shop, 5).await.unwrap().is_empty());
}
