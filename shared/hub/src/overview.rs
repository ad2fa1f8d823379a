//! How things stand: stores, progress, freshness, agreement, and what a person should look at.

use std::sync::Arc;

use domain::OrgId;
use domain::exception::Exception;
use domain::product::Stock;
use domain::run::{Run, RunState, Stream};
use domain::store::{Phase, Store};
use platform::Clock;
use ports::{Ask, Catalog, Counter, Directory, Journal, Lanes, Ledger, Runs};
use serde::Serialize;

use crate::freshness::{Fresh, StoreFreshness, Times};
use crate::sync::{Progress, Sync};
use crate::{Outside, Result};

/// Waiting work is counted up to this.
const WAITING: u32 = 1_000;
/// Records that are read at a time.
const PAGE: u32 = 500;

/// How things stand.
#[derive(Clone)]
pub struct Look {
    directory: Arc<dyn Directory>,
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    lanes: Arc<dyn Lanes>,
    runs: Arc<dyn Runs>,
    clock: Arc<dyn Clock>,
    fresh: Fresh,
    sync: Sync,
}

/// How all stores of a merchant stand.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Its stores, the oldest first.
    pub stores: Vec<StoreView>,
    /// What a person should look at, the newest first, at most fifty.
    pub exceptions: Vec<Exception>,
    /// Whether there are more of them.
    pub more_exceptions: bool,
}

/// How one store stands.
#[derive(Debug, Clone, Serialize)]
pub struct StoreView {
    /// The store.
    pub store: Store,
    /// The latest run of each stream, with its progress.
    pub runs: Vec<RunView>,
    /// Deliveries taken.
    pub events: u64,
    /// Deliveries that had come before.
    pub duplicates: u64,
    /// Numbers written.
    pub writes: u64,
    /// How well its numbers agree with the books.
    pub agreement: Agreement,
    /// How long a sale elsewhere takes to reach it.
    pub freshness: Freshness,
}

/// A run with its progress.
#[derive(Debug, Clone, Serialize)]
pub struct RunView {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// How far it is.
    pub progress: Progress,
}

/// How well a store's numbers agree with the books.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Links in the books.
    pub links: u64,
    /// Links that are not in the books yet.
    pub joining: u64,
    /// Links whose number no order explains; their raises are held.
    pub unexplained: u64,
    /// Writes whose outcome is not known yet.
    pub inflight: u64,
    /// Work that is due in the store's lane, counted up to a thousand.
    pub waiting: u32,
}

/// How long a sale elsewhere takes to reach a store, in milliseconds, over its latest lowerings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// Lowerings that were looked at.
    pub samples: u64,
    /// Half of them were faster.
    pub p50_ms: Option<u64>,
    /// 95 of 100 were faster.
    pub p95_ms: Option<u64>,
    /// 99 of 100 were faster.
    pub p99_ms: Option<u64>,
    /// The age of the oldest sale elsewhere that it does not show yet.
    pub oldest_sale_ms: Option<u64>,
}

/// What connecting a store came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Variants that can be bought.
    pub variants: u64,
    /// Variants matched to an item.
    pub matched: u64,
    /// Of these, items that another store lists too.
    pub shared: u64,
    /// Variants without a SKU.
    pub without_sku: u64,
    /// Variants whose SKU another variant of the store has too.
    pub duplicates: u64,
    /// Variants whose stock the store does not count.
    pub untracked: u64,
    /// Orders that were read.
    pub orders: u64,
    /// What to do next.
    pub next: String,
}

impl Look {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            lanes: Arc::clone(&outside.lanes),
            runs: Arc::clone(&outside.runs),
            clock: Arc::clone(&outside.clock),
            fresh: Fresh::new(outside),
            sync: Sync::new(outside),
        }
    }

    /// How all stores of a merchant stand.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn all(&self, org: &OrgId) -> Result<Overview> {
        let mut stores = Vec::new();
        for store in self.directory.stores(org).await? {
            stores.push(self.store(store).await?);
        }
        let exceptions = self.journal.exceptions(org, false, &Ask::first(50)).await?;
        Ok(Overview { stores, more_exceptions: exceptions.next.is_some(), exceptions: exceptions.items })
    }

    /// How one store stands.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn store(&self, store: Store) -> Result<StoreView> {
        let latest = self.runs.runs(&store.org, &store.id, &Ask::first(30)).await?.items;
        let runs = Stream::ALL
            .into_iter()
            .filter_map(|stream| latest.iter().find(|run| run.stream == stream).cloned())
            .map(|run| self.run(run))
            .collect();
        let [events, duplicates, writes] = self.counts(&store).await?;
        let agreement = self.agreement(&store).await?;
        let freshness = self.freshness(&store).await?;
        Ok(StoreView { store, runs, events, duplicates, writes, agreement, freshness })
    }

    /// A run with its progress.
    #[must_use]
    pub fn run(&self, run: Run) -> RunView {
        RunView { progress: self.sync.progress(&run), run }
    }

    async fn counts(&self, store: &Store) -> Result<[u64; Counter::ALL.len()]> {
        Ok(self.journal.counts(&store.org, &store.id).await?)
    }

    async fn agreement(&self, store: &Store) -> Result<Agreement> {
        let due = self.lanes.due(&store.org, &store.id, self.clock.now(), WAITING).await?;
        let waiting = u32::try_from(due.len()).unwrap_or(WAITING);
        let mut agreement = Agreement { waiting, ..Agreement::default() };
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            for link in page.items {
                match link.explained {
                    Some(_) => agreement.links += 1,
                    None => agreement.joining += 1,
                }
                agreement.unexplained += u64::from(link.differs().is_some());
                agreement.inflight += u64::from(link.inflight.is_some());
            }
            if page.next.is_none() {
                return Ok(agreement);
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    async fn freshness(&self, store: &Store) -> Result<Freshness> {
        let StoreFreshness { times, oldest_sale_ms, .. } = self.fresh.store(store).await?;
        let Times { samples, p50_ms, p95_ms, p99_ms } = times;
        Ok(Freshness { samples, p50_ms, p95_ms, p99_ms, oldest_sale_ms })
    }

    /// What connecting a store came to.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn summary(&self, store: &Store) -> Result<Summary> {
        let mut summary = Summary::default();
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.catalog.variants(&store.org, &store.id, &ask).await?;
            for record in page.items.iter().filter(|record| record.gone_at.is_none()) {
                let variant = &record.variant;
                summary.variants += u64::from(variant.sellable);
                summary.untracked += u64::from(matches!(variant.stock, Stock::Untracked { .. }));
                match (&record.item, &variant.sku) {
                    (Some(item), _) => {
                        summary.matched += 1;
                        let links = self.ledger.links_of(&store.org, item).await?;
                        summary.shared += u64::from(links.iter().any(|link| link.store != store.id));
                    }
                    (None, None) => summary.without_sku += u64::from(variant.sellable),
                    (None, Some(_)) => {
                        summary.duplicates += u64::from(variant.stock_holder() == &variant.remote);
                    }
                }
            }
            if page.next.is_none() {
                break;
            }
            ask = Ask::after(PAGE, page.next);
        }
        let orders = self.runs.runs(&store.org, &store.id, &Ask::first(30)).await?.items;
        summary.orders = orders
            .iter()
            .find(|run| run.stream == Stream::Orders && run.state == RunState::Completed)
            .map_or(0, |run| run.done);
        summary.next = next_step(store, &summary);
        Ok(summary)
    }
}

fn next_step(store: &Store, summary: &Summary) -> String {
    match store.phase {
        Phase::Joining => "Wait until its numbers are in the books.".to_owned(),
        Phase::ReadOnly if summary.without_sku + summary.duplicates > 0 => format!(
            "Give {} variant(s) a SKU of their own, or leave them unmatched; then `storeloom start {}`.",
            summary.without_sku + summary.duplicates,
            store.id
        ),
        Phase::ReadOnly => format!("See what would change and begin: `storeloom start {}`.", store.id),
        Phase::Shadow => format!("See what would have been written: `storeloom shadow {}`.", store.id),
        Phase::Writing => "Nothing: its numbers follow the books.".to_owned(),
    }
}
