//! What shops list changes while they sell.

use domain::exception::ExceptionKind;
use journeys::{World, shop, until};
use ports::Ask;
use simulators::woocommerce::{Basket, Item};

/// Kinds of what people are asked about, other than how a shop is set up.
async fn asked(world: &World) -> Vec<ExceptionKind> {
    let desk = world.desk();
    let open = desk.outside.journal.exceptions(&desk.org, false, &Ask::first(50)).await.unwrap();
    open.items.iter().map(|one| one.kind).filter(|kind| *kind != ExceptionKind::StoreSetup).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_comes_back_from_the_trash_shows_what_is_left() {
    let mut world = World::open(vec![shop(71, &[("A", 9), ("B", 4)]), shop(72, &[("A", 9)])], 3600).await;
    world.join_all().await;
    let product = world.listed(0, "A");
    assert!(world.shops[0].admin().trash_product(product));
    let id = domain::RemoteProductId::new(product.to_string());
    until("it is known to be gone", || async {
        let desk = world.desk();
        let known = desk.outside.catalog.product(&desk.org, &world.stores[0], &id).await.unwrap().unwrap();
        (known.listing == domain::product::Listing::Removed).then_some(())
    })
    .await;
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 7)).unwrap();
    until("the sale is booked", || async { (world.available("A").await == 2).then_some(()) }).await;
    world.quiet().await;
    assert_eq!(world.shows(0, "A"), 9, "nothing is written to what is in the trash");
    assert!(world.shops[0].admin().restore_product(product));
    world.all_show("A", 2).await;
    world.quiet().await;
    assert_eq!(asked(&world).await, []);
    world.books_add_up("A").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_listed_later_follows_the_books_and_its_sales_count() {
    let mut world = World::open(vec![shop(73, &[("A", 9)]), shop(74, &[("A", 9), ("B", 5)])], 3600).await;
    world.join_all().await;
    let product = world.shops[0].admin().add_product(&Item::new("B", 5));
    until("it is in the books", || async {
        let links = world.desk().outside.ledger.links_of(&world.desk().org, &world.item("B")).await.unwrap();
        (links.len() == 2 && links.iter().all(|link| link.explained.is_some())).then_some(())
    })
    .await;
    world.shops[0].buy(&Basket::of(product, 2)).unwrap();
    world.all_show("B", 3).await;
    world.shops[1].buy(&Basket::of(world.listed(1, "B"), 1)).unwrap();
    world.all_show("B", 2).await;
    world.quiet().await;
    assert_eq!(asked(&world).await, []);
    world.books_add_up("B").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variant_that_gets_another_sku_follows_that_item() {
    let mut world = World::open(vec![shop(75, &[("A", 9)]), shop(76, &[("A", 9), ("B", 3)])], 3600).await;
    world.join_all().await;
    assert!(world.shops[0].admin().change_sku(world.listed(0, "A"), "B"));
    // Where it showed another number than the books have, somebody is told; it follows the books all the same.
    world.all_show("B", 3).await;
    world.quiet().await;
    assert_eq!(asked(&world).await, [ExceptionKind::CountDiffers]);
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 1)).unwrap();
    until("the other shop shows what is left of A", || async { (world.shows(1, "A") == 8).then_some(()) })
        .await;
    world.all_show("B", 3).await;
    world.shops[0].buy(&Basket::of(world.listed(0, "B"), 1)).unwrap();
    world.all_show("B", 2).await;
    assert_eq!(world.available("A").await, 8);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_deleted_without_a_word_and_made_again_takes_its_place() {
    let mut world = World::open(vec![shop(77, &[("A", 9)]), shop(78, &[("A", 9)])], 3600).await;
    world.join_all().await;
    assert!(world.shops[0].admin().delete_product(world.listed(0, "A")));
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 4)).unwrap();
    until("the sale is booked", || async { (world.available("A").await == 5).then_some(()) }).await;
    let again = world.shops[0].admin().add_product(&Item::new("A", 20));
    world.all_show("A", 5).await;
    world.shops[0].buy(&Basket::of(again, 1)).unwrap();
    world.all_show("A", 4).await;
    world.quiet().await;
    assert_eq!(asked(&world).await, [ExceptionKind::CountDiffers]);
    world.books_add_up("A").await;
    world.stop().await;
}
