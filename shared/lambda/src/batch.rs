//! Batches of a FIFO queue: each message is one use-case, and what failed comes again in its order.

use std::collections::BTreeMap;
use std::future::Future;

use domain::message::Message;
use futures::future::join_all;
use serde::{Deserialize, Serialize};

use crate::metric::{self, Unit};
use crate::outside::SystemClock;
use crate::worker::Worker;
use platform::Clock as _;

/// A batch as the queue's event source gives it.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[cfg(test)]
impl Batch {
    /// What stands in its messages.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(|record| record.body.as_str())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
    attributes: Attributes,
}

#[derive(Debug, Clone, Deserialize)]
struct Attributes {
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
}

/// What is to come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftover {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// Works on a batch.
pub(crate) async fn work(function: &str, worker: &Worker, batch: Batch) -> Leftover {
    let messages = u64::try_from(batch.records.len()).unwrap_or(u64::MAX);
    let left = each(batch, |body| async move {
        // What this version cannot read, a later one may: it goes to the dead letters and back from there.
        let message: Message = serde_json::from_str(&body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            tracing::error!(line, column, "a message is of a shape that this version cannot read");
        })?;
        worker.handle(&message).await.map_err(|_| ())
    })
    .await;
    let again = u64::try_from(left.batch_item_failures.len()).unwrap_or(u64::MAX);
    let figures = [("messages", Unit::Count, messages), ("again", Unit::Count, again)];
    metric::put(function, SystemClock.now(), &figures);
    left
}

/// Groups go side by side; in a group the first failure stops it, and all from there come again.
async fn each<F, R>(batch: Batch, handle: F) -> Leftover
where
    F: Fn(String) -> R,
    R: Future<Output = Result<(), ()>>,
{
    let mut groups: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for record in batch.records {
        // Without a group it has no order: it goes alone.
        let group = record.attributes.group.clone().unwrap_or_else(|| record.message_id.clone());
        groups.entry(group).or_default().push(record);
    }
    let handle = &handle;
    let left = groups.into_values().map(|records| async move {
        let mut left = Vec::new();
        for record in records {
            if !left.is_empty() || handle(record.body).await.is_err() {
                left.push(Failure { item_identifier: record.message_id });
            }
        }
        left
    });
    Leftover { batch_item_failures: join_all(left).await.into_iter().flatten().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn batch(records: &[(&str, Option<&str>, &str)]) -> Batch {
        let record = |(id, group, body): &(&str, Option<&str>, &str)| Record {
            message_id: (*id).to_owned(),
            body: (*body).to_owned(),
            attributes: Attributes { group: group.map(str::to_owned) },
        };
        Batch { records: records.iter().map(record).collect() }
    }

    async fn left(batch: Batch) -> (Vec<String>, Vec<String>) {
        let worked = Mutex::new(Vec::new());
        let left = each(batch, |body| {
            worked.lock().unwrap().push(body.clone());
            async move { if body.starts_with("bad") { Err(()) } else { Ok(()) } }
        })
        .await;
        let ids = left.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        (ids, worked.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_failure_stops_its_group_and_no_other() {
        let given = batch(&[
            ("1", Some("a"), "a1"),
            ("2", Some("b"), "b1"),
            ("3", Some("a"), "bad a2"),
            ("4", Some("a"), "a3"),
            ("5", Some("b"), "b2"),
            ("6", Some("a"), "bad a4"),
        ]);
        let (again, mut worked) = left(given).await;
        worked.sort();
        assert_eq!(again, ["3", "4", "6"]);
        assert_eq!(worked, ["a1", "b1", "b2", "bad a2"], "nothing overtakes what failed");
    }

    #[tokio::test]
    async fn a_batch_that_goes_well_leaves_nothing() {
        let (again, worked) =
            left(batch(&[("1", None, "x"), ("2", None, "bad"), ("3", Some("a"), "y")])).await;
        assert_eq!((again, worked.len()), (vec!["2".to_owned()], 3));
        let answer = serde_json::to_string(&Leftover { batch_item_failures: Vec::new() }).unwrap();
        assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    }
}
