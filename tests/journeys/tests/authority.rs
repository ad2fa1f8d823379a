//! Whose number counts where no order explains a difference: the books', a store's, or what a person says.

use domain::exception::{Exception, ExceptionKind};
use journeys::{Visitor, World, shop, until};
use serde_json::json;
use simulators::woocommerce::Basket;

async fn open(world: &World, kind: ExceptionKind) -> Vec<Exception> {
    let desk = world.desk();
    let page = desk.outside.journal.exceptions(&desk.org, false, &ports::Ask::first(200)).await.unwrap();
    page.items.into_iter().filter(|exception| exception.kind == kind).collect()
}

/// The latest cause among an item's entries.
async fn cause(world: &World, visitor: &Visitor, sku: &str) -> String {
    let (status, why) = visitor.get(world, &format!("/v1/items/{sku}/why")).await;
    assert_eq!(status, 200, "{why}");
    why["entries"][0]["cause"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_settled_by_the_rule_of_its_item_and_leaves_a_trace() {
    let stock = [("A", 9), ("B", 9), ("C", 9)];
    let mut world = World::open(vec![shop(71, &stock), shop(72, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let (status, rules) = visitor.get(&world, "/v1/rules").await;
    assert_eq!((status, &rules["authority"]["owner"]), (200, &"ask".into()), "a person is asked by default");
    let owner = json!({"owner": "store", "store": world.stores[0]});
    assert_eq!(visitor.put(&world, "/v1/rules/authority", &json!({"owner": "hub"})).await.0, 200);
    assert_eq!(visitor.put(&world, "/v1/items/B/authority", &owner).await.0, 200);
    assert_eq!(visitor.put(&world, "/v1/items/C/authority", &json!({"owner": "ask"})).await.0, 200);
    let stranger = json!({"owner": "store", "store": "sto_00000000000000000000000000"});
    assert_eq!(visitor.put(&world, "/v1/items/A/authority", &stranger).await.0, 404);
    assert_eq!(visitor.put(&world, "/v1/items/NONE/authority", &owner).await.0, 404);
    let (_, own) = visitor.get(&world, "/v1/rules/items").await;
    let mut skus: Vec<&str> =
        own["items"].as_array().unwrap().iter().map(|one| one["sku"].as_str().unwrap()).collect();
    skus.sort_unstable();
    assert_eq!(skus, ["B", "C"]);

    // Somebody types numbers into both shops.
    world.shops[0].admin().set_stock(world.listed(0, "A"), 5);
    let waits = until("what will be done is said", || async {
        let (_, drift) = visitor.get(&world, "/v1/items/A/drift").await;
        let rows = drift["standings"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["will"]["do"] == "wait-for-orders")
    })
    .await;
    assert!(waits["says"].as_str().unwrap().contains("Then it follows the books"), "{waits}");
    assert_eq!(waits["authority"], json!({"owner": "hub", "own": false}));
    let page = visitor.page(&world, "/items/A/drift").await;
    assert!(page.contains("the books count, by the merchant"), "{page}");
    world.shops[0].admin().set_stock(world.listed(0, "B"), 4);
    world.all_show("A", 9).await;
    world.all_show("B", 4).await;
    assert_eq!((world.available("A").await, world.available("B").await), (9, 4));
    let trace = cause(&world, &visitor, "A").await;
    assert!(trace.contains("5 of A were shown and 9 explained: the books count"), "{trace}");
    assert!(trace.contains("by the merchant's rule: the hub counts"), "{trace}");
    let trace = cause(&world, &visitor, "B").await;
    assert!(trace.contains("was taken into the books") && trace.contains("by the item's rule"), "{trace}");

    // A shop that does not own the count follows; sales go on as ever.
    world.shops[1].admin().set_stock(world.listed(1, "B"), 8);
    world.all_show("B", 4).await;
    world.shops[1].buy(&Basket::of(world.listed(1, "B"), 1)).unwrap();
    world.all_show("B", 3).await;
    assert!(open(&world, ExceptionKind::Unexplained).await.is_empty(), "nobody was asked");

    // What a person is asked about already is settled by a rule that is given later.
    world.shops[0].admin().set_stock(world.listed(0, "C"), 2);
    until("a person is asked", || async {
        (!open(&world, ExceptionKind::Unexplained).await.is_empty()).then_some(())
    })
    .await;
    assert_eq!(visitor.put(&world, "/v1/items/C/authority", &json!({"owner": "hub"})).await.0, 200);
    world.all_show("C", 9).await;
    until("nobody is asked any more", || async {
        open(&world, ExceptionKind::Unexplained).await.is_empty().then_some(())
    })
    .await;
    for sku in ["A", "B", "C"] {
        world.books_add_up(sku).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_falls_to_zero_does_not_empty_the_books_by_itself() {
    let stock = [("A", 9), ("B", 8), ("C", 7), ("D", 6), ("E", 5), ("F", 4)];
    let mut world = World::open(vec![shop(73, &stock), shop(74, &stock)], 3600).await;
    world.join_all().await;
    let visitor = Visitor::of(&world);
    let owner = json!({"owner": "store", "store": world.stores[0]});
    assert_eq!(visitor.put(&world, "/v1/rules/authority", &owner).await.0, 200);
    for (sku, _) in &stock[..5] {
        world.shops[0].admin().set_stock(world.listed(0, sku), 0);
    }
    let asked = until("a person is asked once for all", || async {
        let asked = open(&world, ExceptionKind::FellToZero).await;
        let each = open(&world, ExceptionKind::Unexplained).await;
        (each.len() == 5).then_some(asked)
    })
    .await;
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].facts["fell"].as_str(), asked[0].facts["looked_at"].as_str()), ("5", "6"));
    for (sku, units) in &stock {
        assert_eq!(world.available(sku).await, *units, "the books hold {sku}");
        assert_eq!(world.shows(1, sku), *units, "the other shop offers {sku}");
    }
    let resolve = format!("/v1/exceptions/{}/resolve", asked[0].id);
    assert_eq!(visitor.post(&world, &resolve, &json!({})).await.0, 422, "it must be said who is right");
    // The store's page tells it, with a button for each side.
    let own = format!("/stores/{}", world.stores[0]);
    let front = visitor.page(&world, "/").await;
    assert!(front.contains(&format!(r#"href="{own}#fall""#)), "{front}");
    let page = visitor.page(&world, &own).await;
    assert!(page.contains("5 of 6 numbers that were looked at fell to zero together"), "{page}");
    let settle = format!("/settle/{}", asked[0].id);
    assert_eq!(page.matches(&format!(r#"action="{settle}""#)).count(), 2, "{page}");
    let (status, refused) = visitor.form_of(&world, &settle, "right=neither", "same-origin").await;
    assert_eq!(status, 422, "{refused}");
    assert_eq!(visitor.form(&world, &settle, "right=books").await, (303, own.clone()));
    assert!(!visitor.page(&world, &own).await.contains("fell to zero together"));
    for (sku, units) in &stock {
        world.all_show(sku, *units).await;
    }
    assert!(open(&world, ExceptionKind::Unexplained).await.is_empty());
    // A single number that falls is taken, as the rule says.
    world.shops[0].admin().set_stock(world.listed(0, "F"), 0);
    world.all_show("F", 0).await;
    assert_eq!(world.available("F").await, 0);
    world.stop().await;
}
