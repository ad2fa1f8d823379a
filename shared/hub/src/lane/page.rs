//! A page of a full reading: resumable from its checkpoint, complete only when the counts agree.

use std::time::Duration;

use domain::RunId;
use domain::exception::ExceptionKind;
use domain::run::{Extent as RunExtent, Run, RunState, Stream};
use jiff::{SignedDuration, Timestamp};
use platform::{Ask, Extent};
use ports::{Seen, Written};

use super::pull::lacks;
use super::{Lane, Turn};
use crate::Result;
use crate::access::Shop;

/// A store whose count changes under every reading is given up after so many.
const PASSES: u32 = 5;
/// From this pass on, all that a page holds counts: the run met it before, and a page that a crash had read twice
/// was not counted then.
const ANEW: u32 = 2;
/// Records that are looked for as gone at a time.
const SWEEP: u32 = 200;

/// What reading one page came to.
struct Page {
    /// Records that this run had not met before.
    fresh: u64,
    next: Option<String>,
    total: Option<u64>,
    shop_time: Option<Timestamp>,
    /// How long the shop wants to be left alone before the next page.
    wait: Duration,
}

impl Lane {
    /// Reads the next page of a run.
    pub(super) async fn page(&self, shop: &Shop, id: &RunId) -> Result<Turn> {
        let store = &shop.store;
        let Some(mut run) = self.runs.run(&store.org, id).await? else { return Ok(Turn::Done) };
        match run.state {
            RunState::Running => {}
            // Whoever ended it may have died before what follows was begun, or told.
            RunState::Completed if run.extent == RunExtent::Full => {
                self.sync.after(store, run.stream).await?;
                return Ok(Turn::Done);
            }
            RunState::Completed => return Ok(Turn::Done),
            RunState::Failed => {
                self.tell_failure(shop, &run).await?;
                return Ok(Turn::Done);
            }
            RunState::Cancelled => return Ok(Turn::Done),
        }
        if run.extent == RunExtent::Incremental {
            return self.changes(shop, run).await;
        }
        let page = self.read_page(shop, &run).await?;
        let wait = SignedDuration::try_from(page.wait).unwrap_or(SignedDuration::from_secs(60));
        if run.pages == 0
            && let Some(time) = page.shop_time
        {
            // What changes from here on is the incremental reading's.
            self.runs.set_read_until(&store.org, &store.id, run.stream, time).await?;
        }
        let shrank = match (run.expected, page.total) {
            (Some(before), Some(now)) if run.cursor.is_some() => now < before,
            _ => false,
        };
        run.pages += 1;
        run.done += page.fresh;
        run.expected = page.total.or(run.expected);
        run.updated_at = self.clock.now();
        let complete = run.expected.is_some_and(|expected| run.done >= expected);
        if let Some(next) = page.next.filter(|_| !(complete && run.passes > 0)) {
            run.cursor = Some(next);
            if shrank {
                // Something was deleted while we read: a record may have slipped past. Read once more.
                run.passes = run.passes.max(1);
            }
        } else if complete {
            self.complete(shop, &mut run).await?;
        } else if run.passes + 1 < PASSES && run.expected.is_some() {
            run.passes = (run.passes + 1).max(ANEW);
            run.done = 0;
            run.cursor = None;
        } else {
            run.state = RunState::Failed;
            run.finished_at = Some(run.updated_at);
            run.message = Some(match run.expected {
                Some(expected) => format!("saw {} of {expected}", run.done),
                None => "the store does not say how many there are".to_owned(),
            });
        }
        if self.runs.put_run(&run).await? == Written::Raced {
            return Ok(Turn::Later(self.clock.now()));
        }
        match run.state {
            RunState::Running => Ok(Turn::Next(self.clock.now() + wait)),
            RunState::Completed => {
                let kind = ExceptionKind::SyncFailed;
                self.alerts.settle(&store.org, kind, Some(&store.id), run.stream.as_str()).await?;
                self.sync.after(store, run.stream).await?;
                Ok(Turn::Done)
            }
            RunState::Failed | RunState::Cancelled => {
                self.tell_failure(shop, &run).await?;
                Ok(Turn::Done)
            }
        }
    }

    /// Reads the next page of what changed. Where the reading has reached is noted when all of it is read.
    async fn changes(&self, shop: &Shop, mut run: Run) -> Result<Turn> {
        let store = &shop.store;
        let since = run.since.unwrap_or(store.created_at);
        let size = shop.platform.limits().page;
        let ask = Ask { extent: Extent::Since(since), cursor: run.cursor.take(), size };
        let read = self.pull_page(shop, run.stream, &ask).await?;
        run.pages += 1;
        run.done += read.count;
        run.updated_at = self.clock.now();
        run.cursor = read.next;
        if run.cursor.is_none() {
            self.runs.set_read_until(&store.org, &store.id, run.stream, run.started_at).await?;
            run.state = RunState::Completed;
            run.finished_at = Some(run.updated_at);
        }
        if self.runs.put_run(&run).await? == Written::Raced {
            return Ok(Turn::Later(self.clock.now()));
        }
        if run.state == RunState::Completed {
            let kind = ExceptionKind::SyncFailed;
            self.alerts.settle(&store.org, kind, Some(&store.id), run.stream.as_str()).await?;
            return Ok(Turn::Done);
        }
        let wait = SignedDuration::try_from(read.wait).unwrap_or(SignedDuration::from_secs(60));
        Ok(Turn::Next(self.clock.now() + wait))
    }

    async fn read_page(&self, shop: &Shop, run: &Run) -> Result<Page> {
        let store = &shop.store;
        let ask = Ask { extent: Extent::Full, cursor: run.cursor.clone(), size: shop.platform.limits().page };
        let seen = Seen { at: self.clock.now(), run: Some(run.id.clone()) };
        match run.stream {
            Stream::Catalog => {
                let pull = shop.platform.pull_catalog().ok_or_else(|| lacks("the catalogue"))?;
                let page = pull.pull_catalog(&shop.ctx(), &ask).await?;
                let wait = page.wait.unwrap_or_default();
                let met = self.shelves.put(store, &page.records, &seen).await?;
                let again = if run.passes < ANEW { met.again } else { 0 };
                let fresh = page.count.saturating_sub(again);
                Ok(Page { fresh, next: page.next, total: page.total, shop_time: page.shop_time, wait })
            }
            Stream::Orders => {
                let pull = shop.platform.pull_orders().ok_or_else(|| lacks("orders"))?;
                let page = pull.pull_orders(&shop.ctx(), &ask).await?;
                let wait = page.wait.unwrap_or_default();
                self.take_orders(shop, page.records).await?;
                let fresh = page.count;
                Ok(Page { fresh, next: page.next, total: page.total, shop_time: page.shop_time, wait })
            }
            Stream::Customers => {
                let pull = shop.platform.pull_customers().ok_or_else(|| lacks("customers"))?;
                let page = pull.pull_customers(&shop.ctx(), &ask).await?;
                let wait = page.wait.unwrap_or_default();
                let puts = self.catalog.put_customers(&store.org, &store.id, &page.records, &seen).await?;
                let again = puts.iter().filter(|put| put.met_before && run.passes < ANEW).count();
                let fresh = page.count.saturating_sub(u64::try_from(again).unwrap_or(0));
                Ok(Page { fresh, next: page.next, total: page.total, shop_time: page.shop_time, wait })
            }
        }
    }

    /// All that the store counts was seen: what was not met is gone.
    async fn complete(&self, shop: &Shop, run: &mut Run) -> Result<()> {
        let store = &shop.store;
        let now = self.clock.now();
        let mut gone = 0_usize;
        match run.stream {
            Stream::Catalog => {
                let mut ask = Some(ports::Ask::first(SWEEP));
                while let Some(at) = ask {
                    let page = self.catalog.products_not_met(&store.org, &store.id, &run.id, &at).await?;
                    for product in &page.items {
                        self.shelves.product_not_met(store, product, run.started_at).await?;
                    }
                    gone += page.items.len();
                    ask = after(page.next);
                }
                let mut ask = Some(ports::Ask::first(SWEEP));
                while let Some(at) = ask {
                    let page = self.catalog.variants_not_met(&store.org, &store.id, &run.id, &at).await?;
                    for variant in &page.items {
                        self.shelves.variant_not_met(store, variant, run.started_at).await?;
                    }
                    gone += page.items.len();
                    ask = after(page.next);
                }
            }
            Stream::Customers => {
                let mut ask = Some(ports::Ask::first(SWEEP));
                while let Some(at) = ask {
                    let page = self.catalog.customers_not_met(&store.org, &store.id, &run.id, &at).await?;
                    for customer in &page.items {
                        self.catalog.remove_customer(&store.org, &store.id, customer).await?;
                    }
                    gone += page.items.len();
                    ask = after(page.next);
                }
            }
            Stream::Orders => {}
        }
        run.state = RunState::Completed;
        run.finished_at = Some(now);
        run.updated_at = now;
        run.message = (gone > 0).then(|| format!("{gone} found gone"));
        Ok(())
    }

    async fn tell_failure(&self, shop: &Shop, run: &Run) -> Result<()> {
        let store = &shop.store;
        let why = run.message.clone().unwrap_or_default();
        self.alerts
            .open(crate::alerts::Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::SyncFailed,
                subject: run.stream.as_str(),
                message: format!("{}: the {} run failed: {why}", store.name, run.stream.as_str()),
                advice: "Start the run again; if the counts still differ, look for a plugin that hides records.",
                facts: vec![("run", run.id.to_string())],
            })
            .await
    }
}

/// The next page of records to look at: a page may be empty and not the last.
fn after(next: Option<String>) -> Option<ports::Ask> {
    next.map(|next| ports::Ask::after(SWEEP, Some(next)))
}
