//! What is read from a Shopify shop without a message: orders that were deleted, and changes that come too many at once.

use domain::OrderId;
use domain::order::OrderState;
use domain::run::{Extent, RunState, Stream};
use hub::sync::Sync;
use journeys::{Mixed, until};
use ports::Ask;
use simulators::shopify::DeliveryFaults;

const STOCK: [(&str, i64); 2] = [("A", 9), ("C", 400)];
/// Orders that were missed.
const MISSED: i64 = 120;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_deleted_without_a_word_is_found_by_the_next_whole_reading() {
    let mut world = Mixed::open(501, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let kept = world.buy_in_shopify("A", 1);
    let binned = world.buy_in_shopify("A", 2);
    world.both_show("A", 6).await;
    world.shopify.faults().deliveries(DeliveryFaults { drop_rate: 1.0, ..DeliveryFaults::default() });
    assert!(world.shopify.admin().delete_order(binned.id));
    world.quiet().await;
    let desk = world.desk();
    let store = world.store_of("shopify").await.unwrap();
    let state = |order: u64| {
        let id = OrderId::derive(&[store.id.as_str(), &order.to_string()]);
        async move { desk.outside.ledger.order(&desk.org, &id).await.unwrap().unwrap().order.state }
    };
    assert_ne!(state(binned.id).await, OrderState::Removed, "nobody told us");
    Sync::new(&desk.outside).start(&store, Stream::Orders, Extent::Full).await.unwrap();
    until("the order is found gone", || async {
        (state(binned.id).await == OrderState::Removed).then_some(())
    })
    .await;
    assert_ne!(state(kept.id).await, OrderState::Removed);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_come_too_many_at_once_are_read_in_the_shops_own_time() {
    let mut world = Mixed::open(502, &STOCK, 3600, |_| {}).await;
    world.join().await;
    world.shopify.faults().deliveries(DeliveryFaults { drop_rate: 1.0, ..DeliveryFaults::default() });
    for _ in 0..MISSED {
        world.buy_in_shopify("C", 1);
    }
    world.shopify.window().clear_logs();
    world.shopify.faults().drain_bucket(300);
    let desk = world.desk();
    let store = world.store_of("shopify").await.unwrap();
    let sync = Sync::new(&desk.outside);
    sync.tick(&desk.org, &store.id, Stream::Orders).await.unwrap();
    until("all of them are booked", || async {
        (world.available("C").await == STOCK[1].1 - MISSED).then_some(())
    })
    .await;
    let runs = || async {
        let page = desk.outside.runs.runs(&desk.org, &store.id, &Ask::first(20)).await.unwrap();
        page.items.into_iter().filter(|run| run.extent == Extent::Incremental).collect::<Vec<_>>()
    };
    until("the run has ended", || async {
        let found = runs().await;
        assert!(found.len() == 1 && found[0].state != RunState::Failed, "{found:?}");
        (found[0].state == RunState::Completed).then_some(())
    })
    .await;
    let run = runs().await.remove(0);
    assert!(run.pages > 1 && run.done > 30, "it went on where the first reading stopped: {run:?}");
    let until = desk.outside.runs.read_until(&desk.org, &store.id, Stream::Orders).await.unwrap().unwrap();
    assert!(until >= run.started_at, "what changed up to its beginning is read");
    let rows = world.shopify.window().requests();
    let refused = rows.iter().filter(|row| row.throttled).count();
    assert_eq!(refused, 0, "the shop never had to throw a call back: {rows:#?}");
    world.both_show("C", STOCK[1].1 - MISSED).await;
    world.stop().await;
}
