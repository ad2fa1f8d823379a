//! A store's life: paused, refused, connected again, mended, taken out.

use domain::OrderId;
use domain::exception::ExceptionKind;
use domain::order::OrderState;
use domain::run::{Extent, Stream};
use domain::store::Condition;
use journeys::{World, shop, until};
use simulators::woocommerce::{Basket, DeliveryFaults};

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_store_is_not_called_and_catches_up() {
    let mut world = World::open(vec![shop(1, &[("A", 9)]), shop(2, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let desk = world.desk();
    let stores = hub::stores::Stores::new(&desk.outside);
    stores.pause(&desk.org, &world.stores[1]).await.unwrap();
    world.shops[1].window().clear_logs();
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    until("the sale is booked", || async { (world.available("A").await == 7).then_some(()) }).await;
    assert!(world.shops[1].window().requests().is_empty(), "a paused store was called");
    assert_eq!(world.shows(1, "A"), 9);
    stores.resume(&desk.org, &world.stores[1]).await.unwrap();
    world.all_show("A", 7).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_holds_the_store_and_a_new_one_goes_on() {
    let mut world = World::open(vec![shop(3, &[("A", 9)]), shop(4, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let before = world.stores[1].clone();
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    world.all_show("A", 8).await;
    let used = used_keys(&world, 1);
    assert!(!used.is_empty());
    for key in &used {
        world.shops[1].faults().revoke_key(key);
    }
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    until("the store is held", || async {
        matches!(world.store(&before).await.condition, Condition::Held { .. }).then_some(())
    })
    .await;
    // Sold while it was held: the webhook is still booked, or it is read afterwards.
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 1)).unwrap();
    let again = world.connect(1).await;
    assert_eq!(again, before, "the same shop is the same store");
    world.all_show("A", 6).await;
    world.quiet().await;
    assert_eq!(world.available("A").await, 6);
    assert!(world.store(&before).await.is_callable());
    world.stop().await;
}

/// The keys that the hub wrote with.
fn used_keys(world: &World, index: usize) -> Vec<String> {
    let keys = world.shops[index].window().stock_log();
    let own = world.shops[index].keys().consumer_key.clone();
    let mut used: Vec<String> = keys
        .iter()
        .filter_map(|write| write.by.strip_prefix("api:").map(ToOwned::to_owned))
        .filter(|key| *key != own)
        .collect();
    used.dedup();
    used
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_webhooks_are_made_again_and_what_they_missed_is_read() {
    let mut world = World::open(vec![shop(5, &[("A", 9)]), shop(6, &[("A", 9)])], 3600).await;
    world.join_all().await;
    assert!(world.shops[0].faults().forget_webhooks() > 0);
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 3)).unwrap();
    world.quiet().await;
    assert_eq!(world.available("A").await, 9, "nobody told us");
    // A start looks after the webhooks.
    world.stop().await;
    world.start().await;
    world.all_show("A", 6).await;
    until("the webhooks are there again", || async {
        let webhooks = world.shops[0].window().webhooks();
        webhooks.iter().any(|webhook| webhook.topic == "order.created").then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_store_keeps_its_history_and_hears_nothing() {
    let mut world = World::open(vec![shop(7, &[("A", 9)]), shop(8, &[("A", 9)])], 3600).await;
    world.join_all().await;
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 1)).unwrap();
    world.all_show("A", 8).await;
    let desk = world.desk();
    let stores = hub::stores::Stores::new(&desk.outside);
    stores.disconnect(&desk.org, &world.stores[1]).await.unwrap();
    assert!(world.shops[1].window().webhooks().is_empty());
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    until("the sale is booked", || async { (world.available("A").await == 7).then_some(()) }).await;
    assert_eq!(world.shows(1, "A"), 8);
    let orders =
        desk.outside.ledger.orders(&desk.org, &world.stores[1], &ports::Ask::first(10)).await.unwrap();
    assert_eq!(orders.items.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_deleted_without_a_word_is_found_by_the_next_whole_reading() {
    let mut world = World::open(vec![shop(9, &[("A", 9)]), shop(10, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let kept = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    let binned = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    world.all_show("A", 6).await;
    world.shops[0].faults().deliveries(DeliveryFaults { drop_rate: 1.0, ..DeliveryFaults::default() });
    assert!(world.shops[0].admin().trash_order(binned.id));
    world.quiet().await;
    assert_eq!(world.available("A").await, 6, "nobody told us");
    let desk = world.desk();
    let store = world.store(&world.stores[0]).await;
    let sync = hub::sync::Sync::new(&desk.outside);
    sync.start(&store, Stream::Orders, Extent::Full).await.unwrap();
    until("the order is found gone", || async {
        let id = OrderId::derive(&[store.id.as_str(), &binned.id.to_string()]);
        let record = desk.outside.ledger.order(&desk.org, &id).await.unwrap().unwrap();
        (record.order.state == OrderState::Removed).then_some(())
    })
    .await;
    let id = OrderId::derive(&[store.id.as_str(), &kept.id.to_string()]);
    let record = desk.outside.ledger.order(&desk.org, &id).await.unwrap().unwrap();
    assert_ne!(record.order.state, OrderState::Removed);
    world.all_show("A", 8).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_back_from_the_trash_is_owed_again_and_nobody_is_asked() {
    let mut world = World::open(vec![shop(11, &[("A", 9)]), shop(12, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let order = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    world.all_show("A", 7).await;
    // The shop tells of both on the topics of products, too, and says then that there is no such product.
    assert!(world.shops[0].admin().trash_order(order.id));
    world.all_show("A", 9).await;
    assert!(world.shops[0].admin().restore_order(order.id));
    world.all_show("A", 7).await;
    world.quiet().await;
    let desk = world.desk();
    let open = desk.outside.journal.exceptions(&desk.org, false, &ports::Ask::first(50)).await.unwrap();
    let parked = open.items.iter().filter(|one| one.kind == ExceptionKind::ParkedEvent).count();
    assert_eq!(parked, 0, "{:?}", open.items);
    world.stop().await;
}
