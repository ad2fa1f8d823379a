//! A shadowed store: what would have been written is noted and none of it is sent.

use journeys::{Visitor, World, shop, until};
use serde_json::{Value, json};
use simulators::woocommerce::Basket;

async fn report(world: &World, visitor: &Visitor) -> Value {
    let (status, answer) = visitor.get(world, &format!("/v1/stores/{}/shadow", world.stores[1])).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Waits until the shadow tells so many lowerings, raises and prevented units.
async fn told(world: &World, visitor: &Visitor, lowered: u64, raised: u64, prevented: &str) -> Value {
    until(&format!("{lowered} lowered, {raised} raised, {prevented} prevented"), || async {
        let report = report(world, visitor).await;
        let total = &report["total"];
        let stands =
            total["lowered"] == lowered && total["raised"] == raised && total["units_prevented"] == prevented;
        stands.then_some(report)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shadow_notes_each_write_and_each_sale_that_it_would_have_prevented() {
    let mut world =
        World::open(vec![shop(81, &[("A", 3), ("B", 9)]), shop(82, &[("A", 3), ("B", 9)])], 3600).await;
    for index in 0..2 {
        let store = world.connect(index).await;
        world.joined(&store).await;
    }
    let visitor = Visitor::of(&world);
    let base = format!("/v1/stores/{}", world.stores[1]);
    assert!(report(&world, &visitor).await["shadowing"].is_null());
    let (status, store) = visitor.post(&world, &format!("{base}/shadow"), &json!({})).await;
    assert_eq!((status, &store["phase"]), (200, &"shadow".into()), "{store}");
    world.quiet().await;
    let first = told(&world, &visitor, 0, 0, "0").await;
    assert!(first["shadowing"]["until"].is_null());

    // All three are sold in the first shop: the second would have been lowered to none.
    let sold = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 3)).unwrap();
    let report_ = told(&world, &visitor, 1, 0, "0").await;
    let write = &report_["writes"][0];
    assert_eq!((&write["sku"], &write["from"], &write["to"]), (&"A".into(), &"3".into(), &"0".into()));
    assert!(write["cause"].as_str().unwrap().starts_with("order "), "{write}");
    assert_eq!(world.shows(1, "A"), 3, "nothing is written");

    // The shop tells when an order was placed to the second: one of the same second might have been placed before.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    // It shows three still, and sells two of them: these would have been prevented.
    let twice = world.shops[1].buy(&Basket::of(world.listed(1, "A"), 2)).unwrap();
    let report_ = told(&world, &visitor, 1, 0, "2").await;
    let sale = &report_["prevented"][0];
    assert_eq!((&sale["number"], &sale["units"]), (&twice.id.to_string().into(), &"2".into()), "{sale}");

    // The first shop's sale is called off: one unit is left of three, since two were sold here.
    world.shops[0].admin().cancel_order(sold.id);
    let report_ = told(&world, &visitor, 1, 1, "2").await;
    assert_eq!((&report_["writes"][0]["from"], &report_["writes"][0]["to"]), (&"0".into(), &"1".into()));

    // Its own sales of what is left need no write.
    world.shops[1].buy(&Basket::of(world.listed(1, "B"), 1)).unwrap();
    until("the sale is booked", || async { (world.available("B").await == 8).then_some(()) }).await;
    world.quiet().await;
    let page = visitor.page(&world, &format!("/stores/{}/shadow", world.stores[1])).await;
    assert!(page.contains("Sales of units that other shops had sold"), "{page}");
    let asked = world.shops[1].window().stock_log();
    assert!(asked.iter().all(|write| !write.by.starts_with("api:")), "{asked:?}");

    // It ends; writing begins; the report of it stays.
    let (_, store) = visitor.post(&world, &format!("{base}/stop"), &json!({})).await;
    assert_eq!(store["phase"], "read-only");
    assert!(report(&world, &visitor).await["shadowing"]["until"].is_string());
    assert_eq!(visitor.post(&world, &format!("{base}/start"), &json!({})).await.0, 200);
    until("the shop follows in earnest", || async { (world.shows(1, "A") == 1).then_some(()) }).await;
    assert_eq!(visitor.post(&world, &format!("{base}/shadow"), &json!({})).await.0, 409, "it is written to");
    told(&world, &visitor, 1, 1, "2").await;
    world.stop().await;
}
