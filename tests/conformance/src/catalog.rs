//! The catalogue: newer replaces, the same only moves its mark, older stays out.

use domain::product::{Listing, Product, Stock, Variant};
use domain::{OnHand, OrgId, RemoteCustomerId, RemoteProductId, RemoteVariantId, RunId, StoreId};
use ports::{Ask, Catalog, ErrorKind, Put, Seen, Stored};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(catalog: &dyn Catalog) {
    newer_same_and_older(catalog).await;
    a_page_shows_a_record_twice(catalog).await;
    matches_stay(catalog).await;
    what_a_run_has_not_met(catalog).await;
    products_go_with_their_variants(catalog).await;
    what_is_gone_comes_back_when_it_is_met(catalog).await;
    a_product_is_its_own_variant(catalog).await;
    many_variants(catalog).await;
    writers_of_one_page(catalog).await;
    customers(catalog).await;
}

fn seen(seconds: i64, run: Option<&RunId>) -> Seen {
    Seen { at: at(seconds), run: run.cloned() }
}

fn put(stored: Stored, met_before: bool) -> Put {
    Put { stored, met_before }
}

fn pid(text: &str) -> RemoteProductId {
    RemoteProductId::new(text)
}

fn vid(text: &str) -> RemoteVariantId {
    RemoteVariantId::new(text)
}

async fn one(catalog: &dyn Catalog, org: &OrgId, store: &StoreId, product: &Product, seen: &Seen) -> Put {
    catalog.put_products(org, store, std::slice::from_ref(product), seen).await.unwrap()[0]
}

async fn newer_same_and_older(catalog: &dyn Catalog) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let first = product("1", 10);
    assert_eq!(one(catalog, &ours, &shop, &first, &seen(0, None)).await, put(Stored::Newer, false));
    assert_eq!(one(catalog, &ours, &shop, &first, &seen(1, None)).await, put(Stored::Same, false));
    let older = Product { title: "Older".into(), ..product("1", 9) };
    assert_eq!(one(catalog, &ours, &shop, &older, &seen(2, None)).await, put(Stored::Older, false));
    assert_eq!(catalog.product(&ours, &shop, &pid("1")).await.unwrap(), Some(first.clone()));
    let other = Product { title: "Same second".into(), ..first.clone() };
    assert_eq!(one(catalog, &ours, &shop, &other, &seen(3, None)).await, put(Stored::Newer, false));
    assert_eq!(catalog.product(&ours, &shop, &pid("1")).await.unwrap(), Some(other));
    let newer = Product { title: "Newer".into(), ..product("1", 11) };
    assert_eq!(one(catalog, &ours, &shop, &newer, &seen(4, None)).await, put(Stored::Newer, false));
    assert_eq!(catalog.product(&ours, &shop, &pid("1")).await.unwrap(), Some(newer));
    assert_eq!(catalog.product(&theirs, &shop, &pid("1")).await.unwrap(), None);
    assert_eq!(catalog.product(&ours, &store_id(), &pid("1")).await.unwrap(), None);
    assert!(catalog.put_products(&ours, &shop, &[], &seen(5, None)).await.unwrap().is_empty());
}

async fn a_page_shows_a_record_twice(catalog: &dyn Catalog) {
    let (ours, shop, run) = (org(), store_id(), run_id(0));
    let page = [
        product("a", 1),
        product("b", 1),
        Product { title: "Changed".into(), ..product("a", 2) },
        product("b", 1),
    ];
    let answers = catalog.put_products(&ours, &shop, &page, &seen(0, Some(&run))).await.unwrap();
    let expected = [
        put(Stored::Newer, false),
        put(Stored::Newer, false),
        put(Stored::Newer, true),
        put(Stored::Same, true),
    ];
    assert_eq!(answers, expected);
    let again = catalog.put_products(&ours, &shop, &page[1..2], &seen(1, Some(&run))).await.unwrap();
    assert_eq!(again, [put(Stored::Same, true)], "the run met it on the page before");
    let next = run_id(9);
    let anew = catalog.put_products(&ours, &shop, &page[1..2], &seen(9, Some(&next))).await.unwrap();
    assert_eq!(anew, [put(Stored::Same, false)]);
    assert_eq!(catalog.product(&ours, &shop, &pid("a")).await.unwrap(), Some(page[2].clone()));
}

async fn matches_stay(catalog: &dyn Catalog) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let item = item_id(&ours, "SKU-1");
    let first = variant("p", "1", 1);
    catalog.match_variant(&ours, &shop, &vid("early"), Some(&item)).await.unwrap();
    assert_eq!(
        catalog.variant(&ours, &shop, &vid("early")).await.unwrap(),
        None,
        "a match alone is no variant"
    );
    let early = variant("p", "early", 1);
    catalog.put_variants(&ours, &shop, &[first.clone(), early], &seen(0, None)).await.unwrap();
    let early = catalog.variant(&ours, &shop, &vid("early")).await.unwrap().unwrap();
    assert_eq!(early.item, Some(item.clone()));
    let (ours, shop) = (org(), store_id());
    catalog.put_variants(&ours, &shop, std::slice::from_ref(&first), &seen(0, None)).await.unwrap();
    catalog.match_variant(&ours, &shop, &vid("1"), Some(&item)).await.unwrap();
    let newer = Variant { stock: Stock::Tracked { level: OnHand::whole(-2) }, ..variant("p", "1", 2) };
    catalog.put_variants(&ours, &shop, std::slice::from_ref(&newer), &seen(3, None)).await.unwrap();
    let record = catalog.variant(&ours, &shop, &vid("1")).await.unwrap().unwrap();
    assert_eq!((record.item.as_ref(), &record.variant), (Some(&item), &newer));
    assert_eq!((record.store, record.seen, record.gone_at), (shop.clone(), seen(3, None), None));
    catalog.match_variant(&ours, &shop, &vid("1"), None).await.unwrap();
    assert_eq!(catalog.variant(&ours, &shop, &vid("1")).await.unwrap().unwrap().item, None);

    let ids = [vid("1"), vid("missing"), vid("1")];
    let found = catalog.variants_by_id(&ours, &shop, &ids[..2]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!(
        !catalog.variants_by_id(&ours, &shop, &ids).await.unwrap().is_empty(),
        "one asked for twice is no error"
    );
    assert!(catalog.variants_by_id(&theirs, &shop, &ids[..2]).await.unwrap().is_empty());
    assert!(catalog.variants_by_id(&ours, &shop, &[]).await.unwrap().is_empty());
    assert_eq!(catalog.variant(&theirs, &shop, &vid("1")).await.unwrap(), None);
}

async fn what_a_run_has_not_met(catalog: &dyn Catalog) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let (old, new) = (run_id(0), run_id(100));
    let products: Vec<Product> = (0..30).map(|number| product(&format!("{number:03}"), 1)).collect();
    let variants: Vec<Variant> = (0..30).map(|number| variant("p", &format!("{number:03}"), 1)).collect();
    catalog.put_products(&ours, &shop, &products, &seen(0, Some(&old))).await.unwrap();
    catalog.put_variants(&ours, &shop, &variants, &seen(0, Some(&old))).await.unwrap();
    catalog.put_products(&ours, &shop, &products[..20], &seen(100, Some(&new))).await.unwrap();
    catalog.put_variants(&ours, &shop, &variants[..20], &seen(100, Some(&new))).await.unwrap();
    // A webhook's state without a run leaves the run's mark, and so does an older page.
    catalog.put_products(&ours, &shop, &[product("003", 5)], &seen(120, None)).await.unwrap();
    catalog.put_products(&ours, &shop, &[product("024", 0)], &seen(121, Some(&new))).await.unwrap();
    catalog.remove_variant(&ours, &shop, &vid("025"), at(110), at(9_000_000)).await.unwrap().unwrap();

    let missing = all_of(4, |ask| {
        let (ours, shop, new) = (ours.clone(), shop.clone(), new.clone());
        async move { catalog.products_not_met(&ours, &shop, &new, &ask).await }
    })
    .await;
    let expected: Vec<_> = (20..30).filter(|one| *one != 24).map(|one| pid(&format!("{one:03}"))).collect();
    assert_eq!(missing, expected);
    let missing = all_of(4, |ask| {
        let (ours, shop, new) = (ours.clone(), shop.clone(), new.clone());
        async move { catalog.variants_not_met(&ours, &shop, &new, &ask).await }
    })
    .await;
    let expected: Vec<_> = (20..30).filter(|one| *one != 25).map(|one| vid(&format!("{one:03}"))).collect();
    assert_eq!(missing, expected);
    assert!(catalog.products_not_met(&theirs, &shop, &new, &Ask::first(9)).await.unwrap().items.is_empty());

    let listed = all_of(7, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { catalog.products(&ours, &shop, &ask).await }
    })
    .await;
    let ids: Vec<_> = listed.into_iter().map(|product| product.remote).collect();
    assert_eq!(
        ids,
        products.iter().map(|product| product.remote.clone()).collect::<Vec<_>>(),
        "by their ids"
    );
    let listed = all_of(7, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { catalog.variants(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(listed.len(), 30, "with those that are gone");
    assert!(catalog.products(&theirs, &shop, &Ask::first(9)).await.unwrap().items.is_empty());
    assert!(catalog.variants(&theirs, &shop, &Ask::first(9)).await.unwrap().items.is_empty());
    let foreign = Ask::after(2, catalog.products(&ours, &shop, &Ask::first(2)).await.unwrap().next);
    assert_eq!(catalog.products(&theirs, &shop, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
    assert_eq!(catalog.variants(&ours, &shop, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
}

async fn products_go_with_their_variants(catalog: &dyn Catalog) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let variants =
        [variant("p#1", "a", 1), variant("p#1", "b", 1), variant("p", "c", 1), variant("p#1", "d", 1)];
    catalog.put_products(&ours, &shop, &[product("p#1", 1), product("p", 1)], &seen(0, None)).await.unwrap();
    catalog.put_variants(&ours, &shop, &variants, &seen(0, None)).await.unwrap();
    catalog.put_variants(&ours, &shop, &[variant("p", "d", 2)], &seen(1, None)).await.unwrap();
    assert!(
        catalog.remove_product(&theirs, &shop, &pid("p#1"), at(9), at(9_000_000)).await.unwrap().is_empty()
    );
    let first = catalog.remove_variant(&ours, &shop, &vid("a"), at(8), at(9_000_000)).await.unwrap().unwrap();
    assert_eq!((first.variant.remote, first.gone_at), (vid("a"), Some(at(8))));
    assert_eq!(catalog.remove_variant(&ours, &shop, &vid("a"), at(9), at(9_000_000)).await.unwrap(), None);
    assert_eq!(catalog.remove_variant(&theirs, &shop, &vid("b"), at(9), at(9_000_000)).await.unwrap(), None);
    assert_eq!(
        catalog.remove_variant(&ours, &shop, &vid("nothing"), at(9), at(9_000_000)).await.unwrap(),
        None
    );
    let of = catalog.variants_of(&ours, &shop, &pid("p#1")).await.unwrap();
    let of: Vec<_> = of.into_iter().map(|record| (record.variant.remote, record.gone_at)).collect();
    assert_eq!(of, [(vid("a"), Some(at(8))), (vid("b"), None)], "its own, and those that are gone");
    assert!(catalog.variants_of(&theirs, &shop, &pid("p#1")).await.unwrap().is_empty());

    let gone = catalog.remove_product(&ours, &shop, &pid("p#1"), at(9), at(9_000_000)).await.unwrap();
    let gone: Vec<_> = gone.into_iter().map(|record| (record.variant.remote, record.gone_at)).collect();
    assert_eq!(gone, [(vid("b"), Some(at(9)))], "its own variants that were not gone before");
    assert!(
        catalog.remove_product(&ours, &shop, &pid("p#1"), at(9), at(9_000_000)).await.unwrap().is_empty()
    );
    assert_eq!(catalog.product(&ours, &shop, &pid("p#1")).await.unwrap().unwrap().listing, Listing::Removed);
    assert_eq!(catalog.product(&ours, &shop, &pid("p")).await.unwrap().unwrap().listing, Listing::Published);
    assert_eq!(catalog.variant(&ours, &shop, &vid("d")).await.unwrap().unwrap().gone_at, None);
    let late = catalog.remove_variant(&ours, &shop, &vid("c"), at(9), at(0)).await.unwrap();
    assert_eq!(late, None, "it was seen since");
    assert!(catalog.remove_product(&ours, &shop, &pid("p"), at(9), at(0)).await.unwrap().is_empty());
    assert_eq!(catalog.product(&ours, &shop, &pid("p")).await.unwrap().unwrap().listing, Listing::Published);
    assert!(
        catalog
            .remove_product(&ours, &shop, &pid("never seen"), at(9), at(9_000_000))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn what_is_gone_comes_back_when_it_is_met(catalog: &dyn Catalog) {
    let (ours, shop, run) = (org(), store_id(), run_id(0));
    let first = product("1", 1);
    one(catalog, &ours, &shop, &first, &seen(0, None)).await;
    catalog.remove_product(&ours, &shop, &pid("1"), at(10), at(9_000_000)).await.unwrap();
    let listing = || async { catalog.product(&ours, &shop, &pid("1")).await.unwrap().unwrap().listing };
    assert_eq!(one(catalog, &ours, &shop, &first, &seen(11, None)).await.stored, Stored::Same);
    assert_eq!(listing().await, Listing::Removed, "a repeated message brings nothing back");
    assert_eq!(one(catalog, &ours, &shop, &first, &seen(9, Some(&run))).await.stored, Stored::Same);
    assert_eq!(listing().await, Listing::Removed, "nor does a page that was read before");
    assert_eq!(one(catalog, &ours, &shop, &first, &seen(12, Some(&run))).await.stored, Stored::Newer);
    assert_eq!(listing().await, Listing::Published, "a full run that meets it does");
    catalog.remove_product(&ours, &shop, &pid("1"), at(20), at(9_000_000)).await.unwrap();
    assert_eq!(one(catalog, &ours, &shop, &product("1", 2), &seen(21, None)).await.stored, Stored::Newer);
    assert_eq!(listing().await, Listing::Published, "and so does a newer state");
    catalog.remove_product(&ours, &shop, &pid("1"), at(30), at(9_000_000)).await.unwrap();
    assert_eq!(one(catalog, &ours, &shop, &product("1", 3), &seen(28, None)).await.stored, Stored::Newer);
    assert_eq!(listing().await, Listing::Published, "though it was seen by a clock that is behind");
}

async fn a_product_is_its_own_variant(catalog: &dyn Catalog) {
    let (ours, shop) = (org(), store_id());
    catalog.put_products(&ours, &shop, &[product("7", 1), product("8", 1)], &seen(0, None)).await.unwrap();
    // The eighth has a variant with the id of another product: that one's going does not concern it.
    let variants = [variant("7", "7", 1), variant("7", "7a", 1), variant("8", "8", 1), variant("8", "9", 1)];
    catalog.put_variants(&ours, &shop, &variants, &seen(0, None)).await.unwrap();
    catalog.put_products(&ours, &shop, &[product("9", 1)], &seen(1, None)).await.unwrap();
    assert!(catalog.remove_product(&ours, &shop, &pid("9"), at(9), at(9_000_000)).await.unwrap().is_empty());
    assert_eq!(catalog.variants_of(&ours, &shop, &pid("7")).await.unwrap().len(), 2);
    assert!(catalog.variants_of(&ours, &shop, &pid("9")).await.unwrap().is_empty());
    let gone = catalog.remove_product(&ours, &shop, &pid("7"), at(9), at(9_000_000)).await.unwrap();
    let mut gone: Vec<_> = gone.into_iter().map(|record| record.variant.remote).collect();
    gone.sort();
    assert_eq!(gone, [vid("7"), vid("7a")]);
    for id in ["8", "9"] {
        assert_eq!(catalog.variant(&ours, &shop, &vid(id)).await.unwrap().unwrap().gone_at, None, "{id}");
    }
    // It moves to another product, and goes with that one.
    catalog.put_variants(&ours, &shop, &[variant("9", "8", 2)], &seen(10, None)).await.unwrap();
    assert!(catalog.variant(&ours, &shop, &vid("8")).await.unwrap().is_some_and(|one| one.gone_at.is_none()));
    let left = catalog.remove_product(&ours, &shop, &pid("8"), at(11), at(9_000_000)).await.unwrap();
    assert_eq!(left.into_iter().map(|record| record.variant.remote).collect::<Vec<_>>(), [vid("9")]);
    let moved = catalog.remove_product(&ours, &shop, &pid("9"), at(12), at(9_000_000)).await.unwrap();
    assert_eq!(moved.into_iter().map(|record| record.variant.remote).collect::<Vec<_>>(), [vid("8")]);
}

async fn many_variants(catalog: &dyn Catalog) {
    let (ours, shop, run) = (org(), store_id(), run_id(0));
    let variants: Vec<Variant> = (0..1000).map(|number| variant("big", &format!("{number:04}"), 1)).collect();
    catalog.put_products(&ours, &shop, &[product("big", 1)], &seen(0, Some(&run))).await.unwrap();
    let answers = catalog.put_variants(&ours, &shop, &variants, &seen(0, Some(&run))).await.unwrap();
    assert_eq!(answers, vec![put(Stored::Newer, false); 1000]);
    let answers = catalog.put_variants(&ours, &shop, &variants, &seen(1, Some(&run))).await.unwrap();
    assert_eq!(answers, vec![put(Stored::Same, true); 1000]);
    let ids: Vec<_> = variants.iter().map(|variant| variant.remote.clone()).collect();
    let found = catalog.variants_by_id(&ours, &shop, &ids).await.unwrap();
    assert_eq!(found.iter().map(|record| record.variant.clone()).collect::<Vec<_>>(), variants);
    let gone = catalog.remove_product(&ours, &shop, &pid("big"), at(9), at(9_000_000)).await.unwrap();
    assert_eq!(gone.len(), 1000);
}

async fn writers_of_one_page(catalog: &dyn Catalog) {
    let (ours, shop) = (org(), store_id());
    let pages: Vec<Vec<Product>> = (0..4)
        .map(|time| {
            (0..60)
                .map(|number| Product { title: format!("at {time}"), ..product(&number.to_string(), time) })
                .collect()
        })
        .collect();
    let (ours_, shop_) = (&ours, &shop);
    let writers = pages.iter().map(|page| async move {
        while catalog.put_products(ours_, shop_, page, &seen(0, None)).await.is_err() {}
    });
    futures::future::join_all(writers).await;
    for number in 0..60 {
        let stored = catalog.product(&ours, &shop, &pid(&number.to_string())).await.unwrap().unwrap();
        assert_eq!(stored.title, "at 3", "the newest stands, whoever wrote last");
    }
}

async fn customers(catalog: &dyn Catalog) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let (old, new) = (run_id(0), run_id(10));
    let all: Vec<_> = (0..5).map(|number| customer(&number.to_string(), 1)).collect();
    let answers = catalog.put_customers(&ours, &shop, &all, &seen(0, Some(&old))).await.unwrap();
    assert_eq!(answers, vec![put(Stored::Newer, false); 5]);
    catalog.put_customers(&ours, &shop, &all[..3], &seen(1, Some(&new))).await.unwrap();
    let missing = catalog.customers_not_met(&ours, &shop, &new, &Ask::first(9)).await.unwrap().items;
    assert_eq!(missing, [RemoteCustomerId::new("3"), RemoteCustomerId::new("4")]);
    let id = RemoteCustomerId::new("3");
    assert_eq!(catalog.customer(&ours, &shop, &id).await.unwrap(), Some(all[3].clone()));
    assert_eq!(catalog.customer(&theirs, &shop, &id).await.unwrap(), None);
    catalog.remove_customer(&theirs, &shop, &id).await.unwrap();
    assert!(catalog.customer(&ours, &shop, &id).await.unwrap().is_some());
    catalog.remove_customer(&ours, &shop, &id).await.unwrap();
    catalog.remove_customer(&ours, &shop, &id).await.unwrap();
    assert_eq!(catalog.customer(&ours, &shop, &id).await.unwrap(), None);
    let left = all_of(2, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { catalog.customers(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(left.len(), 4);
    assert!(catalog.customers(&theirs, &shop, &Ask::first(9)).await.unwrap().items.is_empty());
}
