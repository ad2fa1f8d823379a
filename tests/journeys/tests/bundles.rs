//! Bundles: made of parts, sold as their parts, and shown by every shop as what the parts are enough for.

use hub::stores::Stores;
use journeys::{Visitor, World, shop, until};
use serde_json::{Value, json};
use simulators::woocommerce::Basket;

async fn shows(visitor: &Visitor, world: &World, sku: &str) -> (Value, Value) {
    let (status, recipe) = visitor.get(world, &format!("/v1/items/{sku}/parts")).await;
    assert_eq!(status, 200, "{recipe}");
    (recipe["available"].clone(), recipe["parts"].clone())
}

/// A shop joins, and its numbers are written from then on.
async fn joins(world: &mut World, shop: usize) {
    let store = world.connect(shop).await;
    world.joined(&store).await;
    let desk = world.desk();
    Stores::new(&desk.outside).start(&desk.org, &store).await.unwrap();
    world.quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_sold_as_its_parts_in_every_shop() {
    let goods = [("CUP", 6), ("TEA", 20), ("KIT", 0)];
    let mut world = World::open(vec![shop(97, &goods), shop(98, &goods)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let made = json!({"parts": [{"item": "CUP", "units": "2"}, {"item": "TEA", "units": "3"}]});
    let (status, recipe) = visitor.put(&world, "/v1/items/KIT/parts", &made).await;
    assert_eq!((status, &recipe["available"]), (200, &"3".into()), "{recipe}");
    assert_eq!(
        visitor.put(&world, "/v1/items/KIT/parts", &made).await.0,
        200,
        "a second time changes nothing"
    );
    world.all_show("KIT", 3).await;

    // What makes no bundle is refused, and says why.
    for (item, parts, status, why) in [
        ("KIT", json!([{"item": "KIT", "units": "1"}]), 422, "part of itself"),
        ("KIT", json!([{"item": "CUP", "units": "0"}]), 422, "above nothing"),
        ("KIT", json!([{"item": "CUP", "units": "1"}, {"item": "CUP", "units": "2"}]), 422, "named twice"),
        ("CUP", json!([{"item": "TEA", "units": "1"}]), 409, "is a part of 1 bundle"),
        ("TEA", json!([{"item": "KIT", "units": "1"}]), 409, "is a part of 1 bundle"),
        ("KIT", json!([{"item": "NONE", "units": "1"}]), 404, "item"),
    ] {
        let path = format!("/v1/items/{item}/parts");
        let (found, problem) = visitor.put(&world, &path, &json!({"parts": parts})).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert_eq!(found, status, "{problem}");
        assert!(detail.contains(why), "{problem}");
    }
    let received = json!({"do": "receive", "units": "1"});
    let (status, problem) = visitor.post_once(&world, "/v1/stock/KIT/movements", &received, "r").await;
    assert_eq!(status, 409, "{problem}");
    let quota = json!({"mode": "quota", "units": "1"});
    let path = format!("/v1/items/CUP/stores/{}/allocation", world.stores[0]);
    assert_eq!(visitor.put(&world, &path, &quota).await.0, 409, "units of a part belong to no shop alone");

    // One sale of a bundle and two cups: the parts are summed, and all shops follow.
    let items = vec![(world.listed(0, "KIT"), 1), (world.listed(0, "CUP"), 2)];
    let order = world.shops[0].buy(&Basket { items, ..Basket::default() }).unwrap();
    world.all_show("CUP", 2).await;
    world.all_show("TEA", 17).await;
    world.all_show("KIT", 1).await;
    assert_eq!((world.available("CUP").await, world.available("TEA").await), (2, 17));

    // A part that is sold alone takes the bundle with it, and one that comes in brings it back.
    world.shops[1].buy(&Basket::of(world.listed(1, "CUP"), 1)).unwrap();
    world.all_show("CUP", 1).await;
    world.all_show("KIT", 0).await;
    let came = json!({"do": "receive", "units": "5"});
    assert_eq!(visitor.post_once(&world, "/v1/stock/CUP/movements", &came, "d").await.0, 201);
    world.all_show("KIT", 3).await;

    // The bundle is made of something else by now: the order keeps what it was sold, and gives that back.
    let other = json!({"parts": [{"item": "CUP", "units": "1"}]});
    assert_eq!(visitor.put(&world, "/v1/items/KIT/parts", &other).await.0, 200);
    world.all_show("KIT", 6).await;
    assert!(world.shops[0].admin().cancel_order(order.id));
    world.all_show("CUP", 10).await;
    world.all_show("TEA", 20).await;
    world.all_show("KIT", 10).await;
    world.books_add_up("CUP").await;
    world.books_add_up("TEA").await;
    world.books_add_up("KIT").await;

    // The page tells what it is made of, and its form makes it anew; so does why.
    let (_, why) = visitor.get(&world, "/v1/items/KIT/why").await;
    assert_eq!((&why["recipe"]["available"], &why["adds_up"]), (&"10".into(), &true.into()), "{why}");
    let (_, why) = visitor.get(&world, "/v1/items/CUP/why").await;
    assert_eq!(why["recipe"]["used_in"][0]["sku"], "KIT", "{why}");
    let causes: Vec<&str> =
        why["entries"].as_array().unwrap().iter().filter_map(|entry| entry["cause"].as_str()).collect();
    assert!(causes.iter().any(|cause| cause.contains("in KIT")), "{causes:?}");
    let page = visitor.page(&world, "/items/KIT/why").await;
    assert!(page.contains("Made of") && page.contains("CUP 1"), "{page}");
    let action = format!("/bundle/{}", world.item("KIT"));
    let (status, _) = visitor.form(&world, &action, "parts=CUP%205%0D%0ATEA%202").await;
    assert_eq!(status, 303);
    world.all_show("KIT", 2).await;
    assert_eq!(visitor.form(&world, &action, "parts=KIT%201").await.0, 422);
    assert_eq!(shows(&visitor, &world, "KIT").await.0, "2");

    // Taken apart, it is an item again, of which nothing is there.
    assert_eq!(visitor.put(&world, "/v1/items/KIT/parts", &json!({"parts": []})).await.0, 200);
    world.all_show("KIT", 0).await;
    assert_eq!(shows(&visitor, &world, "KIT").await, (json!("0"), json!([])));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_joins_with_a_bundle_counts_none_of_it() {
    let first = [("CUP", 6), ("KIT", 4)];
    let mut world = World::open(vec![shop(99, &first), shop(100, &[("CUP", 6), ("KIT", 9)])], 3600).await;
    joins(&mut world, 0).await;
    let visitor = Visitor::of(&world);
    let made = json!({"parts": [{"item": "CUP", "units": "2"}]});
    let (status, problem) = visitor.put(&world, "/v1/items/KIT/parts", &made).await;
    assert_eq!(status, 409, "four of it are counted: {problem}");
    assert!(problem["detail"].as_str().unwrap().contains("no stock of its own"), "{problem}");
    let none = json!({"do": "count", "units": "0", "note": "it is made up when it is sold"});
    assert_eq!(visitor.post_once(&world, "/v1/stock/KIT/movements", &none, "c").await.0, 201);
    assert_eq!(visitor.put(&world, "/v1/items/KIT/parts", &made).await.0, 200);

    // What the second shop owes already was gone from its number before it joined.
    world.shops[1].buy(&Basket::of(world.listed(1, "KIT"), 1)).unwrap();
    joins(&mut world, 1).await;
    world.all_show("KIT", 3).await;
    assert_eq!(world.available("CUP").await, 6);
    let (_, item) = until("the order that was there is owed of the part", || async {
        let (status, item) = visitor.get(&world, "/v1/stock/CUP").await;
        (item["balance"]["reserved"] == "2").then_some((status, item))
    })
    .await;
    assert_eq!(item["balance"]["on_hand"], "8", "{item}");
    let order = world.shops[1].window().orders()[0].id;
    assert!(world.shops[1].admin().cancel_order(order));
    world.all_show("CUP", 8).await;
    world.all_show("KIT", 4).await;
    world.books_add_up("CUP").await;
    world.books_add_up("KIT").await;
    world.stop().await;
}
