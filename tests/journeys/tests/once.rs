//! An order is booked once, however often and however late it comes.

use std::sync::Arc;

use journeys::{Post, World, order_body, shop};
use simulators::woocommerce::{Basket, DeliveryFaults};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_deliveries_over_fifty_connections_and_a_restart_book_once() {
    let mut world = World::open(vec![shop(1, &[("A", 9)]), shop(2, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let hook = world.hook(&world.stores[0]);
    let secret = world.shops[0].window().webhooks()[0].secret.clone();
    let body = Arc::new(order_body(900_100, world.listed(0, "A"), "A", 2));
    for half in 0..2 {
        let mut sends = Vec::new();
        for _ in 0..50 {
            let (hook, secret, body) = (hook.clone(), secret.clone(), body.clone());
            sends.push(tokio::spawn(async move {
                // A client of its own is a connection of its own.
                Post::default().try_signed(&hook, "order.created", &body, &secret).await
            }));
        }
        for send in sends {
            assert_eq!(send.await.unwrap(), Some(200));
        }
        journeys::until("it is booked", || async { (world.available("A").await == 7).then_some(()) }).await;
        world.quiet().await;
        assert_eq!(world.available("A").await, 7);
        if half == 0 {
            world.stop().await;
            world.start().await;
        }
    }
    world.books_add_up("A").await;
    assert_eq!(world.shows(1, "A"), 7);
    let desk = world.desk();
    let [_, duplicates, _] = desk.outside.journal.counts(&desk.org, &world.stores[0]).await.unwrap();
    assert_eq!(duplicates, 99);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_buyers_for_the_last_ten_units() {
    let mut world = World::open(vec![shop(3, &[("A", 10)]), shop(4, &[("A", 10)])], 5).await;
    world.join_all().await;
    for shop in &world.shops {
        shop.window().clear_logs();
        shop.faults().deliveries(DeliveryFaults {
            stalled: false,
            drop_rate: 0.2,
            duplicate_rate: 0.3,
            reorder_rate: 0.5,
        });
    }
    let ids = [world.listed(0, "A"), world.listed(1, "A")];
    let (mut sold, mut refused) = (0, 0);
    for buyer in 0..50_usize {
        match world.shops[buyer % 2].buy(&Basket::of(ids[buyer % 2], 1)) {
            Ok(_) => sold += 1,
            Err(_) => refused += 1,
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(sold >= 10 && refused > 0, "{sold} sold, {refused} refused");
    journeys::until("all are booked", || async { (world.available("A").await == 10 - sold).then_some(()) })
        .await;
    world.all_show("A", 0).await;
    world.quiet().await;
    world.books_add_up("A").await;
    // No write of ours put a unit on sale: units only ever went away. (A number that our lowering and a buyer
    // took below zero at the same time may come back to zero.)
    for shop in &world.shops {
        for write in shop.window().stock_log().iter().filter(|write| write.by.starts_with("api:")) {
            assert!(write.after <= write.before.max(Some(0)), "{write:?}");
        }
    }
    println!("{sold} sold of 10: {} oversold by the shops themselves, none by us", sold - 10);
    world.stop().await;
}
