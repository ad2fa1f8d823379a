//! The directory: stores, keys, connections under way.

use domain::store::{Condition, Phase, Store};
use domain::{KeyId, PlatformSlug, RemoteShop};
use ports::{ApiKey, Directory, ErrorKind, PendingConnect, Written};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(directory: &dyn Directory) {
    stores_and_claims(directory).await;
    changes_name_the_version_they_read(directory).await;
    keys(directory).await;
    pending_connections_are_taken_once(directory).await;
    crate::decisions::suite(directory.decisions().expect("it keeps them")).await;
}

async fn stores_and_claims(directory: &dyn Directory) {
    let (ours, theirs) = (org(), org());
    let shop = format!("{}.example", store_id());
    let one = store(&ours, &shop);
    assert_eq!(directory.create_store(&one).await.unwrap(), Written::Done);
    assert_eq!(
        directory.create_store(&one).await.unwrap(),
        Written::Done,
        "the same call twice is one store"
    );
    for other in [store(&theirs, &shop), store(&ours, &shop)] {
        assert_eq!(directory.create_store(&other).await.unwrap(), Written::Raced, "the shop is claimed");
        assert_eq!(directory.store(&other.org, &other.id).await.unwrap(), None);
        assert_eq!(directory.org_of(&other.id).await.unwrap(), None);
    }
    let elsewhere = Store { platform: PlatformSlug::new("wix"), ..store(&theirs, &shop) };
    assert_eq!(directory.create_store(&elsewhere).await.unwrap(), Written::Done, "another platform's shop");

    assert_eq!(directory.store(&ours, &one.id).await.unwrap().as_ref(), Some(&one));
    assert_eq!(directory.store(&theirs, &one.id).await.unwrap(), None);
    assert_eq!(directory.org_of(&one.id).await.unwrap().as_ref(), Some(&ours));
    let found = directory.store_of_shop(&one.platform, &one.shop).await.unwrap();
    assert_eq!(found, Some((ours.clone(), one.id.clone())));
    assert_eq!(directory.store_of_shop(&one.platform, &RemoteShop::new("nowhere")).await.unwrap(), None);

    let earlier = Store { created_at: at(-60), ..store(&ours, &format!("{}.example", store_id())) };
    assert_eq!(directory.create_store(&earlier).await.unwrap(), Written::Done);
    let ids: Vec<_> = directory.stores(&ours).await.unwrap().into_iter().map(|store| store.id).collect();
    assert_eq!(ids, [earlier.id, one.id], "the oldest first");
    assert_eq!(directory.stores(&theirs).await.unwrap(), [elsewhere]);
    let orgs = directory.orgs().await.unwrap();
    assert_eq!(orgs.iter().filter(|org| **org == ours).count(), 1);
}

async fn changes_name_the_version_they_read(directory: &dyn Directory) {
    let ours = org();
    let mut one = store(&ours, &format!("{}.example", store_id()));
    assert_eq!(directory.change_store(&one).await.unwrap(), Written::Raced, "there is nothing to change");
    directory.create_store(&one).await.unwrap();
    one.phase = Phase::ReadOnly;
    one.condition = Condition::Held { reason: "no".into(), since: at(1) };
    assert_eq!(directory.change_store(&one).await.unwrap(), Written::Done);
    let stored = directory.store(&ours, &one.id).await.unwrap().unwrap();
    assert_eq!(stored, Store { version: 1, ..one.clone() });
    one.name = "Late".into();
    assert_eq!(directory.change_store(&one).await.unwrap(), Written::Raced);
    assert_eq!(directory.store(&ours, &one.id).await.unwrap().unwrap(), stored);

    let writers: Vec<Store> =
        (0..8).map(|number| Store { name: format!("Writer {number}"), ..stored.clone() }).collect();
    let calls = writers.iter().map(|writer| directory.change_store(writer));
    let won =
        futures::future::join_all(calls).await.into_iter().filter(|done| matches!(done, Ok(Written::Done)));
    assert_eq!(won.count(), 1, "one of many wins");
    assert_eq!(directory.store(&ours, &one.id).await.unwrap().unwrap().version, 2);
}

async fn keys(directory: &dyn Directory) {
    let ours = org();
    let id = KeyId::make(at(0), rand::random());
    let hash = format!("hash of {id}");
    let key = ApiKey { id, org: ours.clone(), name: "till".into(), hash: hash.clone(), created_at: at(0) };
    assert_eq!(directory.key_by_hash(&hash).await.unwrap(), None);
    directory.put_key(&key).await.unwrap();
    directory.put_key(&key).await.unwrap();
    assert_eq!(directory.key_by_hash(&hash).await.unwrap(), Some(key.clone()));
    assert!(directory.orgs().await.unwrap().contains(&ours), "a merchant is listed by its key alone");
    let stolen = ApiKey { org: org(), ..key.clone() };
    assert_eq!(directory.put_key(&stolen).await.unwrap_err().kind, ErrorKind::Refused);
    assert_eq!(directory.key_by_hash(&hash).await.unwrap(), Some(key));
}

async fn pending_connections_are_taken_once(directory: &dyn Directory) {
    let pending = PendingConnect {
        org: Some(org()),
        platform: PlatformSlug::new("woocommerce"),
        shop: RemoteShop::new("shop.example"),
        name: "Shop".into(),
        address: "https://shop.example".into(),
        browser: None,
        expires_at: at(600),
    };
    let hash = format!("state {}", store_id());
    assert_eq!(directory.take_pending(&hash, at(0)).await.unwrap(), None);
    directory.put_pending(&hash, &pending).await.unwrap();
    directory.put_pending(&hash, &pending).await.unwrap();
    let takes = (0..6).map(|_| directory.take_pending(&hash, at(1)));
    let taken: Vec<_> =
        futures::future::join_all(takes).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken, std::slice::from_ref(&pending), "one of many takes it");
    let again = PendingConnect { name: "Other".into(), ..pending.clone() };
    assert_eq!(directory.put_pending(&hash, &again).await.unwrap_err().kind, ErrorKind::Refused);
    assert_eq!(directory.take_pending(&hash, at(2)).await.unwrap(), None);

    let late = format!("state {}", store_id());
    directory.put_pending(&late, &pending).await.unwrap();
    assert_eq!(directory.take_pending(&late, at(600)).await.unwrap(), None, "it is over");
}
