//! Claims: what nobody else claims is kept, linked and matched in one step; all else is left to a closer look.

use domain::link::{Link, Listed};
use domain::product::{Sku, Variant};
use domain::{OrgId, RemoteVariantId, StoreId};
use ports::{Catalog, Claim, Claimed, Ledger, Seen, Written};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite<T: Catalog + Ledger>(table: &T) {
    two_stores(table).await;
    one_store_twice(table).await;
    what_moved_meanwhile(table).await;
    what_was_kept_before(table).await;
    stores_at_the_same_time(table).await;
    variants_at_the_same_time(table).await;
}

fn named(sku: &str, id: &str, seconds: i64) -> Variant {
    Variant { sku: Sku::read(sku), ..variant(&format!("p-{id}"), id, seconds) }
}

fn claim(org: &OrgId, store: &StoreId, variant: &Variant) -> Claim {
    let sku = variant.sku.clone().unwrap();
    let item = item(org, sku.as_str());
    let listed = Listed { variant: variant.remote.clone(), product: variant.product.clone(), sku };
    let link = Link::new(org.clone(), store.clone(), item.id.clone(), listed);
    Claim { variant: variant.clone(), item, link }
}

async fn stored<T: Catalog>(table: &T, org: &OrgId, store: &StoreId, variants: &[Variant]) {
    table.put_variants(org, store, variants, &Seen { at: at(0), run: None }).await.unwrap();
}

/// Stores variants and claims their SKUs.
async fn claimed<T: Catalog + Ledger>(
    table: &T,
    org: &OrgId,
    store: &StoreId,
    variants: &[Variant],
) -> Vec<Claimed> {
    stored(table, org, store, variants).await;
    let claims: Vec<Claim> = variants.iter().map(|variant| claim(org, store, variant)).collect();
    table.claim(&claims).await.unwrap()
}

async fn matched<T: Catalog>(table: &T, org: &OrgId, store: &StoreId, id: &str) -> Option<domain::ItemId> {
    table.variant(org, store, &RemoteVariantId::new(id)).await.unwrap().unwrap().item
}

async fn two_stores<T: Catalog + Ledger>(table: &T) {
    let (ours, theirs) = (org(), org());
    let variants: Vec<Variant> =
        (0..45).map(|number| named(&format!("S{number}"), &number.to_string(), 1)).collect();
    let (first, second) = (store_id(), store_id());
    assert!(table.claim(&[]).await.unwrap().is_empty());
    for (place, store) in [&first, &second].into_iter().enumerate() {
        assert_eq!(claimed(table, &ours, store, &variants).await, vec![Claimed::Done; 45]);
        for variant in &variants {
            let claim = claim(&ours, store, variant);
            assert_eq!(table.item(&ours, &claim.item.id).await.unwrap(), Some(claim.item.clone()));
            assert_eq!(table.link(&ours, &claim.link.id).await.unwrap(), Some(claim.link));
            assert_eq!(
                matched(table, &ours, store, variant.remote.as_str()).await,
                Some(claim.item.id.clone())
            );
            assert_eq!(table.links_of(&ours, &claim.item.id).await.unwrap().len(), place + 1);
        }
        let names = table.links_of_store(&ours, store, &ports::Ask::first(100)).await.unwrap();
        assert_eq!(names.items.len(), 45);
        assert_eq!(
            claimed(table, &ours, store, &variants).await,
            vec![Claimed::Contested; 45],
            "once is done"
        );
    }
    let all: Vec<Claim> = variants.iter().map(|variant| claim(&ours, &first, variant)).collect();
    let mut ids: Vec<_> = all.iter().map(|claim| claim.link.id.clone()).collect();
    ids.insert(1, link(&ours, &first, "nowhere").id);
    let links = table.links(&ours, &ids).await.unwrap();
    assert_eq!(links, all.iter().map(|claim| claim.link.clone()).collect::<Vec<_>>());
    assert!(table.links(&theirs, &ids).await.unwrap().is_empty());
    assert!(table.links(&ours, &[]).await.unwrap().is_empty());
    assert_eq!(table.item(&theirs, &all[0].item.id).await.unwrap(), None);
}

async fn one_store_twice<T: Catalog + Ledger>(table: &T) {
    let (ours, shop, other) = (org(), store_id(), store_id());
    let page = [named("A", "1", 1), named("B", "2", 1), named("A", "3", 1)];
    let expected = [Claimed::Done, Claimed::Done, Claimed::Contested];
    assert_eq!(claimed(table, &ours, &shop, &page).await, expected);
    assert_eq!(matched(table, &ours, &shop, "3").await, None);
    assert_eq!(claimed(table, &ours, &shop, &[named("B", "4", 1)]).await, [Claimed::Contested]);
    assert_eq!(table.links_of(&ours, &item_id(&ours, "B")).await.unwrap().len(), 1);
    // A link that was kept without a claim counts like any other.
    let third = claim(&ours, &other, &named("A", "9", 1));
    assert_eq!(table.put_link(&third.link).await.unwrap(), Written::Done);
    assert_eq!(table.put_link(&third.link).await.unwrap(), Written::Raced);
    assert_eq!(claimed(table, &ours, &other, &[named("A", "5", 1)]).await, [Claimed::Contested]);
}

async fn what_moved_meanwhile<T: Catalog + Ledger>(table: &T) {
    let (ours, shop) = (org(), store_id());
    let page = [named("A", "1", 1), named("B", "2", 1), named("C", "3", 1), named("D", "4", 1)];
    stored(table, &ours, &shop, &page).await;
    stored(table, &ours, &shop, &[named("A2", "1", 2)]).await;
    table.remove_variant(&ours, &shop, &RemoteVariantId::new("3"), at(9), at(9_000_000)).await.unwrap();
    let mut claims: Vec<Claim> = page.iter().map(|variant| claim(&ours, &shop, variant)).collect();
    claims.push(claim(&ours, &shop, &named("E", "never stored", 1)));
    let expected = [Claimed::Contested, Claimed::Done, Claimed::Contested, Claimed::Done, Claimed::Contested];
    assert_eq!(table.claim(&claims).await.unwrap(), expected);
    for place in [0, 2, 4] {
        assert_eq!(table.item(&ours, &claims[place].item.id).await.unwrap(), None, "nothing was done");
        assert_eq!(table.link(&ours, &claims[place].link.id).await.unwrap(), None);
    }
    assert_eq!(matched(table, &ours, &shop, "1").await, None);
    assert_eq!(matched(table, &ours, &shop, "4").await, Some(claims[3].item.id.clone()));
    let ids = ["2", "4", "4", "early"].map(RemoteVariantId::new);
    table.unmatch_variants(&ours, &shop, &ids).await.unwrap();
    assert_eq!(matched(table, &ours, &shop, "2").await, None);
    assert_eq!(matched(table, &ours, &shop, "4").await, None);
    assert_eq!(table.variant(&ours, &shop, &ids[3]).await.unwrap(), None);
    table.unmatch_variants(&ours, &shop, &[]).await.unwrap();
}

async fn what_was_kept_before<T: Catalog + Ledger>(table: &T) {
    let (ours, shop, other) = (org(), store_id(), store_id());
    // An item whose row does not tell its stores never will: its claims are looked at.
    table.put_item(&ours, &item(&ours, "A")).await.unwrap();
    assert_eq!(claimed(table, &ours, &shop, &[named("A", "1", 1)]).await, [Claimed::Contested]);
    assert_eq!(table.put_link(&claim(&ours, &shop, &named("A", "1", 1)).link).await.unwrap(), Written::Done);
    assert_eq!(claimed(table, &ours, &other, &[named("A", "1", 1)]).await, [Claimed::Contested]);
    // A link may come before its item.
    let early = claim(&ours, &shop, &named("B", "2", 1));
    assert_eq!(table.put_link(&early.link).await.unwrap(), Written::Done);
    assert_eq!(claimed(table, &ours, &shop, &[named("B", "2", 1)]).await, [Claimed::Contested]);
}

async fn stores_at_the_same_time<T: Catalog + Ledger>(table: &T) {
    let ours = org();
    let variants: Vec<Variant> =
        (0..60).map(|number| named(&format!("S{number}"), &number.to_string(), 1)).collect();
    let stores = [store_id(), store_id(), store_id()];
    let (ours_, variants_) = (&ours, &variants);
    let all = stores.iter().map(|store| claimed(table, ours_, store, variants_));
    let answers = futures::future::join_all(all).await;
    for variant in &variants {
        let item = item_id(&ours, variant.sku.as_ref().unwrap().as_str());
        let done: Vec<&StoreId> = stores
            .iter()
            .zip(&answers)
            .filter(|(_, answers)| {
                let place = variants.iter().position(|one| one == variant).unwrap();
                answers[place] == Claimed::Done
            })
            .map(|(store, _)| store)
            .collect();
        assert!(!done.is_empty(), "somebody is always first");
        let mut linked: Vec<StoreId> =
            table.links_of(&ours, &item).await.unwrap().into_iter().map(|link| link.store).collect();
        linked.sort();
        let mut done: Vec<StoreId> = done.into_iter().cloned().collect();
        done.sort();
        assert_eq!(linked, done, "a claim is done whole or not at all");
    }
}

async fn variants_at_the_same_time<T: Catalog + Ledger>(table: &T) {
    let (ours, shop) = (org(), store_id());
    let page = |side: &str| -> Vec<Variant> {
        (0..40).map(|number| named(&format!("S{number}"), &format!("{side}{number}"), 1)).collect()
    };
    let (left, right) = (page("l"), page("r"));
    let (one, other) =
        futures::join!(claimed(table, &ours, &shop, &left), claimed(table, &ours, &shop, &right));
    for (number, (one, other)) in one.iter().zip(&other).enumerate() {
        let done = [one, other].into_iter().filter(|claimed| **claimed == Claimed::Done).count();
        assert_eq!(done, 1, "one of two variants with the SKU S{number}");
    }
}
