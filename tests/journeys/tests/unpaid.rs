//! Orders that stand unpaid: their units are set aside, are freed as soon as the shop closes them, and are asked about
//! once when they have stood for long.

use domain::OrderId;
use domain::exception::{Exception, ExceptionKind};
use domain::rules::Rules;
use domain::work::{LaneWork, Priority, Verb};
use hub::dispatch::Dispatch;
use journeys::{Visitor, World, shop, until};
use ports::Written;
use serde_json::json;
use simulators::woocommerce::{Basket, DeliveryFaults, OrderRow};

/// Two units of A, to be paid by a transfer that has yet to come.
fn on_hold(world: &World) -> OrderRow {
    let basket = Basket { pays_later: true, ..Basket::of(world.listed(0, "A"), 2) };
    world.shops[0].buy(&basket).unwrap()
}

/// The day's round over the orders of the first shop; how often it read each of some orders.
async fn round(world: &World, orders: &[&OrderRow]) -> Vec<usize> {
    let desk = world.desk();
    world.shops[0].window().clear_logs();
    let verb = Verb::Missing { after: None };
    let now = desk.outside.clock.now();
    let work = LaneWork::new(&desk.org, &world.stores[0], Priority::Full, verb, now);
    Dispatch::new(&desk.outside).work(&[work]).await.unwrap();
    world.quiet().await;
    let requests = world.shops[0].window().requests();
    let reads = |order: &&OrderRow| {
        let path = format!("/orders/{}", order.id);
        requests.iter().filter(|request| request.path.ends_with(&path)).count()
    };
    orders.iter().map(reads).collect()
}

async fn asked(world: &World) -> Vec<Exception> {
    let desk = world.desk();
    let page = desk.outside.journal.exceptions(&desk.org, false, &ports::Ask::first(200)).await.unwrap();
    page.items.into_iter().filter(|exception| exception.kind == ExceptionKind::UnpaidOrder).collect()
}

async fn left(world: &World, units: i64) {
    until(&format!("{units} are left"), || async { (world.available("A").await == units).then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn units_of_unpaid_orders_are_freed_when_the_shop_closes_them_and_asked_about_once() {
    let mut world = World::open(vec![shop(95, &[("A", 20)]), shop(96, &[("A", 20)])], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let orders = [on_hold(&world), on_hold(&world), on_hold(&world)];
    let [open, told, untold] = &orders;
    left(&world, 14).await;
    world.all_show("A", 14).await;

    // Called off in the shop, which says so: its units are free at once.
    assert!(world.shops[0].admin().cancel_order(told.id));
    world.all_show("A", 16).await;
    // Called off, and nobody told us.
    world.shops[0].faults().deliveries(DeliveryFaults { drop_rate: 1.0, ..DeliveryFaults::default() });
    assert!(world.shops[0].admin().cancel_order(untold.id));
    world.quiet().await;
    assert_eq!(world.available("A").await, 16);

    // A week is not over: nobody is asked, and no order is read.
    assert_eq!(visitor.patch(&world, "/v1/rules", &json!({"unpaid_days": 0})).await.0, 422);
    assert_eq!(round(&world, &[open, untold]).await, [0, 0]);
    // The merchant waits for no day at all.
    let desk = world.desk();
    let decisions = desk.outside.directory.decisions().unwrap();
    let rules = Rules { unpaid_days: 0, ..Rules::of(&desk.org) };
    assert_eq!(decisions.put_rules(&rules).await.unwrap(), Written::Done);

    let read = round(&world, &[open, told, untold]).await;
    assert!(read[0] > 0 && read[1] == 0 && read[2] > 0, "{read:?}");
    left(&world, 18).await;
    let questions = asked(&world).await;
    let id = OrderId::derive(&[world.stores[0].as_str(), &open.id.to_string()]);
    assert_eq!(questions.len(), 1, "{questions:?}");
    assert_eq!(questions[0].facts["order"], id.to_string());
    assert_eq!(world.available("A").await, 18, "what the shop may still send is not freed");

    // Once: neither while it is open nor after a person has said to leave it.
    assert_eq!(round(&world, &[open]).await, [0]);
    let resolve = format!("/v1/exceptions/{}/resolve", questions[0].id);
    assert_eq!(visitor.post(&world, &resolve, &json!({})).await.0, 200);
    assert_eq!(round(&world, &[open]).await, [0]);
    assert!(asked(&world).await.is_empty());
    assert_eq!(world.available("A").await, 18);

    // A payment answers the question.
    let late = on_hold(&world);
    world.shops[0].faults().deliveries(DeliveryFaults::default());
    let desk = world.desk();
    hub::sync::Sync::new(&desk.outside)
        .tick(&desk.org, &world.stores[0], domain::run::Stream::Orders)
        .await
        .unwrap();
    left(&world, 16).await;
    round(&world, &[&late]).await;
    assert_eq!(asked(&world).await.len(), 1);
    assert!(world.shops[0].admin().set_order_status(late.id, "processing"));
    let paid = OrderId::derive(&[world.stores[0].as_str(), &late.id.to_string()]);
    until("the payment is known", || async {
        let desk = world.desk();
        let record = desk.outside.ledger.order(&desk.org, &paid).await.unwrap().unwrap();
        (!record.order.unpaid).then_some(())
    })
    .await;
    round(&world, &[&late]).await;
    assert!(asked(&world).await.is_empty(), "it is paid");
    assert_eq!(world.available("A").await, 16);
    world.books_add_up("A").await;
    world.stop().await;
}
