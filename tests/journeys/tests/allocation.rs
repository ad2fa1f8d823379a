//! Allocation as a merchant uses it: units of a shop's own, caps and buffers, and what cannot be given.

use journeys::{Visitor, World, shop, until};
use serde_json::{Value, json};
use simulators::woocommerce::Basket;

async fn allot(world: &World, visitor: &Visitor, sku: &str, index: usize, wish: &Value) -> (u16, Value) {
    visitor.put(world, &format!("/v1/items/{sku}/stores/{}/allocation", world.stores[index]), wish).await
}

async fn show(world: &World, sku: &str, numbers: [i64; 3]) {
    until(&format!("the shops show {numbers:?} of {sku}"), || async {
        ([0, 1, 2].map(|index| world.shows(index, sku)) == numbers).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn units_that_belong_to_shops_are_sold_there_and_nowhere_else() {
    let stock = [("A", 10)];
    let mut world = World::open(vec![shop(71, &stock), shop(72, &stock), shop(73, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);

    let (status, offer) = allot(&world, &visitor, "A", 0, &json!({"mode": "quota", "units": "4"})).await;
    assert_eq!((status, &offer["owns"], &offer["target"]), (200, &"4".into(), &"4".into()), "{offer}");
    // Nobody is given what belongs to another, and a refusal changes nothing.
    let (status, refused) = allot(&world, &visitor, "A", 1, &json!({"mode": "quota", "units": "7"})).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("6 may be sold"), "{refused}");
    let (status, _) = allot(&world, &visitor, "A", 1, &json!({"mode": "quota", "units": "3"})).await;
    assert_eq!(status, 200);
    show(&world, "A", [4, 3, 3]).await;
    world.quiet().await;

    // More buyers than units, in all shops, and no word between the shops until all have bought.
    let mut sold = [0; 3];
    for _ in 0..6 {
        for (index, sold) in sold.iter_mut().enumerate() {
            let buys = world.shops[index].buy(&Basket::of(world.listed(index, "A"), 1));
            *sold += i64::from(buys.is_ok());
        }
    }
    assert_eq!(sold, [4, 3, 3], "each shop sells what is its own, and all of it is sold");
    show(&world, "A", [0, 0, 0]).await;
    world.quiet().await;
    assert_eq!(world.available("A").await, 0);
    world.books_add_up("A").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caps_and_buffers_hold_units_back_and_give_them_back() {
    let stock = [("B", 10)];
    let mut world = World::open(vec![shop(74, &stock), shop(75, &stock), shop(76, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let (status, offer) = allot(&world, &visitor, "B", 0, &json!({"mode": "capped", "at_most": "2"})).await;
    assert_eq!((status, &offer["target"]), (200, &"2".into()), "{offer}");
    let path = format!("/v1/stores/{}/allocation", world.stores[1]);
    let (status, store) = visitor.put(&world, &path, &json!({"mode": "shared", "buffer": "25%"})).await;
    assert_eq!((status, &store["allocation"]["buffer"]), (200, &"25%".into()), "{store}");
    show(&world, "B", [2, 7, 10]).await;

    // A sale elsewhere is taken off what may be sold, and the buffer is a part of what is left.
    world.shops[2].buy(&Basket::of(world.listed(2, "B"), 4)).unwrap();
    show(&world, "B", [2, 4, 6]).await;
    world.quiet().await;

    // What is refused changes nothing.
    for (wish, status) in [
        (json!({"mode": "capped", "at_most": "-1"}), 422),
        (json!({"mode": "shared", "buffer": "120%"}), 422),
        (json!({"mode": "everything"}), 422),
    ] {
        let (found, refused) = allot(&world, &visitor, "B", 2, &wish).await;
        assert_eq!(found, status, "{wish}: {refused}");
        assert!(refused["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{refused}");
        if let Some(buffer) = wish["buffer"].as_str() {
            assert!(
                refused["detail"].as_str().unwrap().starts_with(&format!("`{buffer}` is no buffer")),
                "{refused}"
            );
        }
    }
    let (found, refused) = visitor.put(&world, &path, &json!({"mode": "quota", "units": "2"})).await;
    assert_eq!(found, 422, "{refused}");
    let (found, _) = visitor.get(&world, "/v1/items/NOTHING/offers").await;
    assert_eq!(found, 404);
    let (_, offers) = visitor.get(&world, "/v1/items/B/offers").await;
    let mut targets: Vec<&str> =
        offers["items"].as_array().unwrap().iter().map(|one| one["target"].as_str().unwrap()).collect();
    targets.sort_unstable();
    assert_eq!(targets, ["2", "4", "6"], "{offers}");

    let (status, _) = allot(&world, &visitor, "B", 0, &json!({"mode": "as-store"})).await;
    assert_eq!(status, 200);
    let (status, _) = visitor.put(&world, &path, &json!({"mode": "as-store"})).await;
    assert_eq!(status, 200);
    world.all_show("B", 6).await;
    world.books_add_up("B").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_each_shop_may_offer_and_changes_it() {
    let stock = [("C", 10)];
    let mut world = World::open(vec![shop(77, &stock), shop(78, &stock), shop(79, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let item = world.item("C");
    let own = format!("/items/{item}/why");
    let act = format!("/allot/items/{item}");
    let (_, offers) = visitor.get(&world, "/v1/items/C/offers").await;
    let link = |index: usize| {
        let of_store = |one: &&Value| one["store"] == world.stores[index].as_str();
        let offers = offers["items"].as_array().unwrap();
        offers.iter().find(of_store).unwrap()["link"].as_str().unwrap().to_owned()
    };
    let form = |index: usize, said: &str| format!("link={}&{said}", link(index));
    let led = (303, format!("{own}#offers"));

    for (index, said) in [(0, "mode=quota&units=4&buffer="), (1, "mode=shared&units=&buffer=50%25")] {
        assert_eq!(visitor.form(&world, &act, &form(index, said)).await, led, "{said}");
    }
    show(&world, "C", [4, 3, 6]).await;
    // Sent twice, it is the same.
    assert_eq!(visitor.form(&world, &act, &form(0, "mode=quota&units=4&buffer=")).await, led);
    world.quiet().await;
    let page = visitor.page(&world, &own).await;
    assert!(page.contains("svg class=\"shares\"") && page.contains("Shop 77 4, shared 6"), "{page}");

    // What is refused stands in its form with what was typed, and nothing is changed.
    for (index, said, status, why) in [
        (1, "mode=quota&units=9&buffer=", 409, "there are not 9 units to give"),
        (1, "mode=shared&units=&buffer=150%25", 422, "`150%` is no buffer"),
        (2, "mode=capped&units=few&buffer=", 422, "`few` is no number of units"),
        (2, "mode=capped&units=1.5&buffer=", 422, "units are a whole number"),
        (2, "mode=&units=&buffer=", 422, "choose what the shop offers"),
    ] {
        let (found, page) = visitor.form_of(&world, &act, &form(index, said), "same-origin").await;
        assert_eq!(found, status, "{said}: {page}");
        assert!(page.contains(why) && page.contains("Nothing was changed."), "{said}: {page}");
        assert!(page.contains(r#"<details class="moves" open"#), "{said}: {page}");
    }
    let foreign = format!("link={}&mode=shared", domain::LinkId::derive(&["another"]));
    assert_eq!(visitor.form_of(&world, &act, &foreign, "same-origin").await.0, 404);
    let elsewhere = form(2, "mode=quota&units=1&buffer=");
    assert_eq!(visitor.form_of(&world, &act, &elsewhere, "cross-site").await.0, 403);
    world.quiet().await;
    assert_eq!([0, 1, 2].map(|index| world.shows(index, "C")), [4, 3, 6]);

    // The shop that owns four loses units to a count: more are given than there are, and the page says so.
    let count = json!({"do": "count", "units": "3"});
    assert_eq!(visitor.post_once(&world, "/v1/stock/C/movements", &count, "c-1").await.0, 201);
    show(&world, "C", [3, 0, 0]).await;
    let page = visitor.page(&world, &own).await;
    assert!(page.contains("4 units belong to shops, and 3 may be sold: 1 too many."), "{page}");
    assert_eq!(visitor.form(&world, &act, &form(0, "mode=as-store")).await, led);
    show(&world, "C", [3, 1, 3]).await;

    // What a store says of all its items, on its own page.
    let (page_of, act) =
        (format!("/stores/{}", world.stores[2]), format!("/allot/stores/{}", world.stores[2]));
    let led = (303, format!("{page_of}#offers"));
    assert_eq!(visitor.form(&world, &act, "mode=capped&units=2&buffer=").await, led);
    show(&world, "C", [3, 1, 2]).await;
    let page = visitor.page(&world, &page_of).await;
    assert!(page.contains("all, at most 2"), "{page}");
    for (said, why) in
        [("mode=capped&units=-1", "units are a whole number"), ("mode=quota&units=1", "single links")]
    {
        let (status, page) = visitor.form_of(&world, &act, said, "same-origin").await;
        assert_eq!(status, 422, "{page}");
        assert!(page.contains(why) && page.contains("all, at most 2"), "{said}: {page}");
    }
    assert_eq!(visitor.form_of(&world, &act, "mode=as-store", "cross-site").await.0, 403);
    assert_eq!(visitor.form(&world, &act, "mode=as-store").await, led);
    show(&world, "C", [3, 1, 3]).await;
    world.books_add_up("C").await;
    world.stop().await;
}
