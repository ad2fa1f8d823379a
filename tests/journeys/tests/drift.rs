//! Drift as a merchant sees it: what we believe, what the shop shows, what is done, and settling it in one step.

use journeys::{Visitor, World, shop, until};
use serde_json::Value;
use simulators::woocommerce::Basket;

/// The numbers of a store that are not right.
async fn drift(world: &World, visitor: &Visitor, index: usize) -> Vec<Value> {
    let path = format!("/v1/stores/{}/drift?limit=50", world.stores[index]);
    let (status, answer) = visitor.get(world, &path).await;
    assert_eq!(status, 200, "{answer}");
    answer["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_number_is_waited_for_then_asked_about_and_settled_in_one_step() {
    let stock = [("A", 9), ("B", 9), ("C", 4)];
    let mut world = World::open(vec![shop(61, &stock), shop(62, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    assert!(drift(&world, &visitor, 0).await.is_empty(), "nothing differs yet");
    let page = visitor.page(&world, &format!("/stores/{}/drift", world.stores[0])).await;
    assert!(page.contains("None: the shop shows what its orders and our writes explain."), "{page}");

    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    world.all_show("A", 8).await;
    world.quiet().await;
    // Somebody types a number into the shop.
    world.shops[0].admin().set_stock(world.listed(0, "A"), 5);
    let waits = until("the difference is seen", || async {
        let rows = drift(&world, &visitor, 0).await;
        rows.into_iter().find(|row| row["will"]["do"] == "wait-for-orders")
    })
    .await;
    assert_eq!(
        (&waits["explained"], &waits["shows"]["level"], &waits["difference"]),
        (&"8".into(), &"5".into(), &"-3".into())
    );
    assert_eq!(waits["verdict"], "looking");
    assert!(waits["will"]["until"].is_string() && waits["settle"].is_null(), "{waits}");

    let asked = until("a person is asked", || async {
        let rows = drift(&world, &visitor, 0).await;
        rows.into_iter().find(|row| row["will"]["do"] == "ask-person")
    })
    .await;
    assert_eq!(asked["verdict"], "unexplained");
    let orders = asked["evidence"].as_array().unwrap().iter().filter(|one| one["is"] == "order");
    let moved: Vec<(&Value, &Value)> = orders.map(|one| (&one["explained"], &one["available"])).collect();
    assert_eq!(moved, [(&"-1".into(), &"-1".into())], "{asked}");
    assert!(asked["settle"]["shop"].as_str().unwrap().contains("from 8 to 5"), "{asked}");
    assert!(asked["settle"]["books"].as_str().unwrap().contains("from 5 to 8"), "{asked}");
    assert!(drift(&world, &visitor, 1).await.is_empty(), "the other shop is right");

    // The same for the item alone, and one step on the page.
    let (status, item) = visitor.get(&world, "/v1/items/A/drift").await;
    assert_eq!((status, item["standings"].as_array().unwrap().len()), (200, 2), "{item}");
    let page = visitor.page(&world, &format!("/stores/{}/drift", world.stores[0])).await;
    let action = format!("/settle/{}", asked["settle"]["exception"].as_str().unwrap());
    assert!(page.contains(&format!("action=\"{action}\"")), "{page}");
    let (status, to) = visitor.form(&world, &action, "right=shop").await;
    assert_eq!((status, to), (303, format!("/stores/{}/drift", world.stores[0])));
    world.all_show("A", 5).await;
    assert_eq!(world.available("A").await, 5);
    until("nothing differs any more", || async { drift(&world, &visitor, 0).await.is_empty().then_some(()) })
        .await;
    world.books_add_up("A").await;

    // Nobody settles what is not there, and another site's form is refused.
    assert_eq!(visitor.form(&world, &action, "right=shop").await.0, 409);
    let (status, _) = visitor.get(&world, "/v1/items/NOTHING/drift").await;
    assert_eq!(status, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_only_read_says_what_it_would_show() {
    let mut world = World::open(vec![shop(63, &[("A", 9)]), shop(64, &[("A", 9)])], 3600).await;
    for index in 0..2 {
        let store = world.connect(index).await;
        world.joined(&store).await;
    }
    let visitor = Visitor::of(&world);
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    until("the sale is booked", || async { (world.available("A").await == 7).then_some(()) }).await;
    world.quiet().await;
    let rows = drift(&world, &visitor, 1).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["explained"], &rows[0]["target"]), (&"9".into(), &"7".into()));
    assert_eq!(rows[0]["will"]["do"], "wait-for-owner");
    assert!(drift(&world, &visitor, 0).await.is_empty(), "its own sale is explained");
    world.stop().await;
}
