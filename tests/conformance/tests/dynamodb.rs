//! The suites over the DynamoDB adapter on an embedded table.

use conformance::{catalog, claims, directory, embedded, fixtures, journal, lanes, ledger, runs};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_directory() {
    let (table, _guard) = embedded::table().await;
    directory::suite(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue() {
    let (table, _guard) = embedded::table().await;
    catalog::suite(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_claims() {
    let (table, _guard) = embedded::table().await;
    claims::suite(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger() {
    let (table, _guard) = embedded::table().await;
    ledger::suite(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal() {
    let (table, _guard) = embedded::table().await;
    journal::suite(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lanes() {
    let (table, _guard) = embedded::table().await;
    lanes::suite(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runs() {
    let (table, _guard) = embedded::table().await;
    runs::suite(&table).await;
}

/// A dozen names that both merchants use, with signs that keys are made of.
#[test]
fn nothing_of_one_merchant_is_ever_anothers() {
    use proptest::prelude::*;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (table, _guard) = runtime.block_on(embedded::table());
    proptest!(ProptestConfig::with_cases(12), |(name in "[a-z#é:/ ._-]{0,12}[a-z#]")| {
        let (ours, theirs, store) = (fixtures::org(), fixtures::org(), fixtures::store_id());
        runtime.block_on(ledger::nothing_of_ours_is_ever_theirs(&table, &ours, &theirs, &store, &name));
    });
}

/// A clock that stands still.
struct Still(jiff::Timestamp);

impl platform::Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        self.0
    }
}

/// DynamoDB takes expired rows out late: until then they are hidden, and give way to new ones.
#[tokio::test]
async fn what_has_expired_is_not_shown() {
    use conformance::fixtures::*;
    use domain::event::EventState;
    use ports::{Ask, EventRecord, Journal, Taken};

    const DAY: i64 = 24 * 3600;
    let (table, _guard) = embedded::table().await;
    let (ours, shop) = (org(), store_id());
    let old = event(&ours, &shop, "old", "order", 0);
    let parked = EventRecord { state: EventState::Parked, ..event(&ours, &shop, "parked", "order", 1) };
    for one in [&old, &parked] {
        table.take(one).await.unwrap();
    }
    let then = table.clone().with_clock(std::sync::Arc::new(Still(at(90 * DAY - 1))));
    assert_eq!(then.event(&ours, &old.id).await.unwrap(), Some(old.clone()));
    assert_eq!(then.take(&old).await.unwrap(), Taken::Again(EventState::Taken));

    let later = table.clone().with_clock(std::sync::Arc::new(Still(at(91 * DAY))));
    assert_eq!(later.event(&ours, &old.id).await.unwrap(), None);
    let listed = later.events(&ours, &shop, &Ask::first(9)).await.unwrap().items;
    assert_eq!(listed, std::slice::from_ref(&parked), "a parked one stays until somebody looked");
    assert_eq!(later.take(&old).await.unwrap(), Taken::New, "it gives way");
    later.mark(&ours, &parked.id, EventState::Ignored, None).await.unwrap();
    assert_eq!(later.event(&ours, &parked.id).await.unwrap(), None);
    assert!(!later.has_parked(&ours, &shop).await.unwrap());
}
