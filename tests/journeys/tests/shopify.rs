//! A shop of Shopify beside one of WooCommerce: joined, sold from both, what gets lost, what is taken away.

use std::time::Duration;

use domain::OrderId;
use domain::message::Body;
use domain::order::OrderState;
use domain::run::{Extent, RunState, Stream};
use domain::store::Condition;
use journeys::{Mixed, until};
use ports::Ask;
use secrecy::SecretString;
use simulators::shopify::{DeliveryFaults, Fault, Rule};

const STOCK: [(&str, i64); 3] = [("A", 9), ("B", 3), ("C", 40)];

#[tokio::test(flavor = "multi_thread")]
async fn both_platforms_sell_from_one_ledger() {
    let mut world = Mixed::open(301, &STOCK, 3600, |_| {}).await;
    world.join().await;
    world.buy_in_shopify("A", 2);
    world.both_show("A", 7).await;
    world.buy_in_woo("A", 3);
    world.both_show("A", 4).await;
    let order = world.buy_in_shopify("B", 2);
    world.both_show("B", 1).await;
    assert!(world.shopify.admin().cancel_order(order.id, true));
    world.both_show("B", 3).await;
    let order = world.buy_in_shopify("C", 5);
    world.both_show("C", 35).await;
    assert!(world.shopify.admin().refund(order.id, order.lines[0].id, 2, true).is_some());
    world.both_show("C", 37).await;
    assert!(world.shopify.admin().refund(order.id, order.lines[0].id, 1, false).is_some());
    world.quiet().await;
    assert_eq!(world.available("C").await, 37, "what was not put back is not for sale");
    world.both_show("C", 37).await;
    for write in world.shopify.window().stock_log().iter().filter(|write| write.by.starts_with("api:")) {
        assert!(write.key.is_some() && write.compare.is_some(), "{write:?}");
    }
    assert_eq!(world.shopify.window().peak_concurrency(), 1, "one call at a time");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_message_is_lost_is_found_within_an_interval() {
    let mut world = Mixed::open(302, &STOCK, 10, |_| {}).await;
    world.join().await;
    world.shopify.faults().deliveries(DeliveryFaults { drop_rate: 1.0, ..DeliveryFaults::default() });
    world.buy_in_shopify("A", 4);
    let began = std::time::Instant::now();
    world.both_show("A", 5).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_whose_answer_is_lost_is_asked_for_again() {
    let mut world = Mixed::open(303, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let before = world.shopify.window().tokens();
    world.shopify.faults().lose_refreshes(1);
    world.pass(Duration::from_secs(58 * 60));
    world.buy_in_woo("A", 1);
    world.both_show("A", 8).await;
    let after = world.shopify.window().tokens();
    assert!(after.iter().any(|token| !before.contains(token)), "{before:?} {after:?}");
    assert!(world.store_of("shopify").await.unwrap().is_callable());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_locks_us_out_in_the_middle_of_a_reading_goes_on_after_two_weeks() {
    let mut world = Mixed::open(304, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let desk = world.desk();
    let store = world.store_of("shopify").await.unwrap();
    world.shopify.faults().bulk_duration(Duration::from_secs(2));
    let sync = hub::sync::Sync::new(&desk.outside);
    let run = sync.start(&store, Stream::Catalog, Extent::Full).await.unwrap();
    until("the reading has begun", || async {
        let requests = world.shopify.window().requests();
        requests.iter().any(|row| row.operations.contains("bulkOperationRunQuery")).then_some(())
    })
    .await;
    for token in world.shopify.window().tokens() {
        world.shopify.faults().revoke_token(&token);
    }
    world.shopify.faults().kill_refresh_tokens();
    until("the store is held", || async {
        matches!(world.store_of("shopify").await.unwrap().condition, Condition::Held { .. }).then_some(())
    })
    .await;
    let Condition::Held { reason, .. } = world.store_of("shopify").await.unwrap().condition else { panic!() };
    assert!(reason.to_lowercase().contains("connect"), "{reason}");
    world.buy_in_woo("A", 2);
    world.buy_in_shopify("B", 1);
    until("both are booked", || async {
        (world.available("A").await == 7 && world.available("B").await == 2).then_some(())
    })
    .await;
    world.pass(Duration::from_secs(15 * 24 * 3600));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(world.show("A"), (7, 9), "nothing is written while it is held");
    assert_eq!(world.connect_shopify().await, store.id, "the same shop is the same store");
    world.both_show("A", 7).await;
    world.both_show("B", 2).await;
    until("the reading has ended well", || async {
        let run = desk.outside.runs.run(&desk.org, &run.id).await.unwrap().unwrap();
        assert_ne!(run.state, RunState::Failed, "{run:?}");
        (run.state == RunState::Completed).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_begins_at_the_platform_waits_to_be_claimed() {
    let mut world = Mixed::open(305, &STOCK, 3600, |_| {}).await;
    let link = world.shopify.install_link("https://hub.example/oauth/shopify/start");
    let forged = link.replace("shop=", "shop=x");
    assert_eq!(world.browse(&forged, None).await.status, 401);
    let sent = world.browse(&link, None).await;
    let back = world.shopify.approve(&sent.location.unwrap()).await.unwrap();
    let stranger = world.browse(&back, None).await;
    assert_eq!(stranger.status, 400, "another browser brings the answer: {}", stranger.text);
    assert!(world.store_of("shopify").await.is_none());

    let sent =
        world.browse(&world.shopify.install_link("https://hub.example/oauth/shopify/start"), None).await;
    let back = world.shopify.approve(&sent.location.unwrap()).await.unwrap();
    let landed = world.browse(&back, sent.cookie.as_deref()).await;
    assert_eq!(landed.status, 200, "{}", landed.text);
    let replayed = world.browse(&back, sent.cookie.as_deref()).await;
    assert_eq!(replayed.status, 400, "a state counts once");
    let code = landed.text.split("storeloom claim ").nth(1).unwrap();
    let code: String = code.chars().take_while(char::is_ascii_hexdigit).collect();
    assert!(world.store_of("shopify").await.is_none(), "nobody has claimed it");
    let desk = world.desk();
    let connect = hub::connect::Connect::new(&desk.outside);
    let wrong = SecretString::from("0".repeat(64));
    assert!(connect.claim(&desk.org, &wrong, "").await.is_err());
    let code = SecretString::from(code);
    let connected = connect.claim(&desk.org, &code, "Quay").await.unwrap();
    assert_eq!(connected.store.shop.as_str(), world.shopify.domain());
    assert!(connect.claim(&desk.org, &code, "").await.is_err(), "a code counts once");
    let (other, _) = hub::keys::Keys::new(&desk.outside).make(None, "another merchant").await.unwrap();
    let slug = domain::PlatformSlug::new("shopify");
    let refused = connect.begin(&other, &slug, world.shopify.domain(), "").await.unwrap_err().to_string();
    assert!(refused.contains("another account"), "{refused}");
    world.begin(&connected.store.id).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_ask_are_forgotten_and_the_books_stay() {
    let mut world = Mixed::open(306, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let customer = world.shopify.window().customers().first().copied();
    let variant = world.shopify.window().stock_of("A")[0].id;
    let basket = simulators::shopify::Basket {
        customer,
        email: "somebody@shop.example".into(),
        ..simulators::shopify::Basket::of(variant, 2)
    };
    let order = world.shopify.buy(&basket).unwrap();
    world.both_show("A", 7).await;
    world.quiet().await;
    let desk = world.desk();
    let store = world.store_of("shopify").await.unwrap();
    let id = OrderId::derive(&[store.id.as_str(), &order.id.to_string()]);
    let before = desk.outside.ledger.order(&desk.org, &id).await.unwrap().unwrap();
    assert!(before.order.buyer.email.is_some() || before.order.buyer.customer.is_some(), "{before:?}");
    let entries = desk.outside.ledger.entries(&desk.org, &world.item("A"), &Ask::first(50)).await.unwrap();
    assert!(world.shopify.faults().compliance("shop/redact", None));
    until("the buyer is forgotten", || async {
        let record = desk.outside.ledger.order(&desk.org, &id).await.unwrap().unwrap();
        let buyer = &record.order.buyer;
        (buyer.email.is_none() && buyer.customer.is_none() && buyer.name.is_empty()).then_some(())
    })
    .await;
    world.quiet().await;
    let mut events = 0;
    let page = desk.outside.journal.events(&desk.org, &store.id, &Ask::first(100)).await.unwrap();
    for event in page.items {
        assert_eq!(event.inbox.raw.body, Body::Text(String::new()), "{}", event.topic);
        events += 1;
    }
    assert!(events > 0);
    let customers = desk.outside.catalog.customers(&desk.org, &store.id, &Ask::first(9)).await.unwrap();
    assert!(customers.items.is_empty());
    let after = desk.outside.ledger.entries(&desk.org, &world.item("A"), &Ask::first(50)).await.unwrap();
    assert_eq!(after.items, entries.items, "the books stay");
    assert_eq!(world.show("A"), (7, 7));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_uninstalls_is_held_and_its_last_words_are_heard() {
    let mut world = Mixed::open(307, &STOCK, 3600, |_| {}).await;
    world.join().await;
    world.shopify.faults().uninstall();
    until("the store is held", || async {
        matches!(world.store_of("shopify").await.unwrap().condition, Condition::Held { .. }).then_some(())
    })
    .await;
    let desk = world.desk();
    let store = world.store_of("shopify").await.unwrap();
    hub::stores::Stores::new(&desk.outside).disconnect(&desk.org, &store.id).await.unwrap();
    world.shopify.window().clear_logs();
    assert!(world.shopify.faults().compliance("shop/redact", None));
    until("the shop's last message is answered", || async {
        let rows = world.shopify.window().deliveries();
        rows.iter().any(|row| row.topic == "shop/redact" && row.status == Some(200)).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_without_a_number_whose_answer_is_lost_is_noted_once() {
    let mut world = Mixed::open(309, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let order = world.buy_in_shopify("C", 4);
    world.both_show("C", 36).await;
    let store = world.store_of("shopify").await.unwrap();
    let id = OrderId::derive(&[store.id.as_str(), &order.id.to_string()]);
    let lost = Rule::from(Fault::DropAfter).operation("fulfillmentCreate").times(1);
    world.shopify.faults().add(lost);
    let line = order.lines[0].id.to_string();
    let part = serde_json::json!({"lines": [{"line": line, "units": 1}]});
    let address = world.url(&format!("/v1/orders/{id}/shipments"));
    let sent = reqwest::Client::new().post(address).bearer_auth(&world.key).json(&part).send().await.unwrap();
    assert_eq!(sent.status(), 202);
    let asked = || {
        let rows = world.shopify.window().requests();
        let is = |word: &str| rows.iter().filter(|row| row.operations.contains(word)).count();
        (is("fulfillmentCreate"), is("order"))
    };
    let before = asked().1;
    until("the hub has looked again", || async {
        let (noted, looked) = asked();
        (noted >= 1 && looked >= before + 3).then_some(())
    })
    .await;
    world.quiet().await;
    assert_eq!(asked().0, 1, "what was noted is not noted again");
    let lines = world.shopify.window().order(order.id).unwrap().lines;
    assert_eq!((lines[0].fulfilled, lines[0].unfulfilled), (1, 3));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_reaches_the_shop_with_its_number() {
    let mut world = Mixed::open(308, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let order = world.buy_in_shopify("A", 2);
    world.both_show("A", 7).await;
    let store = world.store_of("shopify").await.unwrap();
    let id = OrderId::derive(&[store.id.as_str(), &order.id.to_string()]);
    let client = reqwest::Client::new();
    let post = |body: serde_json::Value| {
        client
            .post(world.url(&format!("/v1/orders/{id}/shipments")))
            .bearer_auth(&world.key)
            .json(&body)
            .send()
    };
    let odd = post(serde_json::json!({"lines": [{"line": "1", "units": 1}]})).await.unwrap();
    assert_eq!(odd.status(), 422);
    let shipment = serde_json::json!({"tracking_number": "GB123", "carrier": "Royal Mail"});
    assert_eq!(post(shipment.clone()).await.unwrap().status(), 202);
    let desk = world.desk();
    until("the books know that it was sent", || async {
        let record = desk.outside.ledger.order(&desk.org, &id).await.unwrap().unwrap();
        (record.order.state == OrderState::Fulfilled).then_some(())
    })
    .await;
    assert_eq!(world.shopify.window().order(order.id).unwrap().fulfillment, "FULFILLED");
    assert_eq!(post(shipment).await.unwrap().status(), 202);
    world.quiet().await;
    let lines = world.shopify.window().order(order.id).unwrap().lines;
    assert_eq!((lines[0].fulfilled, lines[0].unfulfilled), (2, 0), "noted once");
    let balance = desk.outside.ledger.balance(&desk.org, &world.item("A")).await.unwrap();
    assert_eq!((balance.on_hand.units(), balance.reserved.is_zero()), (7.into(), true));
    world.stop().await;
}
