//! Vouchers: kept with their step, not without it, and once.

use domain::link::Unexplained;
use domain::stock::Effect;
use domain::voucher::Voucher;
use domain::{Day, Delta, OrgId};
use jiff::{SignedDuration, Timestamp};
use ports::{Ask, Contain, ErrorKind, Handling, Ledger, LinkChange, Moved, Movement, Settlement};

use super::{fenced, opened, opening, read};
use crate::fixtures::*;

async fn kept(ledger: &dyn Ledger, org: &OrgId, day: Day, limit: u32) -> Vec<Voucher> {
    all_of(limit, |ask| {
        let org = org.clone();
        async move { ledger.vouchers(&org, day, &ask).await }
    })
    .await
}

async fn today(ledger: &dyn Ledger, org: &OrgId) -> Vec<Voucher> {
    kept(ledger, org, Day::of(at(0)), 50).await
}

pub(super) async fn kept_with_their_steps(ledger: &dyn Ledger) {
    // An opening, which comes twice, and one that gives no entry.
    let (ours, shop, one) = opened(ledger, "vouched", 10).await;
    let opened = voucher(&one.item, &format!("opening of {}", one.id), 1);
    assert_eq!(today(ledger, &ours).await, std::slice::from_ref(&opened));
    let other = link(&ours, &store_id(), "vouched");
    ledger.put_link(&other).await.unwrap();
    assert_eq!(ledger.open(&opening(&other, 3, false)).await.unwrap(), Moved::Done);
    // A count that another link gave already is not given again, and its document is not kept.
    let third = link(&ours, &store_id(), "vouched");
    ledger.put_link(&third).await.unwrap();
    let mut counted = opening(&third, 10, true);
    counted.entry = opening(&one, 10, true).entry;
    assert_eq!(ledger.open(&counted).await.unwrap(), Moved::Done);
    assert_eq!(today(ledger, &ours).await, std::slice::from_ref(&opened));

    // An order: refused steps leave nothing, repeated ones nothing more.
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    let sale = movement(&record, &one, Effect::default(), effect(2, 0, 2), 0);
    let raced = Movement { digest: "other content".into(), ..sale.clone() };
    assert_eq!(ledger.book(&raced).await.unwrap(), Moved::Raced);
    assert_eq!(today(ledger, &ours).await.len(), 1, "a step that is refused has no document");
    for _ in 0..3 {
        assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Done);
    }
    assert_eq!(today(ledger, &ours).await, [sale.voucher.clone(), opened.clone()], "the oldest first");

    // An order of a link that is not in the books yet.
    let late = link(&ours, &store_id(), "late");
    ledger.put_link(&late).await.unwrap();
    let waits = fenced(ledger, &ours, &late.store, "2", &late.item).await;
    let contain = Contain {
        org: ours.clone(),
        order: waits.id.clone(),
        fence: waits.order.fence.clone(),
        digest: waits.digest.clone(),
        link: late.id.clone(),
        item: late.item.clone(),
        read: 0,
        effect: effect(1, 0, 1),
        location: domain::LocationId::main(),
        parts: Vec::new(),
        chosen: true,
        voucher: step(&waits, &late, Effect::default(), effect(1, 0, 1), 0),
        owed: Delta::whole(1),
    };
    assert_eq!(ledger.contain(&Contain { read: 4, ..contain.clone() }).await.unwrap(), Moved::Raced);
    for _ in 0..2 {
        assert_eq!(ledger.contain(&contain).await.unwrap(), Moved::Done);
    }
    assert!(today(ledger, &ours).await.contains(&contain.voucher));
    assert_eq!(today(ledger, &ours).await.len(), 3);

    // What a person moved, what was corrected, what was settled.
    let handling = Handling {
        org: ours.clone(),
        item: one.item.clone(),
        read: Some(0),
        entries: vec![entry(&one.item, "by hand", 1, 20)],
        voucher: voucher(&one.item, "by hand", 20),
        change: None,
    };
    assert_eq!(ledger.handle(&handling).await.unwrap(), Moved::Raced);
    assert_eq!(today(ledger, &ours).await.len(), 3);
    let handling = Handling { read: None, ..handling };
    for _ in 0..2 {
        assert_eq!(ledger.handle(&handling).await.unwrap(), Moved::Done);
    }
    let (found, said) = (entry(&one.item, "found", 1, 30), change(&ours, &one.item, "found", 30));
    for _ in 0..2 {
        ledger.adjust(&ours, &found, &voucher(&one.item, "found", 30), &said).await.unwrap();
    }
    assert_eq!(today(ledger, &ours).await.len(), 5);
    let standing = read(ledger, &ours, &one.id).await;
    let odd = Unexplained { difference: Delta::whole(1), since: at(31), explained: None, version: None };
    let odd = LinkChange {
        org: ours.clone(),
        link: one.id.clone(),
        read: standing.version,
        begin: None,
        seen: Some(reading(9, 31)),
        unexplained: Some(Some(odd)),
        margin: None,
        heard: false,
        guard: None,
    };
    ledger.change_link(&odd).await.unwrap();
    let settlement = Settlement {
        org: ours.clone(),
        link: one.id.clone(),
        read: standing.version,
        explained: Delta::whole(1),
        entry: Some(entry(&one.item, "settled", 1, 40)),
        voucher: Some(voucher(&one.item, "settled", 40)),
        change: change(&ours, &one.item, "settled", 40),
    };
    assert_eq!(ledger.settle(&settlement).await.unwrap(), Moved::Raced);
    assert_eq!(today(ledger, &ours).await.len(), 5);
    let settlement = Settlement { read: standing.version + 1, ..settlement };
    for _ in 0..2 {
        assert_eq!(ledger.settle(&settlement).await.unwrap(), Moved::Done);
    }
    let all = today(ledger, &ours).await;
    assert_eq!(all.last(), settlement.voucher.as_ref());
    assert_eq!(all.len(), 6);
    assert!(today(ledger, &org()).await.is_empty());
}

pub(super) async fn listed_by_day(ledger: &dyn Ledger) {
    let (ours, theirs) = (org(), org());
    let id = item_id(&ours, "by day");
    let day: Day = "2026-11-20".parse().unwrap();
    let of_day = |seconds: i64| -> Timestamp { day.begins() + SignedDuration::from_secs(seconds) };
    let last = of_day(86_400) - SignedDuration::from_nanos(1);
    let times = [of_day(0), of_day(7), of_day(7), of_day(40_000), last, of_day(86_400), of_day(-1)];
    for (number, time) in times.into_iter().enumerate().rev() {
        let name = number.to_string();
        let document = Voucher { at: time, ..voucher(&id, &name, 0) };
        let (entry, said) = (entry(&id, &name, 1, 0), change(&ours, &id, &name, 0));
        ledger.adjust(&ours, &entry, &document, &said).await.unwrap();
    }
    for limit in [1, 2, 50] {
        let found: Vec<Timestamp> =
            kept(ledger, &ours, day, limit).await.into_iter().map(|document| document.at).collect();
        assert_eq!(found, times[..5], "those of the day in the order of their times, {limit} at a time");
    }
    assert_eq!(kept(ledger, &ours, day.next(), 50).await.len(), 1);
    assert!(kept(ledger, &theirs, day, 50).await.is_empty());
    let next = ledger.vouchers(&ours, day, &Ask::first(2)).await.unwrap().next;
    let foreign = Ask::after(2, next);
    assert_eq!(ledger.vouchers(&theirs, day, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
    assert_eq!(ledger.vouchers(&ours, day.next(), &foreign).await.unwrap_err().kind, ErrorKind::Refused);
}
