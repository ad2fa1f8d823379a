//! People's movements: received, counted, corrected and carried, once for each key, and shown with who did it.

use journeys::{Visitor, World, shop, until};
use serde_json::json;
use simulators::woocommerce::Basket;

#[tokio::test(flavor = "multi_thread")]
async fn what_people_move_is_booked_once_and_reaches_every_shop() {
    let mut world = World::open(vec![shop(95, &[("A", 9)]), shop(96, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let path = "/v1/stock/A/movements";

    // A delivery, sent twice as a nervous finger does.
    let came = json!({"do": "receive", "units": "6", "note": "delivery 12"});
    let (status, first) = visitor.post_once(&world, path, &came, "d-12").await;
    assert_eq!((status, &first["again"]), (201, &false.into()), "{first}");
    let (status, second) = visitor.post_once(&world, path, &came, "d-12").await;
    assert_eq!((status, &second["again"]), (200, &true.into()), "{second}");
    assert_eq!(first["entries"], second["entries"]);
    world.all_show("A", 15).await;
    assert_eq!(world.available("A").await, 15);
    let other = json!({"do": "receive", "units": "7", "note": "delivery 12"});
    assert_eq!(visitor.post_once(&world, path, &other, "d-12").await.0, 409, "the key is another's");
    assert_eq!(visitor.post(&world, path, &came).await.0, 422, "a movement needs its key");

    // A shelf of its own, from which the second shop sells.
    let (status, shelf) = visitor.post(&world, "/v1/locations", &json!({"name": "Back room"})).await;
    assert_eq!(status, 200, "{shelf}");
    let id = shelf["id"].as_str().unwrap();
    let again = visitor.post(&world, "/v1/locations", &json!({"name": " back room "})).await.1;
    assert_eq!(again["id"], shelf["id"], "the same name is the same location");
    let carry = json!({"do": "transfer", "units": "5", "to": id});
    assert_eq!(visitor.post_once(&world, path, &carry, "t-1").await.0, 201);
    assert_eq!(visitor.post_once(&world, path, &carry, "t-1").await.0, 200);
    let (status, refused) =
        visitor.post_once(&world, path, &json!({"do": "transfer", "units": "6", "from": id}), "t-2").await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("only 5 may be"), "{refused}");
    let sells = format!("/v1/stores/{}/location", world.stores[1]);
    assert_eq!(visitor.put(&world, &sells, &json!({"location": id})).await.0, 200);
    assert_eq!(visitor.put(&world, &sells, &json!({"location": "loc_x"})).await.0, 404);
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 2)).unwrap();
    world.all_show("A", 13).await;

    // A count in the back room: two are set aside and still lie there, one is gone.
    let count = json!({"do": "count", "units": "4", "at": id, "note": "stocktaking"});
    let (status, counted) = visitor.post_once(&world, path, &count, "c-1").await;
    assert_eq!((status, &counted["entries"][0]["on_hand"]), (201, &"-1".into()), "{counted}");
    world.all_show("A", 12).await;
    let (_, item) = visitor.get(&world, "/v1/stock/A").await;
    let places = item["locations"].as_array().unwrap();
    let lies = |at: usize| (places[at]["on_hand"].clone(), places[at]["reserved"].clone());
    assert_eq!((lies(0), lies(1)), ((json!("10"), json!("0")), (json!("4"), json!("2"))), "{item}");

    // The page has a form for each; one that is sent twice books once.
    let page = visitor.page(&world, "/items/A/why").await;
    let action = format!("/move/{}", world.item("A"));
    let key = page.split("name=\"key\" value=\"adjust ").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("do=adjust&units=-2&note=broken&key=adjust%20{key}&at={id}");
    for _ in 0..2 {
        let (status, to) = visitor.form(&world, &action, &form).await;
        assert_eq!((status, to), (303, format!("/items/{}/why", world.item("A"))));
    }
    world.all_show("A", 10).await;
    let (status, _) = visitor.form(&world, &action, "do=adjust&units=-99&note=x&key=k").await;
    assert_eq!(status, 409);
    let (status, _) = visitor.form(&world, &action, "do=receive&units=many&key=k").await;
    assert_eq!(status, 422);

    // Why tells who did what, where, and that all adds up.
    let (_, why) = visitor.get(&world, "/v1/items/A/why").await;
    assert_eq!(why["adds_up"], true, "{why}");
    let booked: Vec<(String, String)> = why["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["actor"].is_string())
        .map(|entry| (entry["kind"].as_str().unwrap().into(), entry["cause"].as_str().unwrap().into()))
        .collect();
    let said = |kind: &str, cause: &str| (kind.to_owned(), cause.to_owned());
    assert_eq!(
        booked,
        [
            said("adjust", "corrected by -2: broken"),
            said("count", "counted 4: stocktaking"),
            said("transfer", "carried 5"),
            said("transfer", "carried 5"),
            said("receive", "received 6: delivery 12"),
        ]
    );
    let page = visitor.page(&world, "/items/A/why").await;
    assert!(page.contains("Back room") && page.contains("delivery 12"), "{page}");
    world.books_add_up("A").await;

    // What the order took from the back room comes back there, though the store sells from elsewhere by now.
    let main = json!({"location": domain::LocationId::main()});
    assert_eq!(visitor.put(&world, &sells, &main).await.0, 200);
    let order = world.shops[1].window().orders()[0].id;
    assert!(world.shops[1].admin().cancel_order(order));
    world.all_show("A", 12).await;
    let (_, item) = until("the units are free again", || async {
        let (status, item) = visitor.get(&world, "/v1/stock/A").await;
        (item["locations"][1]["reserved"] == "0").then_some((status, item))
    })
    .await;
    assert_eq!(item["locations"][0]["reserved"], "0", "{item}");
    world.stop().await;
}
