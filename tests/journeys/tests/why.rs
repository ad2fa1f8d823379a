//! Why a number is what it is, now and at a past time; and how long a sale took to every shop.

use journeys::{Visitor, World, shop, until};
use serde_json::Value;
use simulators::woocommerce::Basket;

#[expect(clippy::disallowed_methods, reason = "the hub under test runs by the real clock")]
#[tokio::test(flavor = "multi_thread")]
async fn a_number_leads_to_its_entries_orders_messages_and_answers() {
    let mut world = World::open(vec![shop(91, &[("A", 9)]), shop(92, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let then = jiff::Timestamp::now();
    let order = world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    world.all_show("A", 7).await;
    world.quiet().await;

    let (status, now) = visitor.get(&world, "/v1/items/A/why").await;
    assert_eq!(status, 200, "{now}");
    assert_eq!(
        (&now["counted"]["on_hand"], &now["counted"]["reserved"], &now["counted"]["available"]),
        (&"9".into(), &"2".into(), &"7".into())
    );
    assert_eq!((&now["adds_up"], &now["booked"]), (&true.into(), &2.into()), "{now}");
    let entry = &now["entries"][0];
    assert_eq!((&entry["kind"], &entry["number"]), (&"reserve".into(), &order.id.to_string().into()));
    let answers: Vec<&Value> =
        now["links"].as_array().unwrap().iter().flat_map(|link| link["writes"].as_array().unwrap()).collect();
    assert_eq!(answers.len(), 1, "one shop was written to once: {answers:?}");
    assert_eq!((&answers[0]["compare"], &answers[0]["value"]), (&"9".into(), &"7".into()));
    assert_eq!(answers[0]["answer"], "taken");

    // What it was before the sale.
    let (status, past) = visitor.get(&world, &format!("/v1/items/A/why?at={then}")).await;
    assert_eq!((status, &past["counted"]["available"]), (200, &"9".into()), "{past}");
    assert_eq!((&past["booked"], &past["adds_up"]), (&1.into(), &true.into()), "{past}");
    assert_eq!(visitor.get(&world, "/v1/items/A/why?at=yesterday").await.0, 422);

    // The order: its lines, its message, and when the other shop showed it.
    let id = entry["order"].as_str().unwrap();
    let why = until("its message is known", || async {
        let (status, why) = visitor.get(&world, &format!("/v1/orders/{id}/why")).await;
        assert_eq!(status, 200, "{why}");
        (!why["events"].as_array().unwrap().is_empty()).then_some(why)
    })
    .await;
    assert!(why["events"][0]["topic"].as_str().unwrap().starts_with("order."), "{why}");
    assert_eq!(why["lines"][0]["effect"]["reserved"], "2");
    assert_eq!(why["effects"][0]["entries"].as_array().unwrap().len(), 1);
    assert_eq!((&why["reached"][0]["value"], why["reached"].as_array().unwrap().len()), (&"7".into(), 1));
    assert!(!why.to_string().contains("@"), "no address of a buyer is told");
    let page = visitor.page(&world, &format!("/orders/{id}/why")).await;
    assert!(page.contains("When other shops showed it"), "{page}");
    let page = visitor.page(&world, "/items/A/why").await;
    assert!(page.contains("they add up to the balance."), "{page}");

    // A sale that was seen has reached every shop; one that cannot is told.
    let (_, fresh) = visitor.get(&world, "/v1/freshness").await;
    assert_eq!(
        (&fresh["every_shop"]["samples"], &fresh["oldest_sale_ms"]),
        (&1.into(), &Value::Null),
        "{fresh}"
    );
    assert!(fresh["every_shop"]["p95_ms"].as_u64().unwrap() < 60_000);
    let desk = world.desk();
    let stores = hub::stores::Stores::new(&desk.outside);
    for key in world.shops[1].window().stock_log().iter().filter_map(|write| write.by.strip_prefix("api:")) {
        world.shops[1].faults().revoke_key(key);
    }
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    let waits = until("the sale waits for the shop whose keys are refused", || async {
        let (_, fresh) = visitor.get(&world, "/v1/freshness").await;
        fresh["oldest_sale_ms"].as_u64()
    })
    .await;
    assert!(waits < 90_000);
    let path = format!("/v1/stores/{}/freshness", world.stores[1]);
    until("the store says so", || async { visitor.get(&world, &path).await.1["oldest_sale_ms"].as_u64() })
        .await;
    let page = visitor.page(&world, "/freshness").await;
    assert!(page.contains("The oldest sale that is not shown yet came") && page.contains("<svg"), "{page}");
    // Its owner takes it out of the count by pausing it: it is then known that it does not follow.
    stores.disconnect(&desk.org, &world.stores[1]).await.unwrap();
    let (_, fresh) = visitor.get(&world, "/v1/freshness").await;
    assert_eq!(fresh["oldest_sale_ms"], Value::Null, "{fresh}");
    world.stop().await;
}
