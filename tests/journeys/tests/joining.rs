//! Joining shops of each kind, and a sale that travels.

use journeys::{World, shop};
use simulators::woocommerce::{Basket, Catalogue, Config, Generated};

/// Connects two shops, sells in each, and sees both follow.
async fn a_sale_travels(first: Config, second: Config) {
    let mut world = World::open(vec![first, second], 3600).await;
    world.join_all().await;
    assert_eq!(world.available("A").await, 5);
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 2)).unwrap();
    world.all_show("A", 3).await;
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 1)).unwrap();
    world.all_show("A", 2).await;
    world.quiet().await;
    assert_eq!(world.available("A").await, 2);
    assert_eq!(world.available("B").await, 9);
    world.books_add_up("A").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_with_oauth_and_over_https_with_its_own_authority() {
    let http = shop(1, &[("A", 5), ("B", 9)]);
    let https = Config { https: true, ..shop(2, &[("A", 5), ("C", 1)]) };
    a_sale_travels(http, https).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_subdirectory_and_without_a_list_of_variations() {
    let sub = Config { https: true, base_path: Some("/shop".into()), ..shop(3, &[("A", 5), ("B", 9)]) };
    let old = Config { https: true, global_variations: false, ..shop(4, &[("A", 5)]) };
    a_sale_travels(sub, old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_plain_permalinks_and_pasted_keys() {
    let plain = Config { https: true, plain_permalinks: true, ..shop(5, &[("A", 4)]) };
    let mut world = World::open(vec![plain, shop(6, &[("A", 4)])], 3600).await;
    let keys = world.shops[0].keys().clone();
    let connected = world.paste(0, &keys.consumer_key, &keys.consumer_secret).await.unwrap();
    assert!(!connected.again);
    world.stores.push(connected.store.id.clone());
    world.joined(&connected.store.id).await;
    world.connect(1).await;
    world.joined(&world.stores[1].clone()).await;
    let desk = world.desk();
    let stores = hub::stores::Stores::new(&desk.outside);
    for store in &world.stores {
        stores.start(&desk.org, store).await.unwrap();
    }
    world.shops[1].buy(&Basket::of(world.listed(1, "A"), 1)).unwrap();
    world.all_show("A", 3).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_not_started_is_not_written_to() {
    let mut world = World::open(vec![shop(7, &[("A", 5)]), shop(8, &[("A", 5)])], 3600).await;
    for index in 0..2 {
        let store = world.connect(index).await;
        world.joined(&store).await;
    }
    world.shops[0].buy(&Basket::of(world.listed(0, "A"), 1)).unwrap();
    journeys::until("the sale is booked", || async { (world.available("A").await == 4).then_some(()) }).await;
    world.quiet().await;
    assert_eq!(world.shows(1, "A"), 5);
    let desk = world.desk();
    let stores = hub::stores::Stores::new(&desk.outside);
    let preview = stores.preview(&desk.org, &world.stores[1]).await.unwrap();
    assert_eq!((preview.links, preview.lowered, preview.raised), (1, 1, 0));
    stores.start(&desk.org, &world.stores[1]).await.unwrap();
    world.all_show("A", 4).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_called_by_its_product_and_its_options() {
    let made = Generated { count: 6, shared: 0, variable_every: 2, ..Generated::default() };
    for global_variations in [true, false] {
        let catalogue = Catalogue::Generated(made.clone());
        let config = Config { catalogue, global_variations, ..shop(9, &[]) };
        let mut world = World::open(vec![config], 3600).await;
        let store = world.connect(0).await;
        world.joined(&store).await;
        let desk = world.desk();
        let ask = ports::Ask::first(200);
        let variants = desk.outside.catalog.variants(&desk.org, &store, &ask).await.unwrap().items;
        let mut seen = (0, 0);
        for record in &variants {
            let (Some(item), variant) = (&record.item, &record.variant) else { continue };
            let title = desk.outside.ledger.item(&desk.org, item).await.unwrap().unwrap().title;
            let product =
                desk.outside.catalog.product(&desk.org, &store, &variant.product).await.unwrap().unwrap();
            if variant.product.as_str() == variant.remote.as_str() {
                assert_eq!(title, product.title);
                seen.0 += 1;
            } else {
                assert_eq!(title, format!("{} - {}", product.title, variant.title));
                seen.1 += 1;
            }
        }
        assert!(seen.0 > 0 && seen.1 > 0, "{seen:?}");
        world.stop().await;
    }
}
