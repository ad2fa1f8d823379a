//! A Shopify shop connected by the real command line, with each kind of key that its owner may have.

use domain::store::{Phase, Store};
use hub::stores::Stores;
use journeys::{Mixed, storeloom};

const STOCK: [(&str, i64); 1] = [("A", 9)];

/// The store lives: its numbers are written, and its deliveries are verified.
async fn lives(world: &Mixed) -> Store {
    let store = world.store_of("shopify").await.unwrap();
    let desk = world.desk();
    journeys::until("the store has joined", || async {
        let store = world.store_of("shopify").await.unwrap();
        (store.phase != Phase::Joining).then_some(())
    })
    .await;
    Stores::new(&desk.outside).start(&desk.org, &store.id).await.unwrap();
    world.quiet().await;
    let before = world.show("A").1;
    // The next reading of changes is an hour away: only a delivery can have told.
    world.buy_in_shopify("A", 2);
    journeys::until("the sale is booked", || async {
        (world.available("A").await == before - 2).then_some(())
    })
    .await;
    let rows = world.shopify.window().deliveries();
    assert!(rows.iter().any(|row| row.topic == "orders/create" && row.status == Some(200)));
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_its_secret_are_pasted() {
    let mut world = Mixed::open(401, &STOCK, 3600, |_| {}).await;
    let (domain, token) = (world.shopify.domain().to_owned(), world.shopify.token().to_owned());
    let secret = world.shopify.app().client_secret;
    let wrong = ["connect", "shopify", "--url", &domain, "--key", "shpat_00000000000000000000000000000000"];
    let (done, said) = storeloom(&world, &wrong, &secret).await;
    assert!(!done && world.store_of("shopify").await.is_none(), "{said}");
    assert!(!said.contains(&secret), "{said}");
    // The secret comes through standard input, as a script gives it.
    let right = ["connect", "shopify", "--url", &domain, "--key", &token];
    let (done, said) = storeloom(&world, &right, &format!("{secret}\n")).await;
    assert!(done, "{said}");
    assert!(!said.contains(&secret) && !said.contains(&token), "{said}");
    assert!(!said.contains("no-api-secret"), "{said}");
    lives(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_and_secret_of_the_merchants_own_app_are_pasted() {
    let mut world = Mixed::open(402, &STOCK, 3600, |_| {}).await;
    let (domain, app) = (world.shopify.domain().to_owned(), world.shopify.app());
    let line =
        ["connect", "shopify", "--url", &domain, "--key", &app.client_id, "--secret", &app.client_secret];
    let (done, said) = storeloom(&world, &line, "").await;
    assert!(done, "{said}");
    let store = lives(&world).await;
    // Its token lasts a day: after that the app opens the shop anew.
    let before = world.shopify.window().tokens();
    world.pass(std::time::Duration::from_secs(25 * 3600));
    world.buy_in_shopify("A", 1);
    journeys::until("the sale is booked, and a new token is there", || async {
        let fresh = world.shopify.window().tokens().iter().any(|token| !before.contains(token));
        (fresh && world.available("A").await == 6).then_some(())
    })
    .await;
    assert!(world.store_of("shopify").await.unwrap().is_callable());
    // The HTTP API takes the same keys under the platform's own names: the same shop is the same store.
    let keys = serde_json::json!({"client_id": app.client_id, "client_secret": app.client_secret});
    let body = serde_json::json!({"platform": "shopify", "address": domain, "keys": keys});
    let answer = reqwest::Client::new()
        .post(world.url("/v1/stores"))
        .bearer_auth(&world.key)
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success() && text.contains(store.id.as_str()), "{status} {text}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hubs_own_app_is_told_and_opens_the_shop() {
    let mut world = Mixed::open(403, &STOCK, 3600, |_| {}).await;
    let app = world.shopify.app();
    let tell = ["app", "shopify", "--id", &app.client_id];
    let (done, said) = storeloom(&world, &tell, "not-the-secret\n").await;
    assert!(done, "{said}");
    let page = begin(&world).await;
    let sent = world.browse(&page, None).await;
    let back = world.shopify.approve(&sent.location.unwrap()).await.unwrap();
    let refused = world.browse(&back, sent.cookie.as_deref()).await;
    assert_ne!(refused.status, 303, "the answer is signed with another secret");
    assert!(world.store_of("shopify").await.is_none());

    let old = [
        "--old-secret",
        "the-one-before",
        "--scopes",
        "read_products,write_products,read_inventory,write_inventory,read_locations,read_orders",
    ];
    let (done, said) =
        storeloom(&world, &[&tell[..], &old[..]].concat(), &format!("{}\n", app.client_secret)).await;
    assert!(done && !said.contains(&app.client_secret), "{said}");
    world.connect_shopify().await;
    lives(&world).await;
    world.stop().await;
}

/// The page on which the owner agrees, as the command line names it.
async fn begin(world: &Mixed) -> String {
    let line = ["connect", "shopify", "--url", world.shopify.domain(), "--browser", "--no-open", "--no-wait"];
    let (done, said) = storeloom(world, &line, "").await;
    assert!(done, "{said}");
    said.split_whitespace().find(|word| word.starts_with("https://")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_about_a_person_can_be_handed_over() {
    let mut world = Mixed::open(404, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let customer = world.shopify.admin().add_customer("Ada", "Example", "somebody@shop.example");
    let basket = simulators::shopify::Basket {
        customer: Some(customer),
        email: "somebody@shop.example".into(),
        ..simulators::shopify::Basket::of(world.shopify.window().stock_of("A")[0].id, 1)
    };
    let order = world.shopify.buy(&basket).unwrap();
    world.buy_in_shopify("A", 1);
    world.both_show("A", 7).await;
    let store = world.store_of("shopify").await.unwrap();
    let number = customer.to_string();
    let (done, said) = storeloom(&world, &["person", store.id.as_str(), &number, "--json"], "").await;
    assert!(done, "{said}");
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(document["customer"]["remote"], number.as_str());
    let theirs: Vec<&str> =
        document["orders"].as_array().unwrap().iter().filter_map(|order| order["remote"].as_str()).collect();
    assert_eq!(theirs, [order.id.to_string().as_str()], "other people's orders are not handed over");
    let (done, said) = storeloom(&world, &["person", store.id.as_str(), "1"], "").await;
    assert!(!done && said.contains("nothing is kept"), "{said}");
    world.stop().await;
}
