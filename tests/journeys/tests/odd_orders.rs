//! Orders that are no plain sale: drafts, unpaid and failed ones, partial refunds, and lines that match nothing.

use domain::exception::ExceptionKind;
use journeys::{Visitor, World, shop, until};
use simulators::woocommerce::{Basket, Item};

/// On hand and set aside of a SKU.
async fn books(world: &World, sku: &str) -> (i64, i64) {
    let desk = world.desk();
    let balance = desk.outside.ledger.balance(&desk.org, &world.item(sku)).await.unwrap();
    let (on_hand, reserved) = (balance.on_hand.units(), balance.reserved.units());
    (i64::try_from(on_hand).unwrap(), i64::try_from(reserved).unwrap())
}

async fn booked(world: &World, sku: &str, wanted: (i64, i64)) {
    until(&format!("{sku} has {wanted:?} on hand and set aside"), || async {
        (books(world, sku).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_unpaid_and_failed_orders_owe_nothing() {
    let mut world = World::open(vec![shop(101, &[("A", 20)]), shop(102, &[("A", 20)])], 3600).await;
    world.join_all().await;
    let order = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 3)).unwrap();
    booked(&world, "A", (20, 3)).await;
    world.all_show("A", 17).await;
    // The shop puts the units back by itself where a payment is awaited again, and keeps them where one failed: either
    // way nothing is owed, and both shops offer all there is.
    for status in ["pending", "failed", "checkout-draft"] {
        world.shops[0].admin().set_order_status(order.id, "processing");
        booked(&world, "A", (20, 3)).await;
        world.all_show("A", 17).await;
        world.shops[0].admin().set_order_status(order.id, status);
        booked(&world, "A", (20, 0)).await;
        world.all_show("A", 20).await;
    }
    world.books_add_up("A").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_paid_back_is_gone_or_back_as_the_shop_says() {
    let mut world = World::open(vec![shop(103, &[("A", 20)]), shop(104, &[("A", 20)])], 3600).await;
    world.join_all().await;
    let admin = world.shops[0].admin();
    let order = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 5)).unwrap();
    booked(&world, "A", (20, 5)).await;
    let line = order.lines[0].id;
    admin.refund(order.id, line, 2, false).unwrap();
    booked(&world, "A", (18, 3)).await;
    world.all_show("A", 15).await;
    admin.refund(order.id, line, 1, true).unwrap();
    booked(&world, "A", (18, 2)).await;
    world.all_show("A", 16).await;
    admin.complete_order(order.id);
    booked(&world, "A", (16, 0)).await;
    world.all_show("A", 16).await;
    world.books_add_up("A").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_matches_nothing_is_told_and_holds_up_no_other() {
    let mut world = World::open(vec![shop(105, &[("A", 20)]), shop(106, &[("A", 20)])], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let nameless = world.shops[0].admin().add_product(&Item { sku: String::new(), ..Item::new("x", 9) });
    let items = vec![(nameless, 2), (world.listed(0, "A"), 3)];
    let order = world.shops[0].buy(&Basket { items, ..Basket::default() }).unwrap();
    world.all_show("A", 17).await;
    let asked = async |settled: bool| {
        let desk = world.desk();
        let page = desk.outside.journal.exceptions(&desk.org, settled, &ports::Ask::first(50)).await.unwrap();
        page.items.into_iter().find(|one| one.kind == ExceptionKind::UnmatchedLine)
    };
    let told = until("somebody is told of the line", || asked(false)).await;
    assert!(told.message.contains("1 line(s) that match no item"), "{}", told.message);
    let name = told.facts.get("order").unwrap().clone();
    let (_, why) = visitor.get(&world, &format!("/v1/orders/{name}/why")).await;
    assert_eq!((&why["applied"], &why["number"]), (&true.into(), &order.id.to_string().into()), "{why}");
    // With a SKU it comes into the books, as what the shop shows; what the order owes is owed of it.
    world.shops[0].admin().change_sku(nameless, "B");
    booked(&world, "B", (9, 2)).await;
    until("nobody is asked about the line any more", || async { asked(true).await }).await;
    let (_, why) = visitor.get(&world, &format!("/v1/orders/{name}/why")).await;
    assert_eq!(why["effects"].as_array().map(Vec::len), Some(2), "{why}");
    world.shops[0].admin().cancel_order(order.id);
    booked(&world, "B", (9, 0)).await;
    world.all_show("A", 20).await;
    assert_eq!(world.shows(0, "B"), 9);
    world.books_add_up("A").await;
    world.books_add_up("B").await;
    world.stop().await;
}
