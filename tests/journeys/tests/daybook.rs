//! A day at the desk, replayed: the same bytes, also when everybody who bought has been erased.

use domain::event::Erase;
use domain::message::Body;
use domain::{Day, RemoteOrderId};
use hub::erase::Eraser;
use journeys::{Visitor, World, shop, until};
use serde_json::{Value, json};
use simulators::woocommerce::Basket;

/// What a replay of the day finds, once it finds the books at rest.
async fn replay(world: &World, visitor: &Visitor, day: Day) -> Value {
    until("the day can be replayed", || async {
        let (status, report) = visitor.get(world, &format!("/v1/days/{day}/replay")).await;
        assert!(status == 200 || status == 409, "{report}");
        (status == 200).then_some(report)
    })
    .await
}

/// The messages of all stores whose bodies are still there.
async fn bodies(world: &World) -> usize {
    let desk = world.desk();
    let mut bodies = 0;
    for store in &world.stores {
        let ask = ports::Ask::first(200);
        let events = desk.outside.journal.events(&desk.org, store, &ask).await.unwrap().items;
        bodies += events.iter().filter(|event| event.inbox.raw.body != Body::Text(String::new())).count();
    }
    bodies
}

async fn moves(world: &World, visitor: &Visitor, sku: &str, moved: &Value) {
    let path = format!("/v1/stock/{sku}/movements");
    let (status, answer) = visitor.post_once(world, &path, moved, &moved.to_string()).await;
    assert_eq!(status, 201, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_replays_to_the_same_bytes_and_erasing_buyers_changes_none() {
    let goods = [("CUP", 30), ("TEA", 60), ("KIT", 0), ("MUG", 9)];
    let mut world = World::open_at_noon(vec![shop(201, &goods), shop(202, &goods)], 3600).await;
    let day = Day::of(world.desk().outside.clock.now());
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let made = json!({"parts": [{"item": "CUP", "units": "2"}, {"item": "TEA", "units": "3"}]});
    assert_eq!(visitor.put(&world, "/v1/items/KIT/parts", &made).await.0, 200);
    world.all_show("KIT", 15).await;

    // Sales of both shops, one of a bundle; a refund, an edit, a cancellation.
    let of = |shop: usize, sku: &str| world.listed(shop, sku);
    let items = vec![(of(0, "KIT"), 2), (of(0, "CUP"), 1), (of(0, "MUG"), 3)];
    let first = world.shops[0].buy(&Basket { items, ..Basket::default() }).unwrap();
    let second = world.shops[1].buy(&Basket::of(of(1, "TEA"), 4)).unwrap();
    let third = world.shops[1].buy(&Basket::of(of(1, "MUG"), 1)).unwrap();
    world.all_show("MUG", 5).await;
    world.all_show("TEA", 50).await;
    let mug = first.lines.iter().find(|line| line.quantity == 3).unwrap().id;
    world.shops[0].admin().refund(first.id, mug, 1, true).unwrap();
    assert!(world.shops[1].admin().edit_line(second.id, second.lines[0].id, 6));
    assert!(world.shops[1].admin().cancel_order(third.id));
    world.all_show("MUG", 7).await;
    world.all_show("TEA", 48).await;

    // What people do: a delivery, a shelf, a count, a correction; and a number that somebody typed.
    let (_, shelf) = visitor.post(&world, "/v1/locations", &json!({"name": "Back room"})).await;
    let id = shelf["id"].as_str().unwrap();
    moves(&world, &visitor, "TEA", &json!({"do": "receive", "units": "10", "note": "delivery"})).await;
    moves(&world, &visitor, "TEA", &json!({"do": "transfer", "units": "7", "to": id})).await;
    moves(&world, &visitor, "TEA", &json!({"do": "count", "units": "5", "at": id})).await;
    moves(&world, &visitor, "CUP", &json!({"do": "adjust", "by": "-1", "note": "broken"})).await;
    world.all_show("TEA", 56).await;
    world.all_show("CUP", 24).await;
    world.quiet().await;
    world.shops[0].admin().set_stock(world.listed(0, "MUG"), 4);
    let path = format!("/v1/stores/{}/drift?limit=50", world.stores[0]);
    let asked = until("a person is asked", || async {
        let (_, rows) = visitor.get(&world, &path).await;
        let rows = rows["items"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["will"]["do"] == "ask-person")
    })
    .await;
    let action = format!("/settle/{}", asked["settle"]["exception"].as_str().unwrap());
    assert_eq!(visitor.form(&world, &action, "right=shop").await.0, 303);
    world.all_show("MUG", 4).await;
    world.quiet().await;

    let before = replay(&world, &visitor, day).await;
    assert_eq!(before["same"], true, "{before:#}");
    assert_eq!(before["books"], before["replay"]);
    assert_eq!((&before["orders"], &before["before_vouchers"]), (&json!(3), &json!(0)), "{before}");
    assert_eq!(before["items"], 4, "a bundle moves its parts, and was counted as nothing: {before}");
    let lines = before["lines"].as_u64().unwrap();
    assert!(lines >= 16 && before["vouchers"].as_u64().unwrap() >= 13, "{before}");
    for sku in ["CUP", "TEA", "MUG"] {
        world.books_add_up(sku).await;
    }

    // Everybody who bought is erased, the buyer of one order first; the bodies of messages go, too.
    assert!(bodies(&world).await >= 6, "messages came, and are kept");
    let desk = world.desk();
    let eraser = Eraser::new(&desk.outside);
    for (index, id) in world.stores.clone().into_iter().enumerate() {
        let store = world.store(&id).await;
        let orders = vec![RemoteOrderId::new([first.id, second.id][index].to_string())];
        eraser.erase(&store, &Erase::Buyer { customer: None, orders }).await.unwrap();
        let meanwhile = replay(&world, &visitor, day).await;
        assert_eq!(meanwhile, stood(&before, &meanwhile));
        eraser.erase(&store, &Erase::Shop).await.unwrap();
    }
    assert_eq!(bodies(&world).await, 0, "nothing of what came is left");
    for id in &world.stores {
        let orders = desk.outside.ledger.orders(&desk.org, id, &ports::Ask::first(50)).await.unwrap().items;
        assert!(!orders.is_empty() && orders.iter().all(|one| one.order.buyer.name.is_empty()));
    }
    let after = replay(&world, &visitor, day).await;
    assert_eq!(after, stood(&before, &after), "not a byte of the books follows from who bought");

    // What cannot be meant is refused, and says what can.
    for (path, status, why) in [
        ("/v1/days/yesterday/replay", 422, "written such as"),
        ("/v1/days/2999-01-01/replay", 422, "has not begun"),
        ("/v1/days/2020-01-01/replay", 409, "the first day that can be replayed is"),
    ] {
        let (found, problem) = visitor.get(&world, path).await;
        assert_eq!(found, status, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(why), "{problem}");
    }

    // A restart finds it all again.
    world.stop().await;
    world.start().await;
    let again = replay(&world, &visitor, day).await;
    assert_eq!(again, stood(&before, &again));
    world.stop().await;
}

/// A report as it stood, but for the time until which it was replayed.
fn stood(before: &Value, now: &Value) -> Value {
    let mut stood = before.clone();
    stood["until"] = now["until"].clone();
    stood
}
