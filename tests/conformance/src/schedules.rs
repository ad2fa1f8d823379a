//! What interval schedules must do, as far as the port shows; when they fire is each adapter's own test.

use domain::run::Stream;
use domain::{OrgId, StoreId};
use ports::{ErrorKind, Schedule, Schedules};

/// Runs the suite on an empty set of schedules.
pub async fn suite(schedules: &dyn Schedules) {
    let (org, other) = (OrgId::derive(&["one"]), OrgId::derive(&["other"]));
    let (store, neighbour) = (StoreId::derive(&["one"]), StoreId::derive(&["neighbour"]));
    let schedule = |org: &OrgId, store: &StoreId, stream, every_seconds| Schedule {
        org: org.clone(),
        store: store.clone(),
        stream,
        every_seconds,
    };
    assert!(schedules.of_store(&org, &store).await.unwrap().is_empty());
    let orders = schedule(&org, &store, Stream::Orders, 300);
    let catalog = schedule(&org, &store, Stream::Catalog, 3600);
    for one in [
        &orders,
        &catalog,
        &schedule(&org, &neighbour, Stream::Orders, 60),
        &schedule(&other, &store, Stream::Orders, 60),
    ] {
        schedules.put(one).await.unwrap();
    }
    assert_eq!(sorted(schedules, &org, &store).await, [catalog.clone(), orders.clone()]);
    let faster = schedule(&org, &store, Stream::Orders, 60);
    schedules.put(&faster).await.unwrap();
    schedules.put(&faster).await.unwrap();
    assert_eq!(
        sorted(schedules, &org, &store).await,
        [catalog.clone(), faster],
        "the same stream is replaced"
    );
    schedules.remove(&org, &store, Stream::Orders).await.unwrap();
    schedules.remove(&org, &store, Stream::Orders).await.unwrap();
    schedules.remove(&org, &store, Stream::Customers).await.unwrap();
    assert_eq!(sorted(schedules, &org, &store).await, [catalog]);
    assert_eq!(schedules.of_store(&org, &neighbour).await.unwrap().len(), 1);
    assert_eq!(schedules.of_store(&other, &store).await.unwrap().len(), 1);
    let never = schedules.put(&schedule(&org, &store, Stream::Orders, 0)).await;
    assert_eq!(never.unwrap_err().kind, ErrorKind::Refused);
}

async fn sorted(schedules: &dyn Schedules, org: &OrgId, store: &StoreId) -> Vec<Schedule> {
    let mut all = schedules.of_store(org, store).await.unwrap();
    all.sort_by_key(|schedule| schedule.stream);
    all
}
