//! Raw events in the blob store, and what leads there.

use std::sync::Arc;

use conformance::embedded;
use conformance::fixtures::{event, org, store_id};
use domain::event::EventState;
use domain::message::Body;
use hub::archive::Archive;
use ports::{Blobs, Journal, Taken};
use storeloom::blobs::FolderBlobs;

fn blobs() -> (Arc<FolderBlobs>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Arc::new(FolderBlobs::open(&folder.path().join("blobs")).unwrap()), folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_lies_under_its_day_and_the_record_leads_there() {
    let (table, _guard) = embedded::table().await;
    let (blobs, _folder) = blobs();
    let archive = Archive::new(Arc::new(table.clone()), blobs.clone());
    let (org, store) = (org(), store_id());
    let new = event(&org, &store, "one", "order", 86_400);
    assert_eq!(archive.take(&new).await.unwrap(), Taken::New);
    assert!(archive.trials().is_some(), "what the journal keeps besides, it keeps");
    let kept = table.event(&org, &new.id).await.unwrap().unwrap();
    let Body::Blob(key) = &kept.inbox.raw.body else { panic!("the body stayed in the record") };
    let day = new.inbox.received_at.to_string();
    let (year, rest) = day.split_once('-').unwrap();
    assert_eq!(*key, format!("raw/{year}/{}/{}/{}", &rest[..2], &rest[3..5], new.id));
    let Body::Text(text) = &new.inbox.raw.body else { panic!("a text") };
    assert_eq!(blobs.get(&org, key).await.unwrap().as_deref(), Some(text.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_left_out_is_kept_by_the_next_delivery_in_the_same_place() {
    let (table, _guard) = embedded::table().await;
    let (blobs, _folder) = blobs();
    let archive = Archive::new(Arc::new(table.clone()), blobs.clone());
    let (org, store) = (org(), store_id());
    let first = event(&org, &store, "one", "order", 0);
    archive.take(&first).await.unwrap();
    let kept = table.event(&org, &first.id).await.unwrap().unwrap();
    let Body::Blob(key) = &kept.inbox.raw.body else { panic!("the body stayed in the record") };
    blobs.remove(&org, key).await.unwrap();
    // The same event on another day, before anybody came to the end of it.
    let again = event(&org, &store, "one", "order", 86_400 * 3);
    assert_eq!(archive.take(&again).await.unwrap(), Taken::Again(EventState::Taken));
    assert!(blobs.get(&org, key).await.unwrap().is_some(), "it lies where the record leads");
    // Once it is booked nothing is kept again: it may have been erased.
    archive.mark(&org, &first.id, EventState::Booked, None).await.unwrap();
    blobs.remove(&org, key).await.unwrap();
    assert_eq!(archive.take(&again).await.unwrap(), Taken::Again(EventState::Booked));
    assert!(blobs.get(&org, key).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_lies_elsewhere_already_stays_there() {
    let (table, _guard) = embedded::table().await;
    let (blobs, _folder) = blobs();
    let archive = Archive::new(Arc::new(table.clone()), blobs);
    let (org, store) = (org(), store_id());
    let mut large = event(&org, &store, "large", "order", 0);
    large.inbox.raw.body = Body::Blob("inbox/abc".into());
    archive.take(&large).await.unwrap();
    let kept = table.event(&org, &large.id).await.unwrap().unwrap();
    assert_eq!(kept.inbox.raw.body, Body::Blob("inbox/abc".into()));
}
