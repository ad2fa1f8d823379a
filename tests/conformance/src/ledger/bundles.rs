//! Bundles: made of parts that stood as they were read, sold as their parts, and kept by orders as they were sold.

use domain::allocation::Allocation;
use domain::bundle::Part;
use domain::link::Link;
use domain::stock::{Effect, Entry, EntryKind};
use domain::{Delta, ItemId, LocationId, OnHand, OrgId, StoreId};
use ports::{Allot, Compose, Contain, Guard, Ledger, Moved, Movement, Opening, OrderRecord};

use super::{fenced, opened_in, opening, read, sums};
use crate::fixtures::*;

fn parts(of: &[(&ItemId, i64)]) -> Vec<Part> {
    let mut parts: Vec<Part> =
        of.iter().map(|(item, units)| Part { item: (*item).clone(), units: (*units).into() }).collect();
    parts.sort_by(|one, other| one.item.cmp(&other.item));
    parts
}

/// The call that makes an item a bundle, as everything stands now.
async fn composing(ledger: &dyn Ledger, org: &OrgId, item: &ItemId, parts: Vec<Part>) -> Compose {
    let balance = ledger.balance(org, item).await.unwrap();
    let has = |parts: &[Part], item: &ItemId| parts.iter().any(|part| part.item == *item);
    let mut added = Vec::new();
    for part in parts.iter().filter(|part| !has(&balance.parts, &part.item)) {
        let version = ledger.balance(org, &part.item).await.unwrap().version;
        added.push(Guard { item: part.item.clone(), version });
    }
    let old = balance.parts.iter().map(|part| part.item.clone());
    Compose {
        org: org.clone(),
        item: item.clone(),
        read: balance.version,
        added,
        removed: old.filter(|item| !has(&parts, item)).collect(),
        parts,
        change: change(org, item, &format!("composed {}", balance.version), 5),
    }
}

async fn compose(ledger: &dyn Ledger, org: &OrgId, item: &ItemId, of: &[(&ItemId, i64)]) -> Vec<Part> {
    let call = composing(ledger, org, item, parts(of)).await;
    assert_eq!(ledger.compose(&call).await.unwrap(), Moved::Done);
    call.parts
}

async fn used_in(ledger: &dyn Ledger, org: &OrgId, item: &ItemId) -> u64 {
    ledger.balance(org, item).await.unwrap().used_in
}

async fn following(ledger: &dyn Ledger, org: &OrgId, item: &ItemId) -> Vec<Link> {
    let mut links = ledger.followers(org, item).await.unwrap();
    links.sort_by(|one, other| one.id.cmp(&other.id));
    links
}

fn sorted(mut links: Vec<Link>) -> Vec<Link> {
    links.sort_by(|one, other| one.id.cmp(&other.id));
    links
}

/// A merchant with a bundle and two items, in the books.
struct Kit {
    org: OrgId,
    shop: StoreId,
    kit: Link,
    cup: Link,
    tea: Link,
}

async fn kit(ledger: &dyn Ledger) -> Kit {
    let (org, shop) = (org(), store_id());
    let cup = opened_in(ledger, &org, &shop, "cup", 10).await;
    let tea = opened_in(ledger, &org, &shop, "tea", 20).await;
    let kit = opened_in(ledger, &org, &shop, "kit", 0).await;
    Kit { org, shop, kit, cup, tea }
}

pub(super) async fn making(ledger: &dyn Ledger) {
    let Kit { org: ours, kit, cup, tea, .. } = kit(ledger).await;
    let call = composing(ledger, &ours, &kit.item, parts(&[(&cup.item, 1), (&tea.item, 3)])).await;
    let theirs = org();
    assert_eq!(
        ledger.compose(&Compose { read: call.read + 1, ..call.clone() }).await.unwrap(),
        Moved::Raced,
        "the bundle moved"
    );
    let mut late = call.clone();
    late.added[1].version += 1;
    assert_eq!(ledger.compose(&late).await.unwrap(), Moved::Raced, "a part moved");
    let before = [&kit, &cup, &tea].map(|link| link.item.clone());
    for item in &before {
        let balance = ledger.balance(&ours, item).await.unwrap();
        assert_eq!((balance.parts.len(), balance.used_in), (0, 0), "what is refused leaves nothing");
    }
    let version = ledger.balance(&ours, &cup.item).await.unwrap().version;
    assert_eq!(ledger.compose(&call).await.unwrap(), Moved::Done);
    assert_eq!(ledger.compose(&call).await.unwrap(), Moved::Raced, "all of it moved since");
    let balance = ledger.balance(&ours, &kit.item).await.unwrap();
    assert_eq!((balance.parts, balance.version), (call.parts.clone(), call.read + 1));
    let part = ledger.balance(&ours, &cup.item).await.unwrap();
    assert_eq!((part.used_in, part.version, part.on_hand), (1, version + 1, OnHand::whole(10)));
    assert!(ledger.outbox(&ours, 50).await.unwrap().contains(&call.change));

    // What follows a part: its own links and those of its bundles; a bundle's own follow only the bundle.
    assert_eq!(ledger.bundles_of(&ours, &cup.item).await.unwrap(), std::slice::from_ref(&kit.item));
    assert_eq!(ledger.bundles_of(&ours, &kit.item).await.unwrap(), []);
    assert_eq!(ledger.bundles_of(&theirs, &cup.item).await.unwrap(), []);
    assert_eq!(following(ledger, &ours, &cup.item).await, sorted(vec![kit.clone(), cup.clone()]));
    assert_eq!(following(ledger, &ours, &kit.item).await, std::slice::from_ref(&kit));
    assert_eq!(following(ledger, &theirs, &cup.item).await, []);
    assert_eq!(
        ledger.links_of(&ours, &cup.item).await.unwrap(),
        std::slice::from_ref(&cup),
        "the bundle is no link of it"
    );

    // Other units, another part, and apart again.
    let other = compose(ledger, &ours, &kit.item, &[(&cup.item, 2)]).await;
    assert_eq!(ledger.balance(&ours, &kit.item).await.unwrap().parts, other);
    assert_eq!((used_in(ledger, &ours, &cup.item).await, used_in(ledger, &ours, &tea.item).await), (1, 0));
    assert_eq!(following(ledger, &ours, &tea.item).await, std::slice::from_ref(&tea));
    compose(ledger, &ours, &kit.item, &[]).await;
    assert_eq!(ledger.balance(&ours, &kit.item).await.unwrap().parts, []);
    assert_eq!(used_in(ledger, &ours, &cup.item).await, 0);
    assert_eq!(ledger.bundles_of(&ours, &cup.item).await.unwrap(), []);
    assert_eq!(following(ledger, &ours, &cup.item).await, [cup]);
}

/// A movement of a bundle's effect, moving these parts.
fn sale(
    record: &OrderRecord,
    link: &Link,
    (old, new): (Effect, Effect),
    read: u64,
    parts: &[Part],
) -> Movement {
    let plain = movement(record, link, old, new, read);
    let of_part = |part: &Part| {
        let movements = old.of_part(part.units).movements_to(new.of_part(part.units));
        let entry = |(kind, on_hand, reserved): (EntryKind, Delta, Delta)| Entry {
            kind,
            on_hand,
            reserved,
            ..entry(&part.item, &format!("{} {read} {kind:?}", record.id), 0, 2)
        };
        movements.into_iter().map(entry).collect::<Vec<_>>()
    };
    let change = plain.change.map(|change| domain::work::Change {
        also: parts.iter().map(|part| part.item.clone()).collect(),
        ..change
    });
    Movement { entries: parts.iter().flat_map(of_part).collect(), parts: parts.to_vec(), change, ..plain }
}

pub(super) async fn selling(ledger: &dyn Ledger) {
    let Kit { org: ours, shop, kit, cup, tea } = kit(ledger).await;
    let first = compose(ledger, &ours, &kit.item, &[(&cup.item, 1), (&tea.item, 3)]).await;
    let record = fenced(ledger, &ours, &shop, "1", &kit.item).await;
    let none = Effect::default();
    let two = effect(2, 0, 2);
    let plain = movement(&record, &kit, none, two, 0);
    assert_eq!(ledger.book(&plain).await.unwrap(), Moved::Raced, "a bundle is not sold as an item");
    let wrong = parts(&[(&cup.item, 2)]);
    let call = sale(&record, &kit, (none, two), 0, &wrong);
    assert_eq!(ledger.book(&call).await.unwrap(), Moved::Raced, "it is made of something else");
    let call = sale(&record, &kit, (none, two), 0, &first);
    for _ in 0..3 {
        assert_eq!(ledger.book(&call).await.unwrap(), Moved::Done, "a second run finds its work done");
    }
    assert_eq!(sums(ledger, &ours, &cup.item).await, (10, 2));
    assert_eq!(sums(ledger, &ours, &tea.item).await, (20, 6));
    assert_eq!(sums(ledger, &ours, &kit.item).await, (0, 0));
    let link = read(ledger, &ours, &kit.id).await;
    assert_eq!((link.explained, link.sold), (Some(OnHand::whole(-2)), Delta::whole(2)));
    let effects = ledger.effects(&ours, &record.id).await.unwrap();
    assert_eq!((effects[0].effect, &effects[0].parts), (two, &first));
    assert_eq!(effects.len(), 1, "one effect, whatever it moves");
    let told = ledger.outbox(&ours, 50).await.unwrap();
    assert!(told.contains(call.change.as_ref().unwrap()), "with the parts that moved: {told:?}");

    // The bundle is made of something else by now; the order keeps what it was sold.
    let second = compose(ledger, &ours, &kit.item, &[(&cup.item, 2)]).await;
    let sent = Movement { chosen: false, ..sale(&record, &kit, (two, effect(0, 2, 2)), 1, &first) };
    for _ in 0..2 {
        assert_eq!(ledger.book(&sent).await.unwrap(), Moved::Done);
    }
    assert_eq!(sums(ledger, &ours, &cup.item).await, (8, 0));
    assert_eq!(sums(ledger, &ours, &tea.item).await, (14, 0));
    let other = fenced(ledger, &ours, &shop, "2", &kit.item).await;
    let call = sale(&other, &kit, (none, effect(1, 0, 1)), 0, &second);
    assert_eq!(ledger.book(&call).await.unwrap(), Moved::Done);
    assert_eq!(
        (sums(ledger, &ours, &cup.item).await, sums(ledger, &ours, &tea.item).await),
        ((8, 2), (14, 0))
    );

    // What is taken apart is an item again, and an order of before still moves the parts.
    compose(ledger, &ours, &kit.item, &[]).await;
    let back = Movement { chosen: false, ..sale(&other, &kit, (effect(1, 0, 1), none), 1, &second) };
    assert_eq!(ledger.book(&back).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &cup.item).await, (8, 0));
    let third = fenced(ledger, &ours, &shop, "3", &kit.item).await;
    let call = sale(&third, &kit, (none, effect(1, 0, 1)), 0, &second);
    assert_eq!(ledger.book(&call).await.unwrap(), Moved::Raced, "it is no bundle any more");
    let plain = movement(&third, &kit, none, effect(1, 0, 1), 0);
    assert_eq!(ledger.book(&plain).await.unwrap(), Moved::Done);
    assert_eq!(sums(ledger, &ours, &kit.item).await, (0, 1));
    let mut stray = sale(&third, &kit, (effect(1, 0, 1), none), 1, &second);
    stray.entries[0].item = tea.item;
    assert_eq!(ledger.book(&stray).await.unwrap_err().kind, ports::ErrorKind::Refused);
}

pub(super) async fn joining(ledger: &dyn Ledger) {
    let Kit { org: ours, kit, cup, tea, .. } = kit(ledger).await;
    let made = compose(ledger, &ours, &kit.item, &[(&cup.item, 1), (&tea.item, 3)]).await;
    let later = store_id();
    let link = link(&ours, &later, "kit");
    ledger.put_link(&link).await.unwrap();
    let record = fenced(ledger, &ours, &later, "1", &kit.item).await;
    let contain = Contain {
        org: ours.clone(),
        order: record.id.clone(),
        fence: record.order.fence.clone(),
        digest: record.digest.clone(),
        link: link.id.clone(),
        item: link.item.clone(),
        read: 0,
        effect: effect(2, 0, 2),
        location: LocationId::main(),
        parts: made.clone(),
        chosen: true,
        voucher: step(&record, &link, Effect::default(), effect(2, 0, 2), 0),
        owed: Delta::whole(2),
    };
    let composing = composing(ledger, &ours, &kit.item, parts(&[(&cup.item, 5)])).await;
    let plain = Contain { parts: Vec::new(), ..contain.clone() };
    assert_eq!(ledger.contain(&plain).await.unwrap(), Moved::Raced, "it is a bundle");
    for _ in 0..2 {
        assert_eq!(ledger.contain(&contain).await.unwrap(), Moved::Done);
    }
    assert_eq!(ledger.effects(&ours, &record.id).await.unwrap()[0].parts, made);
    assert_eq!(
        ledger.compose(&composing).await.unwrap(),
        Moved::Raced,
        "what it is made of was decided without these units"
    );

    let standing = read(ledger, &ours, &link.id).await;
    let counted = opening(&standing, 7, true);
    assert_eq!(ledger.open(&counted).await.unwrap(), Moved::Raced, "a bundle has no stock of its own");
    let owed = |part: &Part| Entry {
        kind: EntryKind::Opening,
        on_hand: Delta::new(part.units * rust_decimal::Decimal::TWO),
        reserved: Delta::new(part.units * rust_decimal::Decimal::TWO),
        ..entry(&part.item, &format!("owed through {}", link.id), 0, 2)
    };
    let open = Opening {
        entry: None,
        of_parts: made.iter().map(owed).collect(),
        parts: made.clone(),
        ..opening(&standing, 7, false)
    };
    let other = Opening { parts: parts(&[(&cup.item, 1)]), of_parts: Vec::new(), ..open.clone() };
    assert_eq!(ledger.open(&other).await.unwrap(), Moved::Raced, "it is made of something else");
    for _ in 0..2 {
        assert_eq!(ledger.open(&open).await.unwrap(), Moved::Done, "a second run finds its work done");
    }
    assert_eq!(read(ledger, &ours, &link.id).await.explained, Some(OnHand::whole(7)));
    assert_eq!(sums(ledger, &ours, &kit.item).await, (0, 0));
    assert_eq!(sums(ledger, &ours, &cup.item).await, (12, 2), "what may be sold did not move");
    assert_eq!(sums(ledger, &ours, &tea.item).await, (26, 6));
}

/// Units of a bundle or of a part cannot belong to one link.
pub(super) async fn shared(ledger: &dyn Ledger) {
    let Kit { org: ours, kit, cup, tea, .. } = kit(ledger).await;
    compose(ledger, &ours, &kit.item, &[(&cup.item, 1)]).await;
    let give = |link: &Link| Allot {
        org: ours.clone(),
        link: link.id.clone(),
        item: link.item.clone(),
        read: link.version,
        allocation: Some(Allocation::Quota { until: Delta::whole(1), since: at(2) }),
        change: change(&ours, &link.item, &format!("allotted {}", link.id), 0),
    };
    for link in [&kit, &cup] {
        assert_eq!(ledger.allot(&give(link)).await.unwrap(), Moved::Raced, "{}", link.sku);
        assert!(!ledger.balance(&ours, &link.item).await.unwrap().divided);
    }
    assert_eq!(ledger.allot(&give(&tea)).await.unwrap(), Moved::Done);
    compose(ledger, &ours, &kit.item, &[]).await;
    assert_eq!(ledger.allot(&give(&cup)).await.unwrap(), Moved::Done, "it is a part of nothing any more");
}
