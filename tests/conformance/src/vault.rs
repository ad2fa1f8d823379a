//! What a vault must do.

use domain::{OrgId, PlatformSlug, StoreId};
use futures::future::join_all;
use ports::{Vault, VaultWrite};
use secrecy::{ExposeSecret as _, SecretString};

/// Runs the suite on an empty vault.
pub async fn suite(vault: &dyn Vault) {
    replacing_compares_versions(vault).await;
    stores_and_merchants_are_apart(vault).await;
    of_many_writers_one_wins(vault).await;
    forgetting_is_final(vault).await;
    large_and_odd_documents_come_back_whole(vault).await;
    apps_are_kept_apart_from_stores(vault).await;
}

async fn read(vault: &dyn Vault, org: &OrgId, store: &StoreId) -> Option<(String, String)> {
    let secret = vault.read(org, store).await.unwrap()?;
    Some((secret.value.expose_secret().to_owned(), secret.version))
}

async fn replace(
    vault: &dyn Vault,
    org: &OrgId,
    store: &StoreId,
    version: Option<&str>,
    to: &str,
) -> VaultWrite {
    vault.replace_if(org, store, version, &SecretString::from(to.to_owned())).await.unwrap()
}

fn done(write: VaultWrite) -> String {
    match write {
        VaultWrite::Done(version) => version,
        VaultWrite::Raced => panic!("somebody else wrote"),
    }
}

async fn replacing_compares_versions(vault: &dyn Vault) {
    let (org, store) = (OrgId::derive(&["replace"]), StoreId::derive(&["replace"]));
    assert_eq!(read(vault, &org, &store).await, None);
    assert_eq!(replace(vault, &org, &store, Some("nothing-has-this"), "x").await, VaultWrite::Raced);
    let first = done(replace(vault, &org, &store, None, "one").await);
    assert_eq!(read(vault, &org, &store).await, Some(("one".to_owned(), first.clone())));
    assert_eq!(replace(vault, &org, &store, None, "x").await, VaultWrite::Raced);
    let second = done(replace(vault, &org, &store, Some(&first), "two").await);
    assert_ne!(first, second);
    assert_eq!(replace(vault, &org, &store, Some(&first), "x").await, VaultWrite::Raced);
    assert_eq!(read(vault, &org, &store).await, Some(("two".to_owned(), second)));
}

async fn stores_and_merchants_are_apart(vault: &dyn Vault) {
    let (a, b) = (OrgId::derive(&["a"]), OrgId::derive(&["b"]));
    let (one, two) = (StoreId::derive(&["one"]), StoreId::derive(&["two"]));
    for (org, store, value) in [(&a, &one, "a1"), (&a, &two, "a2"), (&b, &one, "b1")] {
        done(replace(vault, org, store, None, value).await);
    }
    for (org, store, value) in [(&a, &one, "a1"), (&a, &two, "a2"), (&b, &one, "b1")] {
        assert_eq!(read(vault, org, store).await.unwrap().0, value);
    }
    assert_eq!(read(vault, &b, &two).await, None);
}

async fn of_many_writers_one_wins(vault: &dyn Vault) {
    let (org, store) = (OrgId::derive(&["race"]), StoreId::derive(&["race"]));
    let first = done(replace(vault, &org, &store, None, "first").await);
    let values: Vec<String> = (0..12).map(|number| number.to_string()).collect();
    let writes = join_all(values.iter().map(|value| replace(vault, &org, &store, Some(&first), value))).await;
    let won: Vec<_> = writes.iter().zip(&values).filter(|(write, _)| **write != VaultWrite::Raced).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(read(vault, &org, &store).await.unwrap().0, *won[0].1);
}

async fn forgetting_is_final(vault: &dyn Vault) {
    let (org, store) = (OrgId::derive(&["forget"]), StoreId::derive(&["forget"]));
    vault.forget(&org, &store).await.unwrap();
    let first = done(replace(vault, &org, &store, None, "one").await);
    vault.forget(&org, &store).await.unwrap();
    assert_eq!(read(vault, &org, &store).await, None);
    assert_eq!(replace(vault, &org, &store, Some(&first), "x").await, VaultWrite::Raced);
    let second = done(replace(vault, &org, &store, None, "again").await);
    assert_ne!(first, second, "a version never comes back");
}

async fn large_and_odd_documents_come_back_whole(vault: &dyn Vault) {
    let org = OrgId::derive(&["odd"]);
    for (number, value) in
        ["{\"key\":\"\u{fc}\u{1f600}\\u0000\"}", &"x".repeat(60_000)].into_iter().enumerate()
    {
        let store = StoreId::derive(&["odd", &number.to_string()]);
        done(replace(vault, &org, &store, None, value).await);
        assert_eq!(read(vault, &org, &store).await.unwrap().0, value);
    }
}

async fn apps_are_kept_apart_from_stores(vault: &dyn Vault) {
    let (one, other) = (PlatformSlug::new("one"), PlatformSlug::new("other-one"));
    let text = |text: &str| SecretString::from(text.to_owned());
    assert!(vault.app(&one).await.unwrap().is_none());
    assert_eq!(
        vault.replace_app_if(&one, Some("nothing-has-this"), &text("x")).await.unwrap(),
        VaultWrite::Raced
    );
    let first = done(vault.replace_app_if(&one, None, &text("1")).await.unwrap());
    assert_eq!(vault.replace_app_if(&one, None, &text("x")).await.unwrap(), VaultWrite::Raced);
    let second = done(vault.replace_app_if(&one, Some(&first), &text("2")).await.unwrap());
    let kept = vault.app(&one).await.unwrap().unwrap();
    assert_eq!((kept.value.expose_secret(), &kept.version), ("2", &second));
    assert!(vault.app(&other).await.unwrap().is_none());
    for odd in ["", "..", "a/b", "A", "\u{e4}"] {
        assert!(vault.app(&PlatformSlug::new(odd)).await.is_err(), "{odd:?}");
    }
}
