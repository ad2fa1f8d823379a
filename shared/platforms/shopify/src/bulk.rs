//! Bulk operations: the shop writes everything into a file, and the file is read a window at a time.

use std::time::Duration;

use jiff::Timestamp;
use platform::{Ask, ErrorKind, PlatformError, Result, Retry};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::Shop;
use crate::documents::Document;
use crate::download::{Wanted, window};
use crate::page::{cursor_at, cursor_text};
use crate::refusal::{UserError, accepted};
use crate::wire::connection::{Connection, Count};
use crate::wire::loose::{Moment, Number};

/// How long to wait between looks at an operation that runs: more and more.
const WAITS: [u64; 8] = [2, 2, 3, 5, 8, 12, 20, 30];
/// How long to wait while the shop has all its slots taken.
const SLOTS: Duration = Duration::from_secs(30);
/// An operation that Shopify failed at is begun anew so many times.
const TRIES: u32 = 2;
/// Lines that are handed on at a time: a catalogue's are stored in a few seconds.
const LINES: usize = 6_000;
/// The same of orders, each of which is booked.
const ORDER_LINES: usize = 1_000;

/// What is read in bulk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream {
    pub(crate) op: &'static str,
    /// How many records there are, with the latest operations.
    pub(crate) begin: Document,
    /// How many records there are, with one operation.
    pub(crate) progress: Document,
    /// What the operation reads.
    pub(crate) query: Document,
    /// Whether the lines of a record follow it, and it is counted without them.
    pub(crate) grouped: bool,
}

/// Where the reading stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub(crate) enum Place {
    /// Not begun; `failed` operations were begun before.
    Begin { failed: u32 },
    /// The shop writes the file.
    Waiting { operation: String, looks: u32, counted: Counted, failed: u32 },
    /// The file is read.
    Reading { operation: String, offset: u64, total: u64, failed: u32 },
}

impl Default for Place {
    fn default() -> Self {
        Self::Begin { failed: 0 }
    }
}

/// How many records the shop says that it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counted {
    records: u64,
    below: u64,
}

/// What one step came to.
pub(crate) struct Step {
    /// Lines of the file, if it was read.
    pub(crate) lines: Vec<String>,
    /// Where to go on, as a cursor.
    pub(crate) next: Option<String>,
    /// How many records there are, as far as is known.
    pub(crate) total: Option<u64>,
    /// From when on changes are not in the file.
    pub(crate) shop_time: Option<Timestamp>,
    /// How long the shop still writes.
    pub(crate) wait: Option<Duration>,
}

/// A bulk operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) error_code: Option<String>,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    pub(crate) object_count: Number,
    #[serde(default)]
    pub(crate) root_object_count: Number,
    #[serde(default)]
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) partial_data_url: Option<String>,
    #[serde(default)]
    query: String,
}

/// The counts of either stream, and the operations that were asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    products_count: Option<Count>,
    product_variants_count: Option<Count>,
    orders_count: Option<Count>,
    bulk_operation: Option<Operation>,
    bulk_operations: Option<Connection<Operation>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    bulk_operation_run_query: Option<Ran>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ran {
    bulk_operation: Option<Operation>,
    user_errors: Vec<UserError>,
}

impl Progress {
    fn counted(&self) -> Counted {
        let count = |count: &Option<Count>| count.map_or(0, |count| count.count);
        Counted {
            records: count(&self.products_count) + count(&self.orders_count),
            below: count(&self.product_variants_count),
        }
    }
}

impl Counted {
    fn total(self) -> u64 {
        self.records.saturating_add(self.below)
    }

    /// How many records must have been read for all to be read. What the operation counted is right if nothing that was
    /// there at its beginning is missing; else what the shop counts now decides, and a file that was cut off shows.
    fn expected(self, now: Self, operation: &Operation) -> Self {
        let roots = operation.root_object_count.whole().unwrap_or(0);
        let below = operation.object_count.whole().unwrap_or(0).saturating_sub(roots);
        let settle = |got: u64, before: u64, now: u64| if got >= before { got } else { now };
        Self {
            records: settle(roots, self.records, now.records),
            below: settle(below, self.below, now.below),
        }
    }
}

impl Operation {
    /// Whether it reads the same and is not over.
    fn is_ours(&self, query: &str) -> bool {
        matches!(self.status.as_str(), "CREATED" | "RUNNING") && squeezed(&self.query) == squeezed(query)
    }
}

/// A query without the white space that may have been changed on the way.
fn squeezed(query: &str) -> String {
    query.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Stream {
    /// Does the next step.
    pub(crate) async fn step(&self, shop: &Shop<'_>, ask: &Ask) -> Result<Step> {
        match cursor_at(self.op, ask)? {
            Place::Begin { failed } => self.begin(shop, failed).await,
            Place::Waiting { operation, looks, counted, failed } => {
                self.look(shop, operation, looks, counted, failed).await
            }
            Place::Reading { operation, offset, total, failed } => {
                self.go_on(shop, operation, offset, total, failed).await
            }
        }
    }

    /// Begins an operation, or takes over one that a crash left running.
    async fn begin(&self, shop: &Shop<'_>, failed: u32) -> Result<Step> {
        let answer = shop.ask(self.op, self.begin, json!({})).await?;
        let mut shop_time = answer.shop_time;
        let progress: Progress = answer.shaped()?;
        let counted = progress.counted();
        let query = self.query.text();
        let running = progress.bulk_operations.iter().flat_map(|all| &all.nodes);
        let operation = match running.into_iter().find(|operation| operation.is_ours(query)) {
            Some(left) => {
                // What changed since it began is not in its file.
                shop_time = left.created_at.0.or(shop_time);
                left.id.clone()
            }
            None => match self.run(shop, query).await? {
                Some(operation) => operation,
                None => return Ok(self.waiting(Place::Begin { failed }, counted, shop_time, SLOTS)),
            },
        };
        let place = Place::Waiting { operation, looks: 0, counted, failed };
        Ok(self.waiting(place, counted, shop_time, wait_after(0)))
    }

    /// Starts the operation; none while the shop has no slot free.
    async fn run(&self, shop: &Shop<'_>, query: &str) -> Result<Option<String>> {
        let variables = json!({ "query": query, "group": self.grouped });
        let answer = shop.change(self.op, Document::BulkRun, variables).await?;
        let missing =
            || PlatformError::new(ErrorKind::Malformed, self.op, "the shop began no operation; try again");
        let ran = answer.shaped::<Run>()?.bulk_operation_run_query.ok_or_else(missing)?;
        if ran.user_errors.iter().any(|error| error.code() == "OPERATION_IN_PROGRESS") {
            return Ok(None);
        }
        accepted(self.op, &ran.user_errors)?;
        Ok(Some(ran.bulk_operation.ok_or_else(missing)?.id))
    }

    fn waiting(&self, place: Place, counted: Counted, shop_time: Option<Timestamp>, wait: Duration) -> Step {
        let total = Some(counted.total());
        Step { lines: Vec::new(), next: cursor_text(place), total, shop_time, wait: Some(wait) }
    }

    /// Begins anew, since the operation or its file is gone.
    fn again(&self, failed: u32, why: &str) -> Result<Step> {
        if failed >= TRIES {
            let message = format!("{why}, again and again; start the run once more later");
            return Err(PlatformError::new(ErrorKind::Unavailable, self.op, message).retry(Retry::Never));
        }
        let next = cursor_text(Place::Begin { failed: failed + 1 });
        Ok(Step { lines: Vec::new(), next, total: None, shop_time: None, wait: Some(SLOTS) })
    }

    async fn progress(&self, shop: &Shop<'_>, operation: &str) -> Result<(Progress, Option<Timestamp>)> {
        let answer = shop.ask(self.op, self.progress, json!({ "operation": operation })).await?;
        Ok((answer.shaped()?, answer.shop_time))
    }

    /// Looks how far the operation is, and reads the file once it is there.
    async fn look(
        &self,
        shop: &Shop<'_>,
        id: String,
        looks: u32,
        before: Counted,
        failed: u32,
    ) -> Result<Step> {
        let (progress, shop_time) = self.progress(shop, &id).await?;
        let now = progress.counted();
        let Some(operation) = progress.bulk_operation else {
            return self.again(failed, "the shop forgot the operation that reads everything");
        };
        match operation.status.as_str() {
            "CREATED" | "RUNNING" | "CANCELING" => {
                let place = Place::Waiting { operation: id, looks: looks + 1, counted: before, failed };
                Ok(self.waiting(place, before, shop_time, wait_after(looks + 1)))
            }
            "COMPLETED" => {
                let expected = before.expected(now, &operation);
                // Lines of a record that stays whole are no records.
                let total = if self.grouped { expected.records } else { expected.total() };
                match operation.url {
                    Some(url) => {
                        self.read(shop, &url, Place::Reading { operation: id, offset: 0, total, failed })
                            .await
                    }
                    // No file and a part of one is no empty shop.
                    None if operation.partial_data_url.is_some() => {
                        self.again(failed, "the operation that reads everything came to its end half done")
                    }
                    None => {
                        Ok(Step { lines: Vec::new(), next: None, total: Some(total), shop_time, wait: None })
                    }
                }
            }
            "EXPIRED" => self.again(failed, "the operation that reads everything ran out of time"),
            _ => match over(self.op, &operation) {
                Some(error) => Err(error),
                None => self.again(failed, "Shopify failed at the operation that reads everything"),
            },
        }
    }

    /// Reads on in the file, whose address is asked for anew: it is a secret, and it runs out.
    async fn go_on(
        &self,
        shop: &Shop<'_>,
        operation: String,
        offset: u64,
        total: u64,
        failed: u32,
    ) -> Result<Step> {
        let (progress, _) = self.progress(shop, &operation).await?;
        match progress.bulk_operation.and_then(|operation| operation.url) {
            Some(url) => self.read(shop, &url, Place::Reading { operation, offset, total, failed }).await,
            None => self.again(failed, "the file of the operation that reads everything is gone"),
        }
    }

    async fn read(&self, shop: &Shop<'_>, url: &str, place: Place) -> Result<Step> {
        let Place::Reading { operation, offset, total, failed } = place else {
            return self.again(0, "the reading lost its place");
        };
        let lines = if self.grouped { ORDER_LINES } else { LINES };
        let wanted = Wanted { offset, lines, grouped: self.grouped };
        let Some(window) = window(shop.ctx, self.op, url, wanted).await? else {
            return self.again(failed, "the file of the operation that reads everything is gone");
        };
        let next =
            window.next.and_then(|offset| cursor_text(Place::Reading { operation, offset, total, failed }));
        Ok(Step { lines: window.lines, next, total: Some(total), shop_time: None, wait: None })
    }
}

/// The error of an operation that ended without its file; none if it is worth beginning anew.
fn over(op: &'static str, operation: &Operation) -> Option<PlatformError> {
    let error = |kind, code: &str, message: &str| {
        Some(PlatformError::new(kind, op, message).code(code).retry(Retry::Never))
    };
    match (operation.status.as_str(), operation.error_code.as_deref()) {
        ("FAILED", Some("ACCESS_DENIED")) => error(
            ErrorKind::Rejected,
            "ACCESS_DENIED",
            "the app may not read everything that it asks for; see which scopes it lacks, allow them and connect the \
             store again",
        ),
        ("FAILED", _) => None,
        ("CANCELED", _) => error(
            ErrorKind::Rejected,
            "CANCELED",
            "somebody stopped the operation that reads everything; start the run again",
        ),
        _ => error(
            ErrorKind::Unexpected,
            "operation",
            "the operation that reads everything ended in a way that means nothing here; report this",
        ),
    }
}

fn wait_after(looks: u32) -> Duration {
    let at = usize::try_from(looks).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    Duration::from_secs(WAITS.get(at).copied().unwrap_or(30))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: these places were kept in cursors once and must load for ever.
    const FROZEN: [&str; 3] = [
        r#"{"in":"begin","failed":1}"#,
        r#"{"in":"waiting","operation":"gid://shopify/BulkOperation/7","looks":3,"counted":{"records":5,"below":9},"failed":0}"#,
        r#"{"in":"reading","operation":"gid://shopify/BulkOperation/7","offset":1048570,"total":14,"failed":0}"#,
    ];

    #[test]
    fn frozen_places_load_and_are_written_alike() {
        for text in FROZEN {
            let place: Place = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&place).unwrap(), text);
        }
    }

    #[test]
    fn a_file_that_was_cut_off_shows_in_the_counts() {
        let counted = |records, below| Counted { records, below };
        let expected = |before, now, roots: u64, objects: u64| {
            let json = format!(
                r#"{{"id":"x","status":"COMPLETED","objectCount":"{objects}","rootObjectCount":"{roots}"}}"#
            );
            Counted::expected(before, now, &serde_json::from_str(&json).unwrap())
        };
        // Nothing happened meanwhile.
        assert_eq!(expected(counted(5, 9), counted(5, 9), 5, 14), counted(5, 9));
        // Something was made while the file was written: what came after is the next reading's.
        assert_eq!(expected(counted(5, 9), counted(6, 10), 5, 14), counted(5, 9));
        // Something was deleted.
        assert_eq!(expected(counted(5, 9), counted(4, 8), 4, 12), counted(4, 8));
        // The file lacks variants that the shop still counts.
        assert_eq!(expected(counted(5, 9), counted(5, 9), 5, 12), counted(5, 9));
        assert_eq!(expected(counted(5, 9), counted(5, 9), 3, 3), counted(5, 9));
    }

    #[test]
    fn waits_grow_to_half_a_minute() {
        let waits: Vec<u64> = (0..10).map(|looks| wait_after(looks).as_secs()).collect();
        assert_eq!(waits, [2, 2, 3, 5, 8, 12, 20, 30, 30, 30]);
    }

    #[test]
    fn our_own_operation_is_known_again() {
        let operation = |status: &str, query: &str| {
            let json = format!(r#"{{"id":"x","status":"{status}","query":"{query}"}}"#);
            serde_json::from_str::<Operation>(&json).unwrap().is_ours("{ products }")
        };
        assert!(operation("RUNNING", "{ products }") && operation("CREATED", "{\\n  products\\n}"));
        assert!(!operation("COMPLETED", "{ products }") && !operation("RUNNING", "{ orders }"));
    }
}
