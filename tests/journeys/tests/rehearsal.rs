//! A rehearsal before a start: every write worked out, none sent; and what was approved binds.

use journeys::{Visitor, World, shop, until};
use serde_json::{Value, json};
use simulators::woocommerce::Basket;

/// Two shops that have joined; nothing is written to either.
async fn joined(seed: u64) -> World {
    let first = shop(seed, &[("A", 9), ("B", 5), ("C", 4)]);
    let second = shop(seed + 1, &[("A", 12), ("B", 2), ("C", 4)]);
    let mut world = World::open(vec![first, second], 3600).await;
    for index in 0..2 {
        let store = world.connect(index).await;
        world.joined(&store).await;
    }
    world.quiet().await;
    world
}

async fn rehearse(world: &World, visitor: &Visitor) -> Value {
    let path = format!("/v1/stores/{}/rehearsals", world.stores[1]);
    let (status, answer) = visitor.post(world, &path, &json!({})).await;
    assert_eq!(status, 201, "{answer}");
    answer
}

/// The numbers of stock writes that the second shop took.
fn written(world: &World) -> usize {
    world.shops[1].window().stock_log().iter().filter(|write| write.by.starts_with("api:")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_tells_exactly_what_a_start_then_writes() {
    let mut world = joined(71).await;
    let visitor = Visitor::of(&world);
    let answer = rehearse(&world, &visitor).await;
    let rehearsal = &answer["rehearsal"];
    assert_eq!(
        (&rehearsal["links"], &rehearsal["lowered"], &rehearsal["raised"]),
        (&3.into(), &1.into(), &1.into())
    );
    assert_eq!((&rehearsal["units_lowered"], &rehearsal["units_raised"]), (&"3".into(), &"3".into()));
    assert!(rehearsal["money_lowered"][0]["amount"].is_string(), "{rehearsal}");
    let planned: Vec<(String, i64)> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|write| {
            let target = write["target"].as_str().unwrap().parse().unwrap();
            (write["sku"].as_str().unwrap().to_owned(), target)
        })
        .collect();
    assert_eq!(written(&world), 0, "a rehearsal sends nothing");
    assert_eq!(world.shows(1, "A"), 12);

    // The same numbers again are the same rehearsal, and it is found by its digest and on its page.
    let again = rehearse(&world, &visitor).await;
    let digest = rehearsal["digest"].as_str().unwrap();
    assert_eq!(again["rehearsal"]["digest"], digest);
    let path = format!("/v1/stores/{}/rehearsals", world.stores[1]);
    let (_, all) = visitor.get(&world, &path).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    let (_, found) = visitor.get(&world, &format!("{path}/{digest}")).await;
    assert_eq!(found["items"], answer["items"]);
    let page = visitor.page(&world, &format!("/stores/{}/rehearsal", world.stores[1])).await;
    assert!(page.contains(digest) && page.contains(">A<"), "{page}");

    let start = format!("/v1/stores/{}/start", world.stores[1]);
    let (status, answer) = visitor.post(&world, &start, &json!({ "rehearsal": digest })).await;
    assert_eq!(status, 200, "{answer}");
    until("what was rehearsed is written", || async {
        planned.iter().all(|(sku, target)| world.shows(1, sku) == *target).then_some(())
    })
    .await;
    world.quiet().await;
    assert_eq!(written(&world), planned.len(), "exactly what was rehearsed");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_beyond_what_was_approved_is_refused_and_orders_do_not_count_as_beyond() {
    let mut world = joined(73).await;
    let visitor = Visitor::of(&world);
    let digest = rehearse(&world, &visitor).await["rehearsal"]["digest"].as_str().unwrap().to_owned();
    let start = format!("/v1/stores/{}/start", world.stores[1]);
    let unknown = json!({ "rehearsal": "0".repeat(32) });
    assert_eq!(visitor.post(&world, &start, &unknown).await.0, 409);
    assert_eq!(visitor.post(&world, &start, &json!({ "mood": 1 })).await.0, 422);

    // Somebody counts anew in the shop that opened the books: its number is taken into the books.
    world.shops[0].admin().set_stock(world.listed(0, "C"), 40);
    let exception = until("a person is asked", || async {
        let path = format!("/v1/stores/{}/drift", world.stores[0]);
        let (_, drift) = visitor.get(&world, &path).await;
        drift["items"][0]["settle"]["exception"].as_str().map(str::to_owned)
    })
    .await;
    let path = format!("/v1/exceptions/{exception}/resolve");
    assert_eq!(visitor.post(&world, &path, &json!({ "right": "shop" })).await.0, 200);
    let (status, answer) = visitor.post(&world, &start, &json!({ "rehearsal": digest })).await;
    assert_eq!(status, 409, "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains("C: +0 was approved, +36 it is now"), "{answer}");
    assert_eq!(written(&world), 0);

    // Rehearsed again, and then a sale: that does not refuse it.
    let digest = rehearse(&world, &visitor).await["rehearsal"]["digest"].as_str().unwrap().to_owned();
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    until("the sale is booked", || async { (world.available("A").await == 7).then_some(()) }).await;
    let (status, answer) = visitor.post(&world, &start, &json!({ "rehearsal": digest })).await;
    assert_eq!(status, 200, "{answer}");
    until("the shop follows", || async {
        (world.shows(1, "A") == 7 && world.shows(1, "C") == 40).then_some(())
    })
    .await;
    world.stop().await;
}
