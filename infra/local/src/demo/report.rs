//! What the demo came to: a table for people, one JSON line for programs.

use std::io::{self, Write};

use super::Failure;
use super::stand::Stand;
use super::truth::Truth;
use crate::desk::Desk;
use domain::StoreId;
use hub::overview::Look;
use ports::Ask;
use serde::Serialize;

/// What the demo came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    stores: u64,
    products: u64,
    orders: u64,
    events: u64,
    duplicates_ignored: u64,
    writes: u64,
    disagreements: u64,
    oversold: i64,
    oversold_by_shops: i64,
    propagation_ms_p50: u64,
    propagation_ms_p99: u64,
    /// Whether a number that somebody typed was found, asked about and settled.
    pub(crate) difference_settled: bool,
    /// What waits for a person in the end.
    pub(crate) questions: u64,
}

/// Reads what the demo came to, from the hub and from the shops' windows.
pub(crate) async fn report(
    desk: &Desk,
    stores: &[StoreId],
    shops: &[Stand],
    truth: &Truth,
    disagreements: u64,
) -> Result<Report, Failure> {
    let look = Look::new(&desk.outside);
    let mut report = Report {
        stores: u64::try_from(shops.len())?,
        disagreements,
        oversold: truth.oversold,
        oversold_by_shops: truth.oversold_by_shops,
        ..Report::default()
    };
    let mut millis = Vec::new();
    for id in stores {
        let Some(store) = desk.outside.directory.store(&desk.org, id).await? else { continue };
        let view = look.store(store).await?;
        report.events += view.events;
        report.duplicates_ignored += view.duplicates;
        report.writes += view.writes;
        millis.extend(desk.outside.journal.latencies(&desk.org, id, 10_000).await?);
        report.products += pages(|ask| async move {
            let page = desk.outside.catalog.products(&desk.org, id, &ask).await?;
            Ok((page.items.len(), page.next))
        })
        .await?;
        report.orders += pages(|ask| async move {
            let page = desk.outside.ledger.orders(&desk.org, id, &ask).await?;
            Ok((page.items.len(), page.next))
        })
        .await?;
    }
    millis.sort_unstable();
    let at = |percent: usize| {
        let last = millis.len().saturating_sub(1);
        millis.get((last * percent).div_ceil(100)).copied().unwrap_or(0)
    };
    report.propagation_ms_p50 = at(50);
    report.propagation_ms_p99 = at(99);
    Ok(report)
}

/// Counts the records of a list, page by page.
async fn pages<F, R>(mut read: F) -> Result<u64, Failure>
where
    F: FnMut(Ask) -> R,
    R: Future<Output = ports::Result<(usize, Option<String>)>>,
{
    let (mut count, mut after) = (0_u64, None);
    loop {
        let (read, next) = read(Ask::after(200, after)).await?;
        count += u64::try_from(read)?;
        if next.is_none() {
            return Ok(count);
        }
        after = next;
    }
}

impl Report {
    /// Whether the shops agree, no write of ours oversold, and a number that somebody typed was settled.
    pub(crate) fn is_good(&self) -> bool {
        self.disagreements == 0 && self.oversold == 0 && self.difference_settled
    }

    /// The report as one line of JSON.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The report as a table.
    pub(crate) fn table(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        let rows: [(&str, String); 12] = [
            ("stores", self.stores.to_string()),
            ("products", self.products.to_string()),
            ("orders in the books", self.orders.to_string()),
            ("deliveries", self.events.to_string()),
            ("  of them duplicates, ignored", self.duplicates_ignored.to_string()),
            ("numbers written", self.writes.to_string()),
            ("numbers that disagree in the end", self.disagreements.to_string()),
            ("units oversold by a write of ours", self.oversold.to_string()),
            ("units the shops oversold themselves", self.oversold_by_shops.to_string()),
            (
                "sale to another shop, p50 / p99",
                format!("{} ms / {} ms", self.propagation_ms_p50, self.propagation_ms_p99),
            ),
            (
                "a typed number found and settled",
                if self.difference_settled { "yes" } else { "no" }.to_owned(),
            ),
            ("questions that wait for a person", self.questions.to_string()),
        ];
        writeln!(out)?;
        for (name, value) in rows {
            writeln!(out, "  {name:<38}{value:>16}")?;
        }
        writeln!(out)
    }
}
