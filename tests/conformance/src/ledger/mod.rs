//! The books: what is booked once stays booked once, whoever calls how often.

mod books;
mod bundles;
mod by_hand;
mod isolation;
mod links;
mod movements;
mod orders;
mod shares;
mod vouchers;

pub use isolation::nothing_of_ours_is_ever_theirs;

use domain::link::Link;
use domain::stock::{Balance, Entry};
use domain::{Delta, ItemId, LinkId, OnHand, OrgId, StoreId};
use ports::{Ledger, Moved, Opening, OrderRecord};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(ledger: &dyn Ledger) {
    books::items(ledger).await;
    books::corrections(ledger).await;
    books::the_outbox(ledger).await;
    bundles::making(ledger).await;
    bundles::selling(ledger).await;
    bundles::joining(ledger).await;
    bundles::shared(ledger).await;
    by_hand::once(ledger).await;
    by_hand::guarded(ledger).await;
    by_hand::carried(ledger).await;
    by_hand::locations(ledger).await;
    links::keeping(ledger).await;
    links::openings(ledger).await;
    links::writes(ledger).await;
    links::findings(ledger).await;
    links::settling(ledger).await;
    movements::booking(ledger).await;
    movements::containing(ledger).await;
    movements::races(ledger).await;
    movements::a_busy_item(ledger).await;
    orders::fences(ledger).await;
    orders::known(ledger).await;
    orders::erased(ledger).await;
    orders::fetched(ledger).await;
    orders::applying(ledger).await;
    orders::large(ledger).await;
    orders::crowds(ledger).await;
    orders::lists(ledger).await;
    orders::unmatched(ledger).await;
    shares::giving(ledger).await;
    shares::selling(ledger).await;
    shares::guarding(ledger).await;
    shares::measuring(ledger).await;
    vouchers::kept_with_their_steps(ledger).await;
    vouchers::listed_by_day(ledger).await;
}

/// A link that is in the books with a level, and its merchant and store.
async fn opened(ledger: &dyn Ledger, sku: &str, level: i64) -> (OrgId, StoreId, Link) {
    let (org, store) = (org(), store_id());
    let link = opened_in(ledger, &org, &store, sku, level).await;
    (org, store, link)
}

async fn opened_in(ledger: &dyn Ledger, org: &OrgId, store: &StoreId, sku: &str, level: i64) -> Link {
    ledger.put_item(org, &item(org, sku)).await.unwrap();
    let link = link(org, store, sku);
    ledger.put_link(&link).await.unwrap();
    let moved = ledger.open(&opening(&link, level, true)).await.unwrap();
    assert_eq!(moved, Moved::Done);
    read(ledger, org, &link.id).await
}

fn opening(link: &Link, level: i64, counts: bool) -> Opening {
    let cause = format!("opening of {}", link.id);
    Opening {
        org: link.org.clone(),
        link: link.id.clone(),
        item: link.item.clone(),
        read: link.version,
        level: reading(level, 1),
        entry: counts.then(|| entry(&link.item, &cause, level, 1)),
        parts: Vec::new(),
        of_parts: Vec::new(),
        voucher: counts.then(|| voucher(&link.item, &cause, 1)),
        change: change(&link.org, &link.item, &cause, 1),
    }
}

async fn read(ledger: &dyn Ledger, org: &OrgId, link: &LinkId) -> Link {
    ledger.link(org, link).await.unwrap().expect("the link is there")
}

async fn fenced(
    ledger: &dyn Ledger,
    org: &OrgId,
    store: &StoreId,
    remote: &str,
    item: &ItemId,
) -> OrderRecord {
    let record = order(org, store, remote, 1, 0);
    ledger.fence(&record, std::slice::from_ref(item), false).await.unwrap();
    record
}

/// What the entries of an item add up to, and what its balance says; they must be equal.
async fn sums(ledger: &dyn Ledger, org: &OrgId, item: &ItemId) -> (i64, i64) {
    let entries: Vec<Entry> = all_of(50, |ask| {
        let (org, item) = (org.clone(), item.clone());
        async move { ledger.entries(&org, &item, &ask).await }
    })
    .await;
    let on_hand: Delta = entries.iter().map(|entry| entry.on_hand).sum();
    let reserved: Delta = entries.iter().map(|entry| entry.reserved).sum();
    let balance: Balance = ledger.balance(org, item).await.unwrap();
    assert_eq!(balance.on_hand, OnHand::ZERO.moved(on_hand), "on hand equals the sum of its entries");
    assert_eq!(balance.reserved, reserved, "reserved equals the sum of its entries");
    let (whole, places) = ledger.at_locations(org, item).await.unwrap();
    assert_eq!(whole, balance);
    assert!(places.first().is_some_and(|main| main.location.is_main()), "the main location comes first");
    for place in &places {
        let there = || entries.iter().filter(|entry| entry.location == place.location);
        let on_hand: Delta = there().map(|entry| entry.on_hand).sum();
        let reserved: Delta = there().map(|entry| entry.reserved).sum();
        assert_eq!(place.on_hand, OnHand::ZERO.moved(on_hand), "on hand at {}", place.location);
        assert_eq!(place.reserved, reserved, "reserved at {}", place.location);
    }
    let known = |entry: &Entry| places.iter().any(|place| place.location == entry.location);
    assert!(entries.iter().all(known), "each location with entries is told");
    (on_hand.units().try_into().unwrap(), reserved.units().try_into().unwrap())
}
