//! How long work has been waiting and how fresh shops' numbers are: what the alarms look at.

use std::sync::Arc;

use hub::freshness::{Fresh, Freshness};
use hub::{Outside, Result};
use jiff::Timestamp;
use platform::Clock;
use ports::{Directory, Lanes, Ledger};

use crate::metric::{self, Unit};

/// How long work has been waiting.
pub(crate) struct Watch {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    lanes: Arc<dyn Lanes>,
    clock: Arc<dyn Clock>,
    fresh: Fresh,
}

impl Watch {
    pub(crate) fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            lanes: Arc::clone(&outside.lanes),
            clock: Arc::clone(&outside.clock),
            fresh: Fresh::new(outside),
        }
    }

    /// Writes the age of the oldest booked change that no lane knows of yet, of the oldest due work of a lane that may
    /// be worked on, and of the oldest sale that some shop does not show; and how long sales took to every shop.
    pub(crate) async fn tell(&self, function: &str) -> Result<()> {
        let now = self.clock.now();
        let (mut change, mut due) = (None, None);
        let mut fresh: Vec<Freshness> = Vec::new();
        for org in self.directory.orgs().await? {
            let first = self.ledger.outbox(&org, 1).await?.into_iter().map(|change| change.at).min();
            change = older(change, first);
            fresh.push(self.fresh.all(&org).await?);
            for store in self.directory.stores(&org).await?.iter().filter(|store| store.is_callable()) {
                let rests = self.lanes.resting(&org, &store.id).await?.is_some_and(|until| until > now);
                if !rests {
                    due = older(due, self.lanes.next_due(&org, &store.id).await?);
                }
            }
        }
        let mut figures = vec![
            ("oldest_change_seconds", Unit::Seconds, age(change, now)),
            ("oldest_due_seconds", Unit::Seconds, age(due, now)),
        ];
        figures.extend(of_sales(&fresh));
        metric::put(function, now, &figures);
        Ok(())
    }
}

/// Takes a time out of how fresh a merchant's shops are.
type Time = fn(&Freshness) -> Option<u64>;

/// The figures of sales on their way, the worst merchant's of each; times only where sales were propagated.
fn of_sales(fresh: &[Freshness]) -> Vec<(&'static str, Unit, u64)> {
    let waits = fresh.iter().filter_map(|one| one.oldest_sale_ms).max().unwrap_or(0);
    let mut figures = vec![("oldest_sale_seconds", Unit::Seconds, waits / 1000)];
    let times: [(&str, Time); 3] = [
        ("sale_to_every_shop_p50", |one| one.every_shop.p50_ms),
        ("sale_to_every_shop_p95", |one| one.every_shop.p95_ms),
        ("sale_to_every_shop_p99", |one| one.every_shop.p99_ms),
    ];
    for (name, time) in times {
        figures.extend(fresh.iter().filter_map(time).max().map(|millis| (name, Unit::Milliseconds, millis)));
    }
    figures
}

fn older(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

fn age(since: Option<Timestamp>, now: Timestamp) -> u64 {
    since.map_or(0, |since| u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub::freshness::Times;

    #[test]
    fn the_worst_of_all_merchants_is_told() {
        let of = |oldest_sale_ms, p50_ms| Freshness {
            every_shop: Times { samples: 1, p50_ms, p95_ms: p50_ms, p99_ms: p50_ms },
            oldest_sale_ms,
            stores: Vec::new(),
        };
        let told = of_sales(&[of(None, Some(40)), of(Some(7_900), Some(900)), of(Some(100), None)]);
        let told: Vec<_> = told.iter().map(|(name, _, value)| (*name, *value)).collect();
        assert_eq!(
            told,
            [
                ("oldest_sale_seconds", 7),
                ("sale_to_every_shop_p50", 900),
                ("sale_to_every_shop_p95", 900),
                ("sale_to_every_shop_p99", 900),
            ]
        );
        assert_eq!(of_sales(&[of(None, None)]).len(), 1);
    }

    #[test]
    fn nothing_waits_no_time_and_what_is_due_later_neither() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(age(None, at(100)), 0);
        assert_eq!(age(older(Some(at(90)), Some(at(40))), at(100)), 60);
        assert_eq!(age(older(None, Some(at(130))), at(100)), 0);
    }
}
