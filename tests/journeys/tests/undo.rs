//! Undoing: numbers go back to what the shop showed before our writes, where nothing newer happened.

use domain::store::Phase;
use journeys::{Visitor, World, shop, until};
use serde_json::{Value, json};
use simulators::woocommerce::Basket;

/// What undoing says of a SKU.
fn row<'v>(undo: &'v Value, sku: &str) -> &'v Value {
    undo["items"].as_array().unwrap().iter().find(|row| row["sku"] == sku).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn our_writes_are_undone_where_nothing_newer_happened() {
    let stock = ["A", "B", "C", "D"].map(|sku| (sku, 9));
    let mut world = World::open(vec![shop(91, &stock), shop(92, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let rule = json!({"owner": "store", "store": world.stores[0]});
    assert_eq!(visitor.put(&world, "/v1/rules/authority", &rule).await.0, 200);
    let since = world.desk().outside.clock.now();
    let path = format!("/v1/stores/{}/undo", world.stores[1]);
    let look = format!("{path}?since={since}");
    assert_eq!(visitor.get(&world, &path).await.0, 422, "since when?");
    let (status, nothing) = visitor.get(&world, &look).await;
    assert_eq!((status, &nothing["set_back"], &nothing["left"]), (200, &json!(0), &json!(0)), "{nothing}");

    // A wrong delivery is typed into the shop whose number counts; the other follows, and sells one.
    for sku in ["A", "B"] {
        world.shops[0].admin().set_stock(world.listed(0, sku), 20);
    }
    world.shops[0].buy(&Basket::of(world.listed(0, "C"), 1)).unwrap();
    for (sku, units) in [("A", 20), ("B", 20), ("C", 8)] {
        world.all_show(sku, units).await;
    }
    world.shops[1].buy(&Basket::of(world.listed(1, "B"), 1)).unwrap();
    world.all_show("B", 19).await;
    world.quiet().await;

    let (status, undo) = visitor.get(&world, &look).await;
    assert_eq!((status, &undo["set_back"], &undo["left"]), (200, &json!(2), &json!(1)), "{undo}");
    let back = row(&undo, "A");
    assert_eq!((&back["is"], &back["from"], &back["to"]), (&json!("set-back"), &json!("20"), &json!("9")));
    assert_eq!(row(&undo, "C")["to"], "9", "{undo}");
    assert_eq!(undo["above_the_books"], 1, "one of C was sold: {undo}");
    assert_eq!(row(&undo, "B")["why"], "moved", "{undo}");
    assert_eq!(row(&undo, "D"), &Value::Null, "nothing was written");

    // Not what was looked at: nothing is set back, and the numbers stand still for a second look.
    let other = json!({"since": since, "digest": "0123456789abcdef0123456789abcdef"});
    assert_eq!(visitor.post(&world, &path, &other).await.0, 409);
    assert_eq!(world.store(&world.stores[1]).await.phase, Phase::ReadOnly);
    assert_eq!(world.shows(1, "A"), 20);

    // Approved; and the hub dies at once.
    let approved = json!({"since": since, "digest": undo["digest"]});
    let (status, begun) = visitor.post(&world, &path, &approved).await;
    assert_eq!((status, &begun["set_back"]), (200, &json!(2)), "{begun}");
    world.stop().await;
    world.start().await;
    for sku in ["A", "C"] {
        until(&format!("{sku} is set back"), || async { (world.shows(1, sku) == 9).then_some(()) }).await;
    }
    world.quiet().await;
    assert_eq!([world.shows(1, "A"), world.shows(1, "B"), world.shows(1, "C")], [9, 19, 9]);
    assert_eq!(world.shows(0, "A"), 20, "another shop is not touched");
    assert_eq!(world.available("A").await, 20, "the books are not touched");
    let writes = world.shops[1].window().stock_log().len();

    // A second run finds its work done, and calls nobody.
    let (_, after) = visitor.get(&world, &look).await;
    assert_eq!((&after["set_back"], &after["as_before"]), (&json!(0), &json!(2)), "{after}");
    let again = json!({"since": since, "digest": after["digest"]});
    assert_eq!(visitor.post(&world, &path, &again).await.0, 200);
    world.quiet().await;
    assert_eq!(world.shops[1].window().stock_log().len(), writes);

    // What was set back is explained: beginning again brings the shop to the books without anybody's doing.
    let desk = world.desk();
    hub::stores::Stores::new(&desk.outside).start(&desk.org, &world.stores[1]).await.unwrap();
    world.all_show("A", 20).await;
    world.all_show("C", 8).await;
    for sku in ["A", "B", "C"] {
        world.books_add_up(sku).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_taken_back_on_the_page_after_a_second_look() {
    let stock = ["A", "B"].map(|sku| (sku, 9));
    let mut world = World::open(vec![shop(93, &stock), shop(94, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let rule = json!({"owner": "store", "store": world.stores[0]});
    assert_eq!(visitor.put(&world, "/v1/rules/authority", &rule).await.0, 200);
    let since = world.desk().outside.clock.now();
    for sku in ["A", "B"] {
        world.shops[0].admin().set_stock(world.listed(0, sku), 20);
        world.all_show(sku, 20).await;
    }
    world.shops[1].buy(&Basket::of(world.listed(1, "B"), 1)).unwrap();
    world.all_show("B", 19).await;
    world.quiet().await;

    let own = format!("/stores/{}/undo", world.stores[1]);
    let front = visitor.page(&world, "/").await;
    assert!(front.contains(&format!(r#"href="{own}""#)), "{front}");
    let page = visitor.page(&world, &format!("{own}?since={since}")).await;
    assert!(page.contains("back to 9") && page.contains("something newer happened"), "{page}");
    assert!(page.contains("Take back 1 number"), "{page}");
    // A time that is none, and one that is not past: said in the page, and nothing is listed.
    for bad in ["yesterday", "2126-01-01T00:00:00"] {
        let (status, page) = visitor.seen(&world, &format!("{own}?since={bad}")).await;
        assert_eq!(status, 422, "{page}");
        assert!(page.contains(r#"role="alert""#), "{page}");
    }

    let asked = visitor.page(&world, &format!("{own}?since={since}&step=confirm")).await;
    let digest = asked.split(r#"name="digest" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let act = format!("/undo/{}", world.stores[1]);
    assert_eq!(world.store(&world.stores[1]).await.phase, Phase::Writing, "looking changes nothing");

    // From another site, and without a key: nothing happens.
    let form = format!("since={since}&digest={digest}");
    assert_eq!(visitor.form_of(&world, &act, &form, "cross-site").await.0, 403);
    assert_eq!(world.store(&world.stores[1]).await.phase, Phase::Writing);

    // Numbers that moved since they were looked at: said on the page, and nothing goes back.
    let other = format!("since={since}&digest=0123456789abcdef0123456789abcdef");
    let (status, page) = visitor.form_of(&world, &act, &other, "same-origin").await;
    assert_eq!(status, 409, "{page}");
    assert!(page.contains("have moved since you looked") && page.contains("Take back 1 number"), "{page}");
    assert_eq!(world.shows(1, "A"), 20);

    let begun = format!("{own}?since={since}&step=begun");
    assert_eq!(visitor.form(&world, &act, &form).await, (303, begun.clone()));
    until("A is set back", || async { (world.shows(1, "A") == 9).then_some(()) }).await;
    world.quiet().await;
    let page = visitor.page(&world, &begun).await;
    assert!(page.contains("Done: 1 number is as before") && page.contains("1 was left"), "{page}");
    assert!(!page.contains(r#"http-equiv="refresh""#), "{page}");
    let writes = world.shops[1].window().stock_log().len();

    // A form that was sent twice finds its work done.
    assert_eq!(visitor.form(&world, &act, &form).await, (303, begun));
    world.quiet().await;
    assert_eq!(world.shops[1].window().stock_log().len(), writes);
    assert_eq!([world.shows(1, "A"), world.shows(1, "B")], [9, 19]);
    for sku in ["A", "B"] {
        world.books_add_up(sku).await;
    }
    world.stop().await;
}
