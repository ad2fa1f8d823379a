//! How many units a link may offer: given once, counted down by what is sold, and guarded by the balance.

use domain::Delta;
use domain::allocation::{Allocation, Buffer, Margin};
use domain::link::{Inflight, Link};
use ports::{Allot, Guard, Ledger, LinkChange, Moved};

use super::{OrgId, fenced, opened, opened_in, read};
use crate::fixtures::*;

fn quota(units: i64) -> Allocation {
    Allocation::Quota { until: Delta::whole(units), since: at(2) }
}

fn allot(org: &OrgId, link: &Link, allocation: Option<Allocation>) -> Allot {
    let cause = format!("allotted at {} of {}", link.version, link.id);
    Allot {
        org: org.clone(),
        link: link.id.clone(),
        item: link.item.clone(),
        read: link.version,
        allocation,
        change: change(org, &link.item, &cause, 0),
    }
}

pub(super) async fn giving(ledger: &dyn Ledger) {
    let (ours, _, one) = opened(ledger, "given", 10).await;
    assert_eq!((one.allocation, one.sold, one.margin), (None, Delta::ZERO, None));
    let before = ledger.balance(&ours, &one.item).await.unwrap();
    assert!(!before.divided);

    let capped = Allocation::Capped {
        at_most: domain::OnHand::whole(4),
        buffer: Buffer::Percent { percent: 10.into() },
    };
    let call = allot(&ours, &one, Some(capped));
    assert_eq!(ledger.allot(&call).await.unwrap(), Moved::Done);
    assert_eq!(ledger.allot(&call).await.unwrap(), Moved::Done, "a second run finds its work done");
    let link = read(ledger, &ours, &one.id).await;
    assert_eq!((link.allocation, link.version), (Some(capped), one.version + 1));
    let balance = ledger.balance(&ours, &one.item).await.unwrap();
    assert_eq!((balance.divided, balance.version), (false, before.version + 1), "computed writes are void");
    assert!(ledger.outbox(&ours, 50).await.unwrap().contains(&call.change));

    let late = Allot { allocation: None, change: change(&ours, &one.item, "late", 0), ..call.clone() };
    assert_eq!(ledger.allot(&late).await.unwrap(), Moved::Raced, "the link moved since");
    let theirs = Allot { org: org(), ..allot(&ours, &link, None) };
    assert_eq!(ledger.allot(&theirs).await.unwrap_or(Moved::Raced), Moved::Raced, "it is another merchant's");

    assert_eq!(ledger.allot(&allot(&ours, &link, Some(quota(7)))).await.unwrap(), Moved::Done);
    let link = read(ledger, &ours, &one.id).await;
    assert_eq!(link.allocation, Some(quota(7)));
    assert!(ledger.balance(&ours, &one.item).await.unwrap().divided);
    assert_eq!(ledger.allot(&allot(&ours, &link, None)).await.unwrap(), Moved::Done);
    let link = read(ledger, &ours, &one.id).await;
    assert_eq!(link.allocation, None);
    assert_eq!(ledger.links_of(&ours, &one.item).await.unwrap(), vec![link]);
}

pub(super) async fn selling(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "sold", 10).await;
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    // An order that the shop has not taken from its number yet is owed all the same.
    let steps = [(effect(0, 0, 0), effect(3, 0, 0), 3), (effect(3, 0, 0), effect(0, 3, 3), 3)];
    for (place, (old, new, sold)) in steps.into_iter().enumerate() {
        let call = movement(&record, &one, old, new, place as u64);
        assert_eq!(ledger.book(&call).await.unwrap(), Moved::Done);
        assert_eq!(ledger.book(&call).await.unwrap(), Moved::Done, "a second run finds its work done");
        assert_eq!(read(ledger, &ours, &one.id).await.sold, Delta::whole(sold));
    }
    let back = movement(&record, &one, effect(0, 3, 3), effect(0, 1, 1), 2);
    assert_eq!(ledger.book(&back).await.unwrap(), Moved::Done);
    let link = read(ledger, &ours, &one.id).await;
    assert_eq!((link.sold, link.explained), (Delta::whole(1), Some(domain::OnHand::whole(9))));
}

pub(super) async fn guarding(ledger: &dyn Ledger) {
    let (ours, shop, one) = opened(ledger, "guarded", 10).await;
    let other_shop = store_id();
    let other = opened_in(ledger, &ours, &other_shop, "guarded", 10).await;
    let begin = |link: &Link, version: u64| LinkChange {
        org: ours.clone(),
        link: link.id.clone(),
        read: link.version,
        begin: Some(Inflight {
            write: write_id(),
            compare: domain::OnHand::whole(10),
            value: domain::OnHand::whole(12),
            at: at(5),
        }),
        seen: None,
        unexplained: None,
        margin: None,
        heard: false,
        guard: Some(Guard { item: link.item.clone(), version }),
    };
    let version = ledger.balance(&ours, &one.item).await.unwrap().version;
    let first = begin(&one, version);
    assert_eq!(ledger.change_link(&first).await.unwrap(), Moved::Done);
    assert_eq!(ledger.change_link(&first).await.unwrap(), Moved::Done, "a second run finds its work done");
    let second = begin(&other, version);
    assert_eq!(ledger.change_link(&second).await.unwrap(), Moved::Raced, "of two, one is begun");
    assert_eq!(read(ledger, &ours, &other.id).await.inflight, None);

    let version = ledger.balance(&ours, &one.item).await.unwrap().version;
    let record = fenced(ledger, &ours, &shop, "1", &one.item).await;
    let fresh = read(ledger, &ours, &one.id).await;
    let sale = movement(&record, &fresh, effect(0, 0, 0), effect(1, 0, 1), 0);
    assert_eq!(ledger.book(&sale).await.unwrap(), Moved::Done);
    assert_eq!(ledger.change_link(&begin(&other, version)).await.unwrap(), Moved::Raced, "a sale was booked");
    let version = ledger.balance(&ours, &one.item).await.unwrap().version;
    assert_eq!(ledger.change_link(&begin(&other, version)).await.unwrap(), Moved::Done);
}

pub(super) async fn measuring(ledger: &dyn Ledger) {
    let (ours, _, one) = opened(ledger, "measured", 10).await;
    let margin = Margin { units: 2.into(), per_day: "14.25".parse().unwrap(), lag_millis: 90_000, at: at(9) };
    let change = LinkChange {
        org: ours.clone(),
        link: one.id.clone(),
        read: one.version,
        begin: None,
        seen: None,
        unexplained: None,
        margin: Some(margin),
        heard: false,
        guard: None,
    };
    assert_eq!(ledger.change_link(&change).await.unwrap(), Moved::Done);
    assert_eq!(ledger.change_link(&change).await.unwrap(), Moved::Done, "a second run finds its work done");
    let link = read(ledger, &ours, &one.id).await;
    assert_eq!((link.margin, link.version), (Some(margin), one.version + 1));
    let other = LinkChange { margin: Some(Margin { units: 3.into(), ..margin }), ..change };
    assert_eq!(ledger.change_link(&other).await.unwrap(), Moved::Raced);
}
