//! What is not understood is held, told, and settled in one step.

use domain::exception::{Exception, ExceptionKind};
use hub::settle::{Right, Settle};
use journeys::{Post, World, shop, sign, until};
use simulators::woocommerce::{Basket, Config};

async fn exception(world: &World, kind: ExceptionKind) -> Exception {
    let desk = world.desk();
    until("there is an exception", || async {
        let page = desk.outside.journal.exceptions(&desk.org, false, &ports::Ask::first(50)).await.unwrap();
        page.items.into_iter().find(|exception| exception.kind == kind)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unread_order_event_holds_raises_and_lowering_flows() {
    let mut world = World::open(vec![shop(1, &[("A", 9)]), shop(2, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let hook = world.hook(&world.stores[1]);
    let secret = world.shops[1].window().webhooks()[0].secret.clone();
    let body = br#"{"id": 77, "status": 12}"#;
    let sent = Post::default().send(&hook, "order.created", body, Some(&sign(&secret, body))).await;
    assert_eq!(sent, 200, "what is signed is taken, even if it cannot be read");
    let parked = exception(&world, ExceptionKind::ParkedEvent).await;
    let order = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    until("the lowering flows", || async { (world.shows(1, "A") == 7).then_some(()) }).await;
    world.shops[0].admin().cancel_order(order.id);
    until("the cancellation is booked", || async { (world.available("A").await == 9).then_some(()) }).await;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(world.shows(1, "A"), 7, "raised while an event that may be a sale is unread");
    let desk = world.desk();
    Settle::new(&desk.outside).exception(&desk.org, &parked.id, None).await.unwrap();
    world.all_show("A", 9).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_nobody_explains_is_told_and_settled_either_way() {
    let mut world =
        World::open(vec![shop(3, &[("A", 9), ("B", 9)]), shop(4, &[("A", 9), ("B", 9)])], 3600).await;
    world.join_all().await;
    let desk = world.desk();
    let settle = Settle::new(&desk.outside);
    // Somebody types a number into the shop: first the shop is right, then the books are.
    world.shops[0].admin().set_stock(world.listed(0, "A"), 5);
    let told = exception(&world, ExceptionKind::Unexplained).await;
    assert_eq!(told.facts["sku"], "A");
    assert!(settle.exception(&desk.org, &told.id, None).await.is_err(), "it must be said who is right");
    settle.exception(&desk.org, &told.id, Some(Right::Shop)).await.unwrap();
    world.all_show("A", 5).await;
    assert_eq!(world.available("A").await, 5);
    world.books_add_up("A").await;
    world.shops[0].admin().set_stock(world.listed(0, "B"), 30);
    let told = exception(&world, ExceptionKind::Unexplained).await;
    assert_eq!(told.facts["sku"], "B");
    settle.exception(&desk.org, &told.id, Some(Right::Books)).await.unwrap();
    world.all_show("B", 9).await;
    assert_eq!(world.available("B").await, 9);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_edits_and_cancellations_move_both_shops() {
    let https = Config { https: true, ..shop(5, &[("A", 20)]) };
    let mut world = World::open(vec![https, shop(6, &[("A", 20)])], 3600).await;
    world.join_all().await;
    let id = world.listed(0, "A");
    let first = world.shops[0].buy(&Basket::of(id, 4)).unwrap();
    world.all_show("A", 16).await;
    world.shops[0].admin().refund(first.id, first.lines[0].id, 1, true).unwrap();
    world.all_show("A", 17).await;
    world.shops[0].admin().edit_line(first.id, first.lines[0].id, 6);
    world.quiet().await;
    let second = world.shops[0].buy(&Basket::of(id, 2)).unwrap();
    world.shops[0].admin().cancel_order(second.id);
    let shown = world.shows(0, "A");
    world.all_show("A", shown).await;
    world.quiet().await;
    assert_eq!(world.available("A").await, shown);
    world.books_add_up("A").await;
    world.stop().await;
}
