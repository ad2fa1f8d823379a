//! The suites over the DynamoDB adapter on an embedded table.

use conformance::{catalog, directory, embedded, fixtures, journal, lanes, ledger, runs};

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
