//! Links: kept once, opened once, written to one at a time, settled by decision.

use domain::link::{Inflight, Link, Unexplained};
use domain::{Delta, OnHand};
use ports::{Ask, ErrorKind, Finish, Ledger, LinkChange, Moved, Settlement, Written};

use super::{opened, opening, read, sums};
use crate::fixtures::*;

pub(super) async fn keeping(ledger: &dyn Ledger) {
    let (ours, theirs, shop, other) = (org(), org(), store_id(), store_id());
    let one = link(&ours, &shop, "x");
    assert_eq!(ledger.link(&ours, &one.id).await.unwrap(), None);
    assert_eq!(ledger.put_link(&one).await.unwrap(), Written::Done);
    assert_eq!(ledger.put_link(&one).await.unwrap(), Written::Raced);
    assert_eq!(ledger.link(&ours, &one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(ledger.link(&theirs, &one.id).await.unwrap(), None);
    let elsewhere = link(&ours, &other, "x");
    ledger.put_link(&elsewhere).await.unwrap();
    let mut of_item = ledger.links_of(&ours, &one.item).await.unwrap();
    of_item.sort_by(|a, b| a.id.cmp(&b.id));
    let mut expected = vec![one.clone(), elsewhere];
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(of_item, expected);
    assert!(ledger.links_of(&theirs, &one.item).await.unwrap().is_empty());
    for number in 0..9 {
        ledger.put_link(&link(&ours, &shop, &number.to_string())).await.unwrap();
    }
    let of_store = all_of(4, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { ledger.links_of_store(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(of_store.len(), 10);
    assert!(of_store.iter().all(|link| link.store == shop));
    assert!(ledger.links_of_store(&theirs, &shop, &Ask::first(9)).await.unwrap().items.is_empty());
    let foreign = Ask::after(2, ledger.links_of_store(&ours, &shop, &Ask::first(2)).await.unwrap().next);
    assert_eq!(ledger.links_of_store(&ours, &other, &foreign).await.unwrap_err().kind, ErrorKind::Refused);

    // A link that was written whole is read whole.
    let mut full = link(&ours, &shop, "full");
    full.explained = Some(OnHand::whole(4));
    full.inflight =
        Some(Inflight { write: write_id(), compare: OnHand::whole(4), value: OnHand::whole(3), at: at(1) });
    full.seen = Some(reading(4, 2));
    full.written = Some(reading(4, 3));
    full.unexplained =
        Some(Unexplained { difference: Delta::whole(-1), since: at(4), explained: None, version: None });
    full.version = 7;
    ledger.put_link(&full).await.unwrap();
    assert_eq!(read(ledger, &ours, &full.id).await, full);
}

pub(super) async fn opening_once(ledger: &dyn Ledger, one: &Link) {
    let ours = &one.org;
    let call = opening(one, 5, true);
    for _ in 0..3 {
        assert_eq!(ledger.open(&call).await.unwrap(), Moved::Done, "a second call finds its work done");
    }
    let stored = read(ledger, ours, &one.id).await;
    assert_eq!((stored.explained, stored.seen), (Some(OnHand::whole(5)), Some(reading(5, 1))));
    assert_eq!(stored.version, one.version + 1);
    assert_eq!(sums(ledger, ours, &one.item).await, (5, 0));
    assert_eq!(ledger.outbox(ours, 9).await.unwrap(), [call.change]);
}

pub(super) async fn openings(ledger: &dyn Ledger) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let one = link(&ours, &shop, "x");
    assert_eq!(ledger.open(&opening(&one, 5, true)).await.unwrap(), Moved::Raced, "there is no such link");
    assert_eq!(sums(ledger, &ours, &one.item).await, (0, 0));
    ledger.put_link(&one).await.unwrap();
    let look = LinkChange {
        org: ours.clone(),
        link: one.id.clone(),
        read: 0,
        begin: None,
        seen: Some(reading(6, 1)),
        unexplained: None,
        margin: None,
        heard: false,
        guard: None,
    };
    assert_eq!(ledger.change_link(&look).await.unwrap(), Moved::Done);
    assert_eq!(
        ledger.open(&opening(&one, 5, true)).await.unwrap(),
        Moved::Raced,
        "it moved since it was read"
    );
    let one = read(ledger, &ours, &one.id).await;
    let mut stolen = opening(&one, 5, false);
    stolen.org = theirs.clone();
    stolen.change.org = theirs.clone();
    assert_eq!(ledger.open(&stolen).await.unwrap(), Moved::Raced, "another merchant's link");
    let mut wrong = opening(&one, 5, false);
    wrong.item = item_id(&ours, "another");
    wrong.change.item = wrong.item.clone();
    assert_eq!(ledger.open(&wrong).await.unwrap(), Moved::Raced, "another item's link");
    opening_once(ledger, &one).await;

    let mut other = opening(&read(ledger, &ours, &one.id).await, 9, false);
    other.change = change(&ours, &one.item, "other", 9);
    assert_eq!(ledger.open(&other).await.unwrap(), Moved::Raced, "it is in the books already");

    // A second store that shows the item gives no opening entry.
    let second = link(&ours, &store_id(), "x");
    ledger.put_link(&second).await.unwrap();
    assert_eq!(ledger.open(&opening(&second, 4, false)).await.unwrap(), Moved::Done);
    assert_eq!(ledger.open(&opening(&second, 4, false)).await.unwrap(), Moved::Done);
    assert_eq!(read(ledger, &ours, &second.id).await.explained, Some(OnHand::whole(4)));
    assert_eq!(sums(ledger, &ours, &one.item).await, (5, 0));

    let crowd = link(&ours, &shop, "crowd");
    ledger.put_link(&crowd).await.unwrap();
    let call = opening(&crowd, 3, true);
    let opens = (0..8).map(|_| ledger.open(&call));
    for moved in futures::future::join_all(opens).await {
        assert_eq!(moved.unwrap(), Moved::Done);
    }
    assert_eq!(sums(ledger, &ours, &crowd.item).await, (3, 0));
}

pub(super) async fn writes(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "x", 10).await;
    let write = write_id();
    let inflight =
        Inflight { write: write.clone(), compare: OnHand::whole(10), value: OnHand::whole(8), at: at(5) };
    let begin = LinkChange {
        org: ours.clone(),
        link: one.id.clone(),
        read: one.version,
        begin: Some(inflight.clone()),
        seen: None,
        unexplained: None,
        margin: None,
        heard: false,
        guard: None,
    };
    assert_eq!(ledger.change_link(&begin).await.unwrap(), Moved::Done);
    assert_eq!(ledger.change_link(&begin).await.unwrap(), Moved::Done, "a second run finds its work done");
    let standing = read(ledger, &ours, &one.id).await;
    assert_eq!((standing.inflight.as_ref(), standing.version), (Some(&inflight), one.version + 1));
    assert_eq!(standing.explained, Some(OnHand::whole(10)), "beginning a write moves no number");

    let second = LinkChange {
        read: standing.version,
        begin: Some(Inflight { write: write_id(), ..inflight.clone() }),
        ..begin.clone()
    };
    assert_eq!(ledger.change_link(&second).await.unwrap(), Moved::Raced, "one write at a time");
    let finish = Finish {
        org: ours.clone(),
        link: one.id.clone(),
        write: write.clone(),
        explained: Delta::whole(-2),
        written: Some(reading(8, 6)),
        seen: Some(reading(7, 7)),
    };
    let other = Finish { write: write_id(), ..finish.clone() };
    assert_eq!(ledger.finish(&other).await.unwrap(), Moved::Raced, "another write stands");
    let theirs = Finish { org: org(), ..finish.clone() };
    assert_eq!(ledger.finish(&theirs).await.unwrap(), Moved::Raced);
    assert_eq!(ledger.finish(&finish).await.unwrap(), Moved::Done);
    assert_eq!(ledger.finish(&finish).await.unwrap(), Moved::Raced, "it is over");
    let ended = read(ledger, &ours, &one.id).await;
    assert_eq!((ended.explained, ended.inflight.as_ref()), (Some(OnHand::whole(8)), None));
    assert_eq!((ended.written, ended.seen), (Some(reading(8, 6)), Some(reading(7, 7))));
    assert_eq!(ledger.change_link(&begin).await.unwrap(), Moved::Raced, "a late begin begins nothing");

    // A write that surely did not take effect moves nothing; one while an order is booked adds up with it.
    let again = LinkChange {
        read: ended.version,
        begin: Some(Inflight { write: write_id(), ..inflight.clone() }),
        ..begin.clone()
    };
    assert_eq!(ledger.change_link(&again).await.unwrap(), Moved::Done);
    let record = super::fenced(ledger, &ours, &shop, "1", &one.item).await;
    let sale = movement(&record, &one, effect(0, 0, 0), effect(3, 0, 3), 0);
    assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Done);
    let write = again.begin.unwrap().write;
    let nothing = Finish { write, explained: Delta::ZERO, written: None, seen: None, ..finish };
    assert_eq!(ledger.finish(&nothing).await.unwrap(), Moved::Done);
    let ended = read(ledger, &ours, &one.id).await;
    assert_eq!(
        (ended.explained, ended.written, ended.inflight),
        (Some(OnHand::whole(5)), Some(reading(8, 6)), None)
    );
}

pub(super) async fn findings(ledger: &dyn Ledger) {
    let (ours, _, one) = opened(ledger, "x", 10).await;
    let difference = Unexplained {
        difference: Delta::whole(-1),
        since: at(3),
        explained: Some(OnHand::whole(10)),
        version: None,
    };
    let difference = Unexplained { version: Some(one.version + 1), ..difference };
    let found = LinkChange {
        org: ours.clone(),
        link: one.id.clone(),
        read: one.version,
        begin: None,
        seen: Some(reading(9, 3)),
        unexplained: Some(Some(difference)),
        margin: None,
        heard: false,
        guard: None,
    };
    assert_eq!(ledger.change_link(&found).await.unwrap(), Moved::Done);
    assert_eq!(ledger.change_link(&found).await.unwrap(), Moved::Done, "a second run finds its work done");
    let standing = read(ledger, &ours, &one.id).await;
    assert_eq!((standing.unexplained, standing.seen), (Some(difference), Some(reading(9, 3))));
    let other = LinkChange { seen: Some(reading(8, 4)), ..found.clone() };
    assert_eq!(ledger.change_link(&other).await.unwrap(), Moved::Raced);
    let later = LinkChange { read: standing.version, seen: None, unexplained: None, ..found.clone() };
    assert_eq!(ledger.change_link(&later).await.unwrap(), Moved::Done);
    let standing = read(ledger, &ours, &one.id).await;
    assert_eq!((standing.unexplained, standing.seen), (Some(difference), Some(reading(9, 3))), "untouched");
    let known = Some(difference);
    assert_eq!((standing.heard, standing.stands_still(Delta::whole(-1))), (0, known));
    assert_eq!(standing.stands_still(Delta::whole(-2)), None);
    // An order is heard of: what was noted before stands no more, what is noted afterwards does.
    let heard =
        LinkChange { read: standing.version, seen: None, unexplained: None, heard: true, ..found.clone() };
    assert_eq!(ledger.change_link(&heard).await.unwrap(), Moved::Done);
    assert_eq!(ledger.change_link(&heard).await.unwrap(), Moved::Done, "a second run finds its work done");
    let standing = read(ledger, &ours, &one.id).await;
    assert_eq!((standing.heard, standing.version), (heard.read + 1, heard.read + 1));
    assert_eq!((standing.unexplained, standing.stands_still(Delta::whole(-1))), (known, None));
    let noted = Unexplained { version: Some(standing.version + 1), ..difference };
    let anew =
        LinkChange { read: standing.version, seen: None, unexplained: Some(Some(noted)), ..found.clone() };
    assert_eq!(ledger.change_link(&anew).await.unwrap(), Moved::Done);
    let standing = read(ledger, &ours, &one.id).await;
    assert_eq!(standing.stands_still(Delta::whole(-1)), Some(noted));
    let settled = LinkChange { read: standing.version, seen: None, unexplained: Some(None), ..found.clone() };
    assert_eq!(ledger.change_link(&settled).await.unwrap(), Moved::Done);
    assert_eq!(read(ledger, &ours, &one.id).await.unexplained, None);
    let nobody = LinkChange { org: org(), ..found };
    assert_eq!(ledger.change_link(&nobody).await.unwrap(), Moved::Raced);
    assert_eq!(ledger.link(&nobody.org, &one.id).await.unwrap(), None, "nothing came into being");
}

pub(super) async fn settling(ledger: &dyn Ledger) {
    let (ours, _, one) = opened(ledger, "x", 10).await;
    let found = LinkChange {
        org: ours.clone(),
        link: one.id.clone(),
        read: one.version,
        begin: None,
        seen: Some(reading(12, 3)),
        unexplained: Some(Some(Unexplained {
            difference: Delta::whole(2),
            since: at(3),
            explained: None,
            version: None,
        })),
        margin: None,
        heard: false,
        guard: None,
    };
    ledger.change_link(&found).await.unwrap();
    let one = read(ledger, &ours, &one.id).await;
    let follow = Settlement {
        org: ours.clone(),
        link: one.id.clone(),
        read: one.version,
        explained: Delta::whole(2),
        entry: Some(entry(&one.item, "adopted", 2, 9)),
        voucher: Some(voucher(&one.item, "adopted", 9)),
        change: change(&ours, &one.item, "adopted", 9),
    };
    let early = Settlement { read: one.version - 1, ..follow.clone() };
    assert_eq!(ledger.settle(&early).await.unwrap(), Moved::Raced);
    for _ in 0..3 {
        assert_eq!(ledger.settle(&follow).await.unwrap(), Moved::Done, "a second call finds its work done");
    }
    let settled = read(ledger, &ours, &one.id).await;
    assert_eq!((settled.explained, settled.unexplained), (Some(OnHand::whole(12)), None));
    assert_eq!(sums(ledger, &ours, &one.item).await, (12, 0));
    assert!(ledger.outbox(&ours, 9).await.unwrap().contains(&follow.change));

    let trace = Settlement {
        read: settled.version,
        explained: Delta::whole(-3),
        entry: None,
        voucher: None,
        change: change(&ours, &one.item, "ours", 10),
        ..follow.clone()
    };
    assert_eq!(ledger.settle(&trace).await.unwrap(), Moved::Done);
    assert_eq!(read(ledger, &ours, &one.id).await.explained, Some(OnHand::whole(9)));
    assert_eq!(sums(ledger, &ours, &one.item).await, (12, 0), "the books stay");

    let standing = read(ledger, &ours, &one.id).await;
    let begin = LinkChange {
        read: standing.version,
        begin: Some(Inflight {
            write: write_id(),
            compare: OnHand::whole(9),
            value: OnHand::whole(8),
            at: at(11),
        }),
        seen: None,
        unexplained: None,
        ..found
    };
    ledger.change_link(&begin).await.unwrap();
    let blocked = Settlement {
        read: standing.version + 1,
        change: change(&ours, &one.item, "blocked", 12),
        ..trace.clone()
    };
    assert_eq!(ledger.settle(&blocked).await.unwrap(), Moved::Raced, "a write is in flight");
    let unopened = link(&ours, &store_id(), "y");
    ledger.put_link(&unopened).await.unwrap();
    let unopened = Settlement { link: unopened.id, read: 0, ..trace };
    assert_eq!(ledger.settle(&unopened).await.unwrap(), Moved::Raced, "it is not in the books");
}
