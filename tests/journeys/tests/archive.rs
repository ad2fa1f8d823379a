//! What a shop said lies in the archive: it is read again from there, and it is gone when somebody asks for that.

use domain::event::EventState;
use domain::message::Body;
use domain::stock::Entry;
use domain::{EventId, StoreId};
use journeys::{Mixed, storeloom, until};
use ports::{Ask, EventRecord};
use simulators::shopify::Basket;

const STOCK: [(&str, i64); 2] = [("A", 9), ("B", 4)];

async fn events(world: &Mixed, store: &StoreId) -> Vec<EventRecord> {
    let desk = world.desk();
    desk.outside.journal.events(&desk.org, store, &Ask::first(100)).await.unwrap().items
}

async fn event(world: &Mixed, id: &EventId) -> EventRecord {
    let desk = world.desk();
    desk.outside.journal.event(&desk.org, id).await.unwrap().unwrap()
}

/// What lies in the archive of an event.
async fn archived(world: &Mixed, key: &str) -> Option<String> {
    let desk = world.desk();
    let bytes = desk.outside.blobs.get(&desk.org, key).await.unwrap()?;
    Some(String::from_utf8(bytes).unwrap())
}

async fn entries(world: &Mixed, sku: &str) -> Vec<Entry> {
    let desk = world.desk();
    desk.outside.ledger.entries(&desk.org, &world.item(sku), &Ask::first(100)).await.unwrap().items
}

fn key_of(record: &EventRecord) -> String {
    match &record.inbox.raw.body {
        Body::Blob(key) => key.clone(),
        Body::Text(_) | Body::Base64(_) => panic!("the body of {} is not in the archive", record.topic),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_order_is_read_again_and_after_its_buyer_is_forgotten_it_is_not() {
    let mut world = Mixed::open(310, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let store = world.store_of("shopify").await.unwrap();
    let email = "somebody@shop.example";
    let customer = Some(world.shopify.admin().add_customer("Ada", "Example", email));
    let variant = world.shopify.window().stock_of("A")[0].id;
    world.shopify.buy(&Basket { customer, ..Basket::of(variant, 2) }).unwrap();
    world.both_show("A", 7).await;
    // An order of somebody else, whose message stays.
    world.buy_in_shopify("B", 1);
    world.both_show("B", 3).await;
    world.quiet().await;

    let mut about_the_buyer = Vec::new();
    for record in events(&world, &store.id).await.into_iter().filter(|one| one.topic.starts_with("orders/")) {
        let body = archived(&world, &key_of(&record)).await.unwrap();
        if body.contains(email) {
            about_the_buyer.push(record);
        }
    }
    let sold = about_the_buyer.iter().find(|one| one.topic == "orders/create").unwrap().clone();
    let key = key_of(&sold);
    assert!(key.starts_with("raw/") && key.ends_with(sold.id.as_str()), "by day: {key}");
    let other = events(&world, &store.id).await;
    let kept: Vec<EventRecord> =
        other.into_iter().filter(|one| one.topic == "orders/create" && one.id != sold.id).collect();
    assert_eq!(kept.len(), 1);

    // Read again from the archive: it is in the books already, and stays there once.
    let before = entries(&world, "A").await;
    let (done, said) = storeloom(&world, &["replay", sold.id.as_str()], "").await;
    assert!(done, "{said}");
    until("it was read again", || async {
        let again = event(&world, &sold.id).await;
        (again.state == EventState::Booked && again.note.is_none()).then_some(())
    })
    .await;
    world.quiet().await;
    assert_eq!(entries(&world, "A").await, before, "it is booked once");
    assert_eq!(world.show("A"), (7, 7));

    // The platform asks for its buyer to be forgotten, at the door of its compliance messages.
    assert!(world.shopify.faults().compliance("customers/redact", customer));
    for record in &about_the_buyer {
        until("the message is gone from the archive", || async {
            archived(&world, &key_of(record)).await.is_none().then_some(())
        })
        .await;
        until("its record leads nowhere", || async {
            (event(&world, &record.id).await.inbox.raw.body == Body::Text(String::new())).then_some(())
        })
        .await;
    }
    world.quiet().await;
    assert!(archived(&world, &key_of(&kept[0])).await.is_some(), "what is about others stays");
    for file in files(&world.data().join("blobs")) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(email), "{} names the buyer", file.display());
    }

    // It cannot be read again; that is said, and what it booked stands.
    let (done, said) = storeloom(&world, &["replay", sold.id.as_str()], "").await;
    assert!(!done && said.contains("its message was erased"), "{said}");
    assert_eq!(event(&world, &sold.id).await.state, EventState::Booked);
    let (done, said) = storeloom(&world, &["replay", kept[0].id.as_str()], "").await;
    assert!(done, "{said}");
    // The platform asks once more: there is nothing left to forget.
    let taken = world.shopify.window().deliveries().len();
    if world.shopify.faults().resend() {
        until("it was delivered once more", || async {
            (world.shopify.window().deliveries().len() > taken).then_some(())
        })
        .await;
    }
    world.quiet().await;
    assert!(archived(&world, &key).await.is_none());
    assert_eq!(entries(&world, "A").await, before);
    assert_eq!((world.show("A"), world.available("A").await), ((7, 7), 7));
    assert_eq!((world.show("B"), world.available("B").await), ((3, 3), 3));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_archive_does_not_hold_any_more_says_so_and_the_books_stand() {
    let mut world = Mixed::open(311, &STOCK, 3600, |_| {}).await;
    world.join().await;
    let store = world.store_of("woocommerce").await.unwrap();
    world.buy_in_woo("A", 3);
    world.both_show("A", 6).await;
    world.quiet().await;
    let all = events(&world, &store.id).await;
    let sold = all.into_iter().find(|one| one.topic.starts_with("order.")).unwrap();
    let before = entries(&world, "A").await;
    // What the bucket's lifecycle does after its days.
    let desk = world.desk();
    desk.outside.blobs.remove(&desk.org, &key_of(&sold)).await.unwrap();
    let (done, said) = storeloom(&world, &["replay", sold.id.as_str()], "").await;
    assert!(done, "{said}");
    let noted = until("its event says that it cannot be read", || async {
        event(&world, &sold.id).await.note.filter(|note| note != "replayed")
    })
    .await;
    assert!(noted.contains("cannot be read again, and what it booked stands"), "{noted}");
    world.quiet().await;
    assert_eq!(entries(&world, "A").await, before);
    assert_eq!((world.show("A"), world.available("A").await), ((6, 6), 6));
    let (done, said) = storeloom(&world, &["replay", "evt_00000000000000000000000000"], "").await;
    assert!(!done && said.contains("ninety days"), "{said}");
    world.stop().await;
}

/// All files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
