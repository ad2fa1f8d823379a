//! How long work has been waiting: what the alarm of unpropagated sales looks at.

use std::sync::Arc;

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
}

impl Watch {
    pub(crate) fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            lanes: Arc::clone(&outside.lanes),
            clock: Arc::clone(&outside.clock),
        }
    }

    /// Writes the age of the oldest booked change that no lane knows of yet, and of the oldest due work of a lane
    /// that may be worked on.
    pub(crate) async fn tell(&self, function: &str) -> Result<()> {
        let now = self.clock.now();
        let (mut change, mut due) = (None, None);
        for org in self.directory.orgs().await? {
            let first = self.ledger.outbox(&org, 1).await?.into_iter().map(|change| change.at).min();
            change = older(change, first);
            for store in self.directory.stores(&org).await?.iter().filter(|store| store.is_callable()) {
                let rests = self.lanes.resting(&org, &store.id).await?.is_some_and(|until| until > now);
                if !rests {
                    due = older(due, self.lanes.next_due(&org, &store.id).await?);
                }
            }
        }
        let figures = [
            ("oldest_change_seconds", Unit::Seconds, age(change, now)),
            ("oldest_due_seconds", Unit::Seconds, age(due, now)),
        ];
        metric::put(function, now, &figures);
        Ok(())
    }
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

    #[test]
    fn nothing_waits_no_time_and_what_is_due_later_neither() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(age(None, at(100)), 0);
        assert_eq!(age(older(Some(at(90)), Some(at(40))), at(100)), 60);
        assert_eq!(age(older(None, Some(at(130))), at(100)), 0);
    }
}
