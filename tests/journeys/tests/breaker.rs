//! Too many raises of a shop at once: they are held and a person is asked; lowering goes on.

use domain::exception::{Exception, ExceptionKind};
use hub::sweep::Sweep;
use journeys::{Visitor, World, shop, until};
use ports::Written;
use serde_json::json;
use simulators::woocommerce::Basket;

const SKUS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];
/// Of these the shop that owns the count gets a delivery.
const DELIVERED: &[&str] = &["A", "B", "C", "D", "E", "F"];

async fn asked(world: &World) -> Vec<Exception> {
    let desk = world.desk();
    let page = desk.outside.journal.exceptions(&desk.org, false, &ports::Ask::first(200)).await.unwrap();
    page.items.into_iter().filter(|exception| exception.kind == ExceptionKind::RaisesHeld).collect()
}

/// The hour after writing began is over.
async fn an_hour_later(world: &World) {
    let desk = world.desk();
    for id in &world.stores {
        let mut store = world.store(id).await;
        assert!(store.lets_raises(desk.outside.clock.now()), "a store that begins may raise what it showed");
        store.raises = None;
        assert_eq!(desk.outside.directory.change_store(&store).await.unwrap(), Written::Done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_raises_are_held_until_a_person_lets_them_go() {
    let (owner, follower) = (SKUS.map(|sku| (sku, 9)), SKUS.map(|sku| (sku, 4)));
    let mut world = World::open(vec![shop(81, &owner), shop(82, &follower)], 3600).await;
    let visitor = Visitor::of(&world);
    let limit = json!({"window_minutes": 10, "share_percent": 40, "links": 3});
    assert_eq!(visitor.patch(&world, "/v1/rules", &limit).await.0, 200);
    let nonsense = json!({"share_percent": 101});
    assert_eq!(visitor.patch(&world, "/v1/rules", &nonsense).await.0, 422);
    world.join_all().await;
    for sku in SKUS {
        world.all_show(sku, 9).await;
    }
    assert!(asked(&world).await.is_empty(), "what beginning raises was approved");
    an_hour_later(&world).await;

    // A delivery is typed into the shop whose number counts: most numbers of the other would rise.
    let rule = json!({"owner": "store", "store": world.stores[0]});
    assert_eq!(visitor.put(&world, "/v1/rules/authority", &rule).await.0, 200);
    for sku in DELIVERED {
        world.shops[0].admin().set_stock(world.listed(0, sku), 20);
    }
    let held = until("a person is asked", || async { asked(&world).await.into_iter().next() }).await;
    let fact = |name: &str| held.facts.get(name).map(String::as_str);
    assert_eq!(
        (fact("numbers"), fact("share_percent"), fact("at_least")),
        (Some("8"), Some("40"), Some("3"))
    );
    assert!(fact("raised").unwrap().parse::<u32>().unwrap() > 3, "{held:?}");
    assert!(fact("such_as").unwrap().contains("from 9 to 20"), "{held:?}");
    until("the books took the delivery", || async {
        for sku in DELIVERED {
            if world.available(sku).await != 20 {
                return None;
            }
        }
        Some(())
    })
    .await;
    world.quiet().await;
    let raised = DELIVERED.iter().filter(|sku| world.shows(1, sku) == 20).count();
    assert!(raised <= 3, "{raised} of 8 were raised");
    assert_eq!(asked(&world).await.len(), 1, "asked once");
    let page = visitor.page(&world, &format!("/stores/{}", world.stores[1])).await;
    for said in
        ["of its 8 numbers would have been raised", "more than 40 of 100 are too many", "from 9 to 20"]
    {
        assert!(page.contains(said), "{said} in {page}");
    }

    // What is sold is lowered as ever, and the page says what waits.
    world.shops[0].buy(&Basket::of(world.listed(0, "H"), 2)).unwrap();
    world.all_show("H", 7).await;
    let waits = DELIVERED.iter().find(|sku| world.shows(1, sku) == 9).unwrap();
    let page = visitor.page(&world, &format!("/items/{waits}/drift")).await;
    assert!(page.contains("once the held raises of"), "{page}");

    // A crash that lost the question: as long as raises are held, it is asked again.
    let desk = world.desk();
    desk.outside.journal.resolve_exception(&desk.org, &held.id, desk.outside.clock.now()).await.unwrap();
    world.stop().await;
    world.start().await;
    let desk = world.desk();
    Sweep::new(&desk.outside).sweep().await.unwrap();
    let again = asked(&world).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].id, held.id);
    world.quiet().await;
    assert_eq!(world.shows(1, waits), 9, "held over a restart");

    // The store's page says what is held, since when, and the ways out; the first page leads there.
    let own = format!("/stores/{}", world.stores[1]);
    let front = visitor.page(&world, "/").await;
    assert!(front.contains(&format!(r#"href="{own}#raises""#)), "{front}");
    let page = visitor.page(&world, &own).await;
    for said in ["Raises are held", "Let them go", "Keep them held"] {
        assert!(page.contains(said), "{said} in {page}");
    }
    let other = visitor.page(&world, &format!("/stores/{}", world.stores[0])).await;
    assert!(!other.contains("Let them go"), "{other}");
    let settle = format!("/settle/{}", held.id);
    assert_eq!(visitor.form_of(&world, &settle, "", "cross-site").await.0, 403);
    assert_eq!(world.shows(1, waits), 9);
    assert_eq!(visitor.form(&world, &settle, "").await, (303, own.clone()));
    let (status, again) = visitor.form_of(&world, &settle, "", "same-origin").await;
    assert_eq!(status, 409, "{again}");
    assert!(again.contains("it is settled already"), "{again}");
    for sku in DELIVERED {
        world.all_show(sku, 20).await;
    }
    Sweep::new(&world.desk().outside).sweep().await.unwrap();
    assert!(asked(&world).await.is_empty(), "nobody is asked any more");
    assert!(!visitor.page(&world, &own).await.contains("Let them go"), "nothing is held any more");
    for sku in SKUS {
        world.books_add_up(sku).await;
    }
    world.stop().await;
}
