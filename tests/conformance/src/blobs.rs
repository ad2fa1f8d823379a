//! What a store of blobs must do.

use domain::OrgId;
use futures::future::join_all;
use ports::{Blobs, ErrorKind};

/// Runs the suite on an empty store.
pub async fn suite(blobs: &dyn Blobs) {
    what_is_put_comes_back(blobs).await;
    merchants_are_apart(blobs).await;
    what_is_removed_is_gone(blobs).await;
    keys_that_look_alike_are_apart(blobs).await;
    writers_of_one_key_leave_one_whole_value(blobs).await;
    what_is_no_key_is_refused(blobs).await;
}

async fn what_is_put_comes_back(blobs: &dyn Blobs) {
    let org = OrgId::derive(&["back"]);
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    assert_eq!(blobs.get(&org, "raw/1.json").await.unwrap(), None);
    for bytes in [b"one".to_vec(), Vec::new(), large] {
        blobs.put(&org, "raw/1.json", &bytes).await.unwrap();
        assert!(blobs.get(&org, "raw/1.json").await.unwrap() == Some(bytes));
    }
}

async fn what_is_removed_is_gone(blobs: &dyn Blobs) {
    let (a, b) = (OrgId::derive(&["gone"]), OrgId::derive(&["stays"]));
    for org in [&a, &b] {
        blobs.put(org, "same/key", b"x").await.unwrap();
    }
    for _ in 0..2 {
        blobs.remove(&a, "same/key").await.unwrap();
        assert_eq!(blobs.get(&a, "same/key").await.unwrap(), None);
    }
    assert_eq!(blobs.get(&b, "same/key").await.unwrap().as_deref(), Some(b"x".as_slice()));
    blobs.put(&a, "same/key", b"again").await.unwrap();
    assert_eq!(blobs.get(&a, "same/key").await.unwrap().as_deref(), Some(b"again".as_slice()));
}

async fn merchants_are_apart(blobs: &dyn Blobs) {
    let (a, b) = (OrgId::derive(&["a"]), OrgId::derive(&["b"]));
    blobs.put(&a, "same/key", b"a").await.unwrap();
    assert_eq!(blobs.get(&b, "same/key").await.unwrap(), None);
    blobs.put(&b, "same/key", b"b").await.unwrap();
    assert_eq!(blobs.get(&a, "same/key").await.unwrap().as_deref(), Some(b"a".as_slice()));
}

async fn keys_that_look_alike_are_apart(blobs: &dyn Blobs) {
    let org = OrgId::derive(&["alike"]);
    let keys = ["a", "A", "a/b", "a/B", "a/b/c", "a.b", "a-b", "a_b", "ab"];
    for key in keys {
        blobs.put(&org, key, key.as_bytes()).await.unwrap();
    }
    for key in keys {
        assert_eq!(blobs.get(&org, key).await.unwrap().as_deref(), Some(key.as_bytes()), "{key}");
    }
}

async fn writers_of_one_key_leave_one_whole_value(blobs: &dyn Blobs) {
    let org = OrgId::derive(&["race"]);
    let values: Vec<Vec<u8>> = (0..8_u8).map(|byte| vec![byte; 200_000]).collect();
    for written in join_all(values.iter().map(|value| blobs.put(&org, "one", value))).await {
        written.unwrap();
    }
    let left = blobs.get(&org, "one").await.unwrap().unwrap();
    assert!(values.contains(&left), "a mixture of two values");
}

async fn what_is_no_key_is_refused(blobs: &dyn Blobs) {
    let org = OrgId::derive(&["refused"]);
    for key in ["", "/a", "a/", "a//b", "..", "a/../b", "a b", "a\\b"] {
        assert_eq!(blobs.put(&org, key, b"x").await.unwrap_err().kind, ErrorKind::Refused, "{key:?}");
    }
}
