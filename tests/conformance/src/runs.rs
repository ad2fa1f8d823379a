//! Runs and reading cursors.

use domain::run::{Run, RunState, Stream};
use ports::{Ask, ErrorKind, Runs, Written};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(runs: &dyn Runs) {
    versions(runs).await;
    lists(runs).await;
    reading_never_moves_back(runs).await;
}

async fn versions(runs: &dyn Runs) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let new = run(&ours, &shop, 0);
    let early = Run { version: 3, ..new.clone() };
    assert_eq!(runs.put_run(&early).await.unwrap(), Written::Raced, "there is nothing to change");
    assert_eq!(runs.put_run(&new).await.unwrap(), Written::Done);
    assert_eq!(runs.put_run(&new).await.unwrap(), Written::Done, "the same call twice is one run");
    let other = Run { done: 9, ..new.clone() };
    assert_eq!(runs.put_run(&other).await.unwrap(), Written::Raced);
    let mut stored = runs.run(&ours, &new.id).await.unwrap().unwrap();
    assert_eq!(stored, Run { version: 1, ..new.clone() });
    assert_eq!(runs.run(&theirs, &new.id).await.unwrap(), None);

    stored.state = RunState::Completed;
    stored.cursor = Some("page 3".into());
    assert_eq!(runs.put_run(&stored).await.unwrap(), Written::Done);
    let late = Run { done: 1, ..stored.clone() };
    assert_eq!(runs.put_run(&late).await.unwrap(), Written::Raced);
    assert_eq!(runs.run(&ours, &new.id).await.unwrap(), Some(Run { version: 2, ..stored }));
}

async fn lists(runs: &dyn Runs) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let mut ids = Vec::new();
    for seconds in 0..7 {
        let new = run(&ours, &shop, seconds);
        runs.put_run(&new).await.unwrap();
        ids.insert(0, new.id);
    }
    let found = all_of(3, |ask| {
        let (ours, shop) = (ours.clone(), shop.clone());
        async move { runs.runs(&ours, &shop, &ask).await }
    })
    .await;
    assert_eq!(found.into_iter().map(|run| run.id).collect::<Vec<_>>(), ids, "the newest first");
    assert!(runs.runs(&theirs, &shop, &Ask::first(9)).await.unwrap().items.is_empty());

    let first = runs.runs(&ours, &shop, &Ask::first(2)).await.unwrap();
    let foreign = Ask::after(2, first.next);
    for (org, store) in [(&theirs, &shop), (&ours, &store_id())] {
        assert_eq!(runs.runs(org, store, &foreign).await.unwrap_err().kind, ErrorKind::Refused);
    }
}

async fn reading_never_moves_back(runs: &dyn Runs) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    assert_eq!(runs.read_until(&ours, &shop, Stream::Orders).await.unwrap(), None);
    for (until, expected) in [(5, 5), (3, 5), (5, 5), (9, 9)] {
        runs.set_read_until(&ours, &shop, Stream::Orders, at(until)).await.unwrap();
        assert_eq!(runs.read_until(&ours, &shop, Stream::Orders).await.unwrap(), Some(at(expected)));
    }
    assert_eq!(runs.read_until(&ours, &shop, Stream::Catalog).await.unwrap(), None);
    assert_eq!(runs.read_until(&theirs, &shop, Stream::Orders).await.unwrap(), None);
}
